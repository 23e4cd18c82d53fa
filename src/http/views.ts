/** Domain to JSON: the shapes of CONTRACT.md, in snake_case with ISO times. Pure. */
import type { ApiKey } from '../domain/api-key.js';
import { filesOf } from '../domain/message-files.js';
import type { Message, MessageRole } from '../domain/message.js';
import type { Session } from '../domain/session.js';
import type { TurnOutcome, TurnRecord } from '../domain/turn.js';
import type { MeasureEntity } from '../domain/understanding.js';
import type { ApiKeyView, ChatResponse, MessageView, ProcessResponse, SessionView } from './schemas.js';

export const sessionView = (session: Session): SessionView => ({
  session_id: session.id,
  user_id: session.userId,
  thread_id: session.threadId,
  status: session.status,
  created_at: session.createdAt.toISOString(),
  last_activity: session.lastActivity.toISOString(),
  metadata: session.metadata,
});

export const messageView = (message: Message): MessageView => ({
  id: message.id,
  role: message.role,
  ...(message.author === undefined ? {} : { author: message.author }),
  content: message.text,
  timestamp: message.createdAt.toISOString(),
  attachments: filesOf(message).map(({ id, filename, contentType, sizeBytes }) => ({
    id,
    filename,
    content_type: contentType,
    size_bytes: sizeBytes,
  })),
  ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  sources: [...message.sources],
  tools_used: [...message.toolsUsed],
  processing_time: message.processingTimeMs === null ? null : message.processingTimeMs / 1000,
});

export const apiKeyView = (key: ApiKey): ApiKeyView => ({
  id: key.id,
  name: key.name,
  scopes: [...key.scopes],
  created_at: key.createdAt.toISOString(),
});

/** The parts of a turn's record that answer the customer. */
function replyOf(record: TurnRecord) {
  const replies = record.effects.messages.filter((message) => isReply(message.role));
  return {
    text: replies.map((message) => message.text).join('\n\n'),
    sources: replies.flatMap((message) => message.sources),
    messageId: (replies.at(-1) ?? record.effects.messages.at(-1))?.id,
    at: replies.at(-1)?.createdAt ?? record.startedAt,
  };
}

const isReply = (role: MessageRole): boolean => role !== 'user';

/** @param messageCount messages in the session's log */
export function chatResponse(record: TurnRecord, session: Session, messageId: string, messageCount: number): ChatResponse {
  const reply = replyOf(record);
  return {
    message: reply.text,
    sources: reply.sources,
    requires_escalation: record.escalation.escalate,
    confidence: record.confidence ?? 0,
    session_id: session.id,
    timestamp: reply.at.toISOString(),
    processing_time: record.processingTimeMs / 1000,
    metadata: {
      session_id: session.id,
      message_id: reply.messageId ?? messageId,
      message_count: messageCount,
      has_context: record.hasContext,
      facts_extracted: record.effects.facts.length,
      language: record.language,
      intent: record.intent?.name ?? null,
      entities: snakeCased(record.entities) as ChatResponse['metadata']['entities'],
      tools_used: [...record.toolsUsed],
      ...(record.ticketId === null ? {} : { ticket_id: record.ticketId }),
      ...(record.choices.length === 0 ? {} : { buttons: record.choices.map(({ id, label }) => ({ id, label })) }),
    },
  };
}

const TYPES: Record<TurnOutcome, ProcessResponse['tipo']> = {
  answered: 'respuesta',
  unknown: 'respuesta',
  noted: 'respuesta',
  discarded: 'error',
  asked: 'pregunta',
  escalated: 'escalamiento',
  relayed: 'escalamiento',
  staff: 'respuesta',
  limited: 'error',
  failed: 'error',
};
/** Intents whose answer is a price: what Spanish clients call a quotation. */
const QUOTATION_INTENTS: readonly (string | undefined)[] = ['price_query', 'quote_request'];

export function processResponse(record: TurnRecord, session: Session): ProcessResponse {
  const reply = replyOf(record);
  const quotation = record.outcome === 'answered' && QUOTATION_INTENTS.includes(record.intent?.name);
  return {
    mensaje: reply.text,
    tipo: quotation ? 'cotizacion' : TYPES[record.outcome],
    confianza: record.confidence ?? 0,
    intencion: record.intent?.name ?? null,
    entidades: entidadesOf(record),
    sesion_id: session.id,
    fuentes: reply.sources,
    ...(record.ticketId === null ? {} : { ticket_id: record.ticketId }),
  };
}

/** What an answer that takes too long looks like to a client that knows one shape only. */
export const processPending = (session: Session): ProcessResponse => ({
  mensaje: 'Estamos preparando la respuesta; quedará en el historial de la conversación.',
  tipo: 'respuesta',
  confianza: 0,
  intencion: null,
  entidades: { productos: [], espesores: [] },
  sesion_id: session.id,
  fuentes: [],
});

/** Lists of short texts: thicknesses in millimetres ("50mm"), the rest as written. */
function entidadesOf({ entities }: TurnRecord): ProcessResponse['entidades'] {
  const [thicknesses, others] = partition(entities.measures, isThickness);
  return {
    productos: unique(entities.products.map((product) => product.name)),
    espesores: unique(thicknesses.map((measure) => `${Number(measure.normalisedValue.toFixed(2))}mm`)),
    medidas: unique(others.map((measure) => measure.text)),
    cantidades: unique(entities.quantities.map((quantity) => quantity.text)),
    importes: unique(entities.money.map((money) => money.text)),
    fechas: unique(entities.dates.map((date) => date.date)),
    referencias: unique(entities.references.map((reference) => reference.value)),
    atributos: unique(entities.attributes.map((attribute) => attribute.value)),
  };
}

/** In this trade a length in millimetres that is not called anything else is a thickness. */
const isThickness = (measure: MeasureEntity): boolean =>
  measure.role === 'thickness' || (measure.role === null && measure.unit.toLowerCase() === 'mm');

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function partition<T>(values: readonly T[], belongs: (value: T) => boolean): [T[], T[]] {
  return [values.filter(belongs), values.filter((value) => !belongs(value))];
}

/** Plain data with its keys in snake_case, all the way down. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    snakeCased(inner),
  ]);
  return Object.fromEntries(entries) as unknown;
}
