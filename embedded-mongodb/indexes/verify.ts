// Compares a collection with its indexes in both directions: every document has exactly its keys in every index, and every entry points at a
// document that has that key. Works beside writers: each document and each entry is compared as they are at one moment.
import { decode, type Doc } from '../bson/index.js';
import type { Collection } from '../collection.js';
import type { Task } from '../server/task.js';
import { after, type Entry, type Range, type Store, TABLE_BYTES, tableRange } from '../store/store.js';
import { entryKey, entryRecord, recordBytes, RECORD_BYTES, recordKey, storedKeys } from './entries.js';
import type { Index } from './index-spec.js';

const STEP = 32;
/** Faults told of one index; more are only counted. */
const MAX_TOLD = 20;

export interface VerifiedIndex {
  readonly name: string;
  /** Entries in the index. */
  readonly keys: number;
  /** What does not agree, with record numbers and never with values. */
  readonly errors: readonly string[];
}

export interface Verified {
  readonly documents: number;
  readonly indexes: readonly VerifiedIndex[];
  /** Faults of the documents themselves. */
  readonly errors: readonly string[];
  readonly valid: boolean;
}

/** Reads everything; indexes made meanwhile are left out. */
export function* verifyCollection(store: Store, collection: Collection): Task<Verified> {
  const faults = new Map<Index, Faults>(collection.indexes.map((index) => [index, new Faults()]));
  const broken = new Faults();
  const documents = yield* eachEntry(store, tableRange(collection.table), (entry) => {
    const record = entry.key.readUIntBE(TABLE_BYTES, RECORD_BYTES);
    const doc = decoded(entry.value, record, broken);
    for (const [index, own] of faults) if (doc && collection.indexes.includes(index)) checkDocument(store, index, record, doc, own);
  });
  const indexes: VerifiedIndex[] = [];
  for (const [index, own] of faults) {
    const keys = yield* eachEntry(store, tableRange(index.table), (entry) => {
      if (collection.indexes.includes(index)) checkEntry(store, collection, index, entry, own);
    });
    indexes.push({ name: index.name, keys, errors: own.told() });
  }
  const errors = broken.told();
  return { documents, indexes, errors, valid: errors.length === 0 && indexes.every((index) => index.errors.length === 0) };
}

/** Visits the entries of a range, each as it is at that moment; gives their number. */
function* eachEntry(store: Store, whole: Range, visit: (entry: Entry) => void): Task<number> {
  let range = whole;
  for (let count = 0; ;) {
    const page = store.page(range, STEP);
    page.forEach(visit);
    count += page.length;
    const last = page.at(-1);
    if (!last || page.length < STEP) return count;
    range = { start: after(last.key), end: range.end };
    yield;
  }
}

function checkDocument(store: Store, index: Index, record: number, doc: Doc, faults: Faults): void {
  const pointer = recordBytes(record);
  const { keys, multikey, long } = storedKeys(index, doc);
  for (const key of keys) {
    const found = store.get(entryKey(index, key, pointer));
    if (!found?.equals(pointer)) faults.add(`record ${record} has a key that is ${found ? 'held by another record' : 'missing'}`);
  }
  if (multikey && !index.multikey) faults.add(`record ${record} has an array, but the index is not marked multikey`);
  if (long && !index.longKeys) faults.add(`record ${record} has a long key, but the index is not marked so`);
}

function checkEntry(store: Store, collection: Collection, index: Index, entry: Entry, faults: Faults): void {
  const record = entryRecord(entry);
  const raw = store.get(recordKey(collection, record));
  const doc = raw && decoded(raw, record, faults);
  if (!raw) faults.add(`an entry points at record ${record}, which is not there`);
  if (!doc) return;
  const pointer = recordBytes(record);
  const known = storedKeys(index, doc).keys.some((key) => entryKey(index, key, pointer).equals(entry.key));
  if (!known) faults.add(`an entry points at record ${record}, which has no such key`);
}

function decoded(raw: Buffer, record: number, faults: Faults): Doc | undefined {
  try {
    return decode(raw);
  } catch (error) {
    faults.add(`record ${record} is not valid BSON: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

class Faults {
  private readonly first: string[] = [];
  private count = 0;

  add(fault: string): void {
    this.count += 1;
    if (this.first.length < MAX_TOLD) this.first.push(fault);
  }

  told(): string[] {
    return this.count > this.first.length ? [...this.first, `and ${this.count - this.first.length} more`] : this.first;
  }
}
