/** The record of what a customer did without saying anything that is to be answered. Pure. */
import { turnIdOf } from '../domain/ids.js';
import type { InboundDelete, InboundEdit } from '../domain/message.js';
import type { TicketChange } from '../domain/ticket.js';
import type { DeskNote, TurnEffects, TurnInput, TurnRecord } from '../domain/turn.js';
import { NO_ENTITIES } from '../domain/understanding.js';
import { textOf } from './steps/content.js';
import { NO_ESCALATION } from './turn.js';

/** Edits and deletes change the log; reactions, membership and statuses are noted. None of them is answered. */
export function notedRecord(input: TurnInput, at: Date): TurnRecord {
  const { event, conversation } = input;
  const effects: TurnEffects = {
    messages: [],
    outbox: [],
    facts: [],
    ticket: null,
    conversation: {},
    session: null,
    amend: amendmentOf(event, at),
    ...deskNotesOf(input),
  };
  return {
    id: turnIdOf(input.inboxId),
    inboxId: input.inboxId,
    conversationId: conversation.id,
    contactId: conversation.contactId,
    channel: event.channel,
    threadId: conversation.threadId ?? '',
    outcome: 'noted',
    language: conversation.language === 'en' ? 'en' : 'es',
    intent: null,
    entities: NO_ENTITIES,
    confidence: null,
    toolsUsed: [],
    hasContext: false,
    choices: [],
    escalation: NO_ESCALATION,
    ticketId: null,
    steps: [{ step: event.kind, durationMs: 0, note: null }],
    startedAt: at,
    processingTimeMs: 0,
    attempt: input.attempt,
    effects,
  };
}

function amendmentOf(event: TurnInput['event'], at: Date): TurnEffects['amend'] {
  const amended = (edit: InboundEdit | InboundDelete, text: string | null) => ({ platformMessageId: edit.platformMessageId, text, at });
  if (event.kind === 'edit') return amended(event, textOf(event.content));
  return event.kind === 'delete' ? amended(event, null) : null;
}

/** People who have the case see it too. */
function deskNotesOf({ conversation: { status, ticketId }, event, inboxId }: TurnInput): { desk?: readonly DeskNote[] } {
  const change = status === 'bot' ? null : caseChangeOf(event);
  if (change === null || ticketId === null) return {};
  return { desk: [{ ticketId, actionId: `event:${inboxId}`, by: 'customer', change }] };
}

function caseChangeOf(event: TurnInput['event']): TicketChange | null {
  switch (event.kind) {
    case 'edit':
      return { kind: 'customer-edited', platformMessageId: event.platformMessageId };
    case 'delete':
      return { kind: 'customer-deleted', platformMessageId: event.platformMessageId };
    case 'reaction':
      return { kind: 'customer-reacted', platformMessageId: event.platformMessageId, emoji: event.emoji };
    default:
      return null;
  }
}
