// The write-ahead log in front of LMDB: what a transaction changed is on disk with one short write, and LMDB writes its pages later, many transactions
// at once. A file of fixed size, written from its beginning after each of LMDB's commits. A record is good only for the commit it names (its `link`,
// which LMDB's commit holds too), so that the log begins anew in the very instant of the commit, without being emptied.
import { closeSync, fdatasync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isNoSpace } from './disk-errors.js';

export const LOG_FILE = 'engine.log';

/** Size of the file. A transaction that does not fit into what is left of it is written by LMDB at once. */
const LOG_BYTES = 2 ** 22;
const MAGIC = Buffer.from('PARLEYW1');
/** Magic and size of the file. */
const FILE_HEAD = { size: 8, bytes: 12 } as const;

/** Bytes of a link: eight random ones. */
export const LINK_BYTES = 8;
/**
 * A record: link, its number behind the link, the number of records that were on disk when it was written, bytes of its changes, CRC-32 of all but
 * itself; then the changes.
 */
const HEAD = { number: 8, synced: 12, bodyBytes: 16, crc: 20, bytes: 24 } as const;
/** A change: bytes of its key, bytes of its value (-1 for a key that was deleted), key, value. */
const CHANGE = { valueBytes: 2, bytes: 6 } as const;
const DELETED = -1;

/** Gets each change in order; without a value the key was deleted. The buffers are the log's own: copy what is kept. */
export type Apply = (key: Buffer, value: Buffer | undefined) => void;

/** Told when all that was appended before is on disk, or why it may not be. */
type Told = (error?: Error) => void;

export class WriteAheadLog {
  /** Records up to `end`, of which the file has those up to `written`; the changes of the present transaction stand behind them, up to `next`. */
  private link: Buffer = Buffer.alloc(LINK_BYTES);
  private end: number = FILE_HEAD.bytes;
  private written: number = FILE_HEAD.bytes;
  private next: number = FILE_HEAD.bytes + HEAD.bytes;
  private fits = true;
  private records = 0;
  private synced = 0;
  private syncing = false;
  private waiting: Told[] = [];
  private afterSync: (() => void) | undefined;

  private constructor(
    private readonly path: string,
    private readonly file: number,
    private readonly bytes: Buffer,
  ) {}

  /** Opens the log of a folder or makes it; absent where the disk has no room for it. Error, which changes nothing: it is damaged. */
  static open(folder: string): WriteAheadLog | undefined {
    const path = join(folder, LOG_FILE);
    const bytes = read(path) ?? make(path);
    return bytes && new WriteAheadLog(path, openSync(path, 'r+'), bytes);
  }

  /** Deletes the log of a folder, which holds nothing that LMDB does not. */
  remove(): Promise<void> {
    return new Promise((resolve) => {
      this.afterSync = (): void => {
        closeSync(this.file);
        rmSync(this.path, { force: true });
        resolve();
      };
      if (!this.syncing) this.afterSync();
    });
  }

  /** Looks for what was logged after the commit with this link, in a file found at the start. Error: some that had been acknowledged is damaged. */
  find(link: Buffer): void {
    this.link = link;
    for (let size = this.sizeOfRecord(); size > 0; size = this.sizeOfRecord()) {
      this.records += 1;
      this.end += size;
      this.written = this.end;
    }
    const later = this.laterRecord();
    if (later === undefined || this.bytes.readUInt32LE(later + HEAD.synced) <= this.records) return;
    throw damaged(this.path, `record ${this.records + 1} was overwritten`);
  }

  /** Gives the changes that were found, or appended since the last `restart`. */
  replay(apply: Apply): void {
    const { bytes } = this;
    for (let record = FILE_HEAD.bytes as number; record < this.end;) {
      const end = record + HEAD.bytes + bytes.readUInt32LE(record + HEAD.bodyBytes);
      for (let at = record + HEAD.bytes; at < end;) {
        const key = at + CHANGE.bytes;
        const value = key + bytes.readUInt16LE(at);
        const size = bytes.readInt32LE(at + CHANGE.valueBytes);
        at = size === DELETED ? value : value + size;
        apply(bytes.subarray(key, value), size === DELETED ? undefined : bytes.subarray(value, at));
      }
      record = end;
    }
    this.discard();
  }

  /** LMDB has committed all, with this link: the log begins anew, and nobody needs to wait for it. */
  restart(link: Buffer): void {
    this.link = link;
    this.end = FILE_HEAD.bytes;
    this.written = FILE_HEAD.bytes;
    this.records = 0;
    this.synced = 0;
    this.discard();
    this.tell(this.takeWaiting());
  }

  put(key: Uint8Array, value: Buffer): void {
    const at = this.change(key, value.length, value.length);
    if (at > 0) this.bytes.set(value, at);
  }

  delete(key: Uint8Array): void {
    this.change(key, DELETED, 0);
  }

  /** Forgets the changes since the last append. */
  discard(): void {
    this.next = this.end + HEAD.bytes;
    this.fits = this.next <= this.bytes.length;
  }

  /** Makes the changes since the last append one record, which the next sync writes; false when there is no room for them. */
  append(): boolean {
    if (!this.fits) return false;
    const { bytes, end, next } = this;
    this.link.copy(bytes, end);
    bytes.writeUInt32LE(this.records, end + HEAD.number);
    bytes.writeUInt32LE(this.synced, end + HEAD.synced);
    bytes.writeUInt32LE(next - end - HEAD.bytes, end + HEAD.bodyBytes);
    bytes.writeUInt32LE(checksum(bytes, end, next), end + HEAD.crc);
    this.records += 1;
    this.end = next;
    this.discard();
    return true;
  }

  /** Calls `told` once what was appended is on disk. Those who come while the disk is busy share the next sync. */
  whenSynced(told: Told): void {
    if (this.synced === this.records) return told();
    this.waiting.push(told);
    if (!this.syncing) this.sync();
  }

  private sync(): void {
    const { link, records } = this;
    const told = this.takeWaiting();
    const isCommitted = (): boolean => this.link !== link;
    const after = (error: Error | null): void => {
      this.syncing = false;
      if (this.afterSync) return this.afterSync();
      const failure = isCommitted() ? null : error;
      // The system may have given up what it could not write, and a later sync would pass over it: all is written again.
      if (failure) this.written = FILE_HEAD.bytes;
      else if (!isCommitted()) this.synced = records;
      this.tell(told, failure ?? undefined);
      if (this.waiting.length > 0 && !this.syncing) this.sync();
    };
    this.syncing = true;
    const unwritten = this.write();
    if (unwritten) after(unwritten);
    else fdatasync(this.file, after);
  }

  /** Writes the records that the file does not have; an error where the disk fails. */
  private write(): Error | undefined {
    try {
      while (this.written < this.end) this.written += writeSync(this.file, this.bytes, this.written, this.end - this.written, this.written);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private takeWaiting(): Told[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  private tell(waiting: readonly Told[], error?: Error): void {
    for (const told of waiting) told(error);
  }

  /** Writes the head and the key of a change; where its value belongs, or 0 when it does not fit. */
  private change(key: Uint8Array, valueBytes: number, size: number): number {
    const value = this.next + CHANGE.bytes + key.length;
    this.fits &&= value + size <= this.bytes.length;
    if (!this.fits) return 0;
    this.bytes.writeUInt16LE(key.length, this.next);
    this.bytes.writeInt32LE(valueBytes, this.next + CHANGE.valueBytes);
    this.bytes.set(key, this.next + CHANGE.bytes);
    this.next = value + size;
    return value;
  }

  /** Bytes of the whole record at `end`, 0 when there is none that is the next of this link. */
  private sizeOfRecord(): number {
    const { bytes, end } = this;
    return this.isRecord(end) && bytes.readUInt32LE(end + HEAD.number) === this.records
      ? HEAD.bytes + bytes.readUInt32LE(end + HEAD.bodyBytes)
      : 0;
  }

  /** Where a whole record of this link stands behind those that were found; absent when there is none. */
  private laterRecord(): number | undefined {
    for (let at = this.bytes.indexOf(this.link, this.end); at >= 0; at = this.bytes.indexOf(this.link, at + 1)) {
      if (this.isRecord(at)) return at;
    }
    return undefined;
  }

  private isRecord(at: number): boolean {
    const { bytes } = this;
    if (at + HEAD.bytes > bytes.length || bytes.compare(this.link, 0, LINK_BYTES, at, at + LINK_BYTES) !== 0) return false;
    const end = at + HEAD.bytes + bytes.readUInt32LE(at + HEAD.bodyBytes);
    return end <= bytes.length && bytes.readUInt32LE(at + HEAD.crc) === checksum(bytes, at, end);
  }
}

/** CRC-32 of a record without the field that holds it. */
function checksum(bytes: Buffer, start: number, end: number): number {
  return crc32(bytes.subarray(start + HEAD.bytes, end), crc32(bytes.subarray(start, start + HEAD.crc)));
}

/** The log's bytes; absent when there is none. Error: it is not whole. */
function read(path: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const isLog = bytes.length >= FILE_HEAD.bytes && bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) === 0;
  if (!isLog) throw damaged(path, 'its beginning is not that of a log');
  if (bytes.length !== bytes.readUInt32LE(FILE_HEAD.size)) throw damaged(path, 'its end is missing');
  return bytes;
}

function damaged(path: string, what: string): Error {
  return new Error(
    `The log ${path} is damaged: ${what}. Nothing was changed; restore the folder from a backup, or delete this file to go on without the last changes`,
  );
}

/** Makes the file in its whole size, so that later writes need no room; absent where the disk has none. */
function make(path: string): Buffer | undefined {
  const bytes = Buffer.alloc(LOG_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(bytes.length, FILE_HEAD.size);
  const part = `${path}.new`;
  const file = openSync(part, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
    renameSync(part, path);
    syncFolder(dirname(path));
    return bytes;
  } catch (error) {
    rmSync(part, { force: true });
    if (isNoSpace(error)) return undefined;
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Makes sure that a file that was just made is still in its folder after a loss of power; Windows does that by itself and opens no folders. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
