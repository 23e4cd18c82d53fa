/**
 * Writes a backup: under a temporary name, each file synced, checked against its manifest, and only then renamed. What bears the name of a backup is
 * a whole one, however the process ends.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ConfigurationError } from '../../src/domain/errors.js';
import { DATA_ENDING, fileStem, GZIP_ENDING, METADATA_ENDING } from './backup-names.js';
import { checkBackup } from './check-backup.js';
import { type Contents, createDocumentHash } from './document-hash.js';
import { encodeExact, fromExtendedJson, indexName, toExtendedJson } from './exact-bson.js';
import { type BackupCollection, type BackupFile, encodeManifest, type Manifest, MANIFEST_FILE, readManifest } from './manifest.js';
import type { Progress } from './progress.js';
import { type CollectionInfo, namespaceOf, type Source, totalDocuments } from './source.js';

export interface BackupOptions {
  /** The folder to make. */
  readonly to: string;
  readonly consistency: Manifest['consistency'];
  readonly gzip: boolean;
  readonly progress: Progress;
  /** Ends the work between two batches. */
  readonly signal: AbortSignal;
}

/** Throws ConfigurationError where something of this name is there already. */
export async function checkBackupTarget(to: string): Promise<void> {
  if (existsSync(to)) throw new ConfigurationError(`${to} is there already: choose a new name, a backup is never overwritten.`);
  await mkdir(dirname(to), { recursive: true });
}

/** Leaves nothing behind when it throws. */
export async function writeBackup(source: Source, options: BackupOptions): Promise<Manifest> {
  const { to, progress } = options;
  const unfinished = await mkdtemp(join(dirname(to), `${basename(to)}.unfinished-`));
  try {
    progress.begin('backup', totalDocuments(source.collections));
    const collections: BackupCollection[] = [];
    for (const collection of source.collections) collections.push(await writeCollection(source, collection, unfinished, options));
    const { consistency, gzip } = options;
    const body = { createdAt: new Date().toISOString(), source: source.label, consistency, gzip, collections };
    await writeStream(join(unfinished, MANIFEST_FILE), [Buffer.from(encodeManifest(body))], { gzip: false });
    const manifest = await readManifest(unfinished);
    const damage = await checkBackup(unfinished, manifest);
    if (damage.length > 0) throw new ConfigurationError(`What was written cannot be read back (${damage.join('; ')}): check the disk.`);
    for (const folder of [...source.databases.map((name) => join(unfinished, name)), unfinished]) await syncFolder(folder);
    await rename(unfinished, to);
    await syncFolder(dirname(to));
    return manifest;
  } catch (thrown) {
    await rm(unfinished, { recursive: true, force: true });
    throw thrown;
  } finally {
    progress.end();
  }
}

async function writeCollection(
  source: Source,
  collection: CollectionInfo,
  folder: string,
  { gzip, progress, signal }: BackupOptions,
): Promise<BackupCollection> {
  const { db, name } = collection;
  await mkdir(join(folder, db), { recursive: true });
  const path = (ending: string): string => `${db}/${fileStem(name)}${ending}${gzip ? GZIP_ENDING : ''}`;
  const hash = createDocumentHash();
  async function* documents(): AsyncGenerator<Uint8Array> {
    for await (const batch of source.documents(collection)) {
      signal.throwIfAborted();
      for (const document of batch) hash.add(document);
      yield Buffer.concat(batch);
      progress.advance(batch.length, namespaceOf(collection));
    }
  }
  const data = await writeFile(folder, path(DATA_ENDING), documents(), gzip);
  const metadata = await writeFile(folder, path(METADATA_ENDING), [Buffer.from(encodeMetadata(collection))], gzip);
  const contents: Contents = hash.contents();
  return { db, name, ...contents, data, metadata };
}

/** mongodump's document; `searchIndexes` is ours, and mongorestore passes over it. */
function encodeMetadata(collection: CollectionInfo): string {
  for (const spec of collection.indexes) {
    if (!Buffer.from(encodeExact(fromExtendedJson(toExtendedJson(spec)))).equals(encodeExact(spec))) {
      throw new ConfigurationError(
        `The index ${indexName(spec)} of ${namespaceOf(collection)} has fields named like numbers in an order that JSON cannot hold: drop it first.`,
      );
    }
  }
  const { name, options, indexes, searchIndexes } = collection;
  return toExtendedJson(
    new Map<string, unknown>([
      ['indexes', indexes],
      ['options', options],
      ['collectionName', name],
      ['type', 'collection'],
      ['searchIndexes', searchIndexes],
    ]),
  );
}

async function writeFile(folder: string, path: string, pieces: Pieces, gzip: boolean): Promise<BackupFile> {
  return { path, ...(await writeStream(join(folder, path), pieces, { gzip })) };
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A new file, on disk when this resolves; gives what was written, which is what a check reads back. */
async function writeStream(file: string, pieces: Pieces, { gzip }: { gzip: boolean }): Promise<Omit<BackupFile, 'path'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      bytes += piece.length;
      done(null, piece);
    },
  });
  const target = createWriteStream(file, { flags: 'wx', flush: true, mode: 0o600 });
  const source = Readable.from(pieces, { objectMode: true });
  await (gzip ? pipeline(source, createGzip(), meter, target) : pipeline(source, meter, target));
  return { bytes, sha256: hash.digest('hex') };
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be synced there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
