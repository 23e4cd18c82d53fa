/** Combines reads by `_id`: those asked for in the same instant, by the turns of different conversations, go out as one query. Nothing is kept. */
import DataLoader from 'dataloader';
import { type Collection, type Filter } from 'mongodb';

/** Resolves to null where there is no such document. */
export type ReadById<Doc> = (id: string) => Promise<Doc | null>;

const MAX_BATCH = 500;

export function createReadBatcher<Doc extends { readonly _id: string }>(collection: Collection<Doc>): ReadById<Doc> {
  const loader = new DataLoader<string, Doc | null>(
    async (ids) => {
      const found = new Map<string, Doc>();
      const filter = { _id: { $in: [...new Set(ids)] } } as Filter<Doc>;
      for (const document of (await collection.find(filter).toArray()) as unknown as Doc[]) found.set(document._id, document);
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false, maxBatchSize: MAX_BATCH },
  );
  return (id) => loader.load(id);
}
