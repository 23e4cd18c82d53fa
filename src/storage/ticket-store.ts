/** Tickets and their events in MongoDB. */
import { type Filter } from 'mongodb';
import { foldAll } from '../domain/fold-ticket.js';
import { OPENING_STATE, type Ticket, type TicketChange, type TicketEvent, type TicketFilter, type TicketStore } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';
import { isDuplicateKey } from './write-batcher.js';

/** The queries on these collections; a test explains them. */
export const ticketQueries = {
  ofConversation: (conversationId: string) => ({ conversationId }),
  ofContact: (contactId: string) => ({ contactId }),
  listed: ({ statuses, agentId }: Omit<TicketFilter, 'limit'>): Filter<TicketDocument> => ({
    ...(agentId === undefined ? {} : { 'agent.id': agentId }),
    ...(statuses === undefined ? {} : { status: { $in: [...statuses] } }),
  }),
  newestFirst: { createdAt: -1 },
  events: (ticketId: string, afterSeq: number): Filter<TicketEventDocument> => ({ ticketId, seq: { $gt: afterSeq } }),
  inOrder: { seq: 1 },
} as const;

/** @param feedsFor who is to be shown an event, see DeskFeedStore */
export function createTicketStore(
  models: Pick<Models, 'tickets' | 'ticketEvents'>,
  feedsFor: (change: TicketChange) => readonly string[] = () => [],
): TicketStore {
  const tickets = nativeCollection(models.tickets);
  const events = nativeCollection(models.ticketEvents);

  const eventsOf = async (ticketId: string, afterSeq = 0) => {
    const cursor = events.find(ticketQueries.events(ticketId, afterSeq)).sort(ticketQueries.inOrder);
    return (await cursor.toArray()).map(eventOf);
  };
  const find = async (id: string) => {
    const document = await tickets.findOne({ _id: id });
    if (document === null) return null;
    const ticket = ticketOf(document);
    return foldAll(ticket, await eventsOf(id, ticket.seq));
  };
  const newest = async (filter: Filter<TicketDocument>, limit: number) =>
    (await tickets.find(filter).sort(ticketQueries.newestFirst).limit(limit).toArray()).map(ticketOf);
  const append = async (event: TicketEvent, { id, ...ticket }: Ticket) => {
    try {
      await events.insertOne({ _id: `${event.ticketId}:${event.seq}`, ...event, pending: feedsFor(event.change), storedAt: new Date() });
    } catch (thrown) {
      if (isDuplicateKey(thrown)) return false;
      throw thrown;
    }
    // Where the process ends before this, or writes of two instances cross, the copy lags behind, and `find` adds what it lacks.
    await tickets.updateOne({ _id: id, seq: { $not: { $gte: event.seq } } }, { $set: stateOf(ticket) });
    return true;
  };

  return {
    async saveTicket(ticket) {
      const { id, team, createdAt, ...opened } = ticket;
      await tickets.updateOne({ _id: id }, { $setOnInsert: { ...opened, team, createdAt } }, { upsert: true });
      const by = { kind: 'system' } as const;
      const opening = { ticketId: id, seq: 1, at: createdAt, by, actionId: 'opened', change: { kind: 'opened', team } } as const;
      await append(opening, foldAll(ticket, [opening]));
    },
    find,
    listOf: (conversationId, limit) => newest(ticketQueries.ofConversation(conversationId), limit),
    listOfContact: (contactId, limit) => newest(ticketQueries.ofContact(contactId), limit),
    list: ({ limit, ...filter }) => newest(ticketQueries.listed(filter), limit),
    eventsOf,
    async load(id) {
      const [document, events] = await Promise.all([tickets.findOne({ _id: id }), eventsOf(id)]);
      if (document === null) return null;
      const kept = ticketOf(document);
      // Of the log alone: the copy, read beside it, may know of an event that this reading of the log does not have.
      return { ticket: events.length === 0 ? kept : foldAll({ ...kept, ...OPENING_STATE }, events), events };
    },
    append,
  };
}

export const ticketOf = ({
  _id,
  dueAt: _dueAt,
  dueSeq: _dueSeq,
  duePlan: _duePlan,
  erasing: _erasing,
  ...document
}: TicketDocument): Ticket => ({
  ...OPENING_STATE,
  ...document,
  id: _id,
});

export const eventOf = ({ _id, pending: _pending, storedAt: _storedAt, ...event }: TicketEventDocument): TicketEvent => event;

export function stateOf(ticket: Omit<Ticket, 'id'>) {
  const { status, seq, agent, lastAgent, team, firstReplyAt, waitingSince, pauses, closedAt, marks, score, customerSeq } = ticket;
  return { status, seq, agent, lastAgent, team, firstReplyAt, waitingSince, pauses, closedAt, marks, score, customerSeq };
}
