/** Facts about people in MongoDB. */
import { type Filter } from 'mongodb';
import { type Fact, type MemoryStore } from '../domain/memory.js';
import { type MemoryDocument } from './models/memories.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';
import { createListBatcher, oneOf } from './read-batcher.js';

/** Exported so that a test explains the very query that every turn makes. */
export const memoryQueries = {
  /** A fact may outlive its expiry by the minute that the TTL monitor sleeps; it is not told any more. */
  factsOf: (ownerIds: readonly string[], now: Date): Filter<MemoryDocument> => ({
    ownerId: oneOf(ownerIds),
    $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }],
  }),
  bySignificance: { importance: -1, learnedAt: -1 },
} as const;

export function createMemoryStore(models: Pick<Models, 'memories'>, now: () => Date = () => new Date()): MemoryStore {
  const memories = nativeCollection(models.memories);
  const factsOf = createListBatcher(memories, {
    filterOf: (ownerIds) => memoryQueries.factsOf(ownerIds, now()),
    keyOf: (fact) => fact.ownerId,
    sort: memoryQueries.bySignificance,
  });
  return {
    async saveFacts(facts) {
      if (facts.length === 0) return;
      const writes = facts.map((fact) => {
        const { _id, ...learnt } = documentOf(fact);
        return { updateOne: { filter: { _id }, update: { $set: learnt }, upsert: true } };
      });
      await memories.bulkWrite(writes, { ordered: false });
    },
    findFacts: async (ownerId, limit) => (await factsOf(ownerId, limit)).map(factOf),
    deleteFacts: async (ownerId) => (await memories.deleteMany({ ownerId })).deletedCount,
  };
}

const documentOf = ({ id, ...fact }: Fact): MemoryDocument => ({ _id: id, ...fact });

const factOf = ({ _id, ...fact }: MemoryDocument): Fact => ({ id: _id, ...fact });
