/** Reads the message log of a session, in order. Turns write it (src/delivery/turn-commit.ts). */
import { type Filter } from 'mongodb';
import { type MessageLog } from '../domain/chat.js';
import { type Message } from '../domain/message.js';
import { type Models } from './models/index.js';
import { type ConversationDocument } from './models/conversations.js';
import { type MessageDocument } from './models/messages.js';
import { nativeCollection } from './native-collection.js';

/** The queries that the log is read with; the explain test runs the same ones. */
export const messageQueries = {
  ofThread: (threadId: string): Filter<MessageDocument> => ({ threadId }),
  after: (threadId: string, order: number): Filter<MessageDocument> => ({ threadId, order: { $gt: order } }),
  byPlatformId: (conversationId: string, platformMessageId: string): Filter<MessageDocument> => ({ conversationId, platformMessageId }),
  /** Of conversations: they know their newest message, so that one query asks for many. */
  newestOf: (conversationIds: readonly string[]): Filter<ConversationDocument> => ({ _id: { $in: [...conversationIds] } }),
  oldestFirst: { threadId: 1, order: 1, _id: 1 },
  newestFirst: { threadId: -1, order: -1, _id: -1 },
} as const;

export function createMessageLog(models: Pick<Models, 'messages' | 'conversations'>): MessageLog {
  const messages = nativeCollection(models.messages);
  const conversations = nativeCollection(models.conversations);
  return {
    async list(threadId, { limit, offset }) {
      const filter = messageQueries.ofThread(threadId);
      const [documents, total] = await Promise.all([
        messages.find(filter).sort(messageQueries.oldestFirst).skip(offset).limit(limit).toArray(),
        messages.countDocuments(filter),
      ]);
      return { messages: documents.map(messageOf), total };
    },

    async listAfter(threadId, order, limit) {
      const found = messages.find(messageQueries.after(threadId, order)).sort(messageQueries.oldestFirst).limit(limit);
      return (await found.toArray()).map(messageOf);
    },

    async orderOf(threadId, messageId) {
      const known = await messages.findOne({ _id: messageId, threadId }, { projection: { order: 1 } });
      return known?.order ?? null;
    },

    async newestOrders(conversationIds) {
      const found = await conversations.find(messageQueries.newestOf(conversationIds), { projection: { lastOrder: 1 } }).toArray();
      return new Map(found.flatMap(({ _id, lastOrder = 0 }) => (lastOrder === 0 ? [] : [[_id, lastOrder] as const])));
    },

    async window(threadId, limit) {
      const newest = await messages.find(messageQueries.ofThread(threadId)).sort(messageQueries.newestFirst).limit(limit).toArray();
      return newest.reverse().map(messageOf);
    },
  };
}

export function messageOf({ _id, ...message }: MessageDocument): Message {
  return { id: _id, ...message };
}
