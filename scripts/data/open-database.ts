/**
 * Opens a database for this tool: a server by its URI; a data folder nobody uses by starting the engine on it; a folder that a running service uses, for
 * reading only, by starting the engine on a copy of what it holds at this instant.
 */
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../embedded-mongodb/index.js';
import { folderOwner } from '../../embedded-mongodb/store/folder.js';
import { copySnapshot } from '../../embedded-mongodb/store/snapshot.js';
import { asError, ConfigurationError } from '../../src/domain/errors.js';
import { type DurableConcern, durableConcern, REPLICATED } from '../../src/storage/durable-writes.js';
import { maskSecrets } from '../../src/telemetry/logger.js';
import type { Location } from './location.js';

export interface OpenDatabase {
  readonly client: MongoClient;
  readonly label: string;
  readonly engine: 'embedded' | 'server';
  /** The one database in question; null: all that are there. */
  readonly database: string | null;
  /** True where a service goes on writing and nothing of that is seen. */
  readonly isSnapshot: boolean;
  close(): Promise<void>;
}

export type DatabaseLocation = Exclude<Location, { kind: 'backup' }>;

const SERVER_SELECTION_MS = 5_000;
/** The longest a timer takes: documents must not expire while they are read or compared. */
const NEVER_MS = 2 ** 31 - 1;

/** Errors: ConfigurationError with what to do. */
export async function openForReading(location: DatabaseLocation): Promise<OpenDatabase> {
  if (location.kind === 'server') return openServer(location);
  const { path, label } = location;
  if (!location.exists)
    throw new ConfigurationError(`There is no data in ${path}: name a data folder, or set DATA_DIR as the service has it.`);
  const owner = folderOwner(path);
  if (owner === undefined) return openFolder(path, label, false);
  if (owner.host !== hostname()) {
    throw new ConfigurationError(`${path} is in use on another host (${owner.host}): run this command there, or stop the service first.`);
  }
  const copy = await copySnapshot(path).catch((cause: unknown) => {
    throw new ConfigurationError(
      `${path} is in use and cannot be copied (${asError(cause).message}): run this as the user of the service, with as much free space there as the data takes, or stop the service first.`,
      { cause },
    );
  });
  const remove = () => rm(copy, { recursive: true, force: true });
  try {
    const opened = await openFolder(copy, label, true);
    const close = () => opened.close().finally(remove);
    return { ...opened, close };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

/** Makes a folder that does not exist. Errors: as `openForReading`, and where a service uses the folder. */
export async function openForWriting(location: DatabaseLocation): Promise<OpenDatabase> {
  if (location.kind === 'server') return openServer(location);
  const owner = folderOwner(location.path);
  if (owner !== undefined) {
    throw new ConfigurationError(`${location.path} is in use by process ${owner.pid} on ${owner.host}: stop the service first.`);
  }
  await mkdir(location.path, { recursive: true });
  return openFolder(location.path, location.label, false);
}

async function openFolder(path: string, label: string, isSnapshot: boolean): Promise<OpenDatabase> {
  const engine = await startEmbeddedMongo({ path, ttlSweepMs: NEVER_MS }).catch((cause: unknown) => {
    throw new ConfigurationError(`${path} cannot be opened: ${asError(cause).message}`, { cause });
  });
  const client = await MongoClient.connect(engine.uri);
  const close = async () => {
    await client.close();
    await engine.stop();
  };
  return { client, label, engine: 'embedded', database: null, isSnapshot, close };
}

async function openServer({ uri, label, database }: Extract<Location, { kind: 'server' }>): Promise<OpenDatabase> {
  try {
    const open = (writeConcern: DurableConcern) =>
      MongoClient.connect(uri, { serverSelectionTimeoutMS: SERVER_SELECTION_MS, writeConcern });
    // An acknowledged batch is on disk: resuming rests on it.
    let client = await open(REPLICATED);
    const concern = await durableConcern(client.db());
    if (concern !== REPLICATED) {
      await client.close();
      client = await open(concern);
    }
    return { client, label, engine: 'server', database, isSnapshot: false, close: () => client.close() };
  } catch (cause) {
    const reason = maskSecrets(asError(cause).message);
    throw new ConfigurationError(`MongoDB at ${label} cannot be used (${reason}): check the URI and the server.`, { cause });
  }
}
