// The only writer of documents: a record and its entries in every index change together, after all uniqueness checks, so that a
// refused document leaves nothing behind.
import { type Catalog, type Collection } from '../catalog.js';
import { type Doc, indexKeys, type KeyPart, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { encodeKey, isLongKey, storedKey, successor } from '../keys.js';
import { type Entry, type Store, tableKey, tableRange } from '../store/store.js';
import { showValue } from '../show.js';
import { type Index } from './index-spec.js';

/** Bytes of a record number at the end of non-unique index keys and as the value of every index entry. */
export const RECORD_BYTES = 6;

export function recordBytes(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  bytes.writeUIntBE(record, 0, RECORD_BYTES);
  return bytes;
}

export function recordKey(collection: Collection, record: number): Buffer {
  const key = Buffer.allocUnsafe(4 + RECORD_BYTES);
  key.writeUInt32BE(collection.table, 0);
  key.writeUIntBE(record, 4, RECORD_BYTES);
  return key;
}

/** The record number that an index entry points at. */
export function entryRecord(entry: Entry): number {
  return entry.value.readUIntBE(0, RECORD_BYTES);
}

export class Records {
  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
  ) {}

  count(collection: Collection): number {
    return (collection.count ??= this.store.count(tableRange(collection.table)));
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
    const count = this.count(collection);
    this.store.put(recordKey(collection, record), raw);
    const pointer = recordBytes(record);
    keys.forEach((own, position) => {
      const index = collection.indexes[position] as Index;
      for (const key of own) this.store.put(entryKey(index, key, pointer), pointer);
    });
    collection.count = count + 1;
    for (const cache of collection.vectors.values()) cache.write(record, doc);
    return record;
  }

  /** Replaces a document in place. `before` must be what the record holds. Error: DuplicateKey. */
  replace(collection: Collection, record: number, before: Doc, after: Doc, raw: Buffer): void {
    const pointer = recordBytes(record);
    const changes: { index: Index; removed: Buffer[]; added: Buffer[] }[] = [];
    for (const index of collection.indexes.slice(1)) {
      const old = this.keysOf(collection, index, before);
      const own = this.keysOf(collection, index, after);
      if (old.length === own.length && old.every((key, position) => key.equals(own[position] as Buffer))) continue;
      const added = own.filter((key) => !old.some((other) => other.equals(key)));
      this.checkUnique(collection, index, added, after, record);
      changes.push({ index, removed: old.filter((key) => !own.some((other) => other.equals(key))), added });
    }
    for (const { index, removed, added } of changes) {
      for (const key of removed) this.store.delete(entryKey(index, key, pointer));
      for (const key of added) this.store.put(entryKey(index, key, pointer), pointer);
    }
    this.store.put(recordKey(collection, record), raw);
    for (const cache of collection.vectors.values()) cache.write(record, after);
  }

  delete(collection: Collection, record: number, doc: Doc): void {
    const pointer = recordBytes(record);
    const count = this.count(collection);
    for (const index of collection.indexes) {
      for (const key of this.keysOf(collection, index, doc)) this.store.delete(entryKey(index, key, pointer));
    }
    this.store.delete(recordKey(collection, record));
    collection.count = count - 1;
    for (const cache of collection.vectors.values()) cache.remove(record);
  }

  /** Fills a new index from the documents already there. Nothing is written when one is refused. Error: DuplicateKey. */
  build(collection: Collection, index: Index, docs: Iterable<{ record: number; doc: Doc }>): void {
    const entries: { key: Buffer; record: number }[] = [];
    for (const { record, doc } of docs) {
      for (const key of this.keysOf(collection, index, doc)) entries.push({ key, record });
    }
    entries.sort((a, b) => Buffer.compare(a.key, b.key) || a.record - b.record);
    if (index.unique) {
      const repeated = entries.findIndex(
        (entry, position) => position > 0 && entry.key.equals((entries[position - 1] as { key: Buffer }).key),
      );
      const entry = entries[repeated];
      if (entry) {
        for (const candidate of docs)
          if (candidate.record === entry.record) throw duplicateKey(collection, index, candidate.doc, entry.key);
      }
    }
    for (const { key, record } of entries) {
      const pointer = recordBytes(record);
      this.store.put(entryKey(index, key, pointer), pointer);
    }
  }

  /** The stored keys of a document in an index; notes on the index when it became multikey or inexact. */
  private keysOf(collection: Collection, index: Index, doc: Doc): Buffer[] {
    if (index.partial && !index.partial.matches(doc)) return [];
    const { keys, multikey, anyPresent } = indexKeys(doc, index.paths);
    if (index.sparse && !anyPresent) return [];
    const encoded = keys.map((key) => encodeKey(collated(index, key), index.descending));
    const long = encoded.some(isLongKey);
    if ((multikey && !index.multikey) || (long && !index.longKeys)) {
      index.multikey ||= multikey;
      index.longKeys ||= long;
      if (collection.indexes.includes(index)) this.catalog.save(collection);
    }
    return long ? encoded.map(storedKey) : encoded;
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

/** Key parts as the index compares them: strings folded by its collation. */
export function collated(index: Index, key: readonly KeyPart[]): readonly KeyPart[] {
  const { collation } = index;
  return collation ? key.map((part) => (part === undefined ? part : collation.fold(part))) : key;
}

/** A unique index holds one record for a key; in the others the record's number makes the key unique. */
function entryKey(index: Index, key: Buffer, pointer: Buffer): Buffer {
  return index.unique ? tableKey(index.table, key) : tableKey(index.table, Buffer.concat([key, pointer]));
}

/** The end of the range of keys that start with `key`. */
export function rangeOfKey(index: Index, key: Buffer): { start: Buffer; end: Buffer } {
  return { start: tableKey(index.table, key), end: tableKey(index.table, successor(key)) };
}

function duplicateKey(collection: Collection, index: Index, doc: Doc, key: Buffer): MongoError {
  const { keys } = indexKeys(doc, index.paths);
  const parts = keys.find((candidate) => storedKey(encodeKey(collated(index, candidate), index.descending)).equals(key)) ?? [];
  const keyValue: Doc = new Map(index.paths.map((path, position): [string, Value] => [path, collated(index, parts)[position] ?? null]));
  const shown = index.paths.map((path, position) => `${path}: ${showValue(collated(index, parts)[position])}`).join(', ');
  const collationText = index.collation ? ` collation: ${showValue(index.collation.spec)}` : '';
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.ns} index: ${index.name}${collationText} dup key: { ${shown} }`,
    new Map([
      ['keyPattern', index.key],
      ['keyValue', keyValue],
    ]),
  );
}
