/** Where data comes from, the same for a database and for a backup: its collections, their documents as bytes, and what they hold in sum. */
import type { Contents } from './document-hash.js';
import type { ExactDocument } from './exact-bson.js';

export interface CollectionInfo {
  readonly db: string;
  readonly name: string;
  /** The options of `create`. */
  readonly options: ExactDocument;
  /** Specifications as `listIndexes` gives them, `_id_` included. */
  readonly indexes: readonly ExactDocument[];
  /** `{ name, type, definition }` of each search index; null where the server has no vector search. */
  readonly searchIndexes: readonly ExactDocument[] | null;
  /** Number of documents; of a database that is being written to, about. */
  readonly documents: number;
}

/** How far an earlier run came. */
export interface ResumePoint {
  /** Documents that arrived, the first ones of the source's order. */
  readonly count: number;
  /** The greatest `_id` that arrived, as `{ _id }`. */
  readonly last: ExactDocument;
}

export interface Source {
  /** For people; never a secret. */
  readonly label: string;
  /** Equal for the same source in a later run. */
  readonly identity: string;
  readonly databases: readonly string[];
  /** Sorted by database and name. */
  readonly collections: readonly CollectionInfo[];
  /** Batches of documents' bytes, after `resume` where it is given. A database gives them in the order of `_id`, a backup in its own. */
  documents(collection: CollectionInfo, resume?: ResumePoint): AsyncIterable<readonly Uint8Array[]>;
  /** What a collection holds; `onRead` is told the documents of each batch. */
  contents(collection: CollectionInfo, onRead: (documents: number) => void): Promise<Contents>;
  close(): Promise<void>;
}

export const namespaceOf = ({ db, name }: { readonly db: string; readonly name: string }): string => `${db}.${name}`;

export const totalDocuments = (collections: readonly CollectionInfo[]): number =>
  collections.reduce((total, { documents }) => total + documents, 0);
