// mongoose, unmodified, against the engine: models with automatic indexes, validation, population, versions, discriminators, updates, cursors and
// aggregation.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { onEachServer } from './each-server.js';

const { ObjectId } = mongoose.Types;

onEachServer((server) => {
  let connection: mongoose.Connection;

  beforeAll(async () => {
    connection = await mongoose.createConnection(server().uri, { dbName: 'goose' }).asPromise();
  });

  afterAll(() => connection.close());

  test('a model builds its indexes, saves, finds, updates, populates and aggregates', async () => {
    const authors = connection.model(
      'Author',
      new mongoose.Schema({ name: { type: String, unique: true }, born: Date }, { timestamps: true }),
    );
    const books = connection.model(
      'Book',
      new mongoose.Schema({
        title: String,
        year: { type: Number, index: true },
        tags: [String],
        author: { type: mongoose.Schema.Types.ObjectId, ref: 'Author' },
      }),
    );
    await Promise.all([authors.init(), books.init()]);
    expect((await authors.collection.indexes()).map(({ name }) => name)).toEqual(['_id_', 'name_1']);

    const author = await authors.create({ name: 'Ana', born: new Date('1970-01-01') });
    await expect(authors.create({ name: 'Ana' })).rejects.toMatchObject({ code: 11000 });
    await books.insertMany([1990, 2000, 2010].map((year) => ({ title: `Book ${year}`, year, author: author._id, tags: [`t${year}`] })));

    const found = await books
      .findOne({ year: { $gt: 1990 } })
      .sort('-year')
      .populate<{ author: { name: string } }>('author');
    expect(found?.title).toBe('Book 2010');
    expect(found?.author.name).toBe('Ana');

    const book = await books.findOne({ year: 1990 });
    book?.tags.push('old');
    book?.set('title', 'Book One');
    await book?.save();
    expect(await books.findOne({ tags: 'old' }).lean()).toMatchObject({ title: 'Book One', tags: ['t1990', 'old'], __v: 1 });

    expect(await books.updateMany({}, { $addToSet: { tags: 'all' } })).toMatchObject({ modifiedCount: 3 });
    expect(
      await books.findOneAndUpdate({ year: 5 }, { $setOnInsert: { title: 'New' } }, { upsert: true, returnDocument: 'after' }).lean(),
    ).toMatchObject({ year: 5, title: 'New' });
    expect(await books.countDocuments({ tags: 'all' })).toBe(3);
    expect(await books.distinct('year')).toEqual([5, 1990, 2000, 2010]);
    expect(await books.aggregate([{ $match: { tags: 'all' } }, { $group: { _id: '$author', years: { $sum: '$year' } } }])).toEqual([
      { _id: author._id, years: 6000 },
    ]);
    expect(await books.exists({ year: 2000 })).not.toBeNull();
    await books.deleteMany({ year: { $lt: 2000 } });
    expect(await books.estimatedDocumentCount()).toBe(2);
  });

  test('a versioned document that changed meanwhile is not overwritten', async () => {
    const notes = connection.model('Note', new mongoose.Schema({ lines: [String] }, { optimisticConcurrency: true }));
    const { _id } = await notes.create({ lines: ['a'] });
    const [first, second] = await Promise.all([notes.findById(_id), notes.findById(_id)]);
    first?.lines.push('b');
    await first?.save();
    second?.lines.push('c');
    await expect(second?.save()).rejects.toThrow(mongoose.Error.VersionError);
  });

  test('optimistic concurrency tells a second writer, also of a plain field', async () => {
    const plain = connection.model('Plain', new mongoose.Schema({ name: String }, { optimisticConcurrency: true }));
    const { _id } = await plain.create({ name: 'a' });
    const [first, second] = await Promise.all([plain.findById(_id).orFail(), plain.findById(_id).orFail()]);
    await first.set('name', 'b').save();
    await expect(second.set('name', 'c').save()).rejects.toThrow(mongoose.Error.VersionError);
    expect(await plain.findById(_id).lean()).toMatchObject({ name: 'b', __v: 1 });
  });

  test('population of arrays, of virtuals, and what is gone', async () => {
    const teams = connection.model(
      'Team',
      new mongoose.Schema({ name: String, members: [{ type: mongoose.Schema.Types.ObjectId, ref: 'Member' }] }),
    );
    const schema = new mongoose.Schema({ name: String });
    schema.virtual('teams', { ref: 'Team', localField: '_id', foreignField: 'members' });
    const members = connection.model('Member', schema);
    const ana = await members.create({ name: 'Ana' });
    const bo = await members.create({ name: 'Bo' });
    await teams.create({ name: 'red', members: [bo._id, new ObjectId(), ana._id] });
    const team = await teams
      .findOne({ name: 'red' })
      .populate<{ members: { name: string }[] }>({ path: 'members', select: 'name -_id' })
      .lean();
    expect(team?.members).toEqual([{ name: 'Bo' }, { name: 'Ana' }]);
    const member = await members.findOne({ name: 'Ana' }).populate<{ teams: { name: string }[] }>('teams');
    expect(member?.teams.map(({ name }) => name)).toEqual(['red']);
  });

  test('discriminators share a collection and keep apart', async () => {
    const events = connection.model('Event', new mongoose.Schema({ at: Date }, { discriminatorKey: 'kind' }));
    const clicks = events.discriminator('Click', new mongoose.Schema({ url: { type: String, required: true } }));
    const calls = events.discriminator('Call', new mongoose.Schema({ seconds: Number }));
    await clicks.create({ at: new Date(1), url: '/a' });
    await calls.create({ at: new Date(2), seconds: 5 });
    await expect(clicks.create({ at: new Date(3) })).rejects.toThrow(mongoose.Error.ValidationError);
    expect(await clicks.find().lean()).toMatchObject([{ kind: 'Click', url: '/a' }]);
    expect((await events.find().sort('at')).map((event) => event.get('kind') as string)).toEqual(['Click', 'Call']);
    expect(await calls.updateMany({}, { $inc: { seconds: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
  });

  test('bulkWrite with timestamps, array filters and an upsert; unique errors of one write', async () => {
    const carts = connection.model(
      'Cart',
      new mongoose.Schema({ number: { type: Number, unique: true }, lines: [{ sku: String, count: Number }] }, { timestamps: true }),
    );
    await carts.init();
    await carts.create({ number: 1, lines: [{ sku: 'a', count: 1 }, { sku: 'b', count: 1 }] }); // prettier-ignore
    const before = await carts.findOne({ number: 1 }).lean();
    const result = await carts.bulkWrite([
      { updateOne: { filter: { number: 1 }, update: { $inc: { 'lines.$[line].count': 5 } }, arrayFilters: [{ 'line.sku': 'b' }] } },
      { updateOne: { filter: { number: 2 }, update: { $set: { lines: [] } }, upsert: true } },
      { insertOne: { document: { number: 3, lines: [] } } },
      { deleteOne: { filter: { number: 3 } } },
    ]);
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 1, insertedCount: 1, deletedCount: 1 });
    const after = await carts.findOne({ number: 1 }).lean();
    expect(after?.lines.map(({ count }) => count)).toEqual([1, 6]);
    expect(after?.createdAt).toEqual(before?.createdAt);
    expect(after?.updatedAt.getTime()).toBeGreaterThanOrEqual(before?.updatedAt.getTime() ?? Infinity);
    expect((await carts.findOne({ number: 2 }).lean())?.createdAt).toBeInstanceOf(Date);
    await expect(carts.updateOne({ number: 2 }, { number: 1 })).rejects.toMatchObject({ code: 11000, keyValue: { number: 1 } });
    const many = await carts.insertMany([{ number: 1 }, { number: 4 }], { ordered: false }).catch((error: unknown) => error);
    expect(many).toMatchObject({ code: 11000, insertedDocs: [{ number: 4 }] });
  });

  test('cursors, lean reads, maps and nested paths', async () => {
    const rows = connection.model('Row', new mongoose.Schema({ n: Number, tags: { type: Map, of: String }, deep: { x: { y: Number } } }));
    await rows.insertMany(Array.from({ length: 250 }, (_, n) => ({ n, tags: { color: `c${n % 3}` }, deep: { x: { y: n } } })));
    const seen: number[] = [];
    for await (const { n } of rows.find({ 'tags.color': 'c1' }).sort({ n: -1 }).cursor({ batchSize: 7 })) seen.push(n ?? NaN);
    expect(seen).toEqual(Array.from({ length: 83 }, (_, index) => 247 - 3 * index));
    expect(await rows.findOne({ 'deep.x.y': 5 }, { 'deep.x.y': 1, _id: 0 }).lean()).toEqual({ deep: { x: { y: 5 } } });
    const totals: unknown[] = [];
    const groups = rows.aggregate([{ $group: { _id: '$tags.color', sum: { $sum: '$deep.x.y' } } }, { $sort: { _id: 1 } }]);
    for await (const total of groups.cursor({ batchSize: 1 })) totals.push(total);
    expect(totals).toEqual([
      { _id: 'c0', sum: 10_458 },
      { _id: 'c1', sum: 10_292 },
      { _id: 'c2', sum: 10_375 },
    ]);
    const row = await rows.findOne({ n: 1 }).orFail();
    row.set('tags.size', 'big');
    row.set('deep.x.y', undefined);
    await row.save();
    expect(await rows.findOne({ n: 1 }, { _id: 0, __v: 0 }).lean()).toEqual({ n: 1, tags: { color: 'c1', size: 'big' }, deep: { x: {} } });
  });
});
