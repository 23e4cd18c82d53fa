// A fresh engine in a temporary folder, in memory where there is some, with a connected driver, for tests of the server.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { type EmbeddedMongoOptions, startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { memoryFolder } from '../../fakes/memory-folder.js';

export interface TestEngine {
  readonly uri: string;
  readonly path: string;
  readonly client: MongoClient;
  readonly db: Db;
  stop(): Promise<void>;
}

export async function startEngine(options: Omit<EmbeddedMongoOptions, 'path'> = {}): Promise<TestEngine> {
  const path = await mkdtemp(join(memoryFolder(), 'parley-engine-'));
  const server = await startEmbeddedMongo({ path, ...options });
  const client = await MongoClient.connect(server.uri);
  return {
    uri: server.uri,
    path,
    client,
    db: client.db('test'),
    async stop() {
      await client.close();
      await server.stop();
      await rm(path, { recursive: true, force: true });
    },
  };
}
