// Walks the pages of LMDB's file, which it does not check itself: it trusts what it finds, and a page that was overwritten or is missing ends the
// process, or is taken for data. Layout: lmdb.h and mdb.c, data version 2 (offsets in bytes, little endian as every system we run on).
import { readSync } from 'node:fs';

/** The bytes of a page before its nodes. */
const HEADER = { page: 0, flags: 18, lower: 20, upper: 22, overflowPages: 20, bytes: 24 } as const;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;

/** The bytes of a node before its key; a branch keeps the child's page number in the first three fields. */
const NODE = { low: 0, high: 2, flags: 4, keyBytes: 6, bytes: 8 } as const;
const BIG_VALUE = 0x01;

/** Where a meta page describes its trees (the free pages, then the data), and the root of an empty one. */
const TREES = [48, 96] as const;
const TREE = { depth: 6, branches: 8, leaves: 16, overflow: 24, root: 40 } as const;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;
const META = { magic: 24, version: 28, pageSize: 48, lastPage: 144, transaction: 152, bytes: 160 } as const;
const MAGIC = 0xbeefc0de;
const VERSION = 2;

interface Tree {
  readonly root: number;
  readonly depth: number;
  readonly branches: number;
  readonly leaves: number;
  readonly overflow: number;
}

/** What one of the file's two meta pages says; the one of the later transaction holds. */
export interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  readonly trees: readonly Tree[];
}

/** The meta page at this offset of an open file; absent when it is none. */
export function readMeta(file: number, offset: number): Meta | undefined {
  const bytes = Buffer.alloc(META.bytes);
  if (readSync(file, bytes, 0, META.bytes, offset) < META.bytes) return undefined;
  const number = (at: number): number => Number(bytes.readBigUInt64LE(at));
  const pageSize = bytes.readUInt32LE(META.pageSize);
  if (bytes.readUInt32LE(META.magic) !== MAGIC || bytes.readUInt32LE(META.version) !== VERSION || pageSize < 256) return undefined;
  const trees = TREES.filter((at) => bytes.readBigUInt64LE(at + TREE.root) !== NO_ROOT).map((at) => ({
    root: number(at + TREE.root),
    depth: bytes.readUInt16LE(at + TREE.depth),
    branches: number(at + TREE.branches),
    leaves: number(at + TREE.leaves),
    overflow: number(at + TREE.overflow),
  }));
  return { pageSize, lastPage: number(META.lastPage), transaction: number(META.transaction), trees };
}

/**
 * Number of the first page that is missing or is not what the page above it says; absent when all are right. Without `leaves` only the pages
 * above them are read, about one in a hundred. The contents of documents are not checked: nothing in the file says what they were.
 */
export function firstBadPage(file: number, meta: Meta, leaves: boolean): number | undefined {
  for (const tree of meta.trees) {
    const bad = badPageOf(file, meta, tree, leaves);
    if (bad !== undefined) return bad;
  }
  return undefined;
}

interface Below {
  readonly page: number;
  readonly depth: number;
}

function badPageOf(file: number, meta: Meta, tree: Tree, leaves: boolean): number | undefined {
  const page = Buffer.alloc(meta.pageSize);
  const left: Below[] = [{ page: tree.root, depth: 1 }];
  const found = { branches: 0, leaves: 0, overflow: 0 };
  for (let next = left.pop(); next; next = left.pop()) {
    const isLeaf = next.depth === tree.depth;
    if (next.page > meta.lastPage || !readPage(file, meta, next.page, page)) return next.page;
    if (page.readUInt16LE(HEADER.flags) !== (isLeaf ? LEAF : BRANCH)) return next.page;
    found[isLeaf ? 'leaves' : 'branches'] += 1;
    if (found.leaves > tree.leaves || found.branches > tree.branches) return next.page; // a circle, too
    const nodes = nodesOf(page, isLeaf);
    if (!nodes) return next.page;
    for (const node of nodes) {
      if (!isLeaf) {
        if (leaves || next.depth + 1 < tree.depth) left.push({ page: childOf(page, node), depth: next.depth + 1 });
      } else if ((page.readUInt16LE(node + NODE.flags) & BIG_VALUE) !== 0) {
        const value = overflowOf(page, node);
        if (!value || !isOverflow(file, meta, value)) return value?.page ?? next.page;
        found.overflow += value.pages;
      }
    }
  }
  const isWhole = found.leaves === tree.leaves && found.overflow === tree.overflow;
  return found.branches === tree.branches && (isWhole || !leaves) ? undefined : tree.root;
}

/** Reads the beginning of a page; false when it is missing, or was not written as the page of this number. */
function readPage(file: number, meta: Meta, number: number, page: Buffer): boolean {
  if (readSync(file, page, 0, page.length, number * meta.pageSize) < page.length) return false;
  return Number(page.readBigUInt64LE(HEADER.page)) === number;
}

/** Offsets of a page's nodes; absent when they cannot be right: where half of a page was overwritten, their keys are too long or have no bytes. */
function nodesOf(page: Buffer, isLeaf: boolean): number[] | undefined {
  const lower = page.readUInt16LE(HEADER.lower);
  const upper = page.readUInt16LE(HEADER.upper);
  if (lower > upper || HEADER.bytes + upper > page.length) return undefined;
  const nodes: number[] = [];
  for (let at = HEADER.bytes; at < HEADER.bytes + lower; at += 2) {
    const node = HEADER.bytes + page.readUInt16LE(at);
    if (node < HEADER.bytes + upper || node + NODE.bytes > page.length) return undefined;
    const keyBytes = page.readUInt16LE(node + NODE.keyBytes);
    if ((isLeaf && keyBytes === 0) || node + NODE.bytes + keyBytes > page.length) return undefined;
    nodes.push(node);
  }
  return nodes;
}

function childOf(page: Buffer, node: number): number {
  const high = page.readUInt16LE(node + NODE.high) + page.readUInt16LE(node + NODE.flags) * 2 ** 16;
  return page.readUInt16LE(node + NODE.low) + high * 2 ** 16;
}

interface BigValue {
  readonly page: number;
  readonly pages: number;
}

/** Where a value that does not fit into a page lies: page number, transaction and number of pages behind the key. */
function overflowOf(page: Buffer, node: number): BigValue | undefined {
  const at = node + NODE.bytes + page.readUInt16LE(node + NODE.keyBytes);
  if (at + 24 > page.length) return undefined;
  return { page: Number(page.readBigUInt64LE(at)), pages: Number(page.readBigUInt64LE(at + 16)) };
}

function isOverflow(file: number, meta: Meta, { page, pages }: BigValue): boolean {
  if (page + pages - 1 > meta.lastPage) return false;
  const first = Buffer.alloc(HEADER.bytes);
  if (!readPage(file, meta, page, first)) return false;
  if (first.readUInt16LE(HEADER.flags) !== OVERFLOW || first.readUInt32LE(HEADER.overflowPages) !== pages) return false;
  return readSync(file, first, 0, 1, (page + pages) * meta.pageSize - 1) === 1;
}
