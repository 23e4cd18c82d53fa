import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document, Sort } from 'mongodb';
import { fold } from '../../../src/domain/fold-ticket.js';
import { OPENING_STATE, type Ticket, type TicketChange, type TicketEvent } from '../../../src/domain/ticket.js';
import { createDeskFeedStore, deskFeedQueries } from '../../../src/storage/desk-feed-store.js';
import { createTicketInbox, inboxQueries } from '../../../src/storage/ticket-inbox.js';
import { createTicketStore, ticketQueries } from '../../../src/storage/ticket-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const soon = () => new Date(Date.now() + 30_000);
const MARTA = { id: 'slack:U1', name: 'Marta Ruiz' };

const ticket = (id: string, over: Partial<Ticket> = {}): Ticket => ({
  ...OPENING_STATE,
  id,
  conversationId: 'conv_1',
  threadId: 'thread_1',
  contactId: 'cont_1',
  channel: 'web',
  priority: 'high',
  reasons: ['frustration', 'low-confidence'],
  language: 'es',
  summary: 'los paneles llegaron rotos',
  createdAt: NOW,
  ...over,
});

const event = (ticketId: string, seq: number, change: TicketChange, actionId = `action-${seq}`): TicketEvent => ({
  ...{ ticketId, seq, at: at(seq), actionId, change },
  by: { kind: 'agent', agent: MARTA, desk: 'slack' },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

describe('ticket store', () => {
  it('opens a ticket once, with its first event, and leaves what people made of it', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket('T-OPEN'));
    const opened = await store.find('T-OPEN');
    expect(opened).toEqual({ ...ticket('T-OPEN'), seq: 1, waitingSince: NOW });
    const claim = event('T-OPEN', 2, { kind: 'claimed' });
    expect(await store.append(claim, fold(opened as Ticket, claim))).toBe(true);
    await store.saveTicket(ticket('T-OPEN'));
    expect(await store.find('T-OPEN')).toMatchObject({ seq: 2, status: 'claimed', agent: MARTA });
    expect((await store.eventsOf('T-OPEN')).map(({ seq, change }) => [seq, change.kind])).toEqual([
      [1, 'opened'],
      [2, 'claimed'],
    ]);
    expect(await store.find('T-00000000')).toBeNull();
  });

  it('lets one of two have a number, and an action happen once', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket('T-RACE'));
    const opened = (await store.find('T-RACE')) as Ticket;
    const claims = ['a', 'b'].map((action) => event('T-RACE', 2, { kind: 'claimed' }, action));
    const won = await Promise.all(claims.map((claim) => store.append(claim, fold(opened, claim))));
    expect(won.filter(Boolean)).toHaveLength(1);
    const again = event('T-RACE', 3, { kind: 'released' }, won[0] === true ? 'a' : 'b');
    expect(await store.append(again, fold(opened, again))).toBe(false);
    expect(await store.load('T-RACE')).toMatchObject({ ticket: { seq: 2 }, events: [{ seq: 1 }, { seq: 2 }] });
    expect(await store.load('T-NONE')).toBeNull();
  });

  it('tells a case as its log has it where the kept copy lags behind', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket('T-LAG'));
    const claim = event('T-LAG', 2, { kind: 'claimed' });
    await database.models.ticketEvents.collection.insertOne({ ...claim, _id: 'T-LAG:2', pending: [] } as object);
    expect(await store.find('T-LAG')).toMatchObject({ seq: 2, agent: MARTA, status: 'claimed' });
  });

  it('loads a case as the log has it, though the copy knows more than the log that was read with it', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket('T-AHEAD'));
    await database.models.tickets.updateOne({ _id: 'T-AHEAD' }, { $set: { seq: 2, status: 'claimed', agent: MARTA } });
    expect(await store.load('T-AHEAD')).toMatchObject({ ticket: { seq: 1, status: 'new', agent: null }, events: [{ seq: 1 }] });
  });

  it('takes a ticket of an earlier version for a new one', async () => {
    const { id, ...opening } = ticket('T-OLD');
    const { seq: _seq, agent: _agent, pauses: _pauses, marks: _marks, ...old } = opening;
    await database.models.tickets.collection.insertOne({ _id: id, ...old } as object);
    expect(await createTicketStore(database.models).find(id)).toMatchObject({ seq: 0, agent: null, pauses: [], marks: [] });
  });

  it('lists cases, newest first', async () => {
    const store = createTicketStore(database.models);
    const where = { conversationId: 'conv_2', contactId: 'cont_2' };
    await store.saveTicket(ticket('T-1', where));
    await store.saveTicket(ticket('T-2', { ...where, createdAt: at(1) }));
    await store.saveTicket(ticket('T-3', { ...where, conversationId: 'conv_3', createdAt: at(2) }));
    const second = (await store.find('T-2')) as Ticket;
    const claim = event('T-2', 2, { kind: 'claimed' });
    await store.append(claim, fold(second, claim));
    const ids = (found: readonly Ticket[]) => found.map(({ id }) => id);
    expect(ids(await store.listOf('conv_2', 10))).toEqual(['T-2', 'T-1']);
    expect(ids(await store.listOf('conv_2', 1))).toEqual(['T-2']);
    expect(ids(await store.listOfContact('cont_2', 10))).toEqual(['T-3', 'T-2', 'T-1']);
    expect(ids(await store.list({ statuses: ['claimed'], agentId: MARTA.id, limit: 10 }))).toContain('T-2');
    expect(ids(await store.list({ statuses: ['new'], limit: 200 }))).not.toContain('T-2');
  });
});

describe('the web inbox', () => {
  it('lists the longest wait first, then those whose customer is to write, and what changed lately', async () => {
    const store = createTicketStore(database.models);
    const inbox = createTicketInbox(database.models);
    const began = new Date();
    const where = { conversationId: 'conv_inbox', contactId: 'cont_inbox' };
    for (const [id, minutes] of [
      ['T-I1', 3],
      ['T-I2', 1],
      ['T-I3', 2],
    ] as const) {
      await store.saveTicket(ticket(id, { ...where, createdAt: at(minutes) }));
    }
    const asked = (await store.find('T-I2')) as Ticket;
    const replied = event('T-I2', 2, { kind: 'reply-dispatched', of: 1 });
    await store.append(replied, fold(asked, replied));
    const listed = await inbox.list({ statuses: ['new', 'waiting-for-customer'], limit: 200 });
    const ours = (ids: readonly { id: string }[]) => ids.map(({ id }) => id).filter((id) => id.startsWith('T-I'));
    expect(ours(listed)).toEqual(['T-I3', 'T-I1', 'T-I2']);
    expect(ours(await inbox.list({ statuses: ['waiting-for-customer'], limit: 1 }))).toEqual(['T-I2']);
    expect(await inbox.list({ statuses: ['new'], agentId: 'inbox:nobody', limit: 10 })).toEqual([]);
    const changes = await inbox.changesSince(began, 100);
    expect(changes[0]).toMatchObject({ ticketId: 'T-I2', seq: 2 });
    expect(changes).toHaveLength(4);
    expect(await inbox.changesSince(began, 1)).toHaveLength(1);

    const overdue: TicketEvent = {
      ...event('T-I1', 2, { kind: 'marked', mark: 'first:breached', team: null, say: null }),
      by: { kind: 'system' },
    };
    await store.append(overdue, fold((await store.find('T-I1')) as Ticket, overdue));
    expect(ours(await inbox.list({ statuses: ['new'], limit: 200 }))).toEqual(['T-I1', 'T-I3']);
    expect(await inbox.agentsSince(began, 100)).toEqual([MARTA]);
    expect(await inbox.agentsSince(new Date(Date.now() + 60_000), 100)).toEqual([]);
  });

  it('keeps the number of what the customer did last', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket('T-SEEN'));
    const wrote: TicketEvent = { ...event('T-SEEN', 2, { kind: 'customer-wrote', messageId: 'm1' }), by: { kind: 'customer' } };
    const noted = event('T-SEEN', 3, { kind: 'noted', text: 'x' });
    for (const happened of [wrote, noted]) await store.append(happened, fold((await store.find('T-SEEN')) as Ticket, happened));
    expect(await store.find('T-SEEN')).toMatchObject({ seq: 3, customerSeq: 2 });
  });
});

describe('desk feeds', () => {
  const FEEDS = ['slack', 'customer'];
  const opened = async (id: string) => {
    const store = createTicketStore(database.models, () => FEEDS);
    await store.saveTicket(ticket(id));
    const claim = event(id, 2, { kind: 'claimed' });
    await store.append(claim, fold((await store.find(id)) as Ticket, claim));
    return store;
  };

  it('hand each feed every event in order, and remember the place', async () => {
    const store = await opened('T-FEED');
    const feeds = createDeskFeedStore(database.models, 'inst_1');
    expect((await feeds.behind('slack', 'T-FED', 100)).ticketIds).toContain('T-FEED');
    expect(await feeds.claim('slack', 'T-FEED', soon())).toMatchObject({ seq: 0, attempts: 0, memory: { place: null, ids: {} } });
    const pending = await feeds.pendingOf('slack', 'T-FEED', 10);
    expect(pending).toEqual(await store.eventsOf('T-FEED'));
    const memory = { place: 'C1:1.2', ids: { card: '1.2' } };
    for (const shown of pending) expect(await feeds.shown('slack', shown, memory, soon())).toBe(true);
    expect(await feeds.pendingOf('slack', 'T-FEED', 10)).toEqual([]);
    expect(await feeds.pendingOf('customer', 'T-FEED', 10)).toHaveLength(2);
    expect(await feeds.ticketAt('slack', 'C1:1.2')).toBe('T-FEED');
    expect(await feeds.ticketAt('teams', 'C1:1.2')).toBeNull();
    expect(await feeds.memoryOf('slack', 'T-FEED')).toEqual(memory);
  });

  it('let one instance at a time show a case, and another go on where it ended', async () => {
    await opened('T-LEASE');
    const [mine, other] = [createDeskFeedStore(database.models, 'inst_1'), createDeskFeedStore(database.models, 'inst_2')];
    const claims = await Promise.all([mine.claim('slack', 'T-LEASE', soon()), other.claim('slack', 'T-LEASE', soon())]);
    expect(claims.filter((claim) => claim === 'held')).toHaveLength(1);
    const [holder, waiting] = claims[0] === 'held' ? [other, mine] : [mine, other];
    const [first] = (await holder.pendingOf('slack', 'T-LEASE', 1)) as [TicketEvent];
    // The lease ends at once: the holder is overtaken, and what it stores then is refused.
    expect(await holder.shown('slack', first, { place: 'C1:9', ids: {} }, new Date(0))).toBe(true);
    expect(await waiting.claim('slack', 'T-LEASE', soon())).toMatchObject({ seq: 1, memory: { place: 'C1:9' } });
    const [second] = (await holder.pendingOf('slack', 'T-LEASE', 1)) as [TicketEvent];
    expect(await holder.shown('slack', second, { place: 'C1:8', ids: {} }, soon())).toBe(false);
    await waiting.release('slack', 'T-LEASE', { attempts: 1, at: soon() });
    expect(await holder.claim('slack', 'T-LEASE', soon())).toHaveProperty('notBefore');
  });
});

describe('queries', () => {
  const QUERIES: readonly (readonly [collection: string, filter: object, sort: Sort])[] = [
    ['tickets', ticketQueries.ofConversation('conv_1'), ticketQueries.newestFirst],
    ['tickets', ticketQueries.ofContact('cont_1'), ticketQueries.newestFirst],
    ['tickets', ticketQueries.listed({ statuses: ['new'] }), ticketQueries.newestFirst],
    ['tickets', ticketQueries.listed({ agentId: 'a' }), ticketQueries.newestFirst],
    ['tickets', inboxQueries.unanswered(), inboxQueries.longestFirst],
    ['tickets', inboxQueries.answered({ statuses: ['resolved'] }), inboxQueries.newestFirst],
    ['tickets', inboxQueries.answered({ statuses: ['claimed'], agentId: 'a' }), inboxQueries.newestFirst],
    ['ticketevents', inboxQueries.changedSince(NOW), inboxQueries.latestFirst],
    ['ticketevents', inboxQueries.actedSince(NOW), inboxQueries.latestFirst],
    ['ticketevents', ticketQueries.events('T-1', 0), ticketQueries.inOrder],
    ['ticketevents', deskFeedQueries.behind('slack', ''), deskFeedQueries.byCase],
    ['ticketevents', deskFeedQueries.pendingOf('slack', 'T-1'), deskFeedQueries.byCase],
    ['deskplaces', deskFeedQueries.at('slack', 'C1:1.2'), {}],
  ];
  it.each(QUERIES)('%s %j: by index', async (collection, filter, sort) => {
    const explained = await database.db.collection(collection).find(filter).sort(sort).explain('queryPlanner');
    const plan = JSON.stringify((explained.queryPlanner as Document).winningPlan);
    expect(plan).toContain('IXSCAN');
    // What a feed is behind is short, and sorted in memory where the engine cannot tell that one entry of a list is meant.
    expect(plan).not.toMatch(collection === 'ticketevents' ? /COLLSCAN/ : /COLLSCAN|"SORT"/);
  });
});
