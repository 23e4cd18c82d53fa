// Ordered bytes on disk: one LMDB tree in which every table (the records of a collection, one index, the catalog) has a number, and a
// key is that number followed by the table's own key. Everything above works with tables and byte ranges only.
import { join } from 'node:path';
import { open, type RangeOptions, type RootDatabase } from 'lmdb';
import { keyBytes, valueBytes } from './bytes.js';
import { checkDataFile, DATA_FILE } from './data-file.js';
import { lockFolder } from './folder.js';
import { DiskFull, Room, type TreeSize } from './room.js';
import { serveSnapshots } from './snapshot.js';

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

export class Store {
  private constructor(
    private readonly db: RootDatabase<Buffer, Uint8Array>,
    private readonly room: Room,
    private readonly stopSnapshots: () => Promise<void>,
    private readonly unlock: () => void,
  ) {}

  /** Opens or makes the folder. Errors: as `lockFolder` and `checkDataFile`, which change nothing. */
  static open(path: string): Store {
    const lock = lockFolder(path);
    try {
      checkDataFile(path, lock.fresh);
      const db = open<Buffer, Uint8Array>({
        path,
        noSubdir: false,
        encoding: 'binary',
        encoder: valueBytes,
        keyEncoder: keyBytes,
        overlappingSync: false, // a commit returns when its bytes are on disk, not before
        ...(process.platform === 'win32' ? {} : { mapSize: MAP_BYTES }),
      });
      if (lock.fresh) lock.markUsed();
      const copier = { copy: (to: string) => db.backup(to, true), sizeBytes: () => bytesOf(sizeOf(db)) };
      const room = new Room(join(path, DATA_FILE), () => sizeOf(db));
      return new Store(db, room, serveSnapshots(path, copier), () => lock.release());
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
    this.room.put(value.length);
    this.db.putSync(key, value);
  }

  delete(key: Uint8Array): void {
    this.room.delete();
    this.db.removeSync(key);
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
   * Runs `work` as one transaction: on disk when this returns, or undone when `work` throws. One that `frees` space, or only gives up, still goes
   * where the disk has no room for others. Error: one that `isFull` knows, when the disk might have no room for it.
   */
  transaction<T>(work: () => T, frees = false): T {
    let committed = false;
    this.room.begin(frees);
    try {
      const result = this.db.transactionSync(() => {
        const done = work();
        this.room.check();
        return done;
      });
      committed = true;
      return result;
    } finally {
      this.room.end(committed);
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
    await this.stopSnapshots();
    await this.room.close(() => this.db.close());
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
