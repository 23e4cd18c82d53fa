/** A backup as a source. Its files are compared with the manifest before anything else looks at them. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, gunzipSync } from 'node:zlib';
import { ConfigurationError } from '../../src/domain/errors.js';
import { checkBackup } from './check-backup.js';
import { type ExactDocument, fromExtendedJson } from './exact-bson.js';
import { type BackupCollection, DamagedBackup, type Manifest, readManifest } from './manifest.js';
import { type CollectionInfo, namespaceOf, type Source } from './source.js';

const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;
const LENGTH_BYTES = 4;
const PIECE_BYTES = 1024 * 1024;

/** `only`: databases; none: all. Errors: DamagedBackup that names every damaged file; ConfigurationError where a database is not in it. */
export async function readBackup(folder: string, only: readonly string[]): Promise<Source> {
  const manifest = await readManifest(folder);
  const damage = await checkBackup(folder, manifest);
  if (damage.length > 0) throw new DamagedBackup(`The backup ${folder} is damaged (${damage.join('; ')}): use another one.`);
  const wanted = manifest.collections.filter(({ db }) => only.length === 0 || only.includes(db));
  const listed = new Map<string, BackupCollection>(wanted.map((collection) => [namespaceOf(collection), collection]));
  const missing = only.filter((name) => !wanted.some(({ db }) => db === name));
  if (missing.length > 0) throw new ConfigurationError(`The backup ${folder} has no database ${missing.join(', ')}.`);
  const collections: CollectionInfo[] = [];
  for (const collection of wanted) collections.push(await describe(folder, manifest, collection));
  const entry = (collection: CollectionInfo): BackupCollection => {
    const found = listed.get(namespaceOf(collection));
    if (found === undefined) throw new Error(`${namespaceOf(collection)} is not in the backup`);
    return found;
  };
  return {
    label: folder,
    identity: `backup ${manifest.sha256} ${only.join(' ')}`,
    databases: [...new Set(wanted.map(({ db }) => db))].sort(),
    collections,
    documents: (collection, resume) => batches(folder, manifest, entry(collection), resume?.count ?? 0),
    async contents(collection, onRead) {
      const { documents, hash } = entry(collection);
      onRead(documents);
      return { documents, hash };
    },
    close: async () => undefined,
  };
}

async function describe(folder: string, { gzip }: Manifest, { db, name, documents, metadata }: BackupCollection): Promise<CollectionInfo> {
  const bytes = await readFile(join(folder, metadata.path));
  const fields = fromExtendedJson((gzip ? gunzipSync(bytes) : bytes).toString('utf8'));
  return {
    db,
    name,
    documents,
    options: fields.get('options') as ExactDocument,
    indexes: fields.get('indexes') as readonly ExactDocument[],
    searchIndexes: fields.get('searchIndexes') as readonly ExactDocument[] | null,
  };
}

async function* batches(
  folder: string,
  { gzip }: Manifest,
  { data }: BackupCollection,
  skip: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  let seen = 0;
  for await (const document of split(folder, data.path, gzip)) {
    seen += 1;
    if (seen <= skip) continue;
    batch.push(document);
    bytes += document.length;
    if (batch.length < BATCH_DOCUMENTS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Cuts a file into its documents, each of which begins with its length. */
async function* split(folder: string, path: string, gzip: boolean): AsyncGenerator<Uint8Array> {
  const file = createReadStream(join(folder, path), { highWaterMark: PIECE_BYTES });
  const pieces = gzip ? file.pipe(createGunzip({ chunkSize: PIECE_BYTES })) : file;
  file.on('error', (error) => pieces.destroy(error));
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer]);
    while (rest.length >= LENGTH_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      if (length <= LENGTH_BYTES) throw new DamagedBackup(`${path} holds something that is no document: use another backup.`);
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
  if (rest.length > 0) throw new DamagedBackup(`${path} ends in the middle of a document: use another backup.`);
}
