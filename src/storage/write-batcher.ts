/**
 * Combines single writes to one collection: those that arrive while a round trip is in flight go out together in the next one, and each caller
 * gets its own result. An idle batcher writes at once, so it adds no wait; a busy one pays one command and one fsync for many writes.
 *
 * Writes of one batch are unordered among themselves, and so are inserts and updates, whose batches go side by side: a caller that depends on an
 * earlier write awaits that one first. Batches of one kind follow one another, so an update is never overtaken by one that was asked for after an
 * earlier round trip began.
 */
import { type Collection, type Document, type Filter, MongoError, MongoServerError, type UpdateFilter } from 'mongodb';

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
  readonly kind: 'insert' | 'update';
  /** The document, or the statement of an update command. */
  readonly body: Document;
  /** Present for conditional updates. */
  readonly applied: Filter<Doc> | null;
  readonly resolve: (done: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/** Writes of one kind, which go out as one command. */
interface Queue<Doc> {
  readonly waiting: Write<Doc>[];
  /** Writes of the round trip that is under way. */
  inFlight: number;
}

const newQueue = <Doc>(): Queue<Doc> => ({ waiting: [], inFlight: 0 });

/** What insert and update commands answer with. */
interface WriteReply {
  readonly n: number;
  readonly writeErrors?: readonly { readonly index: number; readonly code: number; readonly errmsg: string }[];
}

const DUPLICATE_KEY = 11000;
export const isDuplicateKey = (thrown: unknown): boolean => thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;

/**
 * Talks to the server in plain insert and update commands: the driver's bulkWrite walks every document once more to weigh it. `maxBatch` bounds
 * one command instead: so many documents of a few kB stay far below the 48 MB that a message may have.
 */
export function createWriteBatcher<Doc extends { readonly _id: string }>(
  collection: Collection<Doc>,
  options: { maxBatch?: number; onBatch?: BatchMeter } = {},
): WriteBatcher<Doc> {
  const maxBatch = options.maxBatch ?? 500;
  const queues = { insert: newQueue<Doc>(), update: newQueue<Doc>() };
  const idle: (() => void)[] = [];
  const size = () => Object.values(queues).reduce((sum, { waiting, inFlight }) => sum + waiting.length + inFlight, 0);

  const enqueue = (kind: Write<Doc>['kind'], body: Document, applied: Filter<Doc> | null): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const queue = queues[kind];
      queue.waiting.push({ kind, body, applied, resolve, reject });
      // A microtask later, so that writes of the same instant share the first round trip too.
      if (queue.inFlight === 0 && queue.waiting.length === 1) queueMicrotask(() => void run(queue));
    });

  async function run(queue: Queue<Doc>): Promise<void> {
    if (queue.inFlight > 0) return;
    while (queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, maxBatch);
      queue.inFlight = batch.length;
      await write(batch);
    }
    queue.inFlight = 0;
    if (size() === 0) for (const resolve of idle.splice(0)) resolve();
  }

  async function write(batch: readonly Write<Doc>[]): Promise<void> {
    try {
      const { n, writeErrors = [] } = await send(batch);
      const failed = new Map(writeErrors.map((error) => [error.index, error]));
      const allDone = n === batch.length - failed.size;
      await Promise.all(batch.map((entry, index) => settle(entry, failed.get(index), allDone)));
    } catch (thrown) {
      // One write that cannot even be sent must not take the others with it.
      const refused = thrown instanceof MongoServerError || !(thrown instanceof MongoError);
      if (refused && batch.length > 1) for (const entry of batch) await write([entry]);
      else for (const entry of batch) entry.reject(thrown);
    }
  }

  async function send(batch: readonly Write<Doc>[]): Promise<WriteReply> {
    const { collectionName, db, writeConcern } = collection;
    const bodies = batch.map((entry) => entry.body);
    const what = batch[0]?.kind === 'insert' ? { insert: collectionName, documents: bodies } : { update: collectionName, updates: bodies };
    const concern = writeConcern === undefined ? {} : { writeConcern: { w: writeConcern.w, j: writeConcern.journal } };
    const began = performance.now();
    try {
      return (await db.command({ ...what, ordered: false, ...concern }, { ignoreUndefined: true })) as unknown as WriteReply;
    } finally {
      options.onBatch?.(collectionName, batch.length, performance.now() - began);
    }
  }

  async function settle(entry: Write<Doc>, error: { code: number; errmsg: string } | undefined, allDone: boolean): Promise<void> {
    if (error !== undefined) return entry.reject(new MongoServerError({ message: error.errmsg, code: error.code }));
    if (allDone || entry.applied === null) return entry.resolve(true);
    try {
      entry.resolve((await collection.findOne(entry.applied, { projection: { _id: 1 } })) !== null);
    } catch (thrown) {
      entry.reject(thrown);
    }
  }

  return {
    async insertOnce(document) {
      try {
        return await enqueue('insert', document, null);
      } catch (thrown) {
        if (isDuplicateKey(thrown)) return false;
        throw thrown;
      }
    },
    async update(filter, update, { upsert } = { upsert: false }) {
      await enqueue('update', { q: filter, u: update, upsert }, null);
    },
    updateIf: (filter, update, applied) => enqueue('update', { q: filter, u: update }, applied),
    size,
    drain: () => (size() === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}
