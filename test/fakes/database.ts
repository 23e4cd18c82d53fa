/**
 * A database of its own for each integration test file: on the embedded engine in a temporary folder, or on a real MongoDB where TEST_MONGODB=1
 * (through mongodb-memory-server, which takes the server from MONGOMS_SYSTEM_BINARY or downloads one).
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { connectDatabase, type Database } from '../../src/storage/connect.js';
import { buildIndexes, defineModels, type Models } from '../../src/storage/models/index.js';

export interface TestDatabase extends Database {
  readonly models: Models;
  /** For a second process on the same database; null on the embedded engine, which is for one process. */
  readonly uri: string | null;
  /** The data folder of the embedded engine; unused by a real server. */
  readonly dataDir: string;
}

/** Linux keeps what lies here in memory. */
const MEMORY_FOLDER = '/dev/shm';

/**
 * Empty, with every index built. `close()` stops the server and deletes its files.
 * @param options inMemory: the embedded engine's files need not outlive the machine, for tests that write much and wait for little else;
 * monitorCommands: see ConnectOptions
 */
export async function startTestDatabase({ inMemory = false, monitorCommands = false } = {}): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(inMemory && existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'parley-test-'));
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

/** A MongoDB server with its files on disk, as the service would meet it. */
export const startServer = (): Promise<MongoMemoryServer> => MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
