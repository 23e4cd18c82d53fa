/** The inbox: stores events before they are acknowledged, and hands them to their lane in order. A mark means done, not seen. */
import { type Collection, type Filter } from 'mongodb';
import { type Stored } from '../domain/channel.js';
import { RequestError } from '../domain/errors.js';
import { conversationIdOf, inboxIdOf, nextOrder } from '../domain/ids.js';
import { type InboundEvent } from '../domain/message.js';
import { type ConversationSeed } from '../storage/conversation-store.js';
import { type InboxDocument } from '../storage/models/inbox.js';
import { type BatchMeter, createWriteBatcher } from '../storage/write-batcher.js';

/** The queries on this collection; the explain test runs the same ones. */
export const inboxQueries = {
  pendingOf: (conversationId: string): Filter<InboxDocument> => ({ state: 'pending', conversationId }),
  /** `order` is in microseconds since 1970. */
  pendingBefore: (before: Date): Filter<InboxDocument> => ({ state: 'pending', order: { $lt: before.getTime() * 1000 } }),
  pending: { state: 'pending', order: { $gt: 0 } } satisfies Filter<InboxDocument>,
  firstInFirst: { order: 1 },
} as const;

export type PendingEvent = Pick<InboxDocument, '_id' | 'conversationId' | 'order' | 'event' | 'receivedAt' | 'attempts'>;

export interface Inbox {
  /** Resolves once the event is on disk. Throws RequestError ServiceUnavailableError when too many wait already. */
  store(event: InboundEvent): Promise<Stored & { readonly conversationId: string }>;
  pendingOf(conversationId: string, limit: number): Promise<PendingEvent[]>;
  /** Conversations with events that arrived before then and are pending, longest waiting first. Stops after `maxEvents`. */
  conversationsPending(before: Date, maxEvents: number): Promise<Map<string, ConversationSeed>>;
  /** Counts that a process died or failed over this event. */
  countAttempt(inboxId: string): Promise<void>;
  close(inboxId: string, state: 'done' | 'dead'): Promise<void>;
  drain(): Promise<void>;
}

export function createInbox(
  collection: Collection<InboxDocument>,
  options: { maxWaitingEvents: number; retentionMs: number; onBatch?: BatchMeter },
): Inbox {
  const arrivals = createWriteBatcher(collection, options);
  const writes = createWriteBatcher(collection, options);

  return {
    async store(event) {
      if (arrivals.size() >= options.maxWaitingEvents) {
        throw new RequestError('ServiceUnavailableError', 'The service is behind: deliver the event again in a moment.', {
          retryAfterSeconds: 5,
        });
      }
      const inboxId = inboxIdOf(event);
      const conversationId = conversationIdOf(event);
      const stored = await arrivals.insertOnce({
        _id: inboxId,
        conversationId,
        state: 'pending',
        order: nextOrder(),
        event,
        receivedAt: new Date(),
        attempts: 0,
        doneAt: null,
        expiresAt: null,
      });
      return { inboxId, conversationId, duplicate: !stored };
    },

    pendingOf: (conversationId, limit) =>
      collection.find(inboxQueries.pendingOf(conversationId)).sort(inboxQueries.firstInFirst).limit(limit).toArray(),

    async conversationsPending(before, maxEvents) {
      const waiting = new Map<string, ConversationSeed>();
      const projection = { conversationId: 1, 'event.channel': 1, 'event.account': 1, 'event.threadKey': 1, 'event.sender': 1 };
      const filter = inboxQueries.pendingBefore(before);
      const events = collection.find(filter, { projection }).sort(inboxQueries.firstInFirst).limit(maxEvents);
      for await (const { conversationId, event } of events) {
        if (!waiting.has(conversationId)) waiting.set(conversationId, seedOf(event));
      }
      return waiting;
    },

    countAttempt: (inboxId) => writes.update({ _id: inboxId, state: 'pending' }, { $inc: { attempts: 1 } }),

    async close(inboxId, state) {
      const doneAt = new Date();
      const expiresAt = state === 'done' ? new Date(doneAt.getTime() + options.retentionMs) : null;
      await writes.update({ _id: inboxId }, { $set: { state, doneAt, expiresAt } });
    },

    async drain() {
      await Promise.all([arrivals.drain(), writes.drain()]);
    },
  };
}

export function seedOf(event: InboundEvent): ConversationSeed {
  const { channel, account, threadKey, sender } = event;
  return { channel, account, threadKey, userId: sender.userId, displayName: sender.displayName };
}
