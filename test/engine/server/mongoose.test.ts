// mongoose, unmodified, against the engine: models with automatic indexes, validation, population, updates and aggregation.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;
let connection: mongoose.Connection;

beforeAll(async () => {
  engine = await startEngine();
  connection = await mongoose.createConnection(engine.uri, { dbName: 'goose' }).asPromise();
});

afterAll(async () => {
  await connection.close();
  await engine.stop();
});

describe('mongoose', () => {
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
});
