/** The driver's own collection behind a model, for the message path: no casting, no hydration, exactly the documents that were written. */
import { type Collection } from 'mongodb';
import { type Model } from 'mongoose';

export function nativeCollection<Doc extends { readonly _id: string }>(model: Model<Doc>): Collection<Doc> {
  const { db } = model.db;
  if (db === undefined) throw new Error('the connection of this model is not open');
  return db.collection<Doc>(model.collection.name);
}
