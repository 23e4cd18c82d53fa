// The entries of an index: which keys a document has, the bytes under which they are stored, and MongoDB's error when a unique one is taken.
import { type Collection } from '../collection.js';
import { type Doc, indexKeys, type KeyPart, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { encodeKey, isLongKey, storedKey, successor } from '../keys.js';
import { type Entry, tableKey } from '../store/store.js';
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

/** The keys of a document in an index as they are stored; none when the index leaves the document out. Error: CannotIndexParallelArrays. */
export function storedKeys(index: Index, doc: Doc): { readonly keys: Buffer[]; readonly multikey: boolean; readonly long: boolean } {
  if (index.partial && !index.partial.matches(doc)) return NO_KEYS;
  const { keys, multikey, anyPresent } = indexKeys(doc, index.paths);
  if (index.sparse && !anyPresent) return NO_KEYS;
  const encoded = keys.map((key) => encodeKey(collated(index, key), index.descending));
  const long = encoded.some(isLongKey);
  return { keys: long ? encoded.map(storedKey) : encoded, multikey, long };
}

const NO_KEYS = { keys: [], multikey: false, long: false };

/** Key parts as the index compares them: strings folded by its collation. */
export function collated(index: Index, key: readonly KeyPart[]): readonly KeyPart[] {
  const { collation } = index;
  return collation ? key.map((part) => (part === undefined ? part : collation.fold(part))) : key;
}

/** A unique index holds one record for a key; in the others the record's number makes the key unique. */
export function entryKey(index: Index, key: Buffer, pointer: Buffer): Buffer {
  return index.unique ? tableKey(index.table, key) : tableKey(index.table, Buffer.concat([key, pointer]));
}

/** The end of the range of keys that start with `key`. */
export function rangeOfKey(index: Index, key: Buffer): { start: Buffer; end: Buffer } {
  return { start: tableKey(index.table, key), end: tableKey(index.table, successor(key)) };
}

export function duplicateKey(collection: Collection, index: Index, doc: Doc, key: Buffer): MongoError {
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
