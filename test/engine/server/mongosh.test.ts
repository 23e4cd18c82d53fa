// What mongosh asks when it starts and in daily use, sent as the driver's raw commands: each is answered, or refused in a way that mongosh expects.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine();
  await engine.db.collection('things').insertMany([
    { _id: 1 as never, n: 1 },
    { _id: 2 as never, n: 2 },
  ]);
  await engine.db.collection('things').createIndex({ n: 1 });
});

afterAll(() => engine.stop());

test.each([
  [{ hello: 1 }, { isWritablePrimary: true }],
  [{ buildInfo: 1 }, { version: expect.stringMatching(/^8\./) }],
  [{ getParameter: 1, featureCompatibilityVersion: 1 }, { featureCompatibilityVersion: { version: '8.0' } }],
  [{ connectionStatus: 1, showPrivileges: true }, { authInfo: { authenticatedUsers: [] } }],
  [{ getCmdLineOpts: 1 }, { parsed: {} }],
  [{ getLog: 'startupWarnings' }, { log: [] }],
  [{ hostInfo: 1 }, { system: { hostname: expect.any(String) } }],
  [{ whatsmyuri: 1 }, { you: expect.any(String) }],
  [{ serverStatus: 1 }, { connections: { current: expect.any(Number) } }],
  [{ listDatabases: 1, nameOnly: true }, { databases: [{ name: 'test' }] }],
  [{ listDatabases: 1 }, { totalSize: expect.any(Number), totalSizeMb: expect.any(Number) }],
])('at its start: %j', async (command, answer) => {
  expect(await engine.client.db('admin').command(command)).toMatchObject({ ...answer, ok: 1 });
});

test('what it tries and does without', async () => {
  await expect(engine.client.db('admin').command({ atlasVersion: 1 })).rejects.toMatchObject({ code: 59 });
  await expect(engine.client.db('admin').command({ replSetGetStatus: 1 })).rejects.toMatchObject({ code: 59 });
});

test.each([
  [
    { listCollections: 1, nameOnly: true, authorizedCollections: true },
    { cursor: { firstBatch: [{ name: 'things', type: 'collection' }] } },
  ],
  [{ find: 'things', filter: {} }, { cursor: { firstBatch: [{ _id: 1 }, { _id: 2 }] } }],
  [{ listIndexes: 'things' }, { cursor: { firstBatch: [{ name: '_id_' }, { name: 'n_1', key: { n: 1 } }] } }],
  [{ collStats: 'things' }, { ns: 'test.things', count: 2, nindexes: 2 }],
  [{ dbStats: 1 }, { db: 'test', objects: 2 }],
  [{ validate: 'things' }, { valid: true, nrecords: 2, keysPerIndex: { _id_: 2, n_1: 2 } }],
  [
    { explain: { find: 'things', filter: { n: 1 } }, verbosity: 'executionStats' },
    {
      queryPlanner: { winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'n_1' } } },
      executionStats: { nReturned: 1 },
    },
  ],
  [{ aggregate: 'things', pipeline: [{ $match: { n: 1 } }], cursor: {}, explain: true }, { queryPlanner: { namespace: 'test.things' } }],
])('in daily use: %j', async (command, answer) => {
  expect(await engine.db.command(command)).toMatchObject({ ...answer, ok: 1 });
});

test('sizes are given in the scale that is asked for', async () => {
  const { size } = await engine.db.command({ collStats: 'things' });
  expect(size).toBeGreaterThan(20);
  expect(await engine.db.command({ collStats: 'things', scale: 10 })).toMatchObject({
    count: 2,
    size: Math.floor(Number(size) / 10),
    scaleFactor: 10,
  });
  expect(await engine.db.command({ dbStats: 1, scale: 10 })).toMatchObject({ dataSize: Number(size) / 10, scaleFactor: 10 });
});

test('db.things.stats() asks the stage $collStats', async () => {
  const [stats] = await engine.db
    .collection('things')
    .aggregate([{ $collStats: { storageStats: { scale: 1 } } }])
    .toArray();
  expect(stats).toMatchObject({ ns: 'test.things', host: expect.any(String), storageStats: { count: 2, nindexes: 2, capped: false } });
});
