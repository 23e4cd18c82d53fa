// A collection in memory and the form in which the catalog stores it.
import { randomUUID } from 'node:crypto';
import { Binary, type Doc, int32, Int32, isArray, isDoc, type Value } from './bson/index.js';
import type { MongoError } from './errors.js';
import { type Index, indexFromSpec, type SearchIndex } from './indexes/index-spec.js';
import { prefixesOf } from './indexes/multikey.js';
import type { VectorIndex } from './vector/vector-index.js';

/** An index that is not whole yet: writers maintain it, queries do not see it. */
export interface Build {
  readonly index: Index;
  /** Why it can never be whole; its builder ends with this error. */
  failure: MongoError | undefined;
}

/** A collection; `count` and `nextRecord` are filled by the records module when first needed. */
export interface Collection {
  readonly db: string;
  name: string;
  /** `<db>.<name>` */
  ns: string;
  readonly uuid: Binary;
  readonly table: number;
  readonly options: Doc;
  /** Those that are whole, `_id_` first. */
  indexes: Index[];
  builds: readonly Build[];
  searchIndexes: SearchIndex[];
  /** Number of documents; absent until it is first needed. */
  count: number | undefined;
  /** As far as the documents have been counted: so many of them are in records below this one. */
  counted: { total: number; below: number } | undefined;
  nextRecord: number | undefined;
  /** Counts the writes since the start: a paused command sees by it that others wrote. */
  writes: number;
  /** It is gone: what still reads it ends. */
  dropped: boolean;
  /** One for each vector field of the search indexes, as far as they are in memory. */
  readonly vectors: Map<string, VectorIndex>;
}

const NOTHING_KNOWN = { builds: [], count: undefined, counted: undefined, nextRecord: undefined, writes: 0, dropped: false };

/** An empty collection whose documents are in `table` and whose `_id_` index is in `idTable`. */
export function newCollection(db: string, name: string, options: Doc, table: number, idTable: number): Collection {
  const idSpec: Doc = new Map<string, Value>([
    ['v', int32(2)],
    ['key', new Map([['_id', int32(1)]])],
    ['name', '_id_'],
  ]);
  return {
    db,
    name,
    ns: `${db}.${name}`,
    uuid: new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID),
    table,
    options,
    indexes: [indexFromSpec(idSpec, idTable)],
    searchIndexes: [],
    ...NOTHING_KNOWN,
    count: 0,
    nextRecord: 1,
    vectors: new Map(),
  };
}

/** Makes `known` what `stored` says, keeping it and its indexes the same objects. */
export function restore(known: Collection, stored: Collection): Collection {
  known.name = stored.name;
  known.ns = stored.ns;
  known.indexes = stored.indexes.map((index) => {
    const same = known.indexes.find((other) => other.table === index.table);
    return same ? Object.assign(same, index, { uses: same.uses }) : index;
  });
  known.searchIndexes = stored.searchIndexes;
  known.count = undefined;
  known.counted = undefined;
  known.nextRecord = undefined;
  known.writes += 1;
  known.vectors.clear();
  return known;
}

/** What the catalog stores of a collection; its name is the key. */
export function toStored(collection: Collection): Doc {
  return new Map<string, Value>([
    ['uuid', collection.uuid],
    ['table', int32(collection.table)],
    ['options', collection.options],
    [
      'indexes',
      collection.indexes.map(
        (index): Doc =>
          new Map<string, Value>([
            ['spec', index.spec],
            ['table', int32(index.table)],
            ['multikey', index.multikey],
            ['arrayPaths', [...index.arrayPaths]],
            ['longKeys', index.longKeys],
          ]),
      ),
    ],
    [
      'searchIndexes',
      collection.searchIndexes.map(
        (index): Doc =>
          new Map<string, Value>([
            ['id', index.id],
            ['name', index.name],
            ['definition', index.definition],
          ]),
      ),
    ],
  ]);
}

/** A collection as it was stored. */
export function fromStored(ns: string, stored: Doc): Collection {
  const dot = ns.indexOf('.');
  const indexes = docs(stored.get('indexes')).map((entry) => {
    const index = indexFromSpec(entry.get('spec') as Doc, numberOf(entry.get('table')));
    index.multikey = entry.get('multikey') === true;
    const arrayPaths = entry.get('arrayPaths'); // absent in folders written before it was kept
    if (index.multikey) index.arrayPaths = new Set(isArray(arrayPaths) ? arrayPaths.map(String) : index.paths.flatMap(prefixesOf));
    index.longKeys = entry.get('longKeys') === true;
    return index;
  });
  return {
    db: ns.slice(0, dot),
    name: ns.slice(dot + 1),
    ns,
    uuid: stored.get('uuid') as Binary,
    table: numberOf(stored.get('table')),
    options: stored.get('options') as Doc,
    indexes,
    searchIndexes: docs(stored.get('searchIndexes')).map((entry) => ({
      id: entry.get('id') as string,
      name: entry.get('name') as string,
      definition: entry.get('definition') as Doc,
    })),
    ...NOTHING_KNOWN,
    vectors: new Map(),
  };
}

function docs(value: Value | undefined): Doc[] {
  return Array.isArray(value) ? value.filter(isDoc) : [];
}

function numberOf(value: Value | undefined): number {
  return value instanceof Int32 ? value.value : Number(value);
}
