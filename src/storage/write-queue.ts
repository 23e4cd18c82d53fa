/**
 * What waits to be written to one database, from all of its batchers: it goes out together, whatever its collections, so that many turns share one
 * command, and one commit of the database. While a command is in flight the next one gathers.
 */
import { type Db, type Document, MongoError, MongoServerError } from 'mongodb';
import { asError } from '../domain/errors.js';

export interface BatchMeter {
  (collection: string, writes: number, durationMs: number): void;
}

interface WriteBase {
  readonly collection: string;
  readonly onBatch: BatchMeter | undefined;
  readonly settle: (outcome: Outcome) => void;
}

export type Write =
  | (WriteBase & { readonly kind: 'insert'; readonly document: Document })
  | (WriteBase & { readonly kind: 'update'; readonly filter: Document; readonly update: Document; readonly upsert: boolean });

/** What became of a write. Unsure: an update that fitted nothing, or one of several of which some fitted nothing. */
export type Outcome = 'done' | 'unsure' | Error;

export interface WriteQueue {
  add(write: Write): void;
}

/** Bounds one command: so many documents of a few kB stay far below the 48 MB that a message may have. */
const MAX_WRITES = 500;

const queues = new WeakMap<Db, WriteQueue>();

/** The one queue of this database. */
export function writeQueueOf(db: Db): WriteQueue {
  const queue = queues.get(db) ?? createWriteQueue(db);
  queues.set(db, queue);
  return queue;
}

function createWriteQueue(db: Db): WriteQueue {
  const waiting: Write[] = [];
  const send = createSend(db);
  let running = false;

  const start = (): void => {
    const batch = waiting.splice(0, MAX_WRITES);
    void send(batch).then((outcomes) => {
      // The next goes out first, so that the database works on it while what follows from these is worked out here.
      running = waiting.length > 0;
      if (running) start();
      for (const [index, { settle }] of batch.entries()) settle(outcomes[index] ?? 'unsure');
    });
  };

  return {
    add(write) {
      waiting.push(write);
      if (running) return;
      running = true;
      // When all that has arrived is dealt with: what follows from it shares the round trip.
      setImmediate(start);
    },
  };
}

/** Resolves to what became of each write; never rejects. */
type Send = (batch: readonly Write[]) => Promise<readonly Outcome[]>;

/** Of a server before 8.0, or of one that keeps the command from this user: CommandNotFound, Unauthorized, AtlasError. */
const NO_BULK_WRITE: ReadonlySet<unknown> = new Set([59, 13, 8000]);

/** Writes of several collections are one command where the server has `bulkWrite` (MongoDB 8.0), else one for each collection and kind. */
function createSend(db: Db): Send {
  let hasBulkWrite = true;

  async function together(batch: readonly Write[]): Promise<readonly Outcome[] | null> {
    try {
      return await bulkWrite(db, batch);
    } catch (thrown) {
      if (!isRefused(thrown)) return batch.map(() => asError(thrown));
      if (thrown instanceof MongoServerError && NO_BULK_WRITE.has(thrown.code)) hasBulkWrite = false;
      return null;
    }
  }

  return async (batch) => {
    const groups = groupsOf(batch);
    const outcomes = groups.length > 1 && hasBulkWrite ? await timed(groups, () => together(batch)) : null;
    if (outcomes !== null) return outcomes;
    const known = new Map<Write, Outcome>();
    const sendGroup = async (group: readonly Write[]) => {
      for (const [index, outcome] of (await ofOneKind(db, group)).entries()) {
        const write = group[index];
        if (write !== undefined) known.set(write, outcome);
      }
    };
    await Promise.all(groups.map(sendGroup));
    return batch.map((write) => known.get(write) ?? 'unsure');
  };
}

async function ofOneKind(db: Db, group: readonly Write[]): Promise<readonly Outcome[]> {
  try {
    return await timed([group], () => plainWrite(db, group));
  } catch (thrown) {
    // One write that cannot even be sent must not take the others with it.
    if (!isRefused(thrown) || group.length === 1) return group.map(() => asError(thrown));
    const outcomes: Outcome[] = [];
    for (const write of group) outcomes.push(...(await ofOneKind(db, [write])));
    return outcomes;
  }
}

/** The server, or already the driver, did not take the command. A line that broke tells nothing of the kind. */
const isRefused = (thrown: unknown): boolean => thrown instanceof MongoServerError || !(thrown instanceof MongoError);

/** Those of one collection and kind together. */
function groupsOf(batch: readonly Write[]): readonly (readonly Write[])[] {
  const groups = new Map<string, Write[]>();
  for (const write of batch) {
    const name = `${write.kind} ${write.collection}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [write]);
    else group.push(write);
  }
  return [...groups.values()];
}

async function timed<Result>(groups: readonly (readonly Write[])[], work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const durationMs = performance.now() - began;
    for (const group of groups) group[0]?.onBatch?.(group[0].collection, group.length, durationMs);
  }
}

/** What an error of a single write has in either reply. */
interface WriteFailure {
  readonly code: number;
  readonly errmsg: string;
}

/** https://www.mongodb.com/docs/manual/reference/command/bulkWrite/ */
interface BulkWriteReply {
  readonly cursor: {
    readonly firstBatch: readonly (Partial<WriteFailure> & { readonly ok: number; readonly idx: number; readonly n: number })[];
  };
}

async function bulkWrite(db: Db, batch: readonly Write[]): Promise<Outcome[]> {
  const namespaces = [...new Set(batch.map((write) => write.collection))];
  const ops = batch.map((write) => {
    const place = namespaces.indexOf(write.collection);
    return write.kind === 'insert'
      ? { insert: place, document: write.document }
      : { update: place, filter: write.filter, updateMods: write.update, upsert: write.upsert };
  });
  const nsInfo = namespaces.map((name) => ({ ns: `${db.databaseName}.${name}` }));
  const command = { bulkWrite: 1, ops, nsInfo, ordered: false, ...concernOf(db) };
  const reply = (await db.client.db('admin').command(command, { ignoreUndefined: true })) as unknown as BulkWriteReply;
  const outcomes = batch.map((): Outcome => 'unsure');
  for (const { ok, idx, n, code, errmsg } of reply.cursor.firstBatch) {
    if (ok !== 1) outcomes[idx] = failure({ code: code ?? 0, errmsg: errmsg ?? '' });
    else if (n > 0) outcomes[idx] = 'done';
  }
  return outcomes;
}

const failure = ({ code, errmsg }: WriteFailure): MongoServerError => new MongoServerError({ message: errmsg, code });

/** What insert and update commands answer with. */
interface PlainReply {
  readonly n: number;
  readonly writeErrors?: readonly (WriteFailure & { readonly index: number })[];
}

/**
 * The driver's own bulk write would walk every document once more to weigh it.
 * @param group writes of one collection and kind
 */
async function plainWrite(db: Db, group: readonly Write[]): Promise<Outcome[]> {
  const bodies = group.map((write) =>
    write.kind === 'insert' ? write.document : { q: write.filter, u: write.update, upsert: write.upsert },
  );
  const [{ kind, collection }] = group as readonly [Write];
  const what = kind === 'insert' ? { insert: collection, documents: bodies } : { update: collection, updates: bodies };
  const command = { ...what, ordered: false, ...concernOf(db) };
  const { n, writeErrors = [] } = (await db.command(command, { ignoreUndefined: true })) as unknown as PlainReply;
  // Only the number of updates that fitted something is told: where it is less than it could be, any may be the one that fitted nothing.
  const outcome = kind === 'insert' || n === group.length - writeErrors.length ? 'done' : 'unsure';
  const outcomes = group.map((): Outcome => outcome);
  for (const error of writeErrors) outcomes[error.index] = failure(error);
  return outcomes;
}

function concernOf({ writeConcern }: Db): Document {
  return writeConcern === undefined ? {} : { writeConcern: { w: writeConcern.w, j: writeConcern.journal } };
}
