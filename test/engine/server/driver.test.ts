// The official driver, unmodified, against the engine: reads, writes, bulk writes, cursors and the shapes of errors.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Collection, Decimal128, type Document, Double, Int32, Long, MongoBulkWriteError, MongoServerError, ObjectId } from 'mongodb';
import { startEngine, type TestEngine } from './start-engine.js';

type Item = { _id: number | string | ObjectId } & Document;

let engine: TestEngine;
let items: Collection<Item>;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.stop());

beforeEach(async () => {
  items = engine.db.collection<Item>('items');
  await items.drop();
});

/** The error a command ends in. */
async function failure(work: Promise<unknown>): Promise<MongoServerError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw new Error(`expected a server error, got ${String(error)}`);
  return error;
}

describe('documents', () => {
  test('an inserted document comes back with its types and field order', async () => {
    const given = {
      _id: 1,
      z: new Int32(1),
      a: new Double(1),
      big: Long.fromString('9007199254740993'),
      money: Decimal128.fromString('1.10'),
      2: 'two',
      at: new Date(0),
    };
    await items.insertOne(given);
    const found = await items.findOne({ _id: 1 }, { promoteValues: false });
    expect(Object.keys(found ?? {})).toEqual(Object.keys(given));
    expect(found).toMatchObject({ z: new Int32(1), a: new Double(1), big: given.big });
    expect(String(found?.money)).toBe('1.10');
  });

  test('the server makes an _id and puts it first', async () => {
    await engine.db.command({ insert: 'items', documents: [{ b: 1 }] });
    const found = await items.findOne({});
    expect(Object.keys(found ?? {})).toEqual(['_id', 'b']);
    expect(found?._id).toBeInstanceOf(ObjectId);
  });

  test('finds without a sort come in the order of insertion', async () => {
    await items.insertMany(['c', 'a', 'b'].map((_id) => ({ _id })));
    expect((await items.find().toArray()).map(({ _id }) => _id)).toEqual(['c', 'a', 'b']);
  });

  test('_id is found whatever number type it is asked with', async () => {
    await items.insertOne({ _id: 7 });
    for (const _id of [new Int32(7), new Double(7), Long.fromInt(7), Decimal128.fromString('7.0')]) {
      expect(await engine.db.collection('items').findOne({ _id: _id })).toEqual({ _id: 7 });
    }
  });
});

describe('updates', () => {
  test('operators, upsert and counts', async () => {
    await items.insertMany([1, 2, 3].map((_id) => ({ _id, n: 1 })));
    expect(await items.updateMany({ _id: { $gt: 1 } }, { $inc: { n: 1 } })).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(await items.updateOne({ _id: 1 }, { $set: { n: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
    expect(await items.updateOne({ _id: 9, kind: 'x' }, { $set: { n: 5 } }, { upsert: true })).toMatchObject({
      upsertedCount: 1,
      upsertedId: 9,
    });
    expect(await items.findOne({ _id: 9 })).toEqual({ _id: 9, kind: 'x', n: 5 });
  });

  test('arrayFilters, the positional operator and pipelines', async () => {
    await items.insertOne({ _id: 1, tags: ['a', 'b'], rows: [{ k: 1 }, { k: 2 }] });
    await items.updateOne({ _id: 1 }, { $set: { 'rows.$[row].done': true } }, { arrayFilters: [{ 'row.k': 2 }] });
    await items.updateOne({ tags: 'b' }, { $set: { 'tags.$': 'B' } });
    await items.updateOne({ _id: 1 }, [{ $set: { first: { $arrayElemAt: ['$tags', 0] } } }]);
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, tags: ['a', 'B'], rows: [{ k: 1 }, { k: 2, done: true }], first: 'a' });
  });

  test('a replacement keeps _id and refuses several documents', async () => {
    await items.insertOne({ _id: 1, a: 1 });
    await items.replaceOne({ a: 1 }, { b: 2 });
    expect(await items.find().toArray()).toEqual([{ _id: 1, b: 2 }]);
    const error = await failure(
      engine.db
        .command({ update: 'items', updates: [{ q: {}, u: { c: 1 }, multi: true }] })
        .then((reply) => Promise.reject(new MongoServerError((reply['writeErrors'] as [Record<string, unknown>])[0]))),
    );
    expect(error.code).toBe(9);
  });

  test('findAndModify: sort, new, remove, upsert, projection', async () => {
    await items.insertMany([1, 2, 3].map((_id) => ({ _id, n: 10 - _id })));
    expect(await items.findOneAndUpdate({}, { $inc: { n: 100 } }, { sort: { n: 1 } })).toEqual({ _id: 3, n: 7 });
    expect(await items.findOneAndUpdate({ _id: 1 }, { $set: { x: 1 } }, { returnDocument: 'after', projection: { x: 1 } })).toEqual({
      _id: 1,
      x: 1,
    });
    expect(await items.findOneAndDelete({ n: { $gt: 100 } })).toEqual({ _id: 3, n: 107 });
    expect(await items.findOneAndUpdate({ _id: 50 }, { $set: { n: 1 } }, { upsert: true, returnDocument: 'after' })).toEqual({
      _id: 50,
      n: 1,
    });
    expect(await items.findOneAndUpdate({ _id: 99 }, { $set: { n: 1 } })).toBeNull();
    const raw = await engine.db.command({ findAndModify: 'items', query: { _id: 51 }, update: { $set: { n: 2 } }, upsert: true });
    expect(raw).toMatchObject({ lastErrorObject: { n: 1, updatedExisting: false, upserted: 51 }, value: null, ok: 1 });
  });
});

describe('bulk writes', () => {
  test('an ordered batch ends at the first error, an unordered one goes on', async () => {
    const docs = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
    const ordered: unknown = await items.insertMany(docs).catch((error: unknown) => error);
    expect(ordered).toBeInstanceOf(MongoBulkWriteError);
    expect(await items.countDocuments()).toBe(1);
    await items.deleteMany({});
    const unordered: unknown = await items.insertMany(docs, { ordered: false }).catch((error: unknown) => error);
    expect((unordered as MongoBulkWriteError).insertedCount).toBe(2);
    expect(await items.countDocuments()).toBe(2);
  });

  test('mixed operations report each result', async () => {
    const result = await items.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { _id: 2 }, update: { $set: { n: 1 } }, upsert: true } },
      { deleteOne: { filter: { _id: 1 } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 1, modifiedCount: 1, upsertedCount: 1, deletedCount: 1, upsertedIds: { 2: 2 } });
    expect(await items.find().toArray()).toEqual([{ _id: 2, n: 1 }]);
  });

  test('an unacknowledged write gets no answer and is done', async () => {
    await items.insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
    expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1 });
  });
});

describe('cursors', () => {
  beforeEach(async () => {
    await items.insertMany(Array.from({ length: 1000 }, (_, _id) => ({ _id, n: 999 - _id })));
  });

  test.each([1, 7, 101, 1000, 5000])('batches of %i give every document once', async (batchSize) => {
    const found = await items.find({}, { batchSize }).toArray();
    expect(found.map(({ _id }) => _id)).toEqual(Array.from({ length: 1000 }, (_, _id) => _id));
  });

  test('writes between two batches disturb neither order nor completeness', async () => {
    const cursor = items.find({}, { batchSize: 10 });
    const seen: unknown[] = [];
    for await (const { _id } of cursor) {
      seen.push(_id);
      if (seen.length === 50) await items.deleteMany({ _id: { $lt: 50 } });
    }
    expect(seen).toHaveLength(1000);
  });

  test('a limit closes the cursor at the server, a killed cursor is gone', async () => {
    const { cursor } = await engine.db.command({ find: 'items', batchSize: 5, limit: 5 });
    expect((cursor as { id: Long }).id.toString()).toBe('0');
    const open = (await engine.db.command({ find: 'items', batchSize: 5 }, { promoteLongs: false }))['cursor'] as { id: Long };
    expect(await engine.db.command({ killCursors: 'items', cursors: [open.id] })).toMatchObject({ cursorsKilled: [expect.anything()] });
    expect((await failure(engine.db.command({ getMore: open.id, collection: 'items' }))).code).toBe(43);
  });

  test('a next batch without a size is one that a driver decodes quickly, one with a size has that', async () => {
    await items.insertMany(Array.from({ length: 4000 }, (_, index) => ({ _id: 1000 + index, text: 'x'.repeat(index < 1000 ? 0 : 500) })));
    const sizes = async (batchSize?: number): Promise<number[]> => {
      const found: number[] = [];
      const { cursor } = await engine.db.command({ find: 'items', batchSize: 0 }, { promoteLongs: false });
      for (let id = (cursor as { id: Long }).id; !id.isZero();) {
        const more = { getMore: id, collection: 'items', ...(batchSize === undefined ? {} : { batchSize }) };
        const next = (await engine.db.command(more, { promoteLongs: false }))['cursor'] as { id: Long; nextBatch: unknown[] };
        found.push(next.nextBatch.length);
        id = next.id;
      }
      return found;
    };
    expect(await sizes(5000)).toEqual([5000]);
    const [first, second, ...later] = await sizes();
    expect([first, second]).toEqual([1000, 1000]);
    expect(Math.max(...later)).toBeLessThanOrEqual(500);
    expect(later.reduce((sum, size) => sum + size, 0)).toBe(3000);
  });

  test('sort, skip and limit', async () => {
    expect((await items.find().sort({ n: 1 }).skip(2).limit(3).toArray()).map(({ n }) => Number(n))).toEqual([2, 3, 4]);
    expect(await items.countDocuments({ n: { $lt: 10 } })).toBe(10);
    expect(await items.countDocuments({}, { skip: 990 })).toBe(10);
    expect(await items.estimatedDocumentCount()).toBe(1000);
  });
});

describe('aggregate', () => {
  test('match, group and sort; count of nothing; lookup; no writing stages', async () => {
    await items.insertMany([1, 2, 3, 4].map((_id) => ({ _id, g: _id % 2 })));
    const groups = await items
      .aggregate([{ $match: { _id: { $gt: 1 } } }, { $group: { _id: '$g', n: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    expect(groups).toEqual([
      { _id: 0, n: 2 },
      { _id: 1, n: 1 },
    ]);
    expect(await items.aggregate([{ $match: { _id: 99 } }, { $count: 'n' }]).toArray()).toEqual([]);
    const joined = await items
      .aggregate([{ $match: { _id: 1 } }, { $lookup: { from: 'items', localField: 'g', foreignField: '_id', as: 'same' } }])
      .toArray();
    expect(joined).toEqual([{ _id: 1, g: 1, same: [{ _id: 1, g: 1 }] }]);
    const writing = items.aggregate([{ $match: { g: 1 } }, { $out: 'odd' }]).toArray();
    await expect(writing).rejects.toThrow(/\$out.*MONGODB_URI/);
    await expect(items.aggregate([{ $group: { _id: 1, 'a.b': { $sum: 1 } } }]).toArray()).rejects.toMatchObject({ code: 40235 });
  });

  test('results larger than a batch are paged', async () => {
    await items.insertMany(Array.from({ length: 500 }, (_, _id) => ({ _id })));
    expect(await items.aggregate([{ $project: { twice: { $multiply: ['$_id', 2] } } }], { batchSize: 30 }).toArray()).toHaveLength(500);
  });
});

describe('collections and databases', () => {
  test('create, list, rename, drop', async () => {
    await engine.db.createCollection('plain');
    await engine.db.createCollection('plain');
    await engine.db.collection('plain').insertOne({ a: 1 });
    await engine.db.renameCollection('plain', 'renamed');
    expect((await engine.db.listCollections({ name: /^re/ }).toArray()).map(({ name }) => name)).toEqual(['renamed']);
    expect(await engine.db.collection('renamed').countDocuments()).toBe(1);
    expect(await engine.db.collection('renamed').drop()).toBe(true);
    expect(await engine.db.listCollections({ name: 'renamed' }).toArray()).toEqual([]);
    const other = engine.client.db('other');
    await other.collection('a').insertOne({});
    expect((await engine.client.db().admin().listDatabases()).databases.map(({ name }) => name)).toContain('other');
    await other.dropDatabase();
    expect((await engine.client.db().admin().listDatabases()).databases.map(({ name }) => name)).not.toContain('other');
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown command', { mapReduce: 'items' }, 59],
    ['an unknown field', { find: 'items', surprise: 1 }, 40415],
    ['a wrong type', { find: 'items', filter: 'x' }, 14],
    ['a negative limit', { find: 'items', limit: -1 }, 2],
    ['an unknown operator', { find: 'items', filter: { a: { $near: [0, 0] } } }, 2],
    ['$where', { find: 'items', filter: { $where: '1' } }, 2],
    ['an unknown stage', { aggregate: 'items', pipeline: [{ $redact: '$$KEEP' }], cursor: {} }, 40324],
    ['a change stream', { aggregate: 'items', pipeline: [{ $changeStream: {} }], cursor: {} }, 40573],
    ['a capped collection', { create: 'capped', capped: true, size: 1000 }, 72],
    ['a tailable cursor', { find: 'items', tailable: true }, 72],
    ['a transaction', { find: 'items', txnNumber: Long.fromInt(1), startTransaction: true, autocommit: false }, 20],
    ['snapshot reads', { find: 'items', readConcern: { level: 'snapshot' } }, 72],
    ['a hint at no index', { find: 'items', hint: 'nothing' }, 2],
    ['a text index', { createIndexes: 'items', indexes: [{ key: { a: 'text' }, name: 'a_text' }] }, 67],
  ])('%s', async (_what, command, code) => {
    await items.insertOne({ _id: 1 });
    expect((await failure(engine.db.command(command))).code).toBe(code);
  });

  test('a transaction through the driver fails and writes nothing', async () => {
    const session = engine.client.startSession();
    const work = session.withTransaction(() => items.insertOne({ _id: 1 }, { session }));
    await expect(work).rejects.toThrow(/does not support retryable writes/); // how the driver words error 20
    await session.endSession();
    expect(await items.countDocuments()).toBe(0);
  });

  test('maxTimeMS ends a query that takes longer', async () => {
    await items.insertMany(Array.from({ length: 20_000 }, (_, _id) => ({ _id, n: _id })));
    expect((await failure(items.find({ n: -1 }, { maxTimeMS: 1 }).toArray())).code).toBe(50);
  });
});
