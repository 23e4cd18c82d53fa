// Which databases, collections and indexes exist and which table of the store holds each. Kept in memory, written through to table 0,
// and read again when a transaction was undone.
import { decode, type Doc, encode } from './bson/index.js';
import { type Build, type Collection, fromStored, newCollection, restore, toStored } from './collection.js';
import { MongoError } from './errors.js';
import { type Index } from './indexes/index-spec.js';
import { type Store, TABLE_BYTES, tableKey, tableRange } from './store/store.js';

export type { Collection } from './collection.js';

const CATALOG_TABLE = 0;
const FIRST_FREE_TABLE = 16;
const NEXT_TABLE_KEY = tableKey(CATALOG_TABLE, Buffer.from('n'));
const BUILD_PREFIX = 'b';
const COLLECTION_PREFIX = 'c';
const DROPPED_PREFIX = 'd';

export class Catalog {
  private databases = new Map<string, Map<string, Collection>>();
  /** False where no table waits to be emptied: an idle engine need not look. */
  private mayHaveDropped = true;
  private nextTable = FIRST_FREE_TABLE;

  constructor(private readonly store: Store) {
    this.reload();
  }

  /**
   * Reads everything again from the store; call it after a transaction was undone. Collections and indexes that are still there stay the same
   * objects, so that paused commands and cursors can go on; the others are marked as dropped.
   */
  reload(): void {
    const known = new Map(this.all().map((collection) => [collection.table, collection]));
    this.databases = new Map();
    const next = this.store.get(NEXT_TABLE_KEY);
    this.nextTable = next ? next.readUInt32BE(0) : FIRST_FREE_TABLE;
    for (const { key, value } of this.store.scan(prefixRange(COLLECTION_PREFIX))) {
      const stored = fromStored(key.toString('utf8', TABLE_BYTES + 1), decode(value));
      const before = known.get(stored.table);
      known.delete(stored.table);
      const collection = before ? restore(before, stored) : stored;
      collection.builds = collection.builds.filter((build) => this.store.has(markKey(BUILD_PREFIX, build.index.table)));
      this.databaseOf(collection.db).set(collection.name, collection);
    }
    for (const gone of known.values()) markDropped(gone);
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
    const collection = newCollection(db, name, options, this.allocateTable(), this.allocateTable());
    this.databaseOf(db).set(name, collection);
    this.save(collection);
    return collection;
  }

  /** Writes the collection's entry after a change of its indexes or options. */
  save(collection: Collection): void {
    this.store.put(collectionKey(collection.ns), encode(toStored(collection)));
  }

  /** Index builds of the collection end with IndexBuildAborted. */
  drop(collection: Collection): void {
    for (const build of [...collection.builds]) this.abortBuild(collection, build, 'the collection was dropped');
    markDropped(collection);
    this.store.delete(collectionKey(collection.ns));
    this.databaseOf(collection.db).delete(collection.name);
    for (const table of [collection.table, ...collection.indexes.map((index) => index.table)]) this.discardTable(table);
  }

  /** Forgets an index; `save` the collection afterwards. */
  dropIndex(collection: Collection, index: Index): void {
    index.dropped = true;
    collection.indexes = collection.indexes.filter((other) => other !== index);
    this.discardTable(index.table);
  }

  /** From now on every writer maintains the index; what it holds is garbage unless `finishBuild` is reached. */
  startBuild(collection: Collection, index: Index): Build {
    const build: Build = { index, failure: undefined };
    this.store.put(markKey(BUILD_PREFIX, index.table), Buffer.alloc(0));
    collection.builds = [...collection.builds, build];
    return build;
  }

  /** The index is whole: queries may use it. `save` the collection afterwards. */
  finishBuild(collection: Collection, build: Build): void {
    this.store.delete(markKey(BUILD_PREFIX, build.index.table));
    collection.builds = collection.builds.filter((other) => other !== build);
    collection.indexes = [...collection.indexes, build.index];
  }

  /** Ends a build; its command answers with the failure noted on it, by default IndexBuildAborted for `reason`. */
  abortBuild(collection: Collection, build: Build, reason: string): void {
    build.failure ??= new MongoError('IndexBuildAborted', `Index build of ${build.index.name} on ${collection.ns} was aborted: ${reason}`);
    if (!collection.builds.includes(build)) return;
    collection.builds = collection.builds.filter((other) => other !== build);
    this.store.delete(markKey(BUILD_PREFIX, build.index.table));
    this.discardTable(build.index.table);
  }

  hasUnfinishedBuilds(): boolean {
    return this.store.first(prefixRange(BUILD_PREFIX)) !== undefined;
  }

  /** Turns what a killed process was building into garbage to sweep; gives the number of builds. */
  discardUnfinishedBuilds(): number {
    const marks = [...this.store.scan(prefixRange(BUILD_PREFIX))];
    for (const { key } of marks) {
      this.store.delete(key);
      this.discardTable(key.readUInt32BE(TABLE_BYTES + 1));
    }
    return marks.length;
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
    this.store.put(markKey(DROPPED_PREFIX, table), Buffer.alloc(0));
    this.mayHaveDropped = true;
  }

  hasDropped(): boolean {
    if (this.mayHaveDropped) this.mayHaveDropped = this.store.first(DROPPED_RANGE) !== undefined;
    return this.mayHaveDropped;
  }

  /** Deletes up to `limit` entries of dropped tables; true when more is left. */
  sweepDropped(limit: number): boolean {
    const entry = this.store.first(DROPPED_RANGE);
    if (!entry) return false;
    const table = entry.key.readUInt32BE(TABLE_BYTES + 1);
    if (this.store.clear(tableRange(table), limit)) this.store.delete(entry.key);
    return true;
  }

  private databaseOf(db: string): Map<string, Collection> {
    let database = this.databases.get(db);
    if (!database) this.databases.set(db, (database = new Map<string, Collection>()));
    return database;
  }
}

/** All keys of the catalog that start with this letter. */
function prefixRange(prefix: string): { start: Buffer; end: Buffer } {
  const after = String.fromCharCode(prefix.charCodeAt(0) + 1);
  return { start: tableKey(CATALOG_TABLE, Buffer.from(prefix)), end: tableKey(CATALOG_TABLE, Buffer.from(after)) };
}

const DROPPED_RANGE = prefixRange(DROPPED_PREFIX);

function markKey(prefix: string, table: number): Buffer {
  const key = Buffer.alloc(5);
  key.write(prefix, 0, 'latin1');
  key.writeUInt32BE(table, 1);
  return tableKey(CATALOG_TABLE, key);
}

/** Scans of the collection that are paused end when they go on. */
function markDropped(collection: Collection): void {
  collection.dropped = true;
  for (const index of collection.indexes) index.dropped = true;
}

function collectionKey(ns: string): Buffer {
  return tableKey(CATALOG_TABLE, Buffer.from(`${COLLECTION_PREFIX}${ns}`));
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
