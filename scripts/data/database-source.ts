/** A database as a source: what it holds is listed once at the start, documents are read as the bytes they are stored as. */
import { type Db, MongoServerError } from 'mongodb';
import { ConfigurationError } from '../../src/domain/errors.js';
import { type Contents, createDocumentHash } from './document-hash.js';
import { decodeExact, type ExactDocument } from './exact-bson.js';
import type { OpenDatabase } from './open-database.js';
import { type CollectionInfo, namespaceOf, type ResumePoint, type Source } from './source.js';
import { STATE_COLLECTION } from './transfer-state.js';

/** Documents of one batch; a server cuts it at 16 MB. */
export const BATCH_DOCUMENTS = 1000;
const SERVERS_OWN = ['admin', 'config', 'local'];
/** Answers of servers without vector search: SearchNotEnabled, no such command, not on this kind of server, no such stage. */
const NO_SEARCH = new Set<unknown>([31082, 59, 115, 40324, 6047401]);

/**
 * `only`: the databases to read, others are left out; `ignore`: a collection that is not looked at. Errors: ConfigurationError for what cannot be copied,
 * or is half a copy itself.
 */
export async function readDatabase(opened: OpenDatabase, only: readonly string[], ignore?: string): Promise<Source> {
  const databases = await databaseNames(opened, only);
  const collections: CollectionInfo[] = [];
  for (const name of databases) collections.push(...(await listCollections(opened.client.db(name), ignore)));
  const empty = databases.filter((name) => !collections.some(({ db }) => db === name));
  if (collections.length === 0 || empty.length > 0) {
    throw new ConfigurationError(
      `${opened.label} holds no data${empty.length > 0 ? ` in ${empty.join(', ')}` : ''}: name another source or database.`,
    );
  }
  const find = ({ db, name }: CollectionInfo, filter = {}) =>
    opened.client.db(db).collection(name).find(filter, { raw: true, batchSize: BATCH_DOCUMENTS });
  return {
    label: opened.label,
    identity: `${opened.label} ${databases.join(' ')}`,
    databases,
    collections,
    // `$gt` of a query compares within one type only; that of an expression knows the order of all types, as the index has it.
    documents: (collection, resume) => batches(find(collection, resume ? after(resume) : {}).sort({ _id: 1 })),
    async contents(collection, onRead): Promise<Contents> {
      const hash = createDocumentHash();
      for await (const batch of batches(find(collection))) {
        for (const document of batch) hash.add(document);
        onRead(batch.length);
      }
      return hash.contents();
    },
    close: () => opened.close(),
  };
}

const after = ({ last }: ResumePoint) => ({ $expr: { $gt: ['$_id', { $literal: last.get('_id') }] } });

/** The names of databases in question that exist, sorted. */
export async function databaseNames({ client, database }: OpenDatabase, only: readonly string[]): Promise<string[]> {
  if (only.length > 0) return [...only].sort();
  if (database !== null) return [database];
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  return databases
    .map(({ name }) => name)
    .filter((name) => !SERVERS_OWN.includes(name))
    .sort();
}

/** The collections of a database that are data: not the server's own. */
export async function collectionNames(db: Db): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: true }).toArray();
  return found
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('system.'))
    .sort();
}

async function listCollections(db: Db, ignore: string | undefined): Promise<CollectionInfo[]> {
  const found = (await rawDocuments(db.listCollections({}, { raw: true }))).filter((entry) => {
    const name = String(entry.get('name'));
    return name !== ignore && !name.startsWith('system.');
  });
  for (const entry of found) checkKind(db.databaseName, entry);
  const listed: CollectionInfo[] = [];
  for (const entry of found.sort((a, b) => (String(a.get('name')) < String(b.get('name')) ? -1 : 1))) {
    const name = String(entry.get('name'));
    const collection = db.collection(name);
    listed.push({
      db: db.databaseName,
      name,
      options: (entry.get('options') as ExactDocument | undefined) ?? new Map(),
      indexes: await rawDocuments(collection.listIndexes({ raw: true })),
      searchIndexes: await searchIndexes(db, name),
      documents: await collection.estimatedDocumentCount(),
    });
  }
  return listed;
}

function checkKind(db: string, entry: ExactDocument): void {
  const name = String(entry.get('name'));
  if (name === STATE_COLLECTION) {
    throw new ConfigurationError(`The database ${db} is an unfinished copy: finish it by the command that began it, then try again.`);
  }
  if (entry.get('type') !== 'collection') {
    throw new ConfigurationError(
      `${namespaceOf({ db, name })} is a ${String(entry.get('type'))}; only plain collections can be read: drop it, or use mongodump.`,
    );
  }
}

/** `{ name, type, definition }` of each; null where the server has no vector search. */
export async function searchIndexes(db: Db, name: string): Promise<ExactDocument[] | null> {
  try {
    const found = await rawDocuments(db.collection(name).aggregate([{ $listSearchIndexes: {} }], { raw: true }));
    return found.map(
      (index) =>
        new Map([
          ['name', index.get('name')],
          ['type', index.get('type')],
          ['definition', index.get('latestDefinition')],
        ]),
    );
  } catch (thrown) {
    if (isWithoutSearch(thrown)) return null;
    throw thrown;
  }
}

export const isWithoutSearch = (thrown: unknown): boolean => thrown instanceof MongoServerError && NO_SEARCH.has(thrown.code);

/** A cursor as it is; with `raw` its documents are buffers, which its type does not tell. */
interface RawCursor {
  hasNext(): Promise<boolean>;
  readBufferedDocuments(): unknown[];
  close(): Promise<void>;
}

async function* batches(cursor: RawCursor): AsyncGenerator<readonly Uint8Array[]> {
  try {
    while (await cursor.hasNext()) yield cursor.readBufferedDocuments() as Uint8Array[];
  } finally {
    await cursor.close();
  }
}

async function rawDocuments(cursor: RawCursor): Promise<ExactDocument[]> {
  const documents: ExactDocument[] = [];
  for await (const batch of batches(cursor)) documents.push(...batch.map(decodeExact));
  return documents;
}
