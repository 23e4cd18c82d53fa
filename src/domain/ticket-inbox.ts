/** What the web inbox reads of all cases at once: lists in the order in which people should take them, and what has changed lately. */
import type { Agent, Ticket, TicketStatus } from './ticket.js';

export interface InboxFilter {
  readonly statuses: readonly TicketStatus[];
  readonly agentId?: string;
  /** 1 to 200. */
  readonly limit: number;
}

export interface CaseChange {
  readonly ticketId: string;
  readonly seq: number;
  /** When the event was stored, by the clock of the instance that stored it. */
  readonly storedAt: Date;
}

export interface TicketInbox {
  /**
   * First those whose customer waits for a person: where a service level is breached, then the others, in both the longest wait first. Then those
   * whose customer is to write, newest first. As each was kept last.
   */
  readonly list: (filter: InboxFilter) => Promise<Ticket[]>;
  /** What contacts are called; those without a name are left out. */
  readonly namesOf: (contactIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Who has done something with a case since then, each once, whoever did it last first. Of the newest `limit` events. */
  readonly agentsSince: (since: Date, limit: number) => Promise<Agent[]>;
  /** Newest first, on all instances. */
  readonly changesSince: (since: Date, limit: number) => Promise<CaseChange[]>;
}

/** A service level that is over: its case comes before all that wait. */
export const isBreached = ({ marks }: Pick<Ticket, 'marks'>): boolean => marks.some((mark) => mark.endsWith(':breached'));
