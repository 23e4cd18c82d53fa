/** Knowledge documents: one for each file or page that was loaded. */
import { type Connection, Schema } from 'mongoose';
import { type KnowledgeDocument } from '../../domain/knowledge.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface DocumentDocument extends Omit<KnowledgeDocument, 'id'> {
  readonly _id: string;
  /** The chunks that belong to it are those of this revision; others are left over from a load under way or cut short. */
  readonly revision: string;
}

const schema = new Schema<DocumentDocument>(
  {
    _id: { type: String, required: true },
    source: { type: String, required: true },
    title: { type: String, required: true },
    url: { type: String, default: null },
    language: { type: String, required: true },
    contentType: { type: String, required: true },
    contentHash: { type: String, required: true },
    loadedWith: { type: String, required: true },
    chunkCount: { type: Number, required: true },
    updatedAt: { type: Date, required: true },
    revision: { type: String, required: true },
  },
  { collection: 'documents', versionKey: false, strict: true },
);

/** None: documents are found by `_id`, which is derived from the source, or read all at once. */
export const DOCUMENT_INDEXES: readonly IndexDeclaration[] = [];

export const defineDocumentModel = (connection: Connection) => connection.model<DocumentDocument>('Document', schema);
