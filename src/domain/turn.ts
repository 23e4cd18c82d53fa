/**
 * A turn is what one customer message causes. The pipeline computes a TurnRecord; storing it is the commit point, and everything else
 * (message log, outbox, conversation, facts, ticket) is written from it under derived ids, so that a crash at any instant is repaired by
 * applying the record again.
 */
import type { AnswerInfo, Draft, Preview, Recipient } from './channel.js';
import type { Choice, MediaRef, OutboundContent } from './content.js';
import type { Conversation, ConversationChange } from './conversation.js';
import type { Fact } from './memory.js';
import type { InboundEvent, InboundMessage, LogPlace, Message } from './message.js';
import type { Source } from './knowledge.js';
import type { Session } from './session.js';
import type { EscalationDecision, Ticket, TicketChange } from './ticket.js';
import type { Entities, IntentMatch, Language } from './understanding.js';

/**
 * `answered`: knowledge, a tool or small talk; `unknown`: said honestly that it does not know; `asked`: asked back; `noted`: nothing to answer;
 * `staff`: what a person
 * of ours said or did; `discarded`: its session was deleted meanwhile, nothing is kept.
 */
export type TurnOutcome =
  'answered' | 'asked' | 'unknown' | 'escalated' | 'relayed' | 'limited' | 'noted' | 'staff' | 'discarded' | 'failed';

export interface StepTrace {
  readonly step: string;
  readonly durationMs: number;
  /** A short decision for the trace, without customer text. */
  readonly note: string | null;
}

/** What the answerer produced, before it is fitted to a channel. */
export interface Answer {
  readonly markdown: string;
  readonly sources: readonly Source[];
  readonly choices: readonly Choice[];
  /** 0 to 1. */
  readonly confidence: number;
  readonly outcome: TurnOutcome;
  /** Files of ours that go out behind the text; absent: none. */
  readonly files?: readonly MediaRef[];
}

/** One thing to send, ready for the outbox. */
export interface OutboxItem {
  /** Message id and part: the same on every run of the turn. */
  readonly id: string;
  readonly messageId: string;
  readonly channel: string;
  readonly account: string;
  readonly conversationId: string;
  readonly to: Recipient;
  /** Already fitted to the channel's capabilities. */
  readonly content: OutboundContent;
  readonly replyTo: string | null;
  readonly last: boolean;
  readonly answer: AnswerInfo | null;
  /** The platform takes it as a free reply until then; absent: whenever. */
  readonly repliesUntil?: Date;
  readonly order: number;
  /** Of the message. Absent: it was made by an earlier version. */
  readonly place?: LogPlace;
  /** What the customer may have been shown of it while it was written; absent: nothing. */
  readonly preview?: Preview;
}

export interface TurnRecord {
  /** `turn_…`, derived from the inbox id. */
  readonly id: string;
  readonly inboxId: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly channel: string;
  readonly threadId: string;
  readonly outcome: TurnOutcome;
  readonly language: Language;
  readonly intent: IntentMatch | null;
  readonly entities: Entities;
  /** 0 to 1; null where nothing was answered. */
  readonly confidence: number | null;
  readonly toolsUsed: readonly string[];
  readonly hasContext: boolean;
  readonly choices: readonly Choice[];
  readonly escalation: EscalationDecision;
  readonly ticketId: string | null;
  readonly steps: readonly StepTrace[];
  readonly startedAt: Date;
  readonly processingTimeMs: number;
  /** How many times a process began this turn before it was committed; 1 in the normal case. */
  readonly attempt: number;
  /** The other events that it answers, where the customer wrote in pieces (`TurnInput.parts`); absent: none. */
  readonly joined?: readonly JoinedEvent[];
  readonly effects: TurnEffects;
}

/** An event that was answered by the turn of an earlier one. */
export interface JoinedEvent {
  readonly inboxId: string;
  /** The turn that it would have had: who waits for that one gets the one that answered. */
  readonly turnId: string;
}

/** Everything the turn writes beside its own record. Written in any order, any number of times, with the same result. */
export interface TurnEffects {
  readonly messages: readonly Message[];
  readonly outbox: readonly OutboxItem[];
  readonly facts: readonly Fact[];
  readonly ticket: Ticket | null;
  readonly conversation: ConversationChange;
  /** The session to touch, and its new status where the turn changes it, else null. Not part of what traces show. */
  readonly session: { readonly id: string; readonly status: SessionChange | null } | null;
  /** An edit or delete of an earlier message of the customer's. */
  readonly amend: { readonly platformMessageId: string; readonly text: string | null; readonly at: Date } | null;
  /** What the desks of a case learn by it; absent: nothing. */
  readonly desk?: readonly DeskNote[];
}

/** Something that happened to a case in a turn; appended to the case's log once, however often the turn is applied. */
export interface DeskNote {
  readonly ticketId: string;
  readonly actionId: string;
  readonly by: 'customer' | 'system';
  readonly change: TicketChange;
}

/** `order` of the newest message that the turn logs; 0: it logs none. */
export const newestOrderOf = ({ messages }: TurnEffects): number => Math.max(0, ...messages.map((message) => message.order));

/** Made only if the session still has the status that the turn found: what others changed meanwhile stays. */
export interface SessionChange {
  readonly from: Session['status'];
  readonly to: Session['status'];
}

export interface TurnInput {
  /** Of the first event, where several are joined. */
  readonly inboxId: string;
  /** What is to be answered; of several joined events the last, with the content of all. */
  readonly event: InboundEvent;
  readonly conversation: Conversation;
  readonly receivedAt: Date;
  /** Where the message goes in the log, behind all that is there; of several joined the last one's. The reply stands behind it. */
  readonly order: number;
  readonly attempt: number;
  /** Contents that were kept back until the customer wrote, and go out before the reply to this event; absent: none. */
  readonly released?: number;
  /** The messages that were joined, as they came, at least two and all of them text; absent: the event is one. Each is logged by itself. */
  readonly parts?: readonly TurnPart[];
}

export interface TurnPart {
  readonly inboxId: string;
  readonly event: InboundMessage;
  readonly receivedAt: Date;
  readonly order: number;
}

/** The pipeline as delivery sees it. Never throws for a customer's message: a failing step becomes a record with outcome `failed` that tells the customer. */
export type ProcessTurn = (input: TurnInput, showDraft?: ShowDraft) => Promise<TurnRecord>;

/** Takes an answer as far as it is written, and again as it grows; returns at once. */
export type ShowDraft = (draft: Draft) => void;
