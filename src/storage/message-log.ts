/** Reads the message log of a session, in order. Turns write it (src/delivery/turn-commit.ts). */
import { type Filter } from 'mongodb';
import { type MessageLog } from '../domain/chat.js';
import { type Message } from '../domain/message.js';
import { type Models } from './models/index.js';
import { type MessageDocument } from './models/messages.js';
import { nativeCollection } from './native-collection.js';

/** The queries on this collection; the explain test runs the same ones. */
export const messageQueries = {
  ofThread: (threadId: string): Filter<MessageDocument> => ({ threadId }),
  after: (threadId: string, order: number): Filter<MessageDocument> => ({ threadId, order: { $gt: order } }),
  byPlatformId: (conversationId: string, platformMessageId: string): Filter<MessageDocument> => ({ conversationId, platformMessageId }),
  oldestFirst: { threadId: 1, order: 1, _id: 1 },
  newestFirst: { threadId: -1, order: -1, _id: -1 },
} as const;

export function createMessageLog(models: Pick<Models, 'messages'>): MessageLog {
  const messages = nativeCollection(models.messages);
  return {
    async list(threadId, { limit, offset }) {
      const filter = messageQueries.ofThread(threadId);
      const [documents, total] = await Promise.all([
        messages.find(filter).sort(messageQueries.oldestFirst).skip(offset).limit(limit).toArray(),
        messages.countDocuments(filter),
      ]);
      return { messages: documents.map(messageOf), total };
    },

    async listAfter(threadId, messageId, limit) {
      const known = await messages.findOne({ _id: messageId, threadId }, { projection: { order: 1 } });
      const filter = known === null ? messageQueries.ofThread(threadId) : messageQueries.after(threadId, known.order);
      return (await messages.find(filter).sort(messageQueries.oldestFirst).limit(limit).toArray()).map(messageOf);
    },

    async window(threadId, limit) {
      const newest = await messages.find(messageQueries.ofThread(threadId)).sort(messageQueries.newestFirst).limit(limit).toArray();
      return newest.reverse().map(messageOf);
    },
  };
}

function messageOf({ _id, ...message }: MessageDocument): Message {
  return { id: _id, ...message };
}
