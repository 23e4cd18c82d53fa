/** What the desk has to know of its people and of what waits for them: read from the cases and their log. */
import { type Filter } from 'mongodb';
import { type TicketStatus } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';

const WAITING: readonly TicketStatus[] = ['new', 'claimed', 'reopened'];
const OPEN: readonly TicketStatus[] = [...WAITING, 'waiting-for-customer'];

/** The queries on these collections; a test explains them. */
export const staffQueries = {
  waiting: { status: { $in: [...WAITING] } } satisfies Filter<TicketDocument>,
  heldBy: (agentId: string): Filter<TicketDocument> => ({ 'agent.id': agentId, status: { $in: [...OPEN] } }),
  actedSince: (since: Date): Filter<TicketEventDocument> => ({ storedAt: { $gte: since }, 'by.kind': 'agent' }),
} as const;

export interface StaffReader {
  readonly waitingIds: () => Promise<string[]>;
  readonly loadOf: (agentId: string) => Promise<number>;
  readonly presentSince: (since: Date) => Promise<Set<string>>;
}

/** As of the last time that each case was kept: where that lags behind its log, the case is looked at once it is kept again. */
export function createStaffReader(models: Pick<Models, 'tickets' | 'ticketEvents'>): StaffReader {
  const tickets = nativeCollection(models.tickets);
  const events = nativeCollection(models.ticketEvents);
  return {
    waitingIds: async () => (await tickets.find(staffQueries.waiting, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id),
    loadOf: (agentId) => tickets.countDocuments(staffQueries.heldBy(agentId)),
    async presentSince(since) {
      const found = await events.find(staffQueries.actedSince(since), { projection: { by: 1 } }).toArray();
      return new Set(found.flatMap(({ by }) => (by.kind === 'agent' ? [by.agent.id] : [])));
    },
  };
}
