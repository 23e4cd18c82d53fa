/** Makes the ticket of a case that goes to people. Its id comes from the turn, so that running the turn again opens no second one. */
import { createHash } from 'node:crypto';
import type { Conversation } from '../domain/conversation.js';
import type { Recollection } from '../domain/memory.js';
import { OPENING_STATE, type EscalationDecision, type Ticket } from '../domain/ticket.js';
import type { DeskSettings } from '../domain/desk-settings.js';
import type { MediaRef } from '../domain/content.js';
import type { Entities, Language, Understanding } from '../domain/understanding.js';
import { summariseCase } from './case-summary.js';
import { teamFor } from './routing.js';

/** Without I, L, O and U: told over the phone, it is understood (Crockford, https://www.crockford.com/base32.html). */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID_LENGTH = 8;
const MAX_ENTITIES = 20;

/** `T-` and 8 characters: 40 bits of SHA-256 over the turn's id. */
export function ticketIdFor(turnId: string): string {
  const bytes = createHash('sha256').update(`ticket:${turnId}`).digest();
  const characters = [...bytes.subarray(0, ID_LENGTH)].map((byte) => CROCKFORD.charAt(byte % CROCKFORD.length));
  return `T-${characters.join('')}`;
}

export interface TicketInput {
  readonly turnId: string;
  readonly conversation: Conversation;
  readonly threadId: string;
  readonly decision: EscalationDecision;
  readonly language: Language;
  /** The message that brought it about. */
  readonly text: string;
  readonly recollection: Recollection;
  readonly at: Date;
  /** Absent: nothing was understood, as in a turn that failed. */
  readonly understanding?: Understanding;
  /** Files of that message. */
  readonly attachments?: readonly MediaRef[];
}

export function buildTicket(input: TicketInput, settings: DeskSettings): Ticket {
  const { turnId, conversation, threadId, decision, language, text, recollection, at, understanding = null, attachments = [] } = input;
  const routed = { channel: conversation.channel, language, understanding, reasons: decision.reasons };
  return {
    ...OPENING_STATE,
    // Where there is one team, everybody is in it.
    team: settings.teams.length === 1 ? null : teamFor(settings, routed, at).id,
    id: ticketIdFor(turnId),
    turnId,
    conversationId: conversation.id,
    threadId,
    contactId: conversation.contactId,
    channel: conversation.channel,
    priority: decision.priority,
    reasons: decision.reasons,
    language,
    summary: summariseCase(text, recollection),
    createdAt: at,
    entities: understanding === null ? [] : entitiesOf(understanding.entities),
    sentiment: understanding?.sentiment.polarity ?? null,
    attachments,
  };
}

/** By kind and value, each once: the kinds as desks name them. */
function entitiesOf({ products, measures, quantities, money, dates, references, attributes }: Entities): NonNullable<Ticket['entities']> {
  const found = [
    ...products.map(({ name }) => ({ kind: 'product', value: name })),
    ...measures.map(({ text }) => ({ kind: 'measure', value: text })),
    ...quantities.map(({ text }) => ({ kind: 'quantity', value: text })),
    ...money.map(({ text }) => ({ kind: 'money', value: text })),
    ...dates.map(({ date }) => ({ kind: 'date', value: date })),
    ...references.map(({ kind, value }) => ({ kind, value })),
    ...attributes.map(({ attribute, value }) => ({ kind: attribute, value })),
  ];
  return [...new Map(found.map((entity) => [`${entity.kind} ${entity.value}`, entity])).values()].slice(0, MAX_ENTITIES);
}
