/** One counter that grows with every change of documents, chunks or products: what instances poll to know when to read them again. */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface KnowledgeVersionDocument {
  /** Always `knowledge`. */
  readonly _id: string;
  readonly version: number;
}

const schema = new Schema<KnowledgeVersionDocument>(
  { _id: { type: String, required: true }, version: { type: Number, required: true } },
  { collection: 'knowledge_versions', versionKey: false, strict: true },
);

/** None: there is one document. */
export const KNOWLEDGE_VERSION_INDEXES: readonly IndexDeclaration[] = [];

export const defineKnowledgeVersionModel = (connection: Connection) =>
  connection.model<KnowledgeVersionDocument>('KnowledgeVersion', schema);
