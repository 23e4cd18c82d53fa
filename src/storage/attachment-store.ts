/** Attachments in MongoDB: what was read out of customers' files. */
import { type Attachment, type AttachmentStore } from '../domain/attachment.js';
import { type AttachmentDocument } from './models/attachments.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

/** Files whose passages one search looks through. */
const MAX_FILES_SEARCHED = 50;

export function createAttachmentStore(models: Models): AttachmentStore {
  const attachments = nativeCollection(models.attachments);
  return {
    async save({ id, ...attachment }) {
      await attachments.replaceOne({ _id: id }, attachment, { upsert: true });
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

function attachmentOf({ _id, ...attachment }: AttachmentDocument): Attachment {
  return { id: _id, ...attachment };
}
