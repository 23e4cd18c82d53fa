/** The words of the desks, in the language of the desk: buttons, states, what happened. What customers and agents wrote is never in here. */
import type { EscalationReason, TicketPriority, TicketStatus } from '../../src/domain/ticket.js';
import type { Language } from '../../src/domain/understanding.js';
import type { CardButton, ResolveReason } from './desk-buttons.js';

export interface DeskWords {
  readonly button: Readonly<Record<CardButton | 'undo' | 'retry' | 'insert', string>>;
  readonly status: Readonly<Record<TicketStatus, string>>;
  readonly priority: Readonly<Record<TicketPriority, string>>;
  readonly escalation: Readonly<Record<EscalationReason, string>>;
  readonly resolved: Readonly<Record<ResolveReason, string>>;
  readonly field: Readonly<
    Record<'customer' | 'channel' | 'reasons' | 'language' | 'entities' | 'sentiment' | 'waitingSince' | 'agent' | 'team' | 'score', string>
  >;
  readonly mood: Readonly<Record<'good' | 'neutral' | 'bad', string>>;
  readonly nobody: string;
  /** Who does what no person did: cases are given out and passed on by the clock. */
  readonly automatic: string;
  readonly unnamed: string;
  readonly assistant: string;
  /** Somebody of the staff. */
  readonly person: string;
  readonly caseLink: string;
  readonly traceLink: string;
  readonly history: string;
  readonly noHistory: string;
  readonly earlierLeftOut: (count: number) => string;
  readonly pastCases: string;
  readonly cut: string;
  /** Before what an agent says to the customer. */
  readonly toCustomer: (agent: string) => string;
  readonly note: (agent: string) => string;
  readonly reply: Readonly<
    Record<'pending' | 'undone' | 'dispatched' | 'sent' | 'delivered' | 'read' | 'retried' | 'keptBack', string> & {
      failed: (reason: string) => string;
    }
  >;
  readonly failure: Readonly<Record<string, string>>;
  readonly did: Readonly<{
    claimed: (agent: string) => string;
    assigned: (agent: string, to: string) => string;
    released: (agent: string) => string;
    resolved: (agent: string) => string;
    returned: (agent: string) => string;
    reopened: (by: string | null) => string;
    noteEdited: (agent: string) => string;
    customerLeft: string;
    erased: string;
    customerEdited: string;
    customerDeleted: string;
    customerReacted: (emoji: string) => string;
    customerUnreacted: string;
    rated: (score: number) => string;
    commented: string;
  }>;
  readonly edited: string;
  readonly fileLeftOut: (filename: string) => string;
  readonly mark: (clock: string, what: string) => string;
  readonly offeredTo: (team: string) => string;
  readonly form: Readonly<
    Record<
      | 'send'
      | 'save'
      | 'cancel'
      | 'replyText'
      | 'replyHint'
      | 'files'
      | 'noteText'
      | 'botNote'
      | 'reason'
      | 'reasonText'
      | 'assignee'
      | 'empty'
      | 'notMember',
      string
    >
  >;
  readonly refused: Readonly<Record<'notMember' | 'notChecked' | 'formLate', string>>;
  readonly abridged: string;
}

const ES: DeskWords = {
  button: {
    claim: 'Tomar',
    reply: 'Responder',
    suggest: 'Sugerir',
    note: 'Nota',
    assign: 'Asignar',
    release: 'Soltar',
    'return-to-bot': 'Devolver al asistente',
    resolve: 'Resolver',
    reopen: 'Reabrir',
    transcript: 'Transcripción',
    undo: 'Deshacer',
    retry: 'Reintentar',
    insert: 'Insertar',
  },
  status: {
    new: '🆕 Sin asignar',
    claimed: '🙋 En curso',
    'waiting-for-customer': '⏳ Esperando al cliente',
    resolved: '✅ Resuelto',
    'returned-to-bot': '🤖 Con el asistente',
    reopened: '🔁 Reabierto',
  },
  priority: { low: 'baja', normal: 'normal', high: 'alta', urgent: 'urgente' },
  escalation: {
    'asked-for-person': 'pide una persona',
    'legal-or-compliance': 'asunto legal',
    frustration: 'está molesto',
    urgency: 'es urgente',
    'repeated-failure': 'el asistente no le ayuda',
    'low-confidence': 'respuesta poco segura',
    'failed-turn': 'fallo del servicio',
    'stale-reply': 'respuesta atrasada',
  },
  resolved: {
    answered: 'Respondido',
    sold: 'Venta cerrada',
    'no-reply': 'El cliente no contesta',
    duplicate: 'Duplicado',
    'not-ours': 'No es asunto nuestro',
    spam: 'Correo basura',
    other: 'Otro motivo',
  },
  field: {
    customer: 'Cliente',
    channel: 'Canal',
    reasons: 'Motivo',
    language: 'Idioma',
    entities: 'Menciona',
    sentiment: 'Tono',
    waitingSince: 'Espera desde',
    agent: 'Lo lleva',
    team: 'Equipo',
    score: 'Valoración',
  },
  mood: { good: 'bueno', neutral: 'neutro', bad: 'malo' },
  nobody: 'nadie',
  automatic: 'Reparto automático',
  unnamed: 'Cliente sin nombre',
  assistant: 'Asistente',
  person: 'Persona',
  caseLink: 'Ver el caso',
  traceLink: 'Ver la traza',
  history: 'Conversación hasta aquí',
  noHistory: 'Sin mensajes anteriores.',
  earlierLeftOut: (count) => `… y ${count} mensajes anteriores`,
  pastCases: 'Casos anteriores',
  cut: '… (sigue)',
  toCustomer: (agent) => `${agent} → cliente`,
  note: (agent) => `Nota interna de ${agent}`,
  reply: {
    pending: '🕓 Se envía en unos segundos',
    undone: '↩️ Deshecha: no se ha enviado',
    dispatched: '📤 Enviándose',
    sent: '✓ Enviada al cliente',
    delivered: '✓✓ Entregada al cliente',
    read: '👀 Leída por el cliente',
    retried: '🔄 Se intenta otra vez',
    keptBack: '⏳ El canal ya no admite respuestas libres: se ha pedido al cliente que escriba, y saldrá cuando el cliente escriba',
    failed: (reason) => `❌ No se ha entregado: ${reason}`,
  },
  failure: {
    'rate-limited': 'el canal pide esperar',
    'window-closed': 'el canal ya no admite respuestas: el cliente tiene que escribir',
    'recipient-unreachable': 'no se puede llegar al cliente',
    'credentials-rejected': 'el canal rechaza nuestras credenciales',
    'payload-refused': 'el canal rechaza el contenido',
    unavailable: 'el canal no responde',
    unknown: 'no se sabe si llegó',
  },
  did: {
    claimed: (agent) => `🙋 ${agent} toma el caso`,
    assigned: (agent, to) => `👉 ${agent} asigna el caso a ${to}`,
    released: (agent) => `👐 ${agent} suelta el caso`,
    resolved: (agent) => `✅ ${agent} resuelve el caso`,
    returned: (agent) => `🤖 ${agent} devuelve el caso al asistente`,
    reopened: (by) => (by === null ? '🔁 El cliente vuelve: caso reabierto' : `🔁 ${by} reabre el caso`),
    customerLeft: '🤖 El cliente sigue con el asistente',
    noteEdited: (agent) => `✏️ ${agent} ha cambiado una nota`,
    erased: '🗑️ La conversación se ha borrado, y con ella los textos del caso. Lo que se ve aquí lo borra quien lleva este canal.',
    customerEdited: '✏️ El cliente ha cambiado un mensaje:',
    customerDeleted: '🗑️ El cliente ha borrado un mensaje',
    customerReacted: (emoji) => `${emoji} El cliente reacciona`,
    customerUnreacted: 'El cliente retira su reacción',
    rated: (score) => `⭐ El cliente valora la atención: ${score}/5`,
    commented: '💬 Comentario del cliente:',
  },
  edited: 'cambiado por el cliente',
  fileLeftOut: (filename) => `📎 ${filename}: no se puede mostrar aquí; está en el caso`,
  mark: (clock, what) => `⏰ ${CLOCKS_ES[clock] ?? clock}: ${MARKS_ES[what] ?? what}`,
  offeredTo: (team) => `se ofrece al equipo ${team}`,
  form: {
    send: 'Enviar',
    save: 'Guardar',
    cancel: 'Cancelar',
    replyText: 'Respuesta al cliente',
    replyHint: 'Admite markdown: **negrita**, _cursiva_, listas y enlaces. Se puede deshacer durante unos segundos.',
    files: 'Archivos',
    noteText: 'Nota interna',
    botNote: 'Nota para el asistente',
    reason: 'Motivo',
    reasonText: 'Detalles',
    assignee: 'Persona',
    empty: 'Escribe algo.',
    notMember: 'Esa persona no está en este canal.',
  },
  refused: {
    notMember: 'Solo quien está en el canal de los casos puede actuar sobre ellos.',
    notChecked: 'No se ha podido comprobar quién eres. Vuelve a intentarlo.',
    formLate: 'No se ha podido abrir el formulario. Pulsa otra vez.',
  },
  abridged: 'abreviada',
};

const CLOCKS_ES: Readonly<Record<string, string>> = {
  first: 'primera respuesta',
  next: 'siguiente respuesta',
  resolution: 'resolución',
  unclaimed: 'nadie lo ha tomado',
};
const MARKS_ES: Readonly<Record<string, string>> = {
  reminded: 'el plazo está a punto de cumplirse',
  breached: 'plazo incumplido',
  widened: 'se ofrece a más personas',
  told: 'se ha avisado al cliente',
};

const EN: DeskWords = {
  button: {
    claim: 'Claim',
    reply: 'Reply',
    suggest: 'Suggest',
    note: 'Note',
    assign: 'Assign',
    release: 'Let go',
    'return-to-bot': 'Return to the assistant',
    resolve: 'Resolve',
    reopen: 'Reopen',
    transcript: 'Transcript',
    undo: 'Undo',
    retry: 'Try again',
    insert: 'Insert',
  },
  status: {
    new: '🆕 Unclaimed',
    claimed: '🙋 Claimed',
    'waiting-for-customer': '⏳ Waiting for the customer',
    resolved: '✅ Resolved',
    'returned-to-bot': '🤖 With the assistant',
    reopened: '🔁 Reopened',
  },
  priority: { low: 'low', normal: 'normal', high: 'high', urgent: 'urgent' },
  escalation: {
    'asked-for-person': 'asks for a person',
    'legal-or-compliance': 'legal matter',
    frustration: 'is upset',
    urgency: 'is urgent',
    'repeated-failure': 'the assistant does not help',
    'low-confidence': 'unsure answer',
    'failed-turn': 'failure of the service',
    'stale-reply': 'late reply',
  },
  resolved: {
    answered: 'Answered',
    sold: 'Sold',
    'no-reply': 'The customer does not reply',
    duplicate: 'Duplicate',
    'not-ours': 'Not a matter of ours',
    spam: 'Spam',
    other: 'Another reason',
  },
  field: {
    customer: 'Customer',
    channel: 'Channel',
    reasons: 'Reason',
    language: 'Language',
    entities: 'Mentions',
    sentiment: 'Tone',
    waitingSince: 'Waiting since',
    agent: 'Who has it',
    team: 'Team',
    score: 'Rating',
  },
  mood: { good: 'good', neutral: 'neutral', bad: 'bad' },
  nobody: 'nobody',
  automatic: 'Automatic assignment',
  unnamed: 'Customer without a name',
  assistant: 'Assistant',
  person: 'Person',
  caseLink: 'See the case',
  traceLink: 'See the trace',
  history: 'The conversation so far',
  noHistory: 'No earlier messages.',
  earlierLeftOut: (count) => `… and ${count} earlier messages`,
  pastCases: 'Earlier cases',
  cut: '… (there is more)',
  toCustomer: (agent) => `${agent} → customer`,
  note: (agent) => `Internal note by ${agent}`,
  reply: {
    pending: '🕓 Goes out in a few seconds',
    undone: '↩️ Undone: it was not sent',
    dispatched: '📤 Being sent',
    sent: '✓ Sent to the customer',
    delivered: '✓✓ Delivered to the customer',
    read: '👀 Read by the customer',
    retried: '🔄 Being tried again',
    keptBack: '⏳ The channel takes no free replies any more: the customer was asked to write, and it goes out when they do',
    failed: (reason) => `❌ Not delivered: ${reason}`,
  },
  failure: {
    'rate-limited': 'the channel asks to wait',
    'window-closed': 'the channel takes no more replies: the customer has to write',
    'recipient-unreachable': 'the customer cannot be reached',
    'credentials-rejected': 'the channel rejects our credentials',
    'payload-refused': 'the channel refuses the content',
    unavailable: 'the channel does not answer',
    unknown: 'it is not known whether it arrived',
  },
  did: {
    claimed: (agent) => `🙋 ${agent} claims the case`,
    assigned: (agent, to) => `👉 ${agent} assigns the case to ${to}`,
    released: (agent) => `👐 ${agent} lets go of the case`,
    resolved: (agent) => `✅ ${agent} resolves the case`,
    returned: (agent) => `🤖 ${agent} returns the case to the assistant`,
    reopened: (by) => (by === null ? '🔁 The customer is back: case reopened' : `🔁 ${by} reopens the case`),
    customerLeft: '🤖 The customer goes on with the assistant',
    noteEdited: (agent) => `✏️ ${agent} has changed a note`,
    erased:
      '🗑️ The conversation has been deleted, and the texts of the case with it. What is shown here is for whoever runs this channel to delete.',
    customerEdited: '✏️ The customer has changed a message:',
    customerDeleted: '🗑️ The customer has deleted a message',
    customerReacted: (emoji) => `${emoji} The customer reacts`,
    customerUnreacted: 'The customer takes back their reaction',
    rated: (score) => `⭐ The customer rates the service: ${score}/5`,
    commented: '💬 Comment of the customer:',
  },
  edited: 'changed by the customer',
  fileLeftOut: (filename) => `📎 ${filename}: cannot be shown here; it is in the case`,
  mark: (clock, what) => `⏰ ${CLOCKS_EN[clock] ?? clock}: ${MARKS_EN[what] ?? what}`,
  offeredTo: (team) => `offered to the team ${team}`,
  form: {
    send: 'Send',
    save: 'Save',
    cancel: 'Cancel',
    replyText: 'Reply to the customer',
    replyHint: 'Takes markdown: **bold**, _italic_, lists and links. Can be undone for some seconds.',
    files: 'Files',
    noteText: 'Internal note',
    botNote: 'Note for the assistant',
    reason: 'Reason',
    reasonText: 'Details',
    assignee: 'Person',
    empty: 'Write something.',
    notMember: 'That person is not in this channel.',
  },
  refused: {
    notMember: 'Only those who are in the channel of the cases can act on them.',
    notChecked: 'Who you are could not be checked. Try again.',
    formLate: 'The form could not be opened. Press again.',
  },
  abridged: 'abridged',
};

const CLOCKS_EN: Readonly<Record<string, string>> = {
  first: 'first response',
  next: 'next response',
  resolution: 'resolution',
  unclaimed: 'nobody has claimed it',
};
const MARKS_EN: Readonly<Record<string, string>> = {
  reminded: 'the time is almost up',
  breached: 'the time is over',
  widened: 'offered to more people',
  told: 'the customer has been told',
};

const WORDS: Readonly<Record<Language, DeskWords>> = { es: ES, en: EN };

export const deskWords = (language: Language): DeskWords => WORDS[language];

const CHANNELS: Readonly<Record<string, string>> = {
  web: 'Web',
  telegram: 'Telegram',
  slack: 'Slack',
  teams: 'Teams',
  whatsapp: 'WhatsApp',
  'whatsapp-web': 'WhatsApp Web',
};

/** Of a channel or a desk as people call it. */
export const channelName = (name: string): string => CHANNELS[name] ?? name;
