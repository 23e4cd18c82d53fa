/** The inbox: stores events before they are acknowledged, and hands them to their lane in order. A mark means done, not seen. */
import { type Collection, type Filter } from 'mongodb';
import { type Stored } from '../domain/channel.js';
import { conversationIdOf, inboxIdOf, nextOrder } from '../domain/ids.js';
import { type InboundEvent } from '../domain/message.js';
import { type ConversationSeed } from '../storage/conversation-store.js';
import { type DatabaseClock } from '../storage/database-clock.js';
import { type InboxDocument } from '../storage/models/inbox.js';
import { createListBatcher, oneOf } from '../storage/read-batcher.js';
import { type BatchMeter, createWriteBatcher } from '../storage/write-batcher.js';

/** The queries on this collection; the explain test runs the same ones. */
export const inboxQueries = {
  pendingOf: (conversationIds: readonly string[]): Filter<InboxDocument> => ({ state: 'pending', conversationId: oneOf(conversationIds) }),
  /** `order` is in microseconds since 1970. */
  pendingBefore: (before: Date, after = 0): Filter<InboxDocument> => ({
    state: 'pending',
    order: { $gt: after, $lt: before.getTime() * 1000 },
  }),
  pending: { state: 'pending', order: { $gt: 0 } } satisfies Filter<InboxDocument>,
  firstInFirst: { order: 1 },
} as const;

export type PendingEvent = Pick<InboxDocument, '_id' | 'conversationId' | 'order' | 'event' | 'receivedAt' | 'attempts'>;

export interface StoredEvent extends Stored {
  readonly pending: PendingEvent;
  /** What its place in the order stands for, in ms since 1970: see DatabaseClock.reached for when it may be acknowledged. */
  readonly placedAtMs: number;
}

export interface Inbox {
  /** Resolves once the event is on disk. */
  store(event: InboundEvent): Promise<StoredEvent>;
  pendingOf(conversationId: string, limit: number): Promise<PendingEvent[]>;
  /** Looks through the events that arrived before then and are pending, longest waiting first, from an order on. */
  conversationsPending(look: { before: Date; after: number; maxEvents: number; maxConversations: number }): Promise<WaitingConversations>;
  /** Counts a try that may not end, or takes the count back. */
  countAttempt(inboxId: string, change: 1 | -1): Promise<void>;
  done(inboxId: string): Promise<void>;
  /** Sets it aside. The reason holds no customer text. */
  giveUp(inboxId: string, failure: NonNullable<InboxDocument['failure']>): Promise<void>;
  /** Events that wait for the store. */
  storing(): number;
  drain(): Promise<void>;
}

export interface WaitingConversations {
  readonly seeds: Map<string, ConversationSeed>;
  /** Where to look on from; 0 when the end was reached. */
  readonly next: number;
}

export function createInbox(
  collection: Collection<InboxDocument>,
  options: { retentionMs: number; clock: Pick<DatabaseClock, 'latest'>; onBatch?: BatchMeter },
): Inbox {
  const arrivals = createWriteBatcher(collection, options);
  const writes = createWriteBatcher(collection, options);
  const pending = createListBatcher(collection, {
    filterOf: inboxQueries.pendingOf,
    keyOf: (event) => event.conversationId,
    sort: inboxQueries.firstInFirst,
  });

  return {
    async store(event) {
      const inboxId = inboxIdOf(event);
      const conversationId = conversationIdOf(event);
      const placedAtMs = options.clock.latest().getTime();
      const order = nextOrder(placedAtMs);
      const pending: PendingEvent = { _id: inboxId, conversationId, order, event, receivedAt: new Date(), attempts: 0 };
      const stored = await arrivals.insertOnce({ ...pending, state: 'pending', failure: null, doneAt: null, expiresAt: null });
      if (stored) return { inboxId, pending, placedAtMs, duplicate: false };
      // Whoever stored it may not have acknowledged it yet.
      const earlier = await collection.findOne({ _id: inboxId }, { projection: { order: 1 } });
      return { inboxId, pending, placedAtMs: earlier === null ? placedAtMs : earlier.order / 1000, duplicate: true };
    },

    pendingOf: pending,

    async conversationsPending({ before, after, maxEvents, maxConversations }) {
      const seeds = new Map<string, ConversationSeed>();
      const projection = { conversationId: 1, order: 1, 'event.channel': 1, 'event.account': 1, 'event.threadKey': 1, 'event.sender': 1 };
      const filter = inboxQueries.pendingBefore(before, after);
      const events = collection.find(filter, { projection }).sort(inboxQueries.firstInFirst).limit(maxEvents);
      let looked = 0;
      for await (const { conversationId, order, event } of events) {
        if (!seeds.has(conversationId)) seeds.set(conversationId, seedOf(event));
        looked += 1;
        if (looked === maxEvents || seeds.size === maxConversations) return { seeds, next: order };
      }
      return { seeds, next: 0 };
    },

    countAttempt: (inboxId, change) => writes.update({ _id: inboxId, state: 'pending' }, { $inc: { attempts: change } }),

    async done(inboxId) {
      const doneAt = new Date();
      const expiresAt = new Date(doneAt.getTime() + options.retentionMs);
      await writes.update({ _id: inboxId, state: 'pending' }, { $set: { state: 'done', doneAt, expiresAt } });
    },

    giveUp: (inboxId, failure) =>
      writes.update({ _id: inboxId, state: 'pending' }, { $set: { state: 'dead', doneAt: new Date(), failure } }),

    storing: () => arrivals.size(),

    async drain() {
      await Promise.all([arrivals.drain(), writes.drain()]);
    },
  };
}

export function seedOf(event: InboundEvent): ConversationSeed {
  const { channel, account, threadKey, sender } = event;
  return { channel, account, threadKey, userId: sender.userId, displayName: sender.displayName };
}
