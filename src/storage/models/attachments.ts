/** Files of a conversation, and the text that was read out of customers', with its passages. Their bytes are in parts of their own: attachment-parts.ts. */
import { type Connection, Schema } from 'mongoose';
import { type Attachment } from '../../domain/attachment.js';
import { type IndexDeclaration } from './index-declaration.js';

export interface AttachmentDocument extends Omit<Attachment, 'id'> {
  readonly _id: string;
  /** How many documents hold its bytes. Absent: stored by a version that did not keep them. */
  readonly parts?: number;
}

const schema = new Schema<AttachmentDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    threadId: { type: String, required: true },
    filename: { type: String, required: true },
    contentType: { type: String, required: true },
    sizeBytes: { type: Number, required: true },
    processed: { type: Boolean, required: true },
    error: { type: String, default: null },
    text: { type: String, default: '' },
    chunks: { type: [Schema.Types.Mixed], required: true },
    parts: { type: Number },
    createdAt: { type: Date, required: true },
  },
  { collection: 'attachments', versionKey: false, strict: true },
);

export const ATTACHMENT_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, createdAt: -1 }, reason: "the passages of a conversation's files, newest first; erasing a session" },
];

export const defineAttachmentModel = (connection: Connection) => connection.model<AttachmentDocument>('Attachment', schema);
