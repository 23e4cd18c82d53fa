// Which databases, collections and indexes exist and which table of the store holds each. Kept in memory, written through to table 0,
// and read again when a transaction was undone.
import { randomUUID } from 'node:crypto';
import { Binary, decode, type Doc, encode, int32, Int32, isDoc, type Value } from './bson/index.js';
import { MongoError } from './errors.js';
import { type Index, indexFromSpec, type SearchIndex } from './indexes/index-spec.js';
import { type Store, TABLE_BYTES, tableKey, tableRange } from './store/store.js';
import type { VectorCache } from './vector/cache.js';

const CATALOG_TABLE = 0;
const FIRST_FREE_TABLE = 16;
const NEXT_TABLE_KEY = tableKey(CATALOG_TABLE, Buffer.from('n'));
const COLLECTION_PREFIX = 'c';
const DROPPED_PREFIX = 'd';

/** A collection; `count` and `nextRecord` are filled by the records module when first needed. */
export interface Collection {
  readonly db: string;
  name: string;
  /** `<db>.<name>` */
  ns: string;
  readonly uuid: Binary;
  readonly table: number;
  readonly options: Doc;
  /** `_id_` first. */
  indexes: Index[];
  searchIndexes: SearchIndex[];
  /** Number of documents; absent until it is first needed. */
  count: number | undefined;
  nextRecord: number | undefined;
  /** One for each vector path searched since the start. */
  readonly vectors: Map<string, VectorCache>;
}

export class Catalog {
  private databases = new Map<string, Map<string, Collection>>();
  private nextTable = FIRST_FREE_TABLE;

  constructor(private readonly store: Store) {
    this.reload();
  }

  /** Reads everything again from the store; call it after a transaction was undone. */
  reload(): void {
    this.databases = new Map();
    const next = this.store.get(NEXT_TABLE_KEY);
    this.nextTable = next ? next.readUInt32BE(0) : FIRST_FREE_TABLE;
    const prefix = tableKey(CATALOG_TABLE, Buffer.from(COLLECTION_PREFIX));
    const end = tableKey(CATALOG_TABLE, Buffer.from(DROPPED_PREFIX));
    for (const { key, value } of this.store.scan({ start: prefix, end })) {
      const collection = fromStored(key.toString('utf8', TABLE_BYTES + 1), decode(value));
      this.databaseOf(collection.db).set(collection.name, collection);
    }
  }

  find(db: string, name: string): Collection | undefined {
    return this.databases.get(db)?.get(name);
  }

  /** The names of databases with at least one collection, sorted. */
  databaseNames(): string[] {
    return [...this.databases.keys()].filter((name) => (this.databases.get(name)?.size ?? 0) > 0).sort();
  }

  collections(db: string): Collection[] {
    return [...(this.databases.get(db)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  all(): Collection[] {
    return this.databaseNames().flatMap((db) => this.collections(db));
  }

  /** Makes a collection with its `_id_` index. Error: InvalidNamespace. */
  create(db: string, name: string, options: Doc = new Map()): Collection {
    checkNames(db, name);
    const collection: Collection = {
      db,
      name,
      ns: `${db}.${name}`,
      uuid: new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID),
      table: this.allocateTable(),
      options,
      indexes: [],
      searchIndexes: [],
      count: 0,
      nextRecord: 1,
      vectors: new Map(),
    };
    const idSpec: Doc = new Map<string, Value>([
      ['v', int32(2)],
      ['key', new Map([['_id', int32(1)]])],
      ['name', '_id_'],
    ]);
    collection.indexes = [indexFromSpec(idSpec, this.allocateTable())];
    this.databaseOf(db).set(name, collection);
    this.save(collection);
    return collection;
  }

  /** Writes the collection's entry after a change of its indexes or options. */
  save(collection: Collection): void {
    this.store.put(collectionKey(collection.ns), encode(toStored(collection)));
  }

  drop(collection: Collection): void {
    this.store.delete(collectionKey(collection.ns));
    this.databaseOf(collection.db).delete(collection.name);
    for (const table of [collection.table, ...collection.indexes.map((index) => index.table)]) this.discardTable(table);
  }

  rename(collection: Collection, db: string, name: string): void {
    checkNames(db, name);
    if (db !== collection.db)
      throw new MongoError(
        'IllegalOperation',
        'renameCollection across databases is not supported by the embedded engine; set MONGODB_URI to a MongoDB server to use it',
      );
    this.store.delete(collectionKey(collection.ns));
    this.databaseOf(collection.db).delete(collection.name);
    collection.name = name;
    collection.ns = `${db}.${name}`;
    this.databaseOf(db).set(name, collection);
    this.save(collection);
  }

  /** A new table number; numbers are never used twice. */
  allocateTable(): number {
    const table = this.nextTable;
    this.nextTable += 1;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.nextTable, 0);
    this.store.put(NEXT_TABLE_KEY, bytes);
    return table;
  }

  /** Marks a table's contents as garbage, which `sweepDropped` removes bit by bit. */
  discardTable(table: number): void {
    const key = Buffer.alloc(5);
    key.write(DROPPED_PREFIX, 0, 'latin1');
    key.writeUInt32BE(table, 1);
    this.store.put(tableKey(CATALOG_TABLE, key), Buffer.alloc(0));
  }

  hasDropped(): boolean {
    return this.store.first(DROPPED_RANGE) !== undefined;
  }

  /** Deletes up to `limit` entries of dropped tables; true when more is left. */
  sweepDropped(limit: number): boolean {
    const entry = this.store.first(DROPPED_RANGE);
    if (!entry) return false;
    const table = entry.key.readUInt32BE(TABLE_BYTES + 1);
    if (this.store.clear(tableRange(table), limit) < limit) this.store.delete(entry.key);
    return true;
  }

  private databaseOf(db: string): Map<string, Collection> {
    let database = this.databases.get(db);
    if (!database) this.databases.set(db, (database = new Map<string, Collection>()));
    return database;
  }
}

const DROPPED_RANGE = {
  start: tableKey(CATALOG_TABLE, Buffer.from(DROPPED_PREFIX)),
  end: tableKey(CATALOG_TABLE, Buffer.from('e')),
};

function collectionKey(ns: string): Buffer {
  return tableKey(CATALOG_TABLE, Buffer.from(`${COLLECTION_PREFIX}${ns}`));
}

function toStored(collection: Collection): Doc {
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

function fromStored(ns: string, stored: Doc): Collection {
  const dot = ns.indexOf('.');
  const indexes = docs(stored.get('indexes')).map((entry) => {
    const index = indexFromSpec(entry.get('spec') as Doc, numberOf(entry.get('table')));
    index.multikey = entry.get('multikey') === true;
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
    count: undefined,
    nextRecord: undefined,
    vectors: new Map(),
  };
}

function docs(value: Value | undefined): Doc[] {
  return Array.isArray(value) ? value.filter(isDoc) : [];
}

function numberOf(value: Value | undefined): number {
  return value instanceof Int32 ? value.value : Number(value);
}

/** MongoDB's rules for names (no `$`, no NUL, no leading or trailing dot, 255 bytes with the database). */
export function checkNames(db: string, name: string): void {
  checkDatabaseName(db);
  const ns = `${db}.${name}`;
  if (name === '') throw new MongoError('InvalidNamespace', `Invalid namespace specified: ${db}`);
  if (name.startsWith('.') || name.includes('\0')) throw new MongoError('InvalidNamespace', `Invalid collection name: ${name}`);
  if (name.includes('$')) throw new MongoError('InvalidNamespace', `Invalid collection name: ${name}`);
  if (name.startsWith('system.')) throw new MongoError('InvalidNamespace', `Invalid system namespace: ${ns}`);
  if (Buffer.byteLength(ns) > 255)
    throw new MongoError('InvalidNamespace', `Fully qualified namespace is too long. Namespace: ${ns} Max: 255`);
}

export function checkDatabaseName(db: string): void {
  if (db === '' || Buffer.byteLength(db) > 63 || /[/\\. "$\0]/.test(db))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${db}'`);
}
