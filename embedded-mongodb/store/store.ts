// Ordered bytes on disk: one LMDB tree in which every table (the records of a collection, one index, the catalog) has a number, and a
// key is that number followed by the table's own key. Everything above works with tables and byte ranges only.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { open, type RangeOptions, type RootDatabase } from 'lmdb';
import { keyBytes, valueBytes } from './bytes.js';
import { checkDataFile, DATA_FILE } from './data-file.js';
import { lockFolder } from './folder.js';
import { HeldTransaction } from './held-transaction.js';
import { DiskFull, Room, type TreeSize } from './room.js';
import { LINK_BYTES, WriteAheadLog } from './write-ahead-log.js';

/** Address space reserved for the file; nothing is allocated before it is used. */
export const MAP_BYTES = 2 ** 38;
/** Keys counted between two chances to pause: about 2 ms. */
const COUNT_STEP = 20_000;
const FIRST_CHUNK = 32;
const MAX_CHUNK = 512;
/** About so many bytes are read at once, which takes a millisecond or two. */
const MAX_CHUNK_BYTES = 4 * 2 ** 20;

export interface Entry {
  /** The whole key, table number included. */
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A half-open range of whole keys. */
export interface Range {
  readonly start: Buffer;
  readonly end: Buffer;
}

/** Bytes of a table's number at the start of each key. */
export const TABLE_BYTES = 4;

/** The whole key of `key` in a table. */
export function tableKey(table: number, key: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(TABLE_BYTES + key.length);
  result.writeUInt32BE(table, 0);
  result.set(key, TABLE_BYTES);
  return result;
}

/** All keys of a table. */
export function tableRange(table: number): Range {
  return { start: tableKey(table, new Uint8Array()), end: tableKey(table + 1, new Uint8Array()) };
}

/** The smallest key above `key`. */
export function after(key: Uint8Array): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

/**
 * Of a new file; one that is there keeps its own. A change at a random place of a large index, as those of hashed ids are, writes its page and mostly the one
 * above it too, each a write of its own to the disk: with larger pages there are fewer above.
 */
const PAGE_BYTES = 8_192;
/** Names the log that goes on from LMDB's last commit; it stands in table 0, among the catalog's keys (`n`, and those that begin with `b`, `c` and `d`). */
const LINK_KEY = tableKey(0, Buffer.from('l'));
/** So many changes LMDB commits at once at first; then as many as it takes about `COMMIT_MS` for, as everybody waits meanwhile. */
const FIRST_CHANGES = 8_000;
const LEAST_CHANGES = 4_000;
const MOST_CHANGES = 50_000;
const COMMIT_MS = 25;

export class Store {
  /** Since LMDB's last commit; those of the present transaction included. */
  private changes = 0;
  private mostChanges = FIRST_CHANGES;

  private constructor(
    private readonly db: RootDatabase<Buffer, Uint8Array>,
    private readonly held: HeldTransaction,
    private readonly log: WriteAheadLog | undefined,
    private readonly room: Room,
    private readonly unlock: () => void,
  ) {}

  /** Opens or makes the folder. Errors: as `lockFolder`, `checkDataFile` and the log have, which change nothing. */
  static open(path: string): Store {
    const lock = lockFolder(path);
    try {
      checkDataFile(path, lock.fresh);
      const log = WriteAheadLog.open(path);
      const db = open<Buffer, Uint8Array>({
        path,
        noSubdir: false,
        encoding: 'binary',
        encoder: valueBytes,
        keyEncoder: keyBytes,
        pageSize: PAGE_BYTES,
        overlappingSync: false, // a commit returns when its bytes are on disk, not before
        ...(process.platform === 'win32' ? {} : { mapSize: MAP_BYTES }),
      });
      lock.markUsed();
      const room = new Room(join(path, DATA_FILE), () => sizeOf(db));
      const store = new Store(db, new HeldTransaction(db), log, room, () => lock.release());
      store.recover();
      return store;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.db.get(key);
  }

  has(key: Uint8Array): boolean {
    return this.db.doesExist(key);
  }

  put(key: Uint8Array, value: Buffer): void {
    this.log?.put(key, value);
    this.apply(key, value);
  }

  delete(key: Uint8Array): void {
    this.log?.delete(key);
    this.apply(key, undefined);
  }

  /**
   * The entries of a range in order, or from its end. Read in growing chunks that each start where the last one ended, so the caller
   * may write, or pause for as long as it likes, between two entries; it then sees the newer state from the next chunk on. Where few entries are
   * `wanted`, the first chunk has no more than these.
   */
  *scan(range: Range, reverse = false, wanted = FIRST_CHUNK): Generator<Entry, void, undefined> {
    let { start, end } = range;
    let continued = false;
    for (let limit = Math.min(wanted, FIRST_CHUNK); ;) {
      const options = reverse
        ? { start: end, exclusiveStart: true, end: start, inclusiveEnd: true, reverse: true, limit }
        : { start, exclusiveStart: continued, end, limit };
      const chunk = this.read(options);
      yield* chunk;
      const last = chunk.at(-1);
      if (!last || chunk.length < limit) return;
      if (reverse) end = last.key;
      else start = last.key;
      continued = true;
      limit = Math.min(limit * 2, MAX_CHUNK, fitting(chunk));
    }
  }

  /** The first `limit` entries of a range as they are now. */
  page(range: Range, limit: number): Entry[] {
    return this.read({ ...range, limit });
  }

  /** The first entry of a range, or the last one. */
  first(range: Range, reverse = false): Entry | undefined {
    const options = reverse
      ? { start: range.end, exclusiveStart: true, end: range.start, inclusiveEnd: true, reverse: true, limit: 1 }
      : { ...range, limit: 1 };
    return this.read(options)[0];
  }

  /** Counts the first keys of a range, 20,000 at most, and says where the others begin; reads keys only. */
  countSome(range: Range): { readonly count: number; readonly rest: Buffer | undefined } {
    const [rest] = this.db.getKeys({ ...range, offset: COUNT_STEP, limit: 1 });
    return rest ? { count: COUNT_STEP, rest: Buffer.from(rest) } : { count: this.db.getKeysCount({ ...range }), rest: undefined };
  }

  /** Deletes up to `limit` entries of a range, fewer where the disk is full; true when none is left. */
  clear(range: Range, limit: number): boolean {
    const keys = [...this.db.getKeys({ ...range, limit })];
    for (const key of keys) {
      if (this.isShort()) return false;
      this.delete(key);
    }
    return keys.length < limit;
  }

  /** lmdb types `asArray` as a promise; it is one only when a mapping function is asynchronous. */
  private read(options: RangeOptions): Entry[] {
    return this.db.getRange(options).asArray as unknown as Entry[];
  }

  /**
   * Runs `work` as one transaction: kept when this returns, though maybe not on disk (`whenDurable`), or undone when `work` throws. One that `frees` space,
   * or only gives up, still goes where the disk has no room for others. Error: one that `isFull` knows, when the disk might have no room for it.
   */
  transaction<T>(work: () => T, frees = false): T {
    this.begin();
    this.room.reserve(frees);
    const before = this.changes;
    let result: T;
    try {
      result = work();
      this.room.check();
    } catch (error) {
      this.undo();
      throw error;
    }
    if (this.changes > before) this.keep();
    return result;
  }

  /** Calls `told` once all transactions so far are on disk, at once where they are; with an error when the disk fails. */
  whenDurable(told: (error?: Error) => void): void {
    if (!this.log || !this.held.isOpen) return told();
    this.log.whenSynced((error) => told(error && this.failureOf(() => this.checkpoint())));
  }

  /** Has LMDB commit what only the log has. */
  checkpoint(): void {
    if (!this.held.isOpen) return;
    const started = performance.now();
    const link = randomBytes(LINK_BYTES);
    try {
      if (this.log) this.apply(LINK_KEY, link);
      this.held.commit();
    } catch (error) {
      this.log?.discard();
      this.restore();
      throw error;
    }
    this.room.end();
    this.log?.restart(link);
    if (this.changes >= LEAST_CHANGES) this.adapt(performance.now() - started);
  }

  /** Ends the thread's part in LMDB as a crash would: the log has what LMDB has not. Nothing may be called any more. */
  abandon(): void {
    if (this.held.isOpen) this.held.abort();
  }

  /** Makes `copy` the copy of a folder at one instant, this one or a later one, without free space. */
  async copy(folder: string): Promise<void> {
    this.checkpoint();
    await this.db.backup(folder, true);
  }

  private begin(): void {
    if (this.held.isOpen && this.room.isShort()) this.checkpoint();
    if (this.held.isOpen) return;
    this.room.begin();
    this.held.begin();
    this.changes = 0;
  }

  private apply(key: Uint8Array, value: Buffer | undefined): void {
    this.changes += 1;
    if (value) {
      this.room.put(value.length);
      this.db.putSync(key, value);
    } else {
      this.room.delete();
      this.db.removeSync(key);
    }
  }

  /** Makes sure that a crash of the process leaves what the present transaction changed. */
  private keep(): void {
    const canWait = this.changes < this.mostChanges && !this.room.isUrgent();
    if (!canWait || !this.log?.append()) this.checkpoint();
  }

  /** Takes back the present transaction only. */
  private undo(): void {
    this.held.abort();
    this.log?.discard();
    this.restore();
    if (this.changes > 0) this.checkpoint(); // so that the next one that is undone has less to restore
  }

  /** Brings LMDB, which has lost what it had not committed, to where the log is. */
  private restore(): void {
    this.begin();
    this.log?.replay((key, value) => this.apply(key, value));
  }

  /** What the last process had logged and LMDB had not committed. */
  private recover(): void {
    const link = this.get(LINK_KEY);
    if (link) this.log?.find(link);
    try {
      this.restore();
      this.checkpoint();
    } catch (error) {
      this.abandon(); // a thread that ends with LMDB's transaction open hangs
      throw error;
    }
  }

  /** As many changes a commit as it takes its time for, twice as many as now at most. */
  private adapt(tookMs: number): void {
    const fitting = Math.round(this.changes * Math.min(2, COMMIT_MS / tookMs));
    if (fitting < this.mostChanges || this.changes >= this.mostChanges)
      this.mostChanges = Math.min(MOST_CHANGES, Math.max(LEAST_CHANGES, fitting));
  }

  private failureOf(work: () => void): Error | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** True when the present transaction should not grow much more, because the disk has little room left. */
  isShort(): boolean {
    return this.room.isShort();
  }

  /** True when `error`, of a transaction that was undone, comes of a full disk: ours, or LMDB's where a quota stopped it. */
  isFull(error: Error): boolean {
    return error instanceof DiskFull || /MDB_MAP_FULL|No space left|quota exceeded/i.test(error.message);
  }

  /** Bytes of the data file in use, from LMDB's page counts. */
  sizeBytes(): number {
    return bytesOf(sizeOf(this.db));
  }

  async close(): Promise<void> {
    this.checkpoint();
    await this.room.close(() => this.db.close());
    await this.log?.remove();
    this.unlock();
  }
}

/** Number of entries like these that are not too much at once. */
function fitting(chunk: readonly Entry[]): number {
  const bytes = chunk.reduce((sum, { value }) => sum + value.length, 0);
  return Math.max(1, Math.floor((MAX_CHUNK_BYTES * chunk.length) / bytes));
}

const bytesOf = ({ pages, pageBytes }: TreeSize): number => pages * pageBytes;

/** lmdb does not declare what its statistics hold. */
function sizeOf(db: RootDatabase<Buffer, Uint8Array>): TreeSize {
  const { pageSize, treeDepth, lastPageNumber } = db.getStats() as { pageSize: number; treeDepth: number; lastPageNumber: number };
  return { pageBytes: pageSize, pages: lastPageNumber + 1, depth: treeDepth };
}
