// The only writer of documents: a record and its entries in every index change together, after all uniqueness checks, so that a
// refused document leaves nothing behind.
import { type Catalog } from '../catalog.js';
import { type Build, type Collection } from '../collection.js';
import { type Doc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { encodeKey, storedKey } from '../keys.js';
import type { Task } from '../server/task.js';
import { type Store, TABLE_BYTES, tableKey, tableRange } from '../store/store.js';
import { duplicateKey, entryKey, recordBytes, RECORD_BYTES, recordKey, storedKeys } from './entries.js';
import { type Index } from './index-spec.js';
import { noteArrays } from './multikey.js';

export { collated, entryRecord, RECORD_BYTES, rangeOfKey, recordKey } from './entries.js';

export class Records {
  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
  ) {}

  /** Number of documents. Counted once; what is inserted meanwhile comes behind what is counted already, what is deleted before it is taken off. */
  *counting(collection: Collection): Task<number> {
    const { end } = tableRange(collection.table);
    while (collection.count === undefined) {
      const counted = (collection.counted ??= { total: 0, below: 0 });
      const { count, rest } = this.store.countSome({ start: recordKey(collection, counted.below), end });
      counted.total += count;
      if (rest) {
        counted.below = rest.readUIntBE(TABLE_BYTES, RECORD_BYTES);
        yield;
      } else {
        collection.count = counted.total;
        collection.counted = undefined;
      }
    }
    return collection.count;
  }

  read(collection: Collection, record: number): Buffer | undefined {
    return this.store.get(recordKey(collection, record));
  }

  /** The record with this `_id`, found through the `_id_` index. */
  findById(collection: Collection, id: Value): number | undefined {
    const index = collection.indexes[0] as Index;
    return this.store.get(tableKey(index.table, storedKey(encodeKey([id], index.descending))))?.readUIntBE(0, RECORD_BYTES);
  }

  /** Stores a new document; `raw` are its bytes. Error: DuplicateKey. */
  insert(collection: Collection, doc: Doc, raw: Buffer): number {
    const keys = collection.indexes.map((index) => this.keysOf(collection, index, doc));
    keys.forEach((own, position) => this.checkUnique(collection, collection.indexes[position] as Index, own, doc, undefined));
    const record = this.nextRecord(collection);
    this.store.put(recordKey(collection, record), raw);
    const pointer = recordBytes(record);
    keys.forEach((own, position) => {
      const index = collection.indexes[position] as Index;
      for (const key of own) this.store.put(entryKey(index, key, pointer), pointer);
    });
    for (const build of collection.builds) this.change(collection, build, record, undefined, doc);
    if (collection.count !== undefined) collection.count += 1;
    collection.writes += 1;
    for (const cache of collection.vectors.values()) cache.write(record, doc);
    return record;
  }

  /** Replaces a document in place. `before` must be what the record holds. Error: DuplicateKey. */
  replace(collection: Collection, record: number, before: Doc, after: Doc, raw: Buffer): void {
    const pointer = recordBytes(record);
    const changes: { index: Index; removed: Buffer[]; added: Buffer[] }[] = [];
    for (const index of collection.indexes.slice(1)) {
      const { removed, added } = difference(this.keysOf(collection, index, before), this.keysOf(collection, index, after));
      this.checkUnique(collection, index, added, after, record);
      changes.push({ index, removed, added });
    }
    for (const { index, removed, added } of changes) {
      for (const key of removed) this.store.delete(entryKey(index, key, pointer));
      for (const key of added) this.store.put(entryKey(index, key, pointer), pointer);
    }
    for (const build of collection.builds) this.change(collection, build, record, before, after);
    this.store.put(recordKey(collection, record), raw);
    collection.writes += 1;
    for (const cache of collection.vectors.values()) cache.write(record, after);
  }

  delete(collection: Collection, record: number, doc: Doc): void {
    const pointer = recordBytes(record);
    for (const index of collection.indexes) {
      for (const key of this.keysOf(collection, index, doc)) this.store.delete(entryKey(index, key, pointer));
    }
    for (const build of collection.builds) this.change(collection, build, record, doc, undefined);
    this.store.delete(recordKey(collection, record));
    if (collection.count !== undefined) collection.count -= 1;
    else if (collection.counted && record < collection.counted.below) collection.counted.total -= 1;
    collection.writes += 1;
    for (const cache of collection.vectors.values()) cache.remove(record);
  }

  /**
   * Keeps an index that is being built in step with a document that becomes `after` (absent: goes, or for `before`: was not known to the
   * index). The builder may not have come to the record yet: what is removed may be missing, or belong to another record, and what is added
   * may be there. A document that the index cannot take fails the build, not the write.
   */
  change(collection: Collection, build: Build, record: number, before: Doc | undefined, after: Doc | undefined): void {
    if (build.failure) return;
    const { index } = build;
    const pointer = recordBytes(record);
    try {
      const old = before ? this.keysOf(collection, index, before) : [];
      const own = after ? this.keysOf(collection, index, after) : [];
      const { removed, added } = difference(old, own);
      if (after) this.checkUnique(collection, index, added, after, record);
      for (const key of removed) {
        const entry = entryKey(index, key, pointer);
        if (this.store.get(entry)?.equals(pointer)) this.store.delete(entry);
      }
      for (const key of added) this.store.put(entryKey(index, key, pointer), pointer);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      build.failure = error;
    }
  }

  /** The stored keys of a document in an index; notes on the index when it became multikey or inexact. */
  private keysOf(collection: Collection, index: Index, doc: Doc): Buffer[] {
    const { keys, multikey, long } = storedKeys(index, doc);
    const arrays = multikey && noteArrays(index, doc);
    if (arrays || (long && !index.longKeys)) {
      index.longKeys ||= long;
      if (collection.indexes.includes(index)) this.catalog.save(collection);
    }
    return keys;
  }

  private checkUnique(collection: Collection, index: Index, keys: readonly Buffer[], doc: Doc, self: number | undefined): void {
    if (!index.unique) return;
    for (const key of keys) {
      const holder = this.store.get(tableKey(index.table, key));
      if (holder && holder.readUIntBE(0, RECORD_BYTES) !== self) throw duplicateKey(collection, index, doc, key);
    }
  }

  private nextRecord(collection: Collection): number {
    if (collection.nextRecord === undefined) {
      const last = this.store.first(tableRange(collection.table), true);
      collection.nextRecord = last ? last.key.readUIntBE(4, RECORD_BYTES) + 1 : 1;
    }
    const record = collection.nextRecord;
    collection.nextRecord += 1;
    return record;
  }
}

/** The keys that go and those that come; an unchanged document costs little. */
function difference(old: Buffer[], own: Buffer[]): { removed: Buffer[]; added: Buffer[] } {
  if (old.length === own.length && old.every((key, position) => key.equals(own[position] as Buffer))) return UNCHANGED;
  if (old.length === 0 || own.length === 0) return { removed: old, added: own };
  const before = new Set(old.map(textOf));
  const after = new Set(own.map(textOf));
  return { removed: old.filter((key) => !after.has(textOf(key))), added: own.filter((key) => !before.has(textOf(key))) };
}

const UNCHANGED = { removed: [], added: [] };

function textOf(key: Buffer): string {
  return key.toString('latin1');
}
