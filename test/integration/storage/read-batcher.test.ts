/** Reads that share a query: each caller gets what it would have got by itself. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Collection } from 'mongodb';
import { createListBatcher, createReadBatcher, oneOf } from '../../../src/storage/read-batcher.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

interface Row {
  readonly _id: string;
  readonly owner: string;
  readonly place: number;
}

let database: TestDatabase;
let rows: Collection<Row>;
let queries = 0;

beforeAll(async () => {
  database = await startTestDatabase({ monitorCommands: true });
  rows = database.db.collection<Row>('rows');
  const of = (owner: string, count: number, from: number): Row[] =>
    Array.from({ length: count }, (_, index) => ({ _id: `${owner}-${index}`, owner, place: from + index }));
  // The many come first in the order that all share, so that they alone fill a shared query.
  await rows.insertMany([...of('many', 50, 0), ...of('few', 2, 100), ...of('one', 1, 200)]);
  database.connection.getClient().on('commandStarted', ({ commandName }) => {
    if (commandName === 'find') queries += 1;
  });
});
afterAll(() => database.close());

const asked = async <Result>(reads: () => Promise<Result>): Promise<{ result: Result; queries: number }> => {
  queries = 0;
  const result = await reads();
  return { result, queries };
};

describe('reads by id', () => {
  it('are one query where they fall together', async () => {
    const read = createReadBatcher(rows);
    const { result, queries: made } = await asked(() => Promise.all(['few-0', 'none', 'one-0', 'few-0'].map((id) => read(id))));
    expect(result.map((row) => row?._id ?? null)).toEqual(['few-0', null, 'one-0', 'few-0']);
    expect(made).toBe(1);
  });

  it('wait for the query that is under way, and share the next one', async () => {
    const read = createReadBatcher(rows);
    const first = read('few-0');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const { queries: made } = await asked(() => Promise.all([first, read('few-1'), read('one-0')]));
    expect(made).toBe(1);
  });
});

describe('lists by key', () => {
  const lists = () =>
    createListBatcher(rows, { filterOf: (owners) => ({ owner: oneOf(owners) }), keyOf: ({ owner }) => owner, sort: { place: 1 } });
  const read = (list: ReturnType<typeof lists>, keys: readonly string[], limit: number) =>
    Promise.all(keys.map(async (key) => (await list(key, limit)).map((row) => row._id)));

  it('are one query where they fall together, each in order and within its limit', async () => {
    const { result, queries: made } = await asked(() => read(lists(), ['few', 'none', 'one'], 2));
    expect(result).toEqual([['few-0', 'few-1'], [], ['one-0']]);
    expect(made).toBe(1);
  });

  it('are whole beside a key that has very many', async () => {
    const { result, queries: made } = await asked(() => read(lists(), ['few', 'many', 'one'], 3));
    expect(result).toEqual([['few-0', 'few-1'], ['many-0', 'many-1', 'many-2'], ['one-0']]);
    expect(made).toBe(3); // the shared one, and those that it left short
  });

  it('are told apart by limit', async () => {
    const list = lists();
    const [two, five] = await Promise.all([list('many', 2), list('many', 5)]);
    expect(two.map((row) => row._id)).toEqual(['many-0', 'many-1']);
    expect(five.map((row) => row._id)).toEqual(['many-0', 'many-1', 'many-2', 'many-3', 'many-4']);
  });

  it('fail together where the query fails', async () => {
    const broken = createListBatcher(rows, {
      filterOf: () => ({ $nonsense: 1 }),
      keyOf: ({ owner }) => owner,
      sort: { place: 1 },
    });
    const settled = await Promise.allSettled([broken('few', 1), broken('one', 1)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
