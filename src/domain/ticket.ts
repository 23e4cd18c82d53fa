/** A ticket is a case handed to people. */

export type TicketPriority = 'low' | 'normal' | 'high' | 'urgent';
export type TicketStatus = 'new' | 'claimed' | 'waiting-for-customer' | 'resolved' | 'returned-to-bot';

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

export interface Ticket {
  /** `T-` and 8 characters from Crockford's base 32, derived from the turn that opened it; told to the customer. */
  readonly id: string;
  readonly conversationId: string;
  readonly threadId: string;
  readonly contactId: string;
  readonly channel: string;
  readonly status: TicketStatus;
  readonly priority: TicketPriority;
  readonly reasons: readonly EscalationReason[];
  readonly language: string;
  /** What the customer wants, in a sentence or two. */
  readonly summary: string;
  readonly createdAt: Date;
}

/** What the escalation policy decided for one message. */
export interface EscalationDecision {
  readonly escalate: boolean;
  /** Empty when not escalating. */
  readonly reasons: readonly EscalationReason[];
  readonly priority: TicketPriority;
}

export interface TicketStore {
  /** Inserts by id; a ticket that is there already stays as people have changed it. */
  readonly saveTicket: (ticket: Ticket) => Promise<void>;
  readonly find: (id: string) => Promise<Ticket | null>;
  /** Newest first. */
  readonly listOf: (conversationId: string, limit: number) => Promise<Ticket[]>;
}
