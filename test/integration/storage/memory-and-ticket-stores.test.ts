import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document, Sort } from 'mongodb';
import type { Fact } from '../../../src/domain/memory.js';
import type { Ticket } from '../../../src/domain/ticket.js';
import { createMemoryStore, memoryQueries } from '../../../src/storage/memory-store.js';
import { createTicketStore, ticketQueries } from '../../../src/storage/ticket-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

const fact = (over: Partial<Fact> & Pick<Fact, 'id'>): Fact => ({
  ...{ ownerId: 'cont_1', kind: 'order', value: 'SN-1', importance: 0.7, conversationId: 'conv_1', learnedAt: NOW, expiresAt: later(30) },
  ...over,
});

const ticket: Ticket = {
  ...{
    id: 'T-4K7M9Q2X',
    conversationId: 'conv_1',
    threadId: 'thread_1',
    contactId: 'cont_1',
    channel: 'web',
    status: 'new',
    priority: 'high',
  },
  ...{ reasons: ['frustration', 'low-confidence'], language: 'es', summary: 'los paneles llegaron rotos', createdAt: NOW },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

describe('memory store', () => {
  it('refreshes a fact that is learnt again', async () => {
    const store = createMemoryStore(database.models, () => NOW);
    await store.saveFacts([
      fact({ id: 'fact_a' }),
      fact({ id: 'fact_b', kind: 'email', value: 'a@example.com', importance: 0.9, expiresAt: null }),
    ]);
    await store.saveFacts([fact({ id: 'fact_a', learnedAt: later(1), expiresAt: later(31) })]);
    expect(await store.findFacts('cont_1', 10)).toEqual([
      fact({ id: 'fact_b', kind: 'email', value: 'a@example.com', importance: 0.9, expiresAt: null }),
      fact({ id: 'fact_a', learnedAt: later(1), expiresAt: later(31) }),
    ]);
  });

  it('tells the most important first, then the newest, none that has expired, and only its owner’s', async () => {
    const store = createMemoryStore(database.models, () => NOW);
    await store.saveFacts([
      fact({ id: 'f1', ownerId: 'o', importance: 0.5, learnedAt: later(-1) }),
      fact({ id: 'f2', ownerId: 'o', importance: 0.5, learnedAt: NOW }),
      fact({ id: 'f3', ownerId: 'o', importance: 0.9, expiresAt: null }),
      fact({ id: 'f4', ownerId: 'o', importance: 0.7, expiresAt: later(-0.001) }),
      fact({ id: 'f5', ownerId: 'somebody else' }),
    ]);
    expect((await store.findFacts('o', 10)).map(({ id }) => id)).toEqual(['f3', 'f2', 'f1']);
    expect((await store.findFacts('o', 1)).map(({ id }) => id)).toEqual(['f3']);
  });

  it('forgets an owner', async () => {
    const store = createMemoryStore(database.models, () => NOW);
    await store.saveFacts([fact({ id: 'g1', ownerId: 'gone' }), fact({ id: 'g2', ownerId: 'gone' })]);
    expect(await store.deleteFacts('gone')).toBe(2);
    expect(await store.findFacts('gone', 10)).toEqual([]);
    await expect(store.saveFacts([])).resolves.toBeUndefined();
  });
});

describe('ticket store', () => {
  it('opens a ticket once, and leaves what people made of it', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket(ticket);
    await database.models.tickets.updateOne({ _id: ticket.id }, { $set: { status: 'claimed' } });
    await store.saveTicket(ticket);
    expect(await store.find(ticket.id)).toEqual({ ...ticket, status: 'claimed' });
    expect(await store.find('T-00000000')).toBeNull();
  });

  it('lists the cases of a conversation, newest first', async () => {
    const store = createTicketStore(database.models);
    await store.saveTicket({ ...ticket, id: 'T-1', conversationId: 'conv_2' });
    await store.saveTicket({ ...ticket, id: 'T-2', conversationId: 'conv_2', createdAt: later(1) });
    expect((await store.listOf('conv_2', 10)).map(({ id }) => id)).toEqual(['T-2', 'T-1']);
    expect((await store.listOf('conv_2', 1)).map(({ id }) => id)).toEqual(['T-2']);
  });
});

describe('queries', () => {
  const QUERIES: readonly (readonly [collection: 'memories' | 'tickets', filter: object, sort: Sort])[] = [
    ['memories', memoryQueries.factsOf(['cont_1'], NOW), memoryQueries.bySignificance],
    ['memories', memoryQueries.factsOf(['cont_1', 'cont_2'], NOW), memoryQueries.bySignificance],
    ['tickets', ticketQueries.ofConversation('conv_1'), ticketQueries.newestFirst],
  ];
  it.each(QUERIES)('%s: by index, no sort in memory', async (collection, filter, sort) => {
    const explained = await database.db.collection(collection).find(filter).sort(sort).explain('queryPlanner');
    const plan = JSON.stringify((explained.queryPlanner as Document).winningPlan);
    expect(plan).toContain('IXSCAN');
    expect(plan).not.toMatch(/COLLSCAN|"SORT"/);
  });
});
