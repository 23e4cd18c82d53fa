// The first count of a large collection reads all its keys: others are served in between, and what they insert and delete meanwhile is counted right.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { type RunningServer, startServer } from '../../../embedded-mongodb/server/server.js';
import { memoryFolder } from '../../fakes/memory-folder.js';

/** More than two steps of counting. */
const MANY = 45_000;

let path: string;
let server: RunningServer;
let client: MongoClient;
let rows: Collection<{ _id: number; n: number[] }>;

async function start(): Promise<void> {
  server = await startServer({ path, slices: { readMs: 0, ms: 0, quietMs: 0 } });
  client = await MongoClient.connect(server.uri);
  rows = client.db('test').collection('rows');
}

async function stop(): Promise<void> {
  await client.close();
  await server.stop();
}

beforeEach(async () => {
  path = await mkdtemp(join(memoryFolder(), 'parley-count-'));
  server = await startServer({ path, slices: { readMs: 1000, ms: 1000, quietMs: 1000 } });
  client = await MongoClient.connect(server.uri);
  rows = client.db('test').collection('rows');
  await rows.insertMany(Array.from({ length: MANY }, (_, _id) => ({ _id, n: [_id % 3, 9] })));
  await rows.createIndex({ n: 1 });
  await stop();
  await start(); // so that nothing is known of the number
}, 60_000);

afterEach(async () => {
  await stop();
  await rm(path, { recursive: true, force: true });
});

test('others insert and delete on both sides of what is counted already', async () => {
  let ended = false;
  const counting = Promise.all([rows.countDocuments(), rows.estimatedDocumentCount()]).finally(() => (ended = true));
  let changed = 0;
  for (; !ended && changed < 3; changed += 1) {
    await rows.deleteOne({ _id: changed });
    await rows.deleteOne({ _id: MANY - 1 - changed });
    await rows.insertOne({ _id: -1 - changed, n: [] });
  }
  await counting;
  expect(changed).toBeGreaterThan(0);
  const expected = MANY - changed;
  expect(await rows.estimatedDocumentCount()).toBe(expected);
  expect(await rows.countDocuments()).toBe(expected);
  await stop();
  await start();
  expect(await rows.estimatedDocumentCount()).toBe(expected);
}, 60_000);

test('by an index, one over arrays too', async () => {
  expect(await rows.countDocuments({ n: 9 })).toBe(MANY);
  expect(await rows.countDocuments({ n: { $gte: 0 } })).toBe(MANY);
  expect(await rows.countDocuments({ _id: { $gte: 5 } })).toBe(MANY - 5);
  expect(await client.db('test').command({ collStats: 'rows' })).toMatchObject({ count: MANY });
  expect(await client.db('admin').command({ listDatabases: 1 })).toMatchObject({ databases: [{ name: 'test', empty: false }] });
}, 60_000);
