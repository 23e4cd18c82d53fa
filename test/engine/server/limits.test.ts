// What a server is told to be given up: commands at their time limit, idle cursors, frames that are too large. Time is a clock of the test: each look
// at it is a millisecond later, and every pause is made, so that a machine of any speed comes to the limit at the same place.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db, type Document, MongoClient, type Long } from 'mongodb';
import { type RunningServer, startServer } from '../../../embedded-mongodb/server/server.js';
import { memoryFolder } from '../../fakes/memory-folder.js';
import { openSocket } from '../fuzz/open-socket.js';
import { verifyFolder } from './verify-folder.js';

const MANY = 1_000;
const LIMIT_MS = 3;
const IDLE_MS = 10 * 60_000;

/** No pause, for what is not looked at. */
const AT_ONE_GO = { readMs: 1000, ms: 1000, quietMs: 1000 };
const EVERY_PAUSE = { readMs: 0, ms: 0, quietMs: 0 };

let path: string;
let server: RunningServer;
let client: MongoClient;
let db: Db;
let slices: { readMs: number; ms: number; quietMs: number };
/** The clock, and how long passes between two looks at it. */
let now: number;
let stepMs: number;

async function start(ttlSweepMs?: number): Promise<void> {
  slices = { ...AT_ONE_GO };
  now = 0;
  stepMs = 1;
  server = await startServer({ path, slices, now: () => (now += stepMs), ...(ttlSweepMs === undefined ? {} : { ttlSweepMs }) });
  client = await MongoClient.connect(server.uri);
  db = client.db('test');
}

async function stop(): Promise<void> {
  await client.close();
  await server.stop();
}

beforeEach(async () => {
  path = await mkdtemp(join(memoryFolder(), 'parley-limits-'));
  await start();
  const rows = Array.from({ length: MANY }, (_, _id) => ({ _id, n: _id, list: [1, 2, 3] }));
  await db.collection<(typeof rows)[number]>('rows').insertMany(rows);
  Object.assign(slices, EVERY_PAUSE);
});

afterEach(async () => {
  await stop();
  await rm(path, { recursive: true, force: true });
});

const aggregate = (...pipeline: Document[]): Document => ({ aggregate: 'rows', pipeline, cursor: {} });
const everyOne = { $inc: { n: 1 } };

const LONG_COMMANDS: readonly (readonly [string, Document])[] = [
  ['find', { find: 'rows', filter: { n: -1 } }],
  ['find that sorts', { find: 'rows', sort: { list: 1 } }],
  ['count', { count: 'rows', query: { n: -1 } }],
  ['distinct', { distinct: 'rows', key: 'n' }],
  ['$group', aggregate({ $group: { _id: '$n' } })],
  ['$facet', aggregate({ $facet: { all: [{ $match: { n: -1 } }] } })],
  ['$lookup', aggregate({ $limit: 1 }, { $lookup: { from: 'rows', localField: 'n', foreignField: 'list', as: 'found' } })],
  ['$unionWith', aggregate({ $match: { _id: -1 } }, { $unionWith: 'rows' }, { $match: { n: -1 } })],
  ['update of many', { update: 'rows', updates: [{ q: {}, u: everyOne, multi: true }] }],
  ['update of many, unordered', { update: 'rows', updates: [{ q: {}, u: everyOne, multi: true }], ordered: false }],
  ['delete of many', { delete: 'rows', deletes: [{ q: { n: { $gte: 0 } }, limit: 0 }] }],
  ['insert of many', { insert: 'others', documents: Array.from({ length: MANY }, (_, _id) => ({ _id })) }],
  ['createIndexes', { createIndexes: 'rows', indexes: [{ key: { n: 1 }, name: 'n' }] }],
  ['validate', { validate: 'rows' }],
];

describe('a command at its maxTimeMS', () => {
  test.each(LONG_COMMANDS)('%s ends with MaxTimeMSExpired, and nothing is half done', async (_, command) => {
    await expect(db.command({ ...command, maxTimeMS: LIMIT_MS })).rejects.toMatchObject({ code: 50, codeName: 'MaxTimeMSExpired' });
    expect(await db.collection('rows').listIndexes().toArray()).toHaveLength(1);
    await stop();
    const { errors } = await verifyFolder(path);
    expect(errors).toEqual([]);
    await start();
  });

  test.each(LONG_COMMANDS)('%s goes on without one', async (_, command) => {
    expect(await db.command(command)).toMatchObject({ ok: 1 });
  });

  test('bulkWrite ends too', async () => {
    const ops = [{ update: 0, filter: {}, updateMods: everyOne, multi: true }];
    const command = { bulkWrite: 1, ops, nsInfo: [{ ns: 'test.rows' }], maxTimeMS: LIMIT_MS };
    await expect(client.db('admin').command(command)).rejects.toMatchObject({ code: 50 });
  });

  test('a getMore ends at the limit of its find, of which the time between two batches is no part', async () => {
    const filter = { _id: { $not: { $gt: 2, $lt: MANY - 1 } } };
    const find = { find: 'rows', filter, hint: { $natural: 1 }, batchSize: 1, maxTimeMS: 50 };
    const { cursor } = (await db.command(find, { promoteLongs: false })) as unknown as { cursor: { id: Long } };
    const next = { getMore: cursor.id, collection: 'rows', batchSize: 1 };
    now += IDLE_MS / 2;
    expect(await db.command(next)).toMatchObject({ cursor: { nextBatch: [{ _id: 1 }] } });
    stepMs = 50; // the next but one is a whole collection away
    await expect(db.command(next)).rejects.toMatchObject({ code: 50 });
    await expect(db.command(next)).rejects.toMatchObject({ code: 43 }); // its end was the cursor's
  });
});

describe('a cursor that nobody reads', () => {
  const open = async (option: Document): Promise<Long> => {
    const { cursor } = await db.command({ find: 'rows', batchSize: 1, ...option }, { promoteLongs: false });
    return (cursor as { id: Long }).id;
  };
  const openCursors = async (): Promise<number> =>
    ((await db.command({ serverStatus: 1 })) as { metrics: { cursor: { open: { total: number } } } }).metrics.cursor.open.total;

  test('is closed after ten minutes, one with noCursorTimeout is not', async () => {
    await stop();
    await start(20);
    const idle = await open({});
    const kept = await open({ noCursorTimeout: true });
    now += IDLE_MS - 1_000;
    await db.command({ getMore: idle, collection: 'rows', batchSize: 1 }); // read, so its ten minutes begin anew
    now += IDLE_MS - 10_000;
    expect(await db.command({ getMore: idle, collection: 'rows', batchSize: 1 })).toMatchObject({ ok: 1 });
    now += IDLE_MS;
    while ((await openCursors()) > 1);
    await expect(db.command({ getMore: idle, collection: 'rows' })).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
    expect(await db.command({ getMore: kept, collection: 'rows' })).toMatchObject({ ok: 1 });
  });
});

describe('the largest that may be sent', () => {
  beforeEach(() => {
    Object.assign(slices, AT_ONE_GO);
  });

  const MAX_MESSAGE = 48_000_000;

  test('a message of 47 MB is taken', async () => {
    const text = 'x'.repeat(15_700_000);
    const inserts = [1, 2, 3].map((_id) => ({ name: 'insertOne' as const, namespace: 'test.large', document: { _id, text } }));
    expect(await client.bulkWrite<Record<string, { _id: number; text: string }>>(inserts)).toMatchObject({ insertedCount: 3 });
    expect(await db.collection('large').countDocuments({ text: /^x/ })).toBe(3);
  });

  test('100,000 statements are taken', async () => {
    const documents = Array.from({ length: 100_000 }, (_, _id) => ({ _id }));
    expect(await db.command({ insert: 'large', documents })).toEqual({ n: 100_000, ok: 1 });
  }, 60_000);

  test.each([
    ['says it is larger than 48 MB', MAX_MESSAGE + 1],
    ['says it is smaller than a header', 15],
    ['says it has a negative length', -1],
  ])('a message that %s closes its connection, and no other', async (_, length) => {
    const frame = Buffer.alloc(16);
    frame.writeInt32LE(length, 0);
    frame.writeInt32LE(2013, 12);
    const socket = await openSocket(server.uri);
    socket.write(frame);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await db.command({ ping: 1 })).toEqual({ ok: 1 });
  });
});
