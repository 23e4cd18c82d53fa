/** Makes the ticket of a case that goes to people. Its id comes from the turn, so that running the turn again opens no second one. */
import { createHash } from 'node:crypto';
import type { Conversation } from '../domain/conversation.js';
import type { Recollection } from '../domain/memory.js';
import { OPENING_STATE, type EscalationDecision, type Ticket } from '../domain/ticket.js';
import type { Language } from '../domain/understanding.js';
import { summariseCase } from './case-summary.js';

/** Without I, L, O and U: told over the phone, it is understood (Crockford, https://www.crockford.com/base32.html). */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID_LENGTH = 8;

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
}

export function buildTicket({ turnId, conversation, threadId, decision, language, text, recollection, at }: TicketInput): Ticket {
  return {
    ...OPENING_STATE,
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
  };
}
