/** What customers are told who ask for a copy of their conversation, by language. Markdown, but for title and file name. */
import { escapeMarkdown } from '../domain/markdown.js';
import type { Language } from '../domain/understanding.js';

export interface TranscriptTexts {
  readonly buttonLabel: string;
  readonly asFile: string;
  readonly asText: (lines: string, zone: string) => string;
  readonly nothing: string;
  readonly inPrivate: string;
  /** @param name number of the case, or the date */
  readonly title: (name: string, zone: string) => string;
  readonly filename: string;
}

/** As it was written, line by line. */
const quoted = (lines: string): string => lines.split('\n').map(escapeMarkdown).join('\n\n');

export const TRANSCRIPT_TEXTS: Readonly<Record<Language, TranscriptTexts>> = {
  es: {
    buttonLabel: 'Copia de la conversación',
    asFile:
      'Aquí tienes la copia de nuestra conversación. Si no puedes abrirla, escribe **/transcripción texto** y te la mando como mensaje.',
    asText: (lines, zone) => `Copia de nuestra conversación (horas de ${zone}):\n\n${quoted(lines)}`,
    nothing: 'Todavía no hemos hablado de nada: no hay conversación que copiar.',
    inPrivate: 'La copia te la doy en privado: pídemela en un mensaje directo.',
    title: (name, zone) => `Conversación ${name} · horas de ${zone}`,
    filename: 'conversacion',
  },
  en: {
    buttonLabel: 'Copy of the conversation',
    asFile: 'Here is the copy of our conversation. If you cannot open it, write **/transcript text** and I send it as a message.',
    asText: (lines, zone) => `Copy of our conversation (times of ${zone}):\n\n${quoted(lines)}`,
    nothing: 'We have not talked yet: there is no conversation to copy.',
    inPrivate: 'I give the copy in private: ask me for it in a direct message.',
    title: (name, zone) => `Conversation ${name} · times of ${zone}`,
    filename: 'conversation',
  },
};
