// Room on the disk for what a transaction writes, made sure of before LMDB writes. LMDB must not meet a full disk itself: its version 3.5.6 words
// that error into 100 bytes that are too few for it (`last_error` in `mdb_page_flush`), which now and then ended the process. So the data file
// is kept longer than its pages need, filled with zeros, and a transaction that might need more than that, and than the disk has free, is undone.
// Where the disk has plenty, LMDB's commit may wait, and several transactions share it; where it has not, others could fill it before that.
import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs';
import { isNoSpace } from './disk-errors.js';

/** The file is made this much longer than its pages once less than `LOW_PAGES` are left, which single inserts come to after a few. */
const AHEAD_PAGES = 1024;
const LOW_PAGES = 256;
/** With more free space than this, half of it is trusted to stay free for the seconds until LMDB commits. */
const PLENTY_BYTES = 2 ** 30;
/** Left for transactions that give up or free space, so that these still go when nothing else does. */
const RESERVED_PAGES = 128;
/** Free space of the disk that is not counted on: others write at the same time. */
const UNCOUNTED_BYTES = 2 ** 20;
/** LMDB's list of free pages changes with every transaction; a page of it names 511 others, one of 8 KB twice as many. */
const FREE_LIST_PAGES = 64;
const NAMED_BY_PAGE = 511;
/** Up to this size a value lies in the page of its key, also where pages have 4 KB; larger ones may have pages of their own, with a header of 24 bytes. */
const IN_PAGE_BYTES = 2_000;
const HEADER_BYTES = 24;

/** The state of the tree, from LMDB. */
export interface TreeSize {
  readonly pageBytes: number;
  /** Pages from the beginning of the file to the last one in use. */
  readonly pages: number;
  readonly depth: number;
}

/** Thrown where the disk might not have the room that a transaction needs. */
export class DiskFull extends Error {
  constructor(path: string) {
    super(`No space left for ${path}`);
  }
}

export class Room {
  private readonly file: number;
  private size: TreeSize;
  /** Pages of the file that are surely there behind the last one in use. */
  private ahead = 0;
  /** Pages that LMDB's next commit may need, and those it may have. */
  private needed = 0;
  private allowed = 0;
  /** Pages that it may need and still wait. */
  private patient = 0;
  private reserved = RESERVED_PAGES;
  private askedDisk = false;

  constructor(
    private readonly path: string,
    private readonly measure: () => TreeSize,
    private readonly plentyBytes = PLENTY_BYTES,
  ) {
    this.file = openSync(path, 'r+');
    this.size = measure();
  }

  /** Before the first transaction of a commit. */
  begin(): void {
    if (this.ahead < LOW_PAGES + RESERVED_PAGES) this.extend();
    this.needed = FREE_LIST_PAGES;
    this.allowed = this.ahead;
    const free = this.freeOnDisk();
    this.patient = free > this.plentyBytes ? this.pagesIn(free / 2) : 0;
    this.askedDisk = false;
  }

  /** Before a transaction. One that `frees` may use what is reserved. */
  reserve(frees: boolean): void {
    this.reserved = frees ? 0 : RESERVED_PAGES;
  }

  /** A value is stored: the pages from the root to its key are copied and may all be split. */
  put(valueBytes: number): void {
    const own = valueBytes > IN_PAGE_BYTES ? Math.ceil((valueBytes + HEADER_BYTES) / this.size.pageBytes) : 0;
    this.needed += 2 * this.size.depth + 2 + own;
  }

  /** A key is deleted: the pages from the root to it are copied, and with each a neighbour to merge with. */
  delete(): void {
    this.needed += 2 * this.size.depth;
  }

  /** True when half of what the commit may have is used up: what can wait should be left to the next one. */
  isShort(): boolean {
    return this.needed > FREE_LIST_PAGES && this.exceeds(2);
  }

  /** At the end of a transaction. Error: DiskFull. */
  check(): void {
    if (this.exceeds(1)) throw new DiskFull(this.path);
  }

  /** True when the commit may not wait: by then others might have taken the room that it needs. */
  isUrgent(): boolean {
    return this.pagesNeeded() > this.patient;
  }

  /** After the commit. */
  end(): void {
    this.ahead -= this.pagesNeeded();
    this.needed = 0;
  }

  /** Lets LMDB close the file, and gives back what is behind its last page. */
  async close(lmdb: () => Promise<void>): Promise<void> {
    const { pages, pageBytes } = this.measure();
    await lmdb();
    if (fstatSync(this.file).size > pages * pageBytes) ftruncateSync(this.file, pages * pageBytes);
    closeSync(this.file);
  }

  private pagesNeeded(): number {
    return this.needed + Math.ceil(this.needed / NAMED_BY_PAGE);
  }

  private exceeds(share: number): boolean {
    const needed = this.pagesNeeded() * share + this.reserved;
    if (needed <= this.allowed) return false;
    if (!this.askedDisk) this.askDisk();
    return needed > this.allowed;
  }

  /** Counts pages that the file is longer than was known, as commits take fewer than they may need, and those that the disk has free. */
  private askDisk(): void {
    this.askedDisk = true;
    const known = this.ahead;
    this.size = this.measure();
    this.ahead = this.pagesBehind(fstatSync(this.file).size);
    this.allowed += this.ahead - known + Math.max(0, this.pagesIn(this.freeOnDisk() - UNCOUNTED_BYTES));
  }

  private freeOnDisk(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  private pagesIn(bytes: number): number {
    return Math.floor(bytes / this.size.pageBytes);
  }

  /** Makes the file longer as far as the disk lets it be. */
  private extend(): void {
    this.size = this.measure();
    const { pages, pageBytes } = this.size;
    const { size } = fstatSync(this.file);
    const isLow = this.pagesBehind(size) < LOW_PAGES + RESERVED_PAGES;
    this.ahead = this.pagesBehind(isLow ? this.fill(size, (pages + AHEAD_PAGES) * pageBytes) : size);
  }

  /** Pages of a file of this size behind the last one in use. */
  private pagesBehind(fileBytes: number): number {
    return Math.max(0, this.pagesIn(fileBytes) - this.size.pages);
  }

  /** Writes zeros from `from` to `end` or until nothing more goes; gives the new size. */
  private fill(from: number, end: number): number {
    const zeros = Buffer.alloc(AHEAD_PAGES * this.size.pageBytes);
    let at = from;
    try {
      while (at < end) at += writeSync(this.file, zeros, 0, Math.min(zeros.length, end - at), at);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    }
    return at;
  }
}
