/**
 * Combines single writes to one collection: those that arrive while a round trip is in flight go out together in the next one, and each caller
 * gets its own result. An idle batcher writes at once, so it adds no wait; a busy one pays one command and one fsync for many writes.
 *
 * Writes of one batch are unordered among themselves: a caller that depends on an earlier write awaits that one first. Batches follow one
 * another, so a write is never overtaken by one that was asked for after an earlier round trip began.
 */
import {
  type AnyBulkWriteOperation,
  type Collection,
  type Filter,
  MongoBulkWriteError,
  MongoServerError,
  type UpdateFilter,
} from 'mongodb';

export interface WriteBatcher<Doc> {
  /** Resolves to false where a document with that `_id`, or another unique key of it, is there already. */
  insertOnce(document: Doc): Promise<boolean>;
  /** For updates that need not be told apart from ones that found nothing. */
  update(filter: Filter<Doc>, update: UpdateFilter<Doc>, options?: { upsert: boolean }): Promise<void>;
  /**
   * Resolves to whether the document is as the update makes it. A bulk write only counts its matches, so where one of a batch found nothing,
   * `applied` tells which: a filter that fits the document this update produces and no other writer's.
   */
  updateIf(filter: Filter<Doc>, update: UpdateFilter<Doc>, applied: Filter<Doc>): Promise<boolean>;
  /** Writes that wait or are under way. */
  size(): number;
  /** Resolves once nothing waits any more. */
  drain(): Promise<void>;
}

export interface BatchMeter {
  (collection: string, writes: number, durationMs: number): void;
}

interface Write<Doc> {
  readonly operation: AnyBulkWriteOperation<Doc & { _id: string }>;
  /** Present for conditional updates. */
  readonly applied: Filter<Doc> | null;
  readonly resolve: (found: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

const DUPLICATE_KEY = 11000;
export const isDuplicateKey = (thrown: unknown): boolean => thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;

/** `maxBatch` bounds one command's size; 500 documents of a few kB stay far below the 48 MB that a message may have. */
export function createWriteBatcher<Doc extends { readonly _id: string }>(
  collection: Collection<Doc>,
  options: { maxBatch?: number; onBatch?: BatchMeter } = {},
): WriteBatcher<Doc> {
  const maxBatch = options.maxBatch ?? 500;
  const target = collection as unknown as Collection<Doc & { _id: string }>;
  const waiting: Write<Doc>[] = [];
  const idle: (() => void)[] = [];
  let inFlight = 0;

  const enqueue = (operation: AnyBulkWriteOperation<Doc & { _id: string }>, applied: Filter<Doc> | null): Promise<boolean> =>
    new Promise((resolve, reject) => {
      waiting.push({ operation, applied, resolve, reject });
      // A microtask later, so that writes of the same instant share the first round trip too.
      if (inFlight === 0 && waiting.length === 1) queueMicrotask(() => void run());
    });

  async function run(): Promise<void> {
    if (inFlight > 0) return;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      inFlight = batch.length;
      try {
        await write(batch);
      } catch (thrown) {
        for (const entry of batch) entry.reject(thrown);
      }
    }
    inFlight = 0;
    for (const resolve of idle.splice(0)) resolve();
  }

  async function write(batch: readonly Write<Doc>[]): Promise<void> {
    const failed = new Map<number, unknown>();
    let found = 0;
    const began = performance.now();
    try {
      const result = await target.bulkWrite(
        batch.map((entry) => entry.operation),
        { ordered: false },
      );
      found = result.matchedCount + result.upsertedCount;
    } catch (thrown) {
      if (!(thrown instanceof MongoBulkWriteError)) throw thrown;
      const errors = [thrown.writeErrors].flat();
      if (errors.length === 0) throw thrown;
      for (const error of errors)
        failed.set(error.index, new MongoServerError({ message: error.errmsg ?? 'the write was refused', code: error.code }));
      found = thrown.matchedCount + thrown.upsertedCount;
    } finally {
      options.onBatch?.(collection.collectionName, batch.length, performance.now() - began);
    }
    const updates = batch.filter((entry, index) => !('insertOne' in entry.operation) && !failed.has(index)).length;
    await Promise.all(batch.map((entry, index) => settle(entry, failed.get(index), found === updates)));
  }

  async function settle(entry: Write<Doc>, error: unknown, allFound: boolean): Promise<void> {
    if (error !== undefined) return entry.reject(error);
    if (allFound || entry.applied === null) return entry.resolve(true);
    try {
      entry.resolve((await collection.findOne(entry.applied, { projection: { _id: 1 } })) !== null);
    } catch (thrown) {
      entry.reject(thrown);
    }
  }

  return {
    async insertOnce(document) {
      try {
        return await enqueue({ insertOne: { document } } as unknown as AnyBulkWriteOperation<Doc & { _id: string }>, null);
      } catch (thrown) {
        if (isDuplicateKey(thrown)) return false;
        throw thrown;
      }
    },
    async update(filter, update, { upsert } = { upsert: false }) {
      await enqueue({ updateOne: { filter, update, upsert } } as AnyBulkWriteOperation<Doc & { _id: string }>, null);
    },
    updateIf: (filter, update, applied) =>
      enqueue({ updateOne: { filter, update } } as AnyBulkWriteOperation<Doc & { _id: string }>, applied),
    size: () => waiting.length + inFlight,
    drain: () => (inFlight === 0 && waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}
