/**
 * Combines reads of one kind, as write-batcher.ts does writes: those that the turns of different conversations ask for while a round trip is in
 * flight go out together in the next one, and each caller gets its own. An idle batcher reads at once. Nothing is kept.
 */
import DataLoader from 'dataloader';
import { type Collection, type Filter, type Sort } from 'mongodb';

/** Resolves to null where there is no such document. */
export type ReadById<Doc> = (id: string) => Promise<Doc | null>;

/** Resolves to the first documents of a key, in their order. */
export type ReadList<Doc> = (key: string, limit: number) => Promise<Doc[]>;

const MAX_BATCH = 500;

export function createReadBatcher<Doc extends { readonly _id: string }>(collection: Collection<Doc>): ReadById<Doc> {
  const load = createBatches<string, Doc | null>(async (ids) => {
    const found = new Map<string, Doc>();
    const filter = { _id: oneOf([...new Set(ids)]) } as Filter<Doc>;
    for (const document of (await collection.find(filter).toArray()) as unknown as Doc[]) found.set(document._id, document);
    return ids.map((id) => found.get(id) ?? null);
  });
  return load;
}

export interface ListOf<Doc> {
  /** What belongs to any of the keys; see `oneOf`. */
  readonly filterOf: (keys: readonly string[]) => Filter<Doc>;
  readonly keyOf: (document: Doc) => string;
  readonly sort: Sort;
}

/**
 * One query takes as many documents as all its keys may have together, in one order. Should they run out before every key has its own, because one
 * has very many, those keys are read by themselves.
 */
export function createListBatcher<Doc extends object>(collection: Collection<Doc>, { filterOf, keyOf, sort }: ListOf<Doc>): ReadList<Doc> {
  const find = async (keys: readonly string[], limit: number) =>
    (await collection.find(filterOf(keys)).sort(sort).limit(limit).toArray()) as unknown as Doc[];

  const load = createBatches<{ readonly key: string; readonly limit: number }, Doc[]>(async (wanted) => {
    const keys = [...new Set(wanted.map(({ key }) => key))];
    const total = wanted.reduce((sum, { limit }) => sum + limit, 0);
    const found = await find(keys, total);
    const lists = new Map<string, Doc[]>();
    for (const document of found) {
      const list = lists.get(keyOf(document));
      if (list === undefined) lists.set(keyOf(document), [document]);
      else list.push(document);
    }
    return Promise.all(
      wanted.map(async ({ key, limit }) => {
        const list = (lists.get(key) ?? []).slice(0, limit);
        const complete = found.length < total || list.length === limit || keys.length === 1;
        return complete ? list : find([key], limit);
      }),
    );
  });
  return (key, limit) => load({ key, limit });
}

/** For filters: one key is asked for as such. */
export const oneOf = (keys: readonly string[]): string | { $in: string[] } => (keys.length === 1 ? (keys[0] ?? '') : { $in: [...keys] });

/** Gathers what is asked for while `read` is under way. */
function createBatches<Key, Value>(read: (keys: readonly Key[]) => Promise<Value[]>): (key: Key) => Promise<Value> {
  const waiting: (() => void)[] = [];
  let reading = false;
  const next = () => {
    const start = waiting.shift();
    reading = start !== undefined;
    start?.();
  };
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      try {
        return await read(keys);
      } finally {
        next();
      }
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (start) => {
        waiting.push(start);
        // A moment later, so that reads of the same instant share the first round trip too.
        if (!reading) {
          reading = true;
          setImmediate(next);
        }
      },
    },
  );
  return (key) => loader.load(key);
}
