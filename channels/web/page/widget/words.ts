/** The few words that the widget itself says on a shop's page, in each language of the chat. */
import type { Language } from '../i18n.js';

export interface Words {
  readonly open: string;
  readonly close: string;
  readonly chat: string;
  readonly loading: string;
  readonly unread: (count: number) => string;
  readonly trouble: string;
  readonly retry: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  es: {
    open: 'Abrir el chat',
    close: 'Cerrar el chat',
    chat: 'Chat',
    loading: 'Cargando el chat…',
    unread: (count) => (count === 1 ? '1 mensaje nuevo' : `${count} mensajes nuevos`),
    trouble: 'El chat no se puede cargar ahora mismo. Comprueba tu conexión.',
    retry: 'Reintentar',
  },
  en: {
    open: 'Open the chat',
    close: 'Close the chat',
    chat: 'Chat',
    loading: 'Loading the chat…',
    unread: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
    trouble: 'The chat cannot be loaded right now. Check your connection.',
    retry: 'Try again',
  },
};
