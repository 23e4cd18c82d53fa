// Long reads beside others: while a find, an aggregate or a getMore is paused, other clients are answered, cursors are killed and collections go.
// The server pauses wherever it may, so that the others come between on a machine of any speed.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db, type Document, MongoClient, type Long } from 'mongodb';
import { type RunningServer, startServer } from '../../../embedded-mongodb/server/server.js';
import { memoryFolder } from '../../fakes/memory-folder.js';

const MANY = 2_000;
const EVERY_PAUSE = { readMs: 0, ms: 0, quietMs: 0 };

let path: string;
let server: RunningServer;
let client: MongoClient;
let db: Db;

beforeEach(async () => {
  path = await mkdtemp(join(memoryFolder(), 'parley-pauses-'));
  const slices = { readMs: 1000, ms: 1000, quietMs: 1000 };
  server = await startServer({ path, slices });
  client = await connect();
  db = client.db('test');
  const rows = Array.from({ length: MANY }, (_, _id) => ({ _id, n: (_id * 7919) % MANY, group: _id % 7, list: [1, 2, 3] }));
  await db.collection<(typeof rows)[number]>('rows').insertMany(rows);
  Object.assign(slices, EVERY_PAUSE);
});

afterEach(async () => {
  await client.close();
  await server.stop();
  await rm(path, { recursive: true, force: true });
});

function connect(): Promise<MongoClient> {
  return MongoClient.connect(server.uri);
}

/** The code of the error that a command ends with; absent when it succeeds. */
async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

/** Lets what was sent so far reach the server and run its first slices. */
async function begun(): Promise<void> {
  await db.command({ ping: 1 });
  await db.command({ ping: 1 });
}

const aggregate = (...pipeline: Document[]): Promise<Document> => db.command({ aggregate: 'rows', pipeline, cursor: {} });

/** A cursor that has its next document at hand and the one behind that a whole collection away. */
async function openCursor(): Promise<Long> {
  const filter = { _id: { $not: { $gt: 1, $lt: MANY - 1 } } };
  const reply = await db.command({ find: 'rows', filter, hint: { $natural: 1 }, batchSize: 1 }, { promoteLongs: false });
  return (reply['cursor'] as { id: Long }).id;
}

const getMore = (id: Long): Promise<Document> => db.command({ getMore: id, collection: 'rows' });

const COUNTED = { $group: { _id: '$group', count: { $sum: 1 } } };
const LONG_READS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['find without an index', () => db.command({ find: 'rows', filter: { n: -1 } })],
  ['find that sorts without an index', () => db.command({ find: 'rows', sort: { n: 1 } })],
  ['count with a filter', () => db.command({ count: 'rows', query: { n: { $gt: 5 } } })],
  ['distinct', () => db.command({ distinct: 'rows', key: 'n' })],
  ['$group', () => aggregate(COUNTED)],
  ['$sort', () => aggregate({ $sort: { n: 1 } }, { $match: { n: -1 } })],
  ['$match behind a $project', () => aggregate({ $project: { m: '$n' } }, { $match: { m: -1 } })],
  ['$unwind', () => aggregate({ $unwind: '$list' }, { $match: { list: 4 } })],
  ['$facet', () => aggregate({ $facet: { all: [COUNTED] } })],
  ['$lookup by fields', () => aggregate({ $limit: 1 }, { $lookup: { from: 'rows', localField: '_id', foreignField: 'n', as: 'found' } })],
  ['$lookup of a pipeline', () => aggregate({ $limit: 1 }, { $lookup: { from: 'rows', pipeline: [COUNTED], as: 'found' } })],
  ['$unionWith', () => aggregate({ $match: { _id: -1 } }, { $unionWith: { coll: 'rows', pipeline: [COUNTED] } })],
];

test.each(LONG_READS)('%s is paused for other clients', async (_, read) => {
  let ended = false;
  const reading = read().finally(() => (ended = true));
  let answered = 0;
  while (!ended && answered < 3) {
    await db.command({ ping: 1 });
    answered += 1;
  }
  await reading;
  expect(answered).toBe(3);
});

test.each(LONG_READS)('%s ends with the error of MongoDB when its collection is dropped meanwhile', async (_, read) => {
  const reading = codeOf(read());
  await begun();
  await db.collection('rows').drop();
  expect(await reading).toBe(175);
});

test('a $lookup that reads a collection for each document ends at its time limit', async () => {
  const pipeline = [{ $lookup: { from: 'rows', pipeline: [COUNTED], as: 'found' } }, { $match: { _id: -1 } }];
  expect(await codeOf(db.command({ aggregate: 'rows', pipeline, cursor: {}, maxTimeMS: 20 }))).toBe(50);
});

describe('a cursor whose getMore is paused', () => {
  test('is in use for a second getMore; the first is not disturbed', async () => {
    const id = await openCursor();
    const first = getMore(id);
    await begun();
    expect(await codeOf(getMore(id))).toBe(12051);
    expect(await first).toMatchObject({ cursor: { nextBatch: [{ _id: 1 }, { _id: MANY - 1 }], id: 0 } });
    expect(await codeOf(getMore(id))).toBe(43);
  });

  test('may be killed: the getMore says so', async () => {
    const id = await openCursor();
    const reading = codeOf(getMore(id));
    await begun();
    expect(await db.command({ killCursors: 'rows', cursors: [id] })).toMatchObject({ cursorsKilled: [{}] });
    expect(await reading).toBe(237);
    expect(await codeOf(getMore(id))).toBe(43);
  });

  test('ends when the collection is dropped', async () => {
    const reading = codeOf(getMore(await openCursor()));
    await begun();
    await db.collection('rows').drop();
    expect([175, 237]).toContain(await reading);
  });

  test('is closed when its client goes', async () => {
    const id = await openCursor();
    const other = await connect();
    const reading = codeOf(other.db('test').command({ getMore: id, collection: 'rows' }));
    await begun();
    await other.close();
    await reading;
    expect(await codeOf(getMore(id))).toBe(43);
  });
});
