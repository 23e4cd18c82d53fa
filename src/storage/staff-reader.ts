/** What the desk has to know of its people: read from the cases and their log. */
import { type Filter } from 'mongodb';
import { type TicketStatus } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';

const OPEN: readonly TicketStatus[] = ['new', 'claimed', 'reopened', 'waiting-for-customer'];

/** The queries on these collections; a test explains them. */
export const staffQueries = {
  heldBy: (agentId: string): Filter<TicketDocument> => ({ 'agent.id': agentId, status: { $in: [...OPEN] } }),
  actedSince: (since: Date): Filter<TicketEventDocument> => ({ storedAt: { $gte: since }, 'by.kind': 'agent' }),
} as const;

export interface StaffReader {
  readonly loadOf: (agentId: string) => Promise<number>;
  readonly presentSince: (since: Date) => Promise<Set<string>>;
}

/** As of the last time that each case was kept. */
export function createStaffReader(models: Pick<Models, 'tickets' | 'ticketEvents'>): StaffReader {
  const tickets = nativeCollection(models.tickets);
  const events = nativeCollection(models.ticketEvents);
  return {
    loadOf: (agentId) => tickets.countDocuments(staffQueries.heldBy(agentId)),
    async presentSince(since) {
      const found = await events.find(staffQueries.actedSince(since), { projection: { by: 1 } }).toArray();
      return new Set(found.flatMap(({ by }) => (by.kind === 'agent' ? [by.agent.id] : [])));
    },
  };
}
