// The servers that the engine's bench measures side by side, each with the same driver, the same documents and the same write concern.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';

/** Most callers that work at the same time; each has a connection. */
export const MOST_CALLERS = 16;

export interface Server {
  readonly name: 'embedded' | 'MongoDB';
  readonly uri: string;
  /** The database of the bench, on a client with `j: true`. */
  readonly db: Db;
  readonly stop: () => Promise<void>;
}

async function connect(name: Server['name'], uri: string, stopServer: () => Promise<unknown>): Promise<Server> {
  const client = await MongoClient.connect(uri, { maxPoolSize: MOST_CALLERS, writeConcern: { w: 1, journal: true } });
  return {
    name,
    uri,
    db: client.db('bench'),
    async stop() {
      await client.close();
      await stopServer();
    },
  };
}

/** The embedded engine in its worker thread, on a folder of its own. */
export async function startEmbedded(): Promise<Server> {
  const path = await mkdtemp(join(tmpdir(), 'parley-bench-engine-'));
  const server = await startEmbeddedMongo({ path });
  return connect('embedded', server.uri, async () => {
    await server.stop();
    await rm(path, { recursive: true });
  });
}

async function startReal(): Promise<Server> {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create({ instance: { storageEngine: 'wiredTiger' } });
  return connect('MongoDB', server.getUri(), () => server.stop());
}

/** The embedded engine and, where MONGOMS_SYSTEM_BINARY names one, a real MongoDB; stopped when `work` ends. */
export async function withServers(work: (servers: readonly Server[]) => Promise<void>): Promise<void> {
  const servers = [await startEmbedded()];
  try {
    if (process.env['MONGOMS_SYSTEM_BINARY'] !== undefined) servers.push(await startReal());
    await work(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
