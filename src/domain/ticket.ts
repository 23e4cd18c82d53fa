/**
 * A ticket is a case handed to people. What happens to it is a log of events, numbered from 1 without gaps: appending an event is the one write
 * that decides (of two people who claim at once, one gets the number), the ticket is what the events add up to, and the log is the audit.
 */
import type { MediaRef } from './content.js';

export type TicketPriority = 'low' | 'normal' | 'high' | 'urgent';

/**
 * `new`: nobody has it; `claimed`: somebody has it and the customer waits for them; `waiting-for-customer`: they answered last; `resolved`: closed
 * by a person; `returned-to-bot`: a person gave it back, or the customer went back; `reopened`: the customer came back after `resolved`.
 */
export const TICKET_STATUSES = ['new', 'claimed', 'waiting-for-customer', 'resolved', 'returned-to-bot', 'reopened'] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

/** Why a case goes to people; codes are stable, shown texts are translated. */
export type EscalationReason =
  | 'asked-for-person'
  | 'legal-or-compliance'
  | 'frustration'
  | 'urgency'
  | 'repeated-failure'
  | 'low-confidence'
  | 'failed-turn'
  | 'stale-reply';

/** A person of the staff. */
export interface Agent {
  /** `<desk>:<their id there>`, or the id that the configuration gives to one person on several desks. */
  readonly id: string;
  /** As colleagues see it. */
  readonly name: string;
}

/** What was known when the case was opened; never changes. */
export interface TicketOpening {
  /** `T-` and 8 characters from Crockford's base 32, derived from the turn that opened it; told to the customer. */
  readonly id: string;
  readonly conversationId: string;
  readonly threadId: string;
  readonly contactId: string;
  readonly channel: string;
  readonly priority: TicketPriority;
  readonly reasons: readonly EscalationReason[];
  readonly language: string;
  /** What the customer wants, in a sentence or two. */
  readonly summary: string;
  readonly createdAt: Date;
  /** The turn that opened it, for its trace; absent in tickets of an earlier version, as what follows. */
  readonly turnId?: string;
  /** What the bot found in the message: products, measures, references. */
  readonly entities?: readonly { readonly kind: string; readonly value: string }[];
  /** Polarity of the message, -1 to 1; null where it was not read. */
  readonly sentiment?: number | null;
  readonly attachments?: readonly MediaRef[];
}

/** What the events add up to. */
export interface TicketState {
  readonly status: TicketStatus;
  /** Number of the last event that is in it. */
  readonly seq: number;
  /** Who has it; null: nobody. */
  readonly agent: Agent | null;
  /** Who had it last: a reopened case goes to them. */
  readonly lastAgent: Agent | null;
  /** The team it is offered to; null: everybody. */
  readonly team: string | null;
  /** When the first reply of a person went out. */
  readonly firstReplyAt: Date | null;
  /** Since when the customer waits for a person; null: the customer is to write next. */
  readonly waitingSince: Date | null;
  /** Stretches in which the customer was to write next: the clock of the resolution stands still in them. */
  readonly pauses: readonly { readonly from: Date; readonly to: Date | null }[];
  readonly closedAt: Date | null;
  /** Service-level marks of the clocks that run: `first:reminded`. */
  readonly marks: readonly string[];
  /** 1 to 5. */
  readonly score: number | null;
  /** Number of the last event that the customer caused, by which staff tell what they have not read; 0: none, or not known. */
  readonly customerSeq: number;
}

export type Ticket = TicketOpening & TicketState;

export const OPENING_STATE: TicketState = {
  status: 'new',
  seq: 0,
  agent: null,
  lastAgent: null,
  team: null,
  firstReplyAt: null,
  waitingSince: null,
  pauses: [],
  closedAt: null,
  marks: [],
  score: null,
  customerSeq: 0,
};

/** Who did it; `desk` is where they were. */
export type Actor =
  { readonly kind: 'agent'; readonly agent: Agent; readonly desk: string } | { readonly kind: 'customer' } | { readonly kind: 'system' };

/** What happened. Customers' messages are named, not copied: their text is in the message log, and goes with it. */
export type TicketChange =
  | { readonly kind: 'opened'; readonly team: string | null }
  | { readonly kind: 'claimed' }
  | { readonly kind: 'assigned'; readonly to: Agent }
  | { readonly kind: 'released' }
  | { readonly kind: 'noted'; readonly text: string }
  | { readonly kind: 'note-edited'; readonly of: number; readonly text: string }
  /** To the customer, in markdown; goes out at `sendAt` unless it is undone before. */
  | { readonly kind: 'replied'; readonly markdown: string; readonly files: readonly MediaRef[]; readonly sendAt: Date }
  /** `of` is the number of the reply. */
  | { readonly kind: 'reply-undone'; readonly of: number }
  /** Written anew before it went out. */
  | { readonly kind: 'reply-edited'; readonly of: number; readonly markdown: string }
  /** `as`: number of the edit by which it reads; absent: as it was written first. */
  | { readonly kind: 'reply-dispatched'; readonly of: number; readonly as?: number }
  | { readonly kind: 'reply-delivered'; readonly of: number; readonly status: 'sent' | 'delivered' | 'read' }
  /** `reason` is a ChannelErrorKind or the outbox's own; never customer text. */
  | { readonly kind: 'reply-failed'; readonly of: number; readonly outboxId: string; readonly reason: string }
  | { readonly kind: 'reply-retried'; readonly of: number; readonly outboxId: string }
  | { readonly kind: 'customer-wrote'; readonly messageId: string }
  | { readonly kind: 'customer-edited'; readonly platformMessageId: string }
  | { readonly kind: 'customer-deleted'; readonly platformMessageId: string }
  | { readonly kind: 'customer-reacted'; readonly platformMessageId: string; readonly emoji: string | null }
  /** The customer chose to go on with the bot. */
  | { readonly kind: 'customer-left' }
  /** The conversation was deleted, by the customer or by its age: what was said in the case is gone, and it is closed. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'resolved'; readonly reason: string }
  /** `note` is for the bot: it answers by it. */
  | { readonly kind: 'returned'; readonly note: string }
  | { readonly kind: 'reopened' }
  | { readonly kind: 'rated'; readonly score: number }
  | { readonly kind: 'commented'; readonly messageId: string }
  /** A service-level mark: `first:reminded`, `next:breached`, `unclaimed:widened`. `say`: what the customer is told; null: nothing. */
  | { readonly kind: 'marked'; readonly mark: string; readonly team: string | null; readonly say: string | null };

export type TicketChangeKind = TicketChange['kind'];

export interface TicketEvent {
  readonly ticketId: string;
  readonly seq: number;
  readonly at: Date;
  readonly by: Actor;
  /** What it was asked under; one ticket does the same action once. */
  readonly actionId: string;
  readonly change: TicketChange;
}

/** What the escalation policy decided for one message. */
export interface EscalationDecision {
  readonly escalate: boolean;
  /** Empty when not escalating. */
  readonly reasons: readonly EscalationReason[];
  readonly priority: TicketPriority;
}

export interface TicketFilter {
  readonly statuses?: readonly TicketStatus[];
  readonly agentId?: string;
  /** 1 to 200; newest first. */
  readonly limit: number;
}

export interface TicketStore {
  /** Inserts by id, with its first event; a ticket that is there already stays as people have changed it. */
  readonly saveTicket: (ticket: Ticket) => Promise<void>;
  /** With every event that is in the log. */
  readonly find: (id: string) => Promise<Ticket | null>;
  /** Newest first; as of the last time that each was kept, as in the other lists. */
  readonly listOf: (conversationId: string, limit: number) => Promise<Ticket[]>;
  /** Newest first, on all channels. */
  readonly listOfContact: (contactId: string, limit: number) => Promise<Ticket[]>;
  readonly list: (filter: TicketFilter) => Promise<Ticket[]>;
  readonly eventsOf: (ticketId: string, afterSeq?: number) => Promise<TicketEvent[]>;
  /** The ticket with its whole log, oldest first. */
  readonly load: (id: string) => Promise<{ readonly ticket: Ticket; readonly events: readonly TicketEvent[] } | null>;
  /** False where the number is taken, or the action is done: look again and decide anew. @param ticket what the events up to this one add up to */
  readonly append: (event: TicketEvent, ticket: Ticket) => Promise<boolean>;
}
