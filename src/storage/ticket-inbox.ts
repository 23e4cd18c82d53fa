/** The cases of the web inbox in MongoDB. */
import { type Filter } from 'mongodb';
import { type Agent } from '../domain/ticket.js';
import { isBreached, type TicketInbox, type InboxFilter } from '../domain/ticket-inbox.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';
import { ticketOf } from './ticket-store.js';

type Which = Omit<InboxFilter, 'limit'>;

/** The queries on these collections; a test explains them. */
export const inboxQueries = {
  /** Only cases with a date are in the range: closed ones, and those whose customer is to write next, have none. */
  unanswered: (): Filter<TicketDocument> => ({ waitingSince: { $gt: new Date(0) } }),
  longestFirst: { waitingSince: 1 },
  answered: ({ statuses, agentId }: Which): Filter<TicketDocument> => ({
    ...(agentId === undefined ? {} : { 'agent.id': agentId }),
    status: { $in: [...statuses] },
    waitingSince: null,
  }),
  newestFirst: { createdAt: -1 },
  actedSince: (since: Date): Filter<TicketEventDocument> => ({ storedAt: { $gte: since }, 'by.kind': 'agent' }),
  changedSince: (since: Date): Filter<TicketEventDocument> => ({ storedAt: { $gte: since } }),
  latestFirst: { storedAt: -1 },
} as const;

/** Far more than people can be behind with; which of them are asked for is told afterwards, so that they are read in their order. */
const MAX_UNANSWERED = 2_000;

export function createTicketInbox(models: Pick<Models, 'tickets' | 'ticketEvents' | 'contacts'>): TicketInbox {
  const tickets = nativeCollection(models.tickets);
  const events = nativeCollection(models.ticketEvents);
  const contacts = nativeCollection(models.contacts);
  return {
    async list({ limit, ...which }) {
      const waiting = await tickets.find(inboxQueries.unanswered()).sort(inboxQueries.longestFirst).limit(MAX_UNANSWERED).toArray();
      const asked = ({ status, agent }: TicketDocument) =>
        which.statuses.includes(status) && (which.agentId === undefined || agent?.id === which.agentId);
      const all = waiting.filter(asked);
      const breached = (document: TicketDocument) => isBreached({ marks: document.marks ?? [] });
      const first = [...all.filter(breached), ...all.filter((document) => !breached(document))].slice(0, limit);
      const room = limit - first.length;
      const then = room === 0 ? [] : await tickets.find(inboxQueries.answered(which)).sort(inboxQueries.newestFirst).limit(room).toArray();
      return [...first, ...then].map(ticketOf);
    },
    async namesOf(contactIds) {
      const found = contacts.find({ _id: { $in: [...new Set(contactIds)] } }, { projection: { displayName: 1 } });
      return new Map(
        (await found.toArray()).flatMap(({ _id, displayName }) => (displayName === null ? [] : [[_id, displayName] as const])),
      );
    },
    async agentsSince(since, limit) {
      const found = events
        .find(inboxQueries.actedSince(since), { projection: { by: 1 } })
        .sort(inboxQueries.latestFirst)
        .limit(limit);
      const agents = (await found.toArray()).flatMap(({ by }) => (by.kind === 'agent' ? [by.agent] : []));
      return [...new Map<string, Agent>(agents.reverse().map((agent) => [agent.id, agent])).values()].reverse();
    },
    async changesSince(since, limit) {
      const found = events.find(inboxQueries.changedSince(since), { projection: { ticketId: 1, seq: 1, storedAt: 1 } });
      return (await found.sort(inboxQueries.latestFirst).limit(limit).toArray()).map(({ ticketId, seq, storedAt }) => ({
        ...{ ticketId, seq },
        storedAt: storedAt ?? since,
      }));
    },
  };
}
