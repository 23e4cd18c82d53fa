/**
 * How far a copy or a restore has come, kept in each database it fills, so that it can go on after any kind of end. While the collection is there, the
 * database is half a copy.
 */
import type { Db } from 'mongodb';

export const STATE_COLLECTION = 'parley_copy_state';
/** The `_id` of the document that says what is copied; the others are named after collections. */
const HEADER = '';

interface StateDocument {
  readonly _id: string;
  /** In the header: the source's identity, and what to call it. */
  readonly source?: string;
  readonly label?: string;
}

export interface TransferState {
  readonly source: string;
  readonly label: string;
  /** Names of collections whose documents are all there. */
  readonly done: ReadonlySet<string>;
}

const collectionOf = (db: Db) => db.collection<StateDocument>(STATE_COLLECTION);

/** Null: nothing is being copied into this database. */
export async function readState(db: Db): Promise<TransferState | null> {
  const documents = await collectionOf(db).find().toArray();
  const header = documents.find(({ _id }) => _id === HEADER);
  if (header === undefined) return null;
  const done = new Set(documents.map(({ _id }) => _id).filter((name) => name !== HEADER));
  return { source: header.source ?? '', label: header.label ?? '', done };
}

export async function beginState(db: Db, source: { readonly identity: string; readonly label: string }): Promise<void> {
  await collectionOf(db).insertOne({ _id: HEADER, source: source.identity, label: source.label });
}

export async function markDone(db: Db, name: string): Promise<void> {
  await collectionOf(db).insertOne({ _id: name });
}

export async function endState(db: Db): Promise<void> {
  await collectionOf(db).drop();
}
