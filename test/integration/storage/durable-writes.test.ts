/** What is acknowledged is on disk: the write concern by the kind of server, and a server of its own that is killed in the middle of writes. */
import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { connectDatabase } from '../../../src/storage/connect.js';
import { concernFor, REPLICATED, STANDALONE } from '../../../src/storage/durable-writes.js';
import { startServer } from '../../fakes/database.js';
import { memoryFolder } from '../../fakes/memory-folder.js';

const WRITERS = 16;
const ROUNDS = 6;

describe('the write concern', () => {
  it.each([
    ['a server of its own', { isWritablePrimary: true }, STANDALONE],
    ['a member of a replica set', { setName: 'rs0', isWritablePrimary: true }, REPLICATED],
    ['mongos', { msg: 'isdbgrid', isWritablePrimary: true }, REPLICATED],
  ])('for %s', (_server, hello, concern) => {
    expect(concernFor(hello)).toBe(concern);
  });

  it('is that of the server which the connection is to', async () => {
    const path = await mkdtemp(join(memoryFolder(), 'parley-test-'));
    const server = await startEmbeddedMongo({ path });
    const database = await connectDatabase({ uri: server.uri, database: 'parley', dataDir: '' });
    expect(database.connection.getClient().writeConcern).toMatchObject({ w: 1, journal: true });
    await database.close();
    await server.stop();
    await rm(path, { recursive: true });
  });
});

// The embedded engine's own, with whole processes, is test/engine/server/durability.test.ts.
const onMongoDB = process.env.TEST_MONGODB === '1' ? describe : describe.skip;
onMongoDB('a MongoDB that is killed in the middle of writes', () => {
  it('has every write that it acknowledged', async () => {
    const acknowledged = { in: 0, lost: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const dbPath = await mkdtemp(join(tmpdir(), 'parley-test-'));
      const ids = await writeUntilKilled(dbPath);
      const found = await idsIn(dbPath);
      acknowledged.in += ids.length;
      acknowledged.lost += ids.filter((id) => !found.has(id)).length;
      await rm(dbPath, { recursive: true, force: true });
    }
    expect(acknowledged.in).toBeGreaterThan(ROUNDS * WRITERS);
    expect(acknowledged.lost).toBe(0);
  }, 120_000);
});

/** The ids of what was acknowledged. */
async function writeUntilKilled(dbPath: string): Promise<string[]> {
  const server = await startServer({ dbPath });
  const database = await connectDatabase({ uri: server.getUri(), database: 'parley', dataDir: '' });
  const items = database.db.collection<{ _id: string }>('items');
  const ids: string[] = [];
  let killed = false;
  const writing = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let number = 0; !killed; number += 1) {
      const _id = `${writer}:${number}`;
      try {
        await items.insertOne({ _id });
        ids.push(_id);
      } catch (thrown) {
        if (!killed) throw thrown;
      }
    }
  });
  await sleep(500 + Math.random() * 500);
  const { mongodProcess } = server.instanceInfo?.instance ?? {};
  if (mongodProcess === undefined) throw new Error('the server has no process');
  const ended = once(mongodProcess, 'exit');
  killed = true;
  mongodProcess.kill('SIGKILL');
  await ended;
  await Promise.all(writing);
  await database.close();
  await server.stop({ doCleanup: false });
  return ids;
}

async function idsIn(dbPath: string): Promise<Set<string>> {
  const server = await startServer({ dbPath });
  const database = await connectDatabase({ uri: server.getUri(), database: 'parley', dataDir: '' });
  const found = await database.db.collection<{ _id: string }>('items').find().toArray();
  await database.close();
  await server.stop({ doCleanup: false });
  return new Set(found.map(({ _id }) => _id));
}
