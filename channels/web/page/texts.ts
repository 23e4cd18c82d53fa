/** The page's own words, in each of its languages. */
import type { Language } from './i18n.js';

export interface Texts {
  /** Of the element with that `data-text` or `data-label` in index.html. */
  readonly page: Readonly<Record<PageText, string>>;
  readonly today: string;
  readonly yesterday: string;
  readonly you: string;
  readonly agent: string;
  readonly notices: Readonly<Record<'sessionOver', string>>;
  readonly states: Readonly<Record<'waiting' | 'sending' | 'stored' | 'failed', string>>;
  /** By the service's name of the error. */
  readonly failures: Readonly<Record<string, string>>;
  readonly retry: string;
  readonly edit: string;
  readonly sourcesOf: string;
  readonly sourcePage: (page: number) => string;
  readonly relevance: (percent: string) => string;
  readonly openOriginal: string;
  readonly quickReplies: string;
  readonly talkToPerson: string;
  readonly withPerson: (ticket: string | null) => string;
  readonly online: string;
  readonly typing: (name: string) => string;
  readonly otherWindow: string;
  readonly offline: string;
  readonly loading: string;
  readonly remove: (filename: string) => string;
  readonly uploading: (filename: string) => string;
  readonly fileTooLarge: (filename: string, limit: string) => string;
  readonly fileEmpty: (filename: string) => string;
  readonly fileTypeUnknown: (filename: string) => string;
  readonly tooManyFiles: (limit: number) => string;
  readonly unreadable: (reason: string) => string;
  readonly charactersLeft: (left: number) => string;
  readonly startAnewQuestion: string;
  readonly unsentLost: string;
  readonly openCase: (ticket: string | null) => string;
}

export type PageText =
  | 'title'
  | 'switchLanguage'
  | 'otherLanguage'
  | 'startAnew'
  | 'log'
  | 'emptyTitle'
  | 'emptyText'
  | 'examples'
  | 'toNewest'
  | 'message'
  | 'placeholder'
  | 'attach'
  | 'send'
  | 'talkToPerson'
  | 'sources'
  | 'close'
  | 'closeChat'
  | 'cancel'
  | 'dropHere';

export const TEXTS: Readonly<Record<Language, Texts>> = {
  es: {
    page: {
      title: 'Atención al cliente',
      switchLanguage: 'Switch to English',
      otherLanguage: 'EN',
      startAnew: 'Nueva conversación',
      log: 'Conversación',
      emptyTitle: '¿En qué te ayudamos?',
      emptyText: 'Pregunta por productos, precios, envíos, devoluciones o instalación. Cada respuesta enseña de dónde sale.',
      examples: 'Preguntas de ejemplo',
      toNewest: 'Mensajes nuevos',
      message: 'Mensaje',
      placeholder: 'Escribe tu pregunta…',
      attach: 'Adjuntar archivos',
      send: 'Enviar',
      talkToPerson: 'Hablar con una persona',
      sources: 'Fuentes',
      close: 'Cerrar',
      closeChat: 'Cerrar el chat',
      cancel: 'Cancelar',
      dropHere: 'Suelta aquí los archivos',
    },
    today: 'Hoy',
    yesterday: 'Ayer',
    you: 'Tú',
    agent: 'Equipo',
    notices: {
      sessionOver:
        'La conversación anterior ya no está abierta: se cierra tras un tiempo sin actividad. Lo que escribas ahora empieza una nueva.',
    },
    states: { waiting: 'En espera de conexión', sending: 'Enviando…', stored: 'Enviado', failed: 'No enviado' },
    failures: {
      PayloadTooLargeError: 'El archivo es demasiado grande.',
      FilesGone: 'Los archivos no llegaron a subirse antes de recargar la página. Adjúntalos de nuevo.',
      other: 'El servicio no aceptó el mensaje.',
    },
    retry: 'Reintentar',
    edit: 'Editar',
    sourcesOf: 'Fuentes',
    sourcePage: (page) => `p. ${page}`,
    relevance: (percent) => `Relevancia: ${percent}`,
    openOriginal: 'Abrir el original',
    quickReplies: 'Respuestas rápidas',
    talkToPerson: 'Quiero hablar con una persona',
    withPerson: (ticket) => (ticket === null ? 'Con nuestro equipo' : `Con nuestro equipo · caso ${ticket}`),
    online: 'Asistente virtual',
    typing: (name) => `${name} está escribiendo…`,
    otherWindow: 'Estás escribiendo en otra ventana…',
    offline: 'Sin conexión. Tus mensajes se guardan aquí y se enviarán en cuanto vuelva.',
    loading: 'Cargando la conversación…',
    remove: (filename) => `Quitar ${filename}`,
    uploading: (filename) => `Subiendo ${filename}`,
    fileTooLarge: (filename, limit) => `«${filename}» es demasiado grande: el máximo es ${limit}.`,
    fileEmpty: (filename) => `«${filename}» está vacío.`,
    fileTypeUnknown: (filename) => `«${filename}» no se puede leer. Sirven PDF, Word (DOCX), Excel (XLSX), CSV, texto, HTML e imágenes.`,
    tooManyFiles: (limit) => `Como máximo ${limit} archivos por mensaje.`,
    unreadable: (reason) => `No se pudo leer: ${reason}`,
    charactersLeft: (left) => (left >= 0 ? `Quedan ${left} caracteres` : `Sobran ${-left} caracteres`),
    startAnewQuestion: 'La conversación actual se cerrará y dejará de verse aquí.',
    unsentLost: 'Lo que aún no se ha enviado se descartará.',
    openCase: (ticket) => `Tu caso${ticket === null ? '' : ` ${ticket}`} sigue abierto, pero aquí ya no verías la respuesta del equipo.`,
  },
  en: {
    page: {
      title: 'Customer service',
      switchLanguage: 'Cambiar a español',
      otherLanguage: 'ES',
      startAnew: 'New conversation',
      log: 'Conversation',
      emptyTitle: 'How can we help?',
      emptyText: 'Ask about products, prices, delivery, returns or installation. Every answer shows where it comes from.',
      examples: 'Example questions',
      toNewest: 'New messages',
      message: 'Message',
      placeholder: 'Write your question…',
      attach: 'Attach files',
      send: 'Send',
      talkToPerson: 'Talk to a person',
      sources: 'Sources',
      close: 'Close',
      closeChat: 'Close the chat',
      cancel: 'Cancel',
      dropHere: 'Drop the files here',
    },
    today: 'Today',
    yesterday: 'Yesterday',
    you: 'You',
    agent: 'Team',
    notices: {
      sessionOver:
        'The earlier conversation is no longer open: it closes after a while without activity. What you write now starts a new one.',
    },
    states: { waiting: 'Waiting for a connection', sending: 'Sending…', stored: 'Sent', failed: 'Not sent' },
    failures: {
      PayloadTooLargeError: 'The file is too large.',
      FilesGone: 'The files had not been uploaded when the page was reloaded. Please attach them again.',
      other: 'The service did not take the message.',
    },
    retry: 'Try again',
    edit: 'Edit',
    sourcesOf: 'Sources',
    sourcePage: (page) => `p. ${page}`,
    relevance: (percent) => `Relevance: ${percent}`,
    openOriginal: 'Open the original',
    quickReplies: 'Quick replies',
    talkToPerson: 'I want to talk to a person',
    withPerson: (ticket) => (ticket === null ? 'With our team' : `With our team · case ${ticket}`),
    online: 'Virtual assistant',
    typing: (name) => `${name} is typing…`,
    otherWindow: 'You are typing in another window…',
    offline: 'No connection. Your messages are kept here and will be sent as soon as it is back.',
    loading: 'Loading the conversation…',
    remove: (filename) => `Remove ${filename}`,
    uploading: (filename) => `Uploading ${filename}`,
    fileTooLarge: (filename, limit) => `“${filename}” is too large: the limit is ${limit}.`,
    fileEmpty: (filename) => `“${filename}” is empty.`,
    fileTypeUnknown: (filename) => `“${filename}” cannot be read. PDF, Word (DOCX), Excel (XLSX), CSV, text, HTML and images can.`,
    tooManyFiles: (limit) => `At most ${limit} files in a message.`,
    unreadable: (reason) => `Could not be read: ${reason}`,
    charactersLeft: (left) => (left >= 0 ? `${left} characters left` : `${-left} characters too many`),
    startAnewQuestion: 'The present conversation will be closed and no longer be shown here.',
    unsentLost: 'What has not been sent yet will be discarded.',
    openCase: (ticket) => `Your case${ticket === null ? '' : ` ${ticket}`} stays open, but you would no longer see the team’s reply here.`,
  },
};
