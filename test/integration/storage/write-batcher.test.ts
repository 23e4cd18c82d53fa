/** The write combiner against a database: fewer round trips, and still each caller's own result. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Collection } from 'mongodb';
import { createWriteBatcher } from '../../../src/storage/write-batcher.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

interface Item {
  readonly _id: string;
  readonly owner?: string;
  readonly count?: number;
}

let database: TestDatabase;
let items: Collection<Item>;
let batches: number[];
const batcher = (maxBatch = 500) => createWriteBatcher(items, { maxBatch, onBatch: (_collection, writes) => batches.push(writes) });

beforeAll(async () => {
  database = await startTestDatabase();
  items = database.db.collection<Item>('items');
});
beforeEach(async () => {
  await items.deleteMany({});
  batches = [];
});
afterAll(() => database.close());

describe('createWriteBatcher', () => {
  it('sends writes of one instant together and writes at once when idle', async () => {
    const writes = batcher();
    await writes.insertOnce({ _id: 'a' });
    await Promise.all(Array.from({ length: 50 }, (_, index) => writes.insertOnce({ _id: `b${index}` })));
    expect(batches).toEqual([1, 50]);
    expect(await items.countDocuments()).toBe(51);
  });

  it('gathers what arrives during a round trip into the next, in parts of the maximum', async () => {
    const writes = batcher(10);
    const first = writes.insertOnce({ _id: 'first' });
    await Promise.resolve();
    await Promise.all([first, ...Array.from({ length: 25 }, (_, index) => writes.insertOnce({ _id: `x${index}` }))]);
    expect(batches).toEqual([1, 10, 10, 5]);
  });

  it('sends inserts and updates of one instant in one command each, however they are mixed', async () => {
    const writes = batcher();
    await items.insertMany(Array.from({ length: 10 }, (_, index) => ({ _id: `u${index}` })));
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => [
        writes.insertOnce({ _id: `i${index}` }),
        writes.update({ _id: `u${index}` }, { $set: { count: index } }),
      ]).flat(),
    );
    expect(batches).toEqual([10, 10]);
    expect(await items.countDocuments({ $or: [{ count: { $exists: true } }, { _id: /^i/ }] })).toBe(20);
  });

  it('tells each insert whether it was the first', async () => {
    const writes = batcher();
    await items.insertOne({ _id: 'there' });
    const results = await Promise.all(['new', 'there', 'twice', 'twice'].map((_id) => writes.insertOnce({ _id })));
    expect(results).toEqual([true, false, true, false]);
  });

  it('tells each conditional update whether it took effect, beside failing inserts', async () => {
    const writes = batcher();
    await items.insertMany([{ _id: 'free' }, { _id: 'taken', owner: 'other' }]);
    const claim = (_id: string) => writes.updateIf({ _id, owner: { $exists: false } }, { $set: { owner: 'me' } }, { _id, owner: 'me' });
    const results = await Promise.all([writes.insertOnce({ _id: 'free' }), claim('free'), claim('taken'), claim('absent')]);
    expect(results).toEqual([false, true, false, false]);
    expect([...batches].sort()).toEqual([1, 3]);
    expect(await claim('taken')).toBe(false);
  });

  it('applies updates that need no answer, upserts too', async () => {
    const writes = batcher();
    await Promise.all([1, 2, 3].map((count) => writes.update({ _id: `u${count}` }, { $inc: { count } }, { upsert: true })));
    await writes.update({ _id: 'absent' }, { $set: { count: 1 } });
    expect(await items.find().sort({ _id: 1 }).toArray()).toEqual([1, 2, 3].map((count) => ({ _id: `u${count}`, count })));
  });

  it('fails only the write that the server refuses', async () => {
    const writes = batcher();
    await items.insertOne({ _id: 'text', owner: 'x' });
    const bad = writes.update({ _id: 'text' }, { $inc: { owner: 1 } } as never);
    const good = writes.insertOnce({ _id: 'good' });
    await expect(bad).rejects.toThrow(/numeric|increment/i);
    expect(await good).toBe(true);
  });

  it('writes the others when one cannot even be sent', async () => {
    const writes = batcher();
    const huge = writes.insertOnce({ _id: 'huge', owner: 'x'.repeat(17 * 1024 * 1024) });
    const small = writes.insertOnce({ _id: 'small' });
    await expect(huge).rejects.toThrow();
    expect(await small).toBe(true);
  });

  it('drains', async () => {
    const writes = batcher();
    const done: string[] = [];
    void writes.insertOnce({ _id: 'a' }).then(() => done.push('a'));
    await writes.drain();
    expect([writes.size(), done]).toEqual([0, ['a']]);
    await writes.drain();
  });
});
