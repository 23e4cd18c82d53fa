// Vector search: definitions, scores, filters, and a cache that follows every write.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Collection, type Document } from 'mongodb';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;
let chunks: Collection<{ _id: number } & Document>;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.stop());

beforeEach(async () => {
  chunks = engine.db.collection('chunks');
  await chunks.drop();
  await chunks.insertMany([
    { _id: 1, v: [1, 0], kind: 'a' },
    { _id: 2, v: [0, 1], kind: 'b' },
    { _id: 3, v: [3, 4], kind: 'b' },
    { _id: 4, v: [1, 2, 3], kind: 'a' },
    { _id: 5, kind: 'a' },
  ]);
});

async function index(similarity: string): Promise<void> {
  const fields = [
    { type: 'vector', path: 'v', numDimensions: 2, similarity },
    { type: 'filter', path: 'kind' },
  ];
  await chunks.createSearchIndex({ name: 'near', type: 'vectorSearch', definition: { fields } });
}

function search(options: Document): Promise<Document[]> {
  const stage = { index: 'near', path: 'v', queryVector: [1, 0], numCandidates: 100, limit: 10, ...options };
  return chunks.aggregate([{ $vectorSearch: stage }, { $project: { score: { $meta: 'vectorSearchScore' } } }]).toArray();
}

describe('$vectorSearch', () => {
  test.each<[string, ...[number, number][]]>([
    ['cosine', [1, 1], [3, 0.8], [2, 0.5]],
    ['dotProduct', [3, 2], [1, 1], [2, 0.5]],
    ['euclidean', [1, 1], [2, 1 / (1 + Math.SQRT2)], [3, 1 / (1 + Math.sqrt(20))]],
  ])('%s scores as Atlas documents them', async (similarity, ...expected) => {
    await index(similarity);
    const found = await search({});
    expect(found.map(({ _id }) => Number(_id))).toEqual(expected.map(([id]) => id));
    found.forEach(({ score }, position) => expect(score).toBeCloseTo(expected[position]?.[1] ?? NaN, 5));
  });

  test('limit, filter and exact', async () => {
    await index('cosine');
    expect((await search({ limit: 1 })).map(({ _id }) => Number(_id))).toEqual([1]);
    expect((await search({ filter: { kind: 'b' } })).map(({ _id }) => Number(_id))).toEqual([3, 2]);
    const exact = { index: 'near', path: 'v', queryVector: [0, 1], exact: true, limit: 1 };
    expect(await chunks.aggregate([{ $vectorSearch: exact }]).toArray()).toEqual([{ _id: 2, v: [0, 1], kind: 'b' }]);
  });

  test('the search sees every write', async () => {
    await index('cosine');
    await search({});
    await chunks.insertOne({ _id: 6, v: [2, 0] });
    await chunks.updateOne({ _id: 1 }, { $set: { v: [-1, 0] } });
    await chunks.deleteOne({ _id: 3 });
    await chunks.updateOne({ _id: 2 }, { $unset: { v: 1 } });
    expect((await search({})).map(({ _id, score }) => [Number(_id), Number(score)])).toEqual([
      [6, 1],
      [1, 0],
    ]);
  });

  test('definitions are listed, changed and dropped; an absent index finds nothing', async () => {
    expect(await search({})).toEqual([]);
    await index('cosine');
    const listed = async () => (await chunks.listSearchIndexes('near').toArray()) as { status?: string }[];
    while ((await listed())[0]?.status === 'BUILDING') await sleep(5);
    expect(await listed()).toMatchObject([{ name: 'near', type: 'vectorSearch', status: 'READY', queryable: true }]);
    await chunks.updateSearchIndex('near', { fields: [{ type: 'vector', path: 'v', numDimensions: 3, similarity: 'cosine' }] });
    expect((await search({ queryVector: [1, 2, 3] })).map(({ _id }) => Number(_id))).toEqual([4]);
    await chunks.dropSearchIndex('near');
    expect(await chunks.listSearchIndexes().toArray()).toEqual([]);
  });

  test.each([
    ['wrong dimensions', { queryVector: [1, 2, 3] }],
    ['an undeclared filter path', { filter: { other: 1 } }],
    ['fewer candidates than the limit', { numCandidates: 5 }],
    ['a zero vector', { queryVector: [0, 0] }],
  ])('%s is refused', async (_what, options) => {
    await index('cosine');
    await expect(search(options)).rejects.toMatchObject({ code: 8, codeName: 'UnknownError' });
  });
});
