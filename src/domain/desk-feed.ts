/** How the events of cases get to those who are to be shown them: each desk, and the customer's side. One feed each, with its place in every case. */
import type { DeskMemory } from './desk.js';
import type { TicketEvent } from './ticket.js';

/** The customer's side: what of a case the customer is told. */
export const CUSTOMER_FEED = 'customer';

/** The clocks of cases, which each change moves. */
export const CLOCK_FEED = 'clocks';

export interface FeedPlace {
  readonly memory: DeskMemory;
  /** Number of the last event that was shown. */
  readonly seq: number;
  /** Tries in a row that failed. */
  readonly attempts: number;
}

export interface DeskFeedStore {
  /** Cases with events that the feed has not been shown, from a case on; at most `limit` events are looked at. */
  behind(feed: string, afterTicketId: string, limit: number): Promise<{ readonly ticketIds: readonly string[]; readonly more: boolean }>;
  /** In order. */
  pendingOf(feed: string, ticketId: string, limit: number): Promise<TicketEvent[]>;
  /** Takes the case for this instance until `until`; null where another has it, or its next try is not due. */
  claim(feed: string, ticketId: string, until: Date): Promise<FeedPlace | 'held' | { readonly notBefore: Date }>;
  /** Stores what is to be remembered, then that it was shown. False where another instance has the case by now. */
  shown(feed: string, event: TicketEvent, memory: DeskMemory, until: Date): Promise<boolean>;
  release(feed: string, ticketId: string, next?: { readonly attempts: number; readonly at: Date }): Promise<void>;
  /** Which case a place at a desk is about; null: none. */
  ticketAt(desk: string, place: string): Promise<string | null>;
  memoryOf(feed: string, ticketId: string): Promise<DeskMemory | null>;
}
