// Indexes: uniqueness with MongoDB's error shape, partial, sparse, multikey, TTL, collation, conflicts, and that explain says they are used.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Collection, type Document, type FindCursor, MongoServerError } from 'mongodb';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;
let items: Collection<{ _id: number } & Document>;

beforeAll(async () => {
  engine = await startEngine({ ttlSweepMs: 50 });
});

afterAll(() => engine.stop());

beforeEach(async () => {
  items = engine.db.collection('items');
  await items.drop();
});

async function failure(work: Promise<unknown>): Promise<MongoServerError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw new Error(`expected a server error, got ${String(error)}`);
  return error;
}

interface Used {
  stage: string;
  index: string | undefined;
  direction: string | undefined;
  sorted: boolean;
  keys: number;
  docs: number;
  returned: number;
}

/** What explain says about a query. */
async function used(cursor: FindCursor<unknown>): Promise<Used> {
  const { queryPlanner, executionStats } = (await cursor.explain('executionStats')) as {
    queryPlanner: { winningPlan: Document };
    executionStats: Document;
  };
  let stage = queryPlanner.winningPlan;
  let sorted = false;
  while (stage.inputStage) {
    sorted ||= stage.stage === 'SORT';
    stage = stage.inputStage as Document;
  }
  return {
    stage: String(stage.stage),
    index: stage.indexName as string | undefined,
    direction: stage.direction as string | undefined,
    sorted,
    keys: Number(executionStats.totalKeysExamined),
    docs: Number(executionStats.totalDocsExamined),
    returned: Number(executionStats.nReturned),
  };
}

describe('unique', () => {
  test('the error has MongoDB’s code, text, keyPattern and keyValue, and nothing is written', async () => {
    await items.createIndex({ email: 1, kind: -1 }, { unique: true });
    await items.insertOne({ _id: 1, email: 'a@b.c', kind: 2 });
    const error = await failure(items.insertOne({ _id: 2, email: 'a@b.c', kind: 2 }));
    expect(error.code).toBe(11000);
    expect(error.message).toBe(
      'E11000 duplicate key error collection: test.items index: email_1_kind_-1 dup key: { email: "a@b.c", kind: 2 }',
    );
    expect(error).toMatchObject({ keyPattern: { email: 1, kind: -1 }, keyValue: { email: 'a@b.c', kind: 2 } });
    expect(await items.countDocuments()).toBe(1);
    expect(await items.find({}, { hint: 'email_1_kind_-1' }).toArray()).toHaveLength(1);
  });

  test('updates and upserts are checked too; missing counts as null', async () => {
    await items.createIndex({ n: 1 }, { unique: true });
    await items.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 2 }, { _id: 3 }]);
    expect((await failure(items.updateOne({ _id: 2 }, { $set: { n: 1 } }))).code).toBe(11000);
    expect((await failure(items.findOneAndUpdate({ _id: 9 }, { $set: { n: 2 } }, { upsert: true }))).code).toBe(11000);
    expect((await failure(items.insertOne({ _id: 4, n: null }))).message).toContain('dup key: { n: null }');
    await items.updateOne({ _id: 2 }, { $set: { n: 5 } });
    await items.insertOne({ _id: 5, n: 2 });
    expect(
      (
        await items
          .find({ n: { $gte: 1 } })
          .sort({ n: 1 })
          .toArray()
      ).map(({ _id }) => _id),
    ).toEqual([1, 5, 2]);
  });

  test('building over duplicates fails and leaves no index', async () => {
    await items.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 1 },
    ]);
    expect((await failure(items.createIndex({ n: 1 }, { unique: true }))).code).toBe(11000);
    expect(await items.indexes()).toHaveLength(1);
  });

  test('an element of an array is unique among documents, not within one', async () => {
    await items.createIndex({ tags: 1 }, { unique: true });
    await items.insertOne({ _id: 1, tags: ['a', 'a', 'b'] });
    expect((await failure(items.insertOne({ _id: 2, tags: ['c', 'b'] }))).message).toContain('dup key: { tags: "b" }');
  });

  test('a collation makes an e-mail unique whatever its case', async () => {
    const collation = { locale: 'en', strength: 2 };
    await items.createIndex({ email: 1 }, { unique: true, collation });
    await items.insertOne({ _id: 1, email: 'Ann@Example.com' });
    expect((await failure(items.insertOne({ _id: 2, email: 'ann@example.COM' }))).code).toBe(11000);
    expect(await items.findOne({ email: 'ANN@example.com' }, { collation })).toMatchObject({ _id: 1 });
    expect((await used(items.find({ email: 'ANN@example.com' }, { collation }))).stage).toBe('IXSCAN');
    expect(await items.findOne({ email: 'ANN@example.com' })).toBeNull();
    expect((await used(items.find({ email: 'ANN@example.com' }))).stage).toBe('COLLSCAN');
  });
});

describe('partial and sparse', () => {
  test('a partial unique index holds only what its filter says', async () => {
    await items.createIndex({ key: 1 }, { unique: true, partialFilterExpression: { status: 'open' } });
    await items.insertMany([
      { _id: 1, key: 'k', status: 'open' },
      { _id: 2, key: 'k', status: 'done' },
      { _id: 3, key: 'k', status: 'done' },
    ]);
    expect((await failure(items.insertOne({ _id: 4, key: 'k', status: 'open' }))).code).toBe(11000);
    expect((await failure(items.updateOne({ _id: 2 }, { $set: { status: 'open' } }))).code).toBe(11000);
    await items.updateOne({ _id: 1 }, { $set: { status: 'done' } });
    await items.updateOne({ _id: 2 }, { $set: { status: 'open' } });
    expect(await used(items.find({ key: 'k', status: 'open' }))).toMatchObject({ stage: 'IXSCAN', docs: 1, returned: 1 });
    expect(await used(items.find({ key: 'k' }))).toMatchObject({ stage: 'COLLSCAN', returned: 3 });
  });

  test('$exists and $type as partial filters are implied by values', async () => {
    await items.createIndex({ a: 1 }, { name: 'exists', partialFilterExpression: { a: { $exists: true } } });
    await items.createIndex({ b: 1 }, { name: 'type', partialFilterExpression: { b: { $type: 'string' } } });
    await items.insertMany([
      { _id: 1, a: 1, b: 'x' },
      { _id: 2, b: 5 },
    ]);
    expect(await used(items.find({ a: 1 }))).toMatchObject({ index: 'exists', returned: 1 });
    expect(await used(items.find({ a: null }))).toMatchObject({ stage: 'COLLSCAN', returned: 1 });
    expect(await used(items.find({ b: 'x' }))).toMatchObject({ index: 'type', returned: 1 });
    expect(await used(items.find({ b: 5 }))).toMatchObject({ stage: 'COLLSCAN', returned: 1 });
  });

  test('a sparse index is not asked for what it may not hold', async () => {
    await items.createIndex({ n: 1 }, { sparse: true, unique: true });
    await items.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, n: 1 }]);
    expect(await used(items.find({ n: 1 }))).toMatchObject({ stage: 'EXPRESS_IXSCAN', returned: 1 });
    expect(await used(items.find({ n: null }))).toMatchObject({ stage: 'COLLSCAN', returned: 2 });
    expect((await items.find().sort({ n: 1 }).toArray()).map(({ _id }) => _id)).toEqual([1, 2, 3]);
  });
});

describe('plans', () => {
  beforeEach(async () => {
    await items.insertMany(
      Array.from({ length: 500 }, (_, _id) => ({ _id, g: _id % 5, n: _id, text: `t${_id}`, tags: [`x${_id % 3}`, `y${_id % 7}`] })),
    );
    await items.createIndex({ g: 1, n: -1 });
    await items.createIndex({ text: 1 });
    await items.createIndex({ tags: 1 });
  });

  test.each<[string, Document, Document, Partial<Used>]>([
    ['_id is a point read', { _id: 5 }, {}, { stage: 'EXPRESS_IXSCAN', docs: 1, returned: 1 }],
    ['equality', { g: 2 }, {}, { index: 'g_1_n_-1', keys: 100, returned: 100 }],
    ['equality and range', { g: 2, n: { $gte: 490 } }, {}, { index: 'g_1_n_-1', keys: 2, docs: 2, returned: 2 }],
    ['$in and range', { g: { $in: [1, 2] }, n: { $gte: 490 } }, {}, { index: 'g_1_n_-1', keys: 4, returned: 4 }],
    ['a sort the index gives', { g: 2 }, { n: -1 }, { index: 'g_1_n_-1', direction: 'forward', sorted: false }],
    ['the same backwards', { g: 2 }, { n: 1 }, { index: 'g_1_n_-1', direction: 'backward', sorted: false }],
    ['a sort by the whole index', {}, { g: -1, n: 1 }, { index: 'g_1_n_-1', direction: 'backward', sorted: false }],
    ['a sort it does not give', { g: 2 }, { text: 1, n: 1 }, { index: 'g_1_n_-1', sorted: true }],
    ['an anchored pattern', { text: /^t49/ }, {}, { index: 'text_1', keys: 11, returned: 11 }],
    ['an element of an array', { tags: 'y6' }, {}, { index: 'tags_1', returned: 71 }],
    ['both bounds on a multikey index use one', { tags: { $gte: 'y5', $lt: 'y6' } }, {}, { index: 'tags_1' }],
    ['no index', { other: 1 }, {}, { stage: 'COLLSCAN', docs: 500, returned: 0 }],
    ['impossible bounds', { n: 1, g: { $in: [] } }, {}, { docs: 0, returned: 0 }],
  ])('%s', async (_name, filter, sort, expected) => {
    const cursor = items.find(filter);
    if (Object.keys(sort).length > 0) cursor.sort(sort);
    expect(await used(cursor)).toMatchObject(expected);
  });

  test('a sorted query with a limit reads no more than it returns', async () => {
    expect(await used(items.find({ g: 3 }).sort({ n: -1 }).limit(5))).toMatchObject({ keys: 5, docs: 5, returned: 5 });
    expect((await items.find({ g: 3 }).sort({ n: -1 }).limit(3).toArray()).map(({ n }) => Number(n))).toEqual([498, 493, 488]);
  });

  test('a hint is obeyed', async () => {
    expect(await used(items.find({ g: 2 }).hint({ text: 1 }))).toMatchObject({ index: 'text_1', keys: 500, returned: 100 });
    expect(await used(items.find({ g: 2 }).hint({ $natural: 1 }))).toMatchObject({ stage: 'COLLSCAN' });
  });

  test('with and without an index the answers are the same', async () => {
    const filters: Document[] = [
      { g: 2, n: { $lt: 50 } },
      { tags: { $gte: 'y5', $lt: 'y6' } },
      { tags: { $in: ['x1', 'y1'] }, g: 1 },
      { text: { $gt: 't3', $lte: 't4' } },
      { n: { $gt: 5 }, g: { $gt: 3 } },
    ];
    for (const filter of filters) {
      const byIndex = (await items.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
      const byScan = (await items.find(filter).sort({ _id: 1 }).hint({ $natural: 1 }).toArray()).map(({ _id }) => _id);
      expect(byIndex).toEqual(byScan);
      expect(byScan.length).toBeGreaterThan(0);
    }
  });

  test('a multikey index gives each document once', async () => {
    await items.insertOne({ _id: 1000, tags: ['q1', 'q2', 'q3'] });
    expect(await items.find({ tags: { $gte: 'q', $lt: 'r' } }).toArray()).toHaveLength(1);
    expect(await items.countDocuments({ tags: { $gte: 'q', $lt: 'r' } })).toBe(1);
  });
});

describe('definitions', () => {
  test('the same index again is no error, another of its name or key is', async () => {
    await items.createIndex({ a: 1 });
    await items.createIndex({ a: 1 });
    expect((await failure(items.createIndex({ b: 1 }, { name: 'a_1' }))).codeName).toBe('IndexKeySpecsConflict');
    expect((await failure(items.createIndex({ a: 1 }, { unique: true }))).codeName).toBe('IndexKeySpecsConflict');
    expect((await failure(items.createIndex({ a: 1 }, { name: 'other' }))).codeName).toBe('IndexOptionsConflict');
    expect((await failure(items.createIndex({ a: 1 }, { expireAfterSeconds: 5 }))).codeName).toBe('IndexOptionsConflict');
    await items.createIndex({ a: 1 }, { name: 'a_unique', unique: true }); // of another signature, so another index
    expect((await items.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1', 'a_unique']);
  });

  test('drop by name, by key, all; never _id', async () => {
    await items.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }, { key: { c: 1 } }]);
    await items.dropIndex('a_1');
    await items.dropIndex('a_1'); // once more is no error, as in MongoDB
    expect((await failure(items.dropIndex('_id_'))).codeName).toBe('InvalidOptions');
    await items.dropIndexes();
    expect(await items.indexes()).toHaveLength(1);
  });

  test('arrays under two fields of one index are refused', async () => {
    await items.createIndex({ a: 1, b: 1 });
    expect((await failure(items.insertOne({ _id: 1, a: [1], b: [2] }))).code).toBe(171);
    expect(await items.countDocuments()).toBe(0);
  });
});

describe('TTL', () => {
  const gone = async (id: number): Promise<boolean> => {
    for (let attempt = 0; attempt < 1_200; attempt += 1) {
      if (!(await items.findOne({ _id: id }))) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };

  test('documents past their time go, others stay; collMod changes the time', async () => {
    await items.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
    const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
    await items.insertMany([
      { _id: 1, at: ago(4000) },
      { _id: 2, at: ago(1800) },
      { _id: 3, at: 'never' },
      { _id: 4 },
      { _id: 5, at: [ago(10), ago(9000)] },
    ]);
    expect(await gone(1)).toBe(true);
    expect(await gone(5)).toBe(true);
    expect((await items.find().toArray()).map(({ _id }) => _id)).toEqual([2, 3, 4]);
    await engine.db.command({ collMod: 'items', index: { name: 'at_1', expireAfterSeconds: 60 } });
    expect(await gone(2)).toBe(true);
    expect(await items.countDocuments()).toBe(2);
  });
});
