/** What staff are told at a desk, by the desk's language. */
import type { DeskCommand } from '../../domain/desk.js';
import type { Language } from '../../domain/understanding.js';
import type { Refusal } from './decide.js';

export interface DeskTexts {
  readonly unknownCase: string;
  readonly nothingToSuggest: string;
  readonly suggestions: string;
  /** Over what an agent wrote anew too late. */
  readonly correction: string;
  readonly refused: (refusal: Refusal, ticketId: string) => string;
  readonly done: (command: DeskCommand['kind'], ticketId: string) => string;
}

type Refused = Record<Refusal['refused'], (who: string, ticketId: string) => string>;

const ES: Refused = {
  'has-it': (who, ticket) => `El caso ${ticket} ya lo tiene ${who}.`,
  'not-yours': (who, ticket) => `El caso ${ticket} lo lleva ${who}: pide que te lo asigne, o asígnatelo.`,
  'not-claimed': (_who, ticket) => `Nadie lleva el caso ${ticket} todavía: tómalo primero.`,
  closed: (_who, ticket) => `El caso ${ticket} está cerrado: reábrelo para seguir.`,
  open: (who, ticket) => `El caso ${ticket} está abierto${who === '' ? '' : ` y lo lleva ${who}`}.`,
  'too-late': () => 'Ya se ha enviado: no se puede deshacer.',
  sent: () => 'Ya se ha enviado: el cliente tiene el texto anterior. Puedes enviarle la corrección como otra respuesta.',
  'not-written': () => 'Eso no lo has escrito tú: no lo puedes cambiar.',
  'nothing-to-undo': () => 'No hay ninguna respuesta tuya que deshacer.',
  empty: () => 'No hay nada que enviar: escribe el texto.',
  'not-failed': () => 'Esa respuesta no está fallida: no hay nada que reintentar.',
  'wrote-since': (_who, ticket) => `El cliente ha escrito entretanto y el caso ${ticket} sigue abierto: léelo y vuelve a pulsar el botón.`,
};

const EN: Refused = {
  'has-it': (who, ticket) => `${who} has the case ${ticket} already.`,
  'not-yours': (who, ticket) => `${who} has the case ${ticket}: ask for it, or assign it to yourself.`,
  'not-claimed': (_who, ticket) => `Nobody has the case ${ticket} yet: claim it first.`,
  closed: (_who, ticket) => `The case ${ticket} is closed: reopen it to go on.`,
  open: (who, ticket) => `The case ${ticket} is open${who === '' ? '' : ` and ${who} has it`}.`,
  'too-late': () => 'It is sent: it cannot be undone.',
  sent: () => 'It is sent: the customer has the earlier text. You can send the correction as another reply.',
  'not-written': () => 'You have not written that: you cannot change it.',
  'nothing-to-undo': () => 'There is no reply of yours to undo.',
  empty: () => 'There is nothing to send: write the text.',
  'not-failed': () => 'That reply has not failed: there is nothing to try again.',
  'wrote-since': (_who, ticket) =>
    `The customer has written meanwhile and the case ${ticket} is still open: read it and press the button again.`,
};

const DONE_ES: Record<DeskCommand['kind'], (ticketId: string) => string> = {
  claim: (ticket) => `El caso ${ticket} es tuyo.`,
  assign: (ticket) => `Caso ${ticket} asignado.`,
  release: (ticket) => `Has soltado el caso ${ticket}.`,
  note: () => 'Nota guardada.',
  reply: () => 'Respuesta en camino.',
  edit: () => 'Cambiado.',
  undo: () => 'Respuesta retirada: no se ha enviado.',
  retry: () => 'Se está enviando de nuevo.',
  'return-to-bot': (ticket) => `El caso ${ticket} vuelve al asistente.`,
  resolve: (ticket) => `Caso ${ticket} resuelto.`,
  reopen: (ticket) => `Caso ${ticket} reabierto.`,
};

const DONE_EN: Record<DeskCommand['kind'], (ticketId: string) => string> = {
  claim: (ticket) => `The case ${ticket} is yours.`,
  assign: (ticket) => `Case ${ticket} assigned.`,
  release: (ticket) => `You have let go of the case ${ticket}.`,
  note: () => 'Note kept.',
  reply: () => 'The reply is on its way.',
  edit: () => 'Changed.',
  undo: () => 'Reply taken back: it was not sent.',
  retry: () => 'It is being sent again.',
  'return-to-bot': (ticket) => `The case ${ticket} goes back to the assistant.`,
  resolve: (ticket) => `Case ${ticket} resolved.`,
  reopen: (ticket) => `Case ${ticket} reopened.`,
};

const TEXTS: Readonly<Record<Language, DeskTexts>> = {
  es: {
    unknownCase: 'No conozco ese caso.',
    nothingToSuggest: 'No encuentro nada que sugerir: ni en el conocimiento ni en casos parecidos.',
    suggestions: 'Sugerencias:',
    correction: 'La corrección',
    refused: ({ refused, agent }, ticketId) => ES[refused](agent?.name ?? '', ticketId),
    done: (command, ticketId) => DONE_ES[command](ticketId),
  },
  en: {
    unknownCase: 'I do not know that case.',
    nothingToSuggest: 'There is nothing to suggest: neither in the knowledge nor in cases like it.',
    suggestions: 'Suggestions:',
    correction: 'The correction',
    refused: ({ refused, agent }, ticketId) => EN[refused](agent?.name ?? '', ticketId),
    done: (command, ticketId) => DONE_EN[command](ticketId),
  },
};

export const deskTexts = (language: Language): DeskTexts => TEXTS[language];
