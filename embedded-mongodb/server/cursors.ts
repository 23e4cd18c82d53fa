// Open cursors: results that did not fit into the first answer. A cursor holds a paused iterator, never a database snapshot.
import { randomBytes } from 'node:crypto';
import { MAX_DOCUMENT_BYTES } from '../bson/index.js';
import { MongoError } from '../errors.js';
import type { Deadline } from '../planner/scan.js';
import { runWhole, type Task } from './task.js';

/** Documents of a first batch when the client names no size, as MongoDB's. */
export const DEFAULT_BATCH = 101;
/**
 * Most of a next batch for which the client names no size. MongoDB gives 16 MB, but a driver decodes a batch at one go, and for as long the app's event
 * loop stands.
 */
const NEXT_BATCH: Size = { documents: 1_000, bytes: 2 ** 18 };
/** A computed document may be a little larger than a stored one, as in MongoDB (BSONObjMaxInternalSize). */
const MAX_RESULT_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;
/** Idle time after which a cursor is closed, as MongoDB's. */
const IDLE_MS = 10 * 60_000;

/** How long a cursor lives. */
export interface Life {
  /** Ends what takes too long; the time between two batches does not count. */
  readonly deadline?: Deadline;
  /** It is not closed for being idle. */
  readonly keep?: boolean;
}

interface Size {
  readonly documents: number;
  readonly bytes: number;
}

interface OpenCursor extends Life {
  readonly ns: string;
  readonly rows: PeekingRows;
  lastUsed: number;
  /** Its collection is gone, which the next getMore is told. */
  dropped: boolean;
  /** A batch is being read; the command that reads it may be paused. */
  inUse: boolean;
}

/** A batch of raw documents and the cursor to go on with; id 0 when there is nothing left. */
export interface Batch {
  readonly docs: readonly Buffer[];
  readonly id: bigint;
}

export class Cursors {
  private readonly open = new Map<bigint, OpenCursor>();

  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.open.size;
  }

  /** As `begin`, for results that are at hand. */
  start(ns: string, results: Iterable<Buffer>, batchSize: number, single: boolean): Batch {
    return runWhole(this.begin(ns, results, batchSize, single));
  }

  /** Takes the first batch; keeps a cursor when more is left, unless `single`. An empty buffer among the results is a pause. */
  *begin(ns: string, results: Iterable<Buffer>, batchSize: number, single: boolean, life: Life = {}): Task<Batch> {
    const rows = new PeekingRows(results[Symbol.iterator]());
    const docs = yield* rows.take({ documents: batchSize, bytes: MAX_DOCUMENT_BYTES });
    if (single || (batchSize > 0 && (yield* rows.isDone()))) {
      rows.close();
      return { docs, id: 0n };
    }
    const id = newId();
    this.open.set(id, { ...life, ns, rows, lastUsed: this.now(), inUse: false, dropped: false });
    return { docs, id };
  }

  /** The next batch; `batchSize` 0 leaves its size to the server. Errors: CursorNotFound, CursorInUse, CursorKilled. */
  *next(id: bigint, ns: string, batchSize: number): Task<Batch> {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.ns !== ns) {
      throw new MongoError(
        'Unauthorized',
        `Requested getMore on namespace '${ns}', but cursor belongs to a different namespace ${cursor.ns}`,
      );
    }
    if (cursor.inUse) throw new MongoError('CursorInUse', `cursor id ${id} is already in use`);
    if (cursor.dropped) {
      this.open.delete(id);
      throw new MongoError('QueryPlanKilled', `collection dropped or renamed between getMore calls: ${ns}`);
    }
    cursor.inUse = true;
    if (cursor.deadline) cursor.deadline.at += this.now() - cursor.lastUsed;
    let isMore = false;
    try {
      const docs = yield* cursor.rows.take(batchSize === 0 ? NEXT_BATCH : { documents: batchSize, bytes: MAX_DOCUMENT_BYTES });
      const isDone = yield* cursor.rows.isDone();
      if (this.open.get(id) !== cursor) throw new MongoError('CursorKilled', `cursor id ${id} was killed while it was read`);
      isMore = !isDone;
      return { docs, id: isMore ? id : 0n };
    } finally {
      cursor.inUse = false;
      cursor.lastUsed = this.now();
      if (!isMore && this.open.get(id) === cursor) this.kill(id);
    }
  }

  /** Closes a cursor; false when there is none. */
  kill(id: bigint): boolean {
    this.open.get(id)?.rows.close();
    return this.open.delete(id);
  }

  /** Ends the cursors of a dropped or renamed collection. */
  killNamespace(ns: string): void {
    for (const [id, cursor] of this.open) {
      if (cursor.ns !== ns) continue;
      cursor.rows.close();
      if (cursor.inUse) this.open.delete(id);
      else cursor.dropped = true;
    }
  }

  has(id: bigint): boolean {
    return this.open.has(id);
  }

  closeIdle(): void {
    const now = this.now();
    for (const [id, cursor] of this.open) if (!cursor.inUse && !cursor.keep && now - cursor.lastUsed > IDLE_MS) this.kill(id);
  }

  clear(): void {
    for (const id of this.open.keys()) this.kill(id);
  }
}

function newId(): bigint {
  return randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn;
}

/** Rows with one row of look-ahead, so that the last batch is known to be the last. */
class PeekingRows {
  private ahead: Buffer | undefined;

  constructor(private readonly rows: Iterator<Buffer>) {}

  /** Up to so many rows and bytes, at least one row when there is one. */
  *take({ documents, bytes }: Size): Task<Buffer[]> {
    const docs: Buffer[] = [];
    let size = 0;
    while (docs.length < documents) {
      const row = this.pull();
      if (!row) break;
      if (row.length === 0) {
        yield;
        continue;
      }
      if (docs.length > 0 && size + row.length > bytes) {
        this.ahead = row;
        break;
      }
      docs.push(row);
      size += row.length;
    }
    return docs;
  }

  /** True when no row is left. */
  *isDone(): Task<boolean> {
    let row = this.pull();
    for (; row?.length === 0; row = this.pull()) yield;
    this.ahead = row;
    return this.ahead === undefined;
  }

  close(): void {
    this.rows.return?.();
  }

  /** The next row, empty for a pause; undefined when there is none. */
  private pull(): Buffer | undefined {
    const row = this.ahead;
    if (row) {
      this.ahead = undefined;
      return row;
    }
    const next = this.rows.next();
    if (next.done) return undefined;
    const { length } = next.value;
    if (length > MAX_RESULT_BYTES)
      throw new MongoError(
        'BSONObjectTooLarge',
        `Serializing Document failed :: caused by :: Size ${length} exceeds maximum ${MAX_RESULT_BYTES}`,
      );
    return next.value;
  }
}
