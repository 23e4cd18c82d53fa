// Walks an access path and yields raw documents, counting what it looks at. Safe to pause between any two documents.
import type { Doc, Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { entryRecord, type Records, RECORD_BYTES } from '../indexes/records.js';
import { type Entry, type Store, TABLE_BYTES, tableRange } from '../store/store.js';
import type { Access, IndexAccess, UnionAccess } from './plan.js';

export interface ScanStats {
  keysExamined: number;
  docsExamined: number;
}

/** A document found: its record, its bytes, and its decoded form where something needed it. */
export interface Found {
  readonly record: number;
  readonly raw: Buffer;
  doc: Doc | undefined;
}

/** In the place of a document: nothing was found for a while, and a task may pause here. No document is record 0. */
export const PAUSE: Found = { record: 0, raw: Buffer.alloc(0), doc: undefined };

export function isPause({ record }: { readonly record: number }): boolean {
  return record === 0;
}

export function newStats(): ScanStats {
  return { keysExamined: 0, docsExamined: 0 };
}

/** A time limit in epoch milliseconds; Infinity for none. That of a cursor moves on while nothing is read. */
export interface Deadline {
  at: number;
  readonly now: () => number;
}

const CHECK_EVERY = 128;

/** Error: MaxTimeMSExpired when the deadline has passed. */
export function checkDeadline(deadline: Deadline): void {
  if (deadline.now() > deadline.at) throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
}

export interface ScanOptions {
  readonly stats: ScanStats;
  readonly deadline: Deadline;
  /** Gives PAUSE now and then. */
  readonly pausable: boolean;
  /** Documents that are likely to be read; absent where nothing is known. */
  readonly wanted?: number;
}

/** The documents of an access path, each once, in its order. Error: QueryPlanKilled when the collection or the index went while the scan was paused. */
export function scanDocuments(
  store: Store,
  records: Records,
  collection: Collection,
  access: Exclude<Access, UnionAccess>,
  options: ScanOptions,
): Iterable<Found> {
  switch (access.kind) {
    case 'id':
      return readById(records, collection, access.id, options.stats);
    case 'index':
      return scanIndex(store, records, collection, access, options);
    case 'collection':
      return scanCollection(store, collection, access.reverse, options);
  }
}

function* readById(records: Records, collection: Collection, id: Value, stats: ScanStats): Generator<Found, void, undefined> {
  const record = records.findById(collection, id);
  if (record === undefined) return;
  stats.keysExamined += 1;
  stats.docsExamined += 1;
  const raw = records.read(collection, record);
  if (raw) yield { record, raw, doc: undefined };
}

function* scanCollection(
  store: Store,
  collection: Collection,
  reverse: boolean,
  { stats, deadline, pausable, wanted }: ScanOptions,
): Generator<Found, void, undefined> {
  for (const { key, value } of store.scan(tableRange(collection.table), reverse, wanted)) {
    stats.docsExamined += 1;
    if (stats.docsExamined % CHECK_EVERY === 0) {
      checkDeadline(deadline);
      if (pausable) yield PAUSE;
    }
    yield { record: key.readUIntBE(TABLE_BYTES, RECORD_BYTES), raw: value, doc: undefined };
    if (collection.dropped) throw dropped(collection);
  }
}

function* scanIndex(
  store: Store,
  records: Records,
  collection: Collection,
  access: IndexAccess,
  { stats, deadline, pausable, wanted }: ScanOptions,
): Generator<Found, void, undefined> {
  const seen = access.index.multikey ? new Set<number>() : undefined;
  const ranges = access.reverse ? [...access.ranges].reverse() : access.ranges;
  const whole = givesWholeKeys(access);
  for (const range of ranges) {
    for (const entry of whole ? entryAt(store, range.start) : store.scan(range, access.reverse, wanted)) {
      stats.keysExamined += 1;
      if (stats.keysExamined % CHECK_EVERY === 0) {
        checkDeadline(deadline);
        if (pausable) yield PAUSE;
      }
      if (access.index.dropped) throw dropped(collection, access.index.name);
      const record = entryRecord(entry);
      if (seen?.has(record)) continue;
      seen?.add(record);
      const raw = records.read(collection, record);
      if (!raw) continue; // deleted since the chunk was read
      stats.docsExamined += 1;
      yield { record, raw, doc: undefined };
    }
  }
}

/** Each range is one whole key of a unique index, which has one entry for it at most. */
function givesWholeKeys({ index, bounds }: IndexAccess): boolean {
  return index.unique && !index.longKeys && bounds.points === index.fields.length;
}

function entryAt(store: Store, key: Buffer): Entry[] {
  const value = store.get(key);
  return value ? [{ key, value }] : [];
}

function dropped(collection: Collection, index?: string): MongoError {
  const what = collection.dropped || index === undefined ? `collection dropped: ${collection.ns}` : `index '${index}' dropped`;
  return new MongoError('QueryPlanKilled', `query plan killed :: ${what}`);
}
