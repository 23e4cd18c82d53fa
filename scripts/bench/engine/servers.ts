// The servers that the engine's bench measures side by side, each with the same driver, the same documents and the same write concern.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { startCeiling } from './ceiling.js';

/** Most callers that work at the same time; each has a connection. */
export const MOST_CALLERS = 16;

export interface Server {
  readonly name: 'embedded' | 'MongoDB' | 'any server';
  readonly uri: string;
  /** Its process; this one where it is a thread of it. */
  readonly pid: number;
  /** The database of the bench, on a client with `j: true`. */
  readonly db: Db;
  readonly stop: () => Promise<void>;
}

async function connect(name: Server['name'], uri: string, stopServer: () => Promise<unknown>, pid = process.pid): Promise<Server> {
  const client = await MongoClient.connect(uri, { maxPoolSize: MOST_CALLERS, writeConcern: { w: 1, journal: true } });
  return {
    name,
    uri,
    pid,
    db: client.db('bench'),
    async stop() {
      await client.close();
      await stopServer();
    },
  };
}

/** The embedded engine in its worker thread, on a folder of its own. */
async function startEmbedded(): Promise<Server> {
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
  return connect('MongoDB', server.getUri(), () => server.stop(), server.instanceInfo?.instance.mongodProcess?.pid);
}

/** The server that shows what the driver itself allows. */
async function startReady(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-ceiling-'));
  const { uri, stop } = await startCeiling(folder);
  return connect('any server', uri, async () => {
    await stop();
    await rm(folder, { recursive: true });
  });
}

/**
 * The embedded engine and, where MONGOMS_SYSTEM_BINARY names one, a real MongoDB; with `ceiling` also what the driver allows. Stopped when `work`
 * ends.
 */
export async function withServers(
  work: (servers: readonly Server[]) => Promise<void>,
  { ceiling = false }: { readonly ceiling?: boolean } = {},
): Promise<void> {
  const servers = [await startEmbedded()];
  try {
    if (process.env['MONGOMS_SYSTEM_BINARY'] !== undefined) servers.push(await startReal());
    if (ceiling) servers.push(await startReady());
    await work(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
