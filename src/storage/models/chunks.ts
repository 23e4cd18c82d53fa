/** Chunks: the passages of the documents, with their embeddings. */
import { type Connection, Schema } from 'mongoose';
import { type Chunk } from '../../domain/knowledge.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface ChunkDocument extends Omit<Chunk, 'id'> {
  readonly _id: string;
  /** See `DocumentDocument.revision`. */
  readonly revision: string;
  /** L2-normalised. */
  readonly embedding: readonly number[];
}

const schema = new Schema<ChunkDocument>(
  {
    _id: { type: String, required: true },
    documentId: { type: String, required: true },
    revision: { type: String, required: true },
    position: { type: Number, required: true },
    text: { type: String, required: true },
    headings: { type: [String], required: true },
    page: { type: Number, default: null },
    source: { type: String, required: true },
    title: { type: String, required: true },
    url: { type: String, default: null },
    language: { type: String, required: true },
    embedding: { type: [Number], required: true },
  },
  { collection: 'chunks', versionKey: false, strict: true },
);

/** The vector index is a search index, made by src/knowledge/atlas-vector-index.ts where the server has vector search. */
export const CHUNK_INDEXES: readonly IndexDeclaration[] = [
  { key: { documentId: 1, revision: 1 }, reason: 'replacing and removing a document deletes its chunks of other revisions' },
];

export const defineChunkModel = (connection: Connection) => connection.model<ChunkDocument>('Chunk', schema);
