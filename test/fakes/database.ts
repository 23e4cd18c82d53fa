/**
 * A database of its own for each integration test file: on the embedded engine in a temporary folder, or on a real MongoDB where TEST_MONGODB=1
 * (through mongodb-memory-server, which takes the server from MONGOMS_SYSTEM_BINARY or downloads one).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MongoMemoryServer } from 'mongodb-memory-server-core';
import { connectDatabase, type Database } from '../../src/storage/connect.js';
import { buildIndexes, defineModels, type Models } from '../../src/storage/models/index.js';
import { memoryFolder } from './memory-folder.js';

export interface TestDatabase extends Database {
  readonly models: Models;
  /** For a second process on the same database; null on the embedded engine, which is for one process. */
  readonly uri: string | null;
  /** The data folder of the embedded engine; unused by a real server. */
  readonly dataDir: string;
}

/**
 * Empty, with every index built. `close()` stops the server and deletes its files.
 * @param options inMemory: the embedded engine's files need not outlive the machine, as in most tests; monitorCommands: see ConnectOptions
 */
export async function startTestDatabase({ inMemory = true, monitorCommands = false } = {}): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(inMemory ? memoryFolder() : tmpdir(), 'parley-test-'));
  const server = process.env.TEST_MONGODB === '1' ? await startServer() : null;
  const uri = server?.getUri() ?? null;
  const database = await connectDatabase({ uri, database: 'parley-test', dataDir, monitorCommands });
  const models = defineModels(database.connection);
  await buildIndexes(models);
  const close = async () => {
    await database.close();
    await server?.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...database, models, uri, dataDir, close };
}

/**
 * A MongoDB server with its files on disk, as the service would meet it.
 * @param files dbPath: a folder that outlives the server
 */
export async function startServer(files: { readonly dbPath?: string } = {}): Promise<MongoMemoryServer> {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core'); // loaded where it is needed only: it takes longer than many a test
  return MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger', ...files } });
}
