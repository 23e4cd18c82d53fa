/**
 * The bytes of files, a part a document. Not GridFS, which gives parts random ids and refuses a file that is there already: a turn that is run again
 * has to write the same documents.
 */
import { type Connection, Schema } from 'mongoose';
import { type IndexDeclaration } from './index-declaration.js';

export interface AttachmentPartDocument {
  /** See partId. */
  readonly _id: string;
  readonly conversationId: string;
  readonly threadId: string;
  readonly bytes: Buffer;
}

/** The parts of a file are told by its id and how many they are, and need no index to be found by. */
export const partId = (attachmentId: string, part: number): string => `${attachmentId}:${part}`;

const schema = new Schema<AttachmentPartDocument>(
  {
    _id: { type: String, required: true },
    conversationId: { type: String, required: true },
    threadId: { type: String, required: true },
    bytes: { type: Buffer, required: true },
  },
  { collection: 'attachment_parts', versionKey: false, strict: true },
);

export const ATTACHMENT_PART_INDEXES: readonly IndexDeclaration[] = [
  { key: { conversationId: 1, threadId: 1 }, reason: 'erasing a session, also where a file was cut off before it was whole' },
];

export const defineAttachmentPartModel = (connection: Connection) => connection.model<AttachmentPartDocument>('AttachmentPart', schema);
