// Long commands beside others: an index is built, documents are updated and deleted by the thousands while other clients write to the same
// collection, and everything agrees afterwards. The server pauses wherever it may, so that the others come between on a machine of any speed.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Collection, type Db, MongoClient } from 'mongodb';
import { type RunningServer, startServer } from '../../../embedded-mongodb/server/server.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { verifyFolder } from './verify-folder.js';

const MANY = 2_000;
/** Each pause costs a sync or two of the disk, which may be slow. */
jest.setTimeout(120_000);

/** Every pause that a command allows is made, once the documents are there. */
const EVERY_PAUSE = { readMs: 0, ms: 0, quietMs: 0 };

interface Row {
  _id: number;
  n: number;
  code: string;
}

let path: string;
let server: RunningServer;
let client: MongoClient;
let db: Db;
let rows: Collection<Row>;

beforeEach(async () => {
  path = await mkdtemp(join(memoryFolder(), 'parley-slices-'));
  const slices = { readMs: 1000, ms: 1000, quietMs: 1000 };
  server = await startServer({ path, slices, ttlSweepMs: 50 });
  client = await MongoClient.connect(server.uri);
  db = client.db('test');
  rows = db.collection<Row>('rows');
  await rows.insertMany(Array.from({ length: MANY }, (_, _id) => ({ _id, n: _id % 100, code: `c${_id}` })));
  Object.assign(slices, EVERY_PAUSE);
});

afterEach(async () => {
  await client.close();
  await server.stop();
  await rm(path, { recursive: true, force: true });
});

/** What became of a promise, so that it can go on beside other work without being unhandled. */
async function outcomeOf(work: Promise<unknown>): Promise<{ value?: unknown; code?: unknown }> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ code: (error as { code?: unknown }).code }),
  );
}

/** Lets what was sent so far reach the server and run its first slice. */
async function begun(): Promise<void> {
  await db.command({ ping: 1 });
  await db.command({ ping: 1 });
}

async function indexNames(): Promise<string[]> {
  return (await rows.indexes()).map((index) => String(index.name));
}

async function stopAndVerify(): Promise<Awaited<ReturnType<typeof verifyFolder>>> {
  await client.close();
  await server.stop();
  return verifyFolder(path);
}

describe('an index build beside writers', () => {
  test('agrees with every document at its end', async () => {
    const building = outcomeOf(
      db.command({
        createIndexes: 'rows',
        indexes: [
          { key: { n: 1 }, name: 'n' },
          { key: { code: 1 }, name: 'code', unique: true },
        ],
      }),
    );
    await begun();
    let ended = false;
    void building.then(() => (ended = true));
    let writes = 0;
    for (let next = MANY; !ended; next += 1) {
      await Promise.all([
        rows.insertOne({ _id: next, n: next % 100, code: `c${next}` }),
        rows.updateOne({ _id: (next * 7919) % MANY }, { $inc: { n: 1000 } }),
        rows.updateOne({ _id: (next * 104_729) % MANY }, { $set: { code: `new${next}` } }),
        rows.deleteOne({ _id: (next * 15_485_863) % MANY }),
      ]);
      writes += 4;
    }
    expect(await building).not.toHaveProperty('code');
    expect(writes).toBeGreaterThan(8);
    const count = await rows.countDocuments({}, { hint: { $natural: 1 } });
    expect(await rows.countDocuments({ n: { $gte: 0 } }, { hint: 'n' })).toBe(count);
    const { collections, errors } = await stopAndVerify();
    expect(errors).toEqual([]);
    expect(collections.get('test.rows')?.indexes.map((index) => index.keys)).toEqual([count, count, count]);
  });

  test('fails when a writer adds a duplicate; the write stands', async () => {
    const building = outcomeOf(rows.createIndex({ code: 1 }, { unique: true }));
    await begun();
    await rows.insertOne({ _id: -1, n: 0, code: `c${MANY - 1}` });
    await rows.insertOne({ _id: -2, n: 0, code: 'c0' });
    expect(await building).toEqual({ code: 11000 });
    expect(await indexNames()).toEqual(['_id_']);
    expect(await rows.countDocuments({ _id: { $lt: 0 } })).toBe(2);
  });

  test('is not spoilt by a document that has, loses and gives back another one’s key', async () => {
    await rows.updateOne({ _id: MANY - 1 }, { $set: { code: 'c0' } }); // a duplicate that the builder has not come to yet
    const building = outcomeOf(rows.createIndex({ code: 1 }, { unique: true }));
    await begun();
    await rows.updateOne({ _id: MANY - 1 }, { $set: { code: 'last' } }); // must not remove the entry of document 0
    expect(await building).not.toHaveProperty('code');
    expect((await stopAndVerify()).errors).toEqual([]);
  });

  test.each([
    ['drop', { drop: 'rows' }],
    ['dropDatabase', { dropDatabase: 1 }],
    ['dropIndexes by name', { dropIndexes: 'rows', index: 'n_1' }],
    ['dropIndexes of all', { dropIndexes: 'rows', index: '*' }],
  ])('is aborted by %s', async (_, command) => {
    const building = outcomeOf(rows.createIndex({ n: 1 }));
    await begun();
    await db.command(command);
    expect(await building).toEqual({ code: 276 });
    expect((await stopAndVerify()).errors).toEqual([]);
  });

  test('is waited for by a client that wants the same; another index of its name is refused', async () => {
    const first = outcomeOf(rows.createIndex({ n: 1 }));
    await begun();
    const same = outcomeOf(rows.createIndex({ n: 1 }));
    const other = outcomeOf(rows.createIndex({ n: -1 }, { name: 'n_1' }));
    expect(await other).toEqual({ code: 86 });
    expect(await rows.find({ n: 5 }).explain('queryPlanner')).toMatchObject({ queryPlanner: { winningPlan: { stage: 'COLLSCAN' } } });
    expect(await Promise.all([first, same])).toEqual([{ value: 'n_1' }, { value: 'n_1' }]);
    expect(await indexNames()).toEqual(['_id_', 'n_1']);
  });

  test('gives up at its time limit and leaves nothing behind', async () => {
    expect(await outcomeOf(rows.createIndex({ n: 1 }, { maxTimeMS: 1 }))).toEqual({ code: 50 });
    expect(await indexNames()).toEqual(['_id_']);
    expect(await outcomeOf(rows.createIndex({ n: 1 }))).toEqual({ value: 'n_1' });
  });
});

describe('updates and deletes of many documents beside writers', () => {
  test('each document is updated once, though the update moves it in the index that finds it', async () => {
    await rows.createIndex({ n: 1 });
    const { modifiedCount } = await rows.updateMany({ n: { $gte: 0 } }, { $inc: { n: 1000 } });
    expect(modifiedCount).toBe(MANY);
    expect(await rows.countDocuments({ n: { $gte: 1000, $lt: 1100 } })).toBe(MANY);
  });

  test('a document that another client changed meanwhile is looked at again', async () => {
    await rows.createIndex({ n: 1 });
    const updating = rows.updateMany({ n: { $gte: 0 } }, { $set: { code: 'updated' } });
    await begun();
    const { modifiedCount: taken } = await rows.updateOne({ _id: MANY - 1, code: { $ne: 'updated' } }, { $set: { n: -1 } });
    const { deletedCount: gone } = await rows.deleteOne({ _id: MANY - 2, code: { $ne: 'updated' } });
    const { modifiedCount } = await updating;
    expect([taken, gone]).toEqual([1, 1]);
    expect(modifiedCount).toBe(MANY - taken - gone);
    expect(await rows.countDocuments({ code: 'updated' })).toBe(modifiedCount);
    expect((await stopAndVerify()).errors).toEqual([]);
  });

  test('one that fails in the middle keeps what it did and says where', async () => {
    await rows.updateOne({ _id: MANY / 2 }, { $set: { n: 'text' as unknown as number } });
    const reply: unknown = await db
      .command({ update: 'rows', updates: [{ q: {}, u: { $inc: { n: 1000 } }, multi: true }] })
      .catch((error: unknown) => error);
    expect(reply).toMatchObject({ n: 0, nModified: 0, writeErrors: [{ index: 0, code: 14 }] });
    expect(await rows.countDocuments({ n: { $gte: 1000 } })).toBe(MANY / 2);
  });

  test('one whose collection is dropped ends with the error of MongoDB', async () => {
    const updating = outcomeOf(rows.updateMany({}, { $inc: { n: 1 } }));
    await begun();
    await rows.drop();
    expect(await updating).toEqual({ code: 175 });
  });

  test('8 clients that take documents one by one never take the same one', async () => {
    const takers = Array.from({ length: 8 }, async () => {
      const taken: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const row = await rows.findOneAndUpdate({ code: /^c1/, n: { $lt: 1000 } }, { $set: { n: 1000 } }, { sort: { code: 1 } });
        if (row) taken.push(row._id);
      }
      return taken;
    });
    const all = (await Promise.all(takers)).flat();
    expect(all).toHaveLength(24);
    expect(new Set(all).size).toBe(24);
  });

  test('deletes of many leave the others', async () => {
    await rows.createIndex({ n: 1 });
    const deleting = rows.deleteMany({ n: { $lt: 50 } });
    await begun();
    await rows.insertOne({ _id: MANY, n: 99, code: 'kept' });
    expect((await deleting).deletedCount).toBe(MANY / 2);
    expect(await rows.countDocuments()).toBe(MANY / 2 + 1);
    expect((await stopAndVerify()).errors).toEqual([]);
  });
});

test('documents that expire go a few at a time, those of an index that has gone stay', async () => {
  const [past, future] = [new Date(0), new Date(8e12)];
  const expiring = db.collection<{ _id: number; until: Date | Date[] | string }>('expiring');
  await expiring.insertMany(Array.from({ length: MANY }, (_, _id) => ({ _id, until: _id % 2 === 0 ? past : future })));
  await expiring.insertMany([
    { _id: -1, until: [future, past] }, // the earliest counts
    { _id: -2, until: 'long ago' }, // no date
  ]);
  await expiring.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
  const counts = new Set<number>();
  while (!counts.has(MANY / 2 + 1)) counts.add(await expiring.countDocuments());
  expect(counts.size).toBeGreaterThan(2); // others came between
  expect(await expiring.countDocuments({ until: past })).toBe(0);
  await expiring.dropIndex('until_1');
  await expiring.insertOne({ _id: -3, until: past });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await expiring.countDocuments({ _id: -3 })).toBe(1);
  expect((await stopAndVerify()).errors).toEqual([]);
});
