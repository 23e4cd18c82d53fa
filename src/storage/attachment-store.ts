/** Attachments in MongoDB: the bytes of files, and what was read out of customers' files. */
import { type Attachment, type AttachmentStore, type FileStore } from '../domain/attachment.js';
import { type AttachmentPartDocument, partId } from './models/attachment-parts.js';
import { type AttachmentDocument } from './models/attachments.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

/** Files whose passages one search looks through. */
const MAX_FILES_SEARCHED = 50;
/** Of a document: far below MongoDB's 16 MB, so that what others write does not wait long behind a file. */
const PART_BYTES = 1024 * 1024;

export function createAttachmentStore(models: Pick<Models, 'attachments' | 'attachmentParts'>): AttachmentStore & FileStore {
  const attachments = nativeCollection(models.attachments);
  const parts = nativeCollection(models.attachmentParts);
  return {
    async save({ id, ...attachment }, bytes) {
      const { conversationId, threadId } = attachment;
      const cut = partsOf(bytes);
      for (const [part, piece] of cut.entries()) {
        const document: Omit<AttachmentPartDocument, '_id'> = { conversationId, threadId, bytes: piece };
        await parts.replaceOne({ _id: partId(id, part) }, document, { upsert: true });
      }
      // Last, so that whoever finds the attachment finds all of its bytes.
      await attachments.replaceOne({ _id: id }, { ...attachment, parts: cut.length }, { upsert: true });
    },
    async loadFile(id, threadId) {
      const attachment = await attachments.findOne(
        { _id: id, ...(threadId === undefined ? {} : { threadId }) },
        { projection: { filename: 1, contentType: 1, sizeBytes: 1, parts: 1 } },
      );
      if (attachment?.parts === undefined) return null;
      const { filename, contentType, sizeBytes } = attachment;
      const ids = Array.from({ length: attachment.parts }, (_, part) => partId(id, part));
      const found = await parts.find({ _id: { $in: ids } }, { projection: { bytes: 1 }, promoteBuffers: true }).toArray();
      const byId = new Map(found.map((part) => [part._id, part.bytes]));
      const bytes = Buffer.concat(ids.flatMap((part) => byId.get(part) ?? []));
      // Its session is being deleted just now.
      return bytes.length === sizeBytes ? { filename, contentType, bytes } : null;
    },
    async findMany(conversationId, ids) {
      const found = await attachments.find({ _id: { $in: [...ids] }, conversationId }).toArray();
      return ids.flatMap((id) => found.filter((document) => document._id === id).map(attachmentOf));
    },
    async chunksOf(conversationId) {
      const documents = await attachments
        .find({ conversationId }, { projection: { chunks: 1 }, sort: { createdAt: -1 }, limit: MAX_FILES_SEARCHED })
        .toArray();
      return documents.flatMap((document) => document.chunks);
    },
  };
}

const partsOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, part) => bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));

function attachmentOf({ _id, parts: _parts, ...attachment }: AttachmentDocument): Attachment {
  return { id: _id, ...attachment };
}
