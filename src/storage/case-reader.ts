/** What a desk is shown beside a case: messages, who the customer is, what was said before. */
import { type Collection } from 'mongodb';
import { type Conversation } from '../domain/conversation.js';
import { type Message } from '../domain/message.js';
import { conversationOf } from './conversation-store.js';
import { messageOf, messageQueries } from './message-log.js';
import { type ConversationDocument } from './models/conversations.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

export interface CaseReader {
  readonly conversationOf: (id: string) => Promise<Conversation | null>;
  readonly messageOf: (id: string) => Promise<Message | null>;
  readonly messageByPlatformId: (conversationId: string, platformMessageId: string) => Promise<Message | null>;
  /** What was said in a session before then, oldest first. */
  readonly historyOf: (threadId: string, before: Date, limit: number) => Promise<Message[]>;
  readonly nameOf: (contactId: string) => Promise<string | null>;
}

export function createCaseReader(models: Pick<Models, 'messages' | 'contacts' | 'conversations'>): CaseReader {
  const messages = nativeCollection(models.messages);
  const contacts = nativeCollection(models.contacts);
  const conversations: Collection<ConversationDocument> = nativeCollection(models.conversations);
  return {
    async conversationOf(id) {
      const document = await conversations.findOne({ _id: id });
      return document === null ? null : conversationOf(document);
    },
    async messageOf(id) {
      const document = await messages.findOne({ _id: id });
      return document === null ? null : messageOf(document);
    },
    async messageByPlatformId(conversationId, platformMessageId) {
      const document = await messages.findOne(messageQueries.byPlatformId(conversationId, platformMessageId));
      return document === null ? null : messageOf(document);
    },
    async historyOf(threadId, before, limit) {
      const newest = messages.find({ ...messageQueries.ofThread(threadId), createdAt: { $lte: before } }).sort(messageQueries.newestFirst);
      return (await newest.limit(limit).toArray()).reverse().map(messageOf);
    },
    async nameOf(contactId) {
      return (await contacts.findOne({ _id: contactId }, { projection: { displayName: 1 } }))?.displayName ?? null;
    },
  };
}
