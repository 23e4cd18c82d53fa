/**
 * Single writes to one collection that share their round trips: those that arrive while one is in flight go out together in the next, beside those
 * of other collections (write-queue.ts), and each caller gets its own result. Where nothing is in flight a write goes out at once.
 *
 * Writes of one command are unordered among themselves: a caller that depends on an earlier write awaits that one first. Commands follow one
 * another, so a write is never overtaken by one that was asked for after an earlier round trip began.
 */
import { type Collection, type Filter, MongoServerError, type UpdateFilter } from 'mongodb';
import { type BatchMeter, type Outcome, type Write, writeQueueOf } from './write-queue.js';

export type { BatchMeter } from './write-queue.js';

export interface WriteBatcher<Doc> {
  /** Resolves to false where a document with that `_id`, or another unique key of it, is there already. */
  insertOnce(document: Doc): Promise<boolean>;
  /** For updates that need not be told apart from ones that found nothing. */
  update(filter: Filter<Doc>, update: UpdateFilter<Doc>, options?: { upsert: boolean }): Promise<void>;
  /**
   * Resolves to whether the document is as the update makes it. Where the update found nothing, or one of several did, `applied` tells: a filter that
   * fits the document this update produces and no other writer's.
   */
  updateIf(filter: Filter<Doc>, update: UpdateFilter<Doc>, applied: Filter<Doc>): Promise<boolean>;
  /** Writes that wait or are under way. */
  size(): number;
  /** Resolves once nothing waits any more. */
  drain(): Promise<void>;
}

const DUPLICATE_KEY = 11000;
export const isDuplicateKey = (thrown: unknown): boolean => thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;

type Body = Write extends infer Kind ? (Kind extends Write ? Omit<Kind, 'collection' | 'onBatch' | 'settle'> : never) : never;

export function createWriteBatcher<Doc extends { readonly _id: string }>(
  collection: Collection<Doc>,
  { onBatch }: { onBatch?: BatchMeter } = {},
): WriteBatcher<Doc> {
  const queue = writeQueueOf(collection.db);
  const idle: (() => void)[] = [];
  let unsettled = 0;

  const write = (body: Body): Promise<Exclude<Outcome, Error>> => {
    unsettled += 1;
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        unsettled -= 1;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
        if (unsettled === 0) for (const drained of idle.splice(0)) setImmediate(drained); // after the callers have heard
      };
      queue.add({ ...body, collection: collection.collectionName, onBatch, settle });
    });
  };

  return {
    async insertOnce(document) {
      try {
        await write({ kind: 'insert', document });
        return true;
      } catch (thrown) {
        if (isDuplicateKey(thrown)) return false;
        throw thrown;
      }
    },
    async update(filter, update, { upsert } = { upsert: false }) {
      await write({ kind: 'update', filter, update, upsert });
    },
    async updateIf(filter, update, applied) {
      const outcome = await write({ kind: 'update', filter, update, upsert: false });
      return outcome === 'done' || (await collection.findOne(applied, { projection: { _id: 1 } })) !== null;
    },
    size: () => unsettled,
    drain: () => (unsettled === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}
