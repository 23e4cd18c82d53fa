import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document, Sort } from 'mongodb';
import type { Fact } from '../../../src/domain/memory.js';
import { createMemoryStore, memoryQueries } from '../../../src/storage/memory-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

const fact = (over: Partial<Fact> & Pick<Fact, 'id'>): Fact => ({
  ...{ ownerId: 'cont_1', kind: 'order', value: 'SN-1', importance: 0.7, conversationId: 'conv_1', learnedAt: NOW, expiresAt: later(30) },
  ...over,
});

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

describe('queries', () => {
  const QUERIES: readonly (readonly [collection: 'memories', filter: object, sort: Sort])[] = [
    ['memories', memoryQueries.factsOf(['cont_1'], NOW), memoryQueries.bySignificance],
    ['memories', memoryQueries.factsOf(['cont_1', 'cont_2'], NOW), memoryQueries.bySignificance],
  ];
  it.each(QUERIES)('%s: by index, no sort in memory', async (collection, filter, sort) => {
    const explained = await database.db.collection(collection).find(filter).sort(sort).explain('queryPlanner');
    const plan = JSON.stringify((explained.queryPlanner as Document).winningPlan);
    expect(plan).toContain('IXSCAN');
    expect(plan).not.toMatch(/COLLSCAN|"SORT"/);
  });
});
