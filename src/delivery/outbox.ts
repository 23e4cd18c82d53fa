/**
 * The outbox: what is open in it, and every change of an entry's state. Each change names the fence of the lane it is made under and throws
 * LaneLostError where another instance has taken over. sender.ts decides which change to make.
 */
import { LRUCache } from 'lru-cache';
import { type Collection, type Filter } from 'mongodb';
import { type Receipt } from '../domain/channel.js';
import { type OutboxDocument, type OutboxFailure } from '../storage/models/outbox.js';
import { type BatchMeter, createWriteBatcher } from '../storage/write-batcher.js';
import { LaneLostError } from './lane-lost.js';

/** The queries on this collection; the explain test runs the same ones. */
export const outboxQueries = {
  openOf: (conversationId: string): Filter<OutboxDocument> => ({ open: true, conversationId }),
  dueBefore: (before: Date): Filter<OutboxDocument> => ({ open: true, nextAttemptAt: { $lt: before } }),
  open: { open: true, nextAttemptAt: { $gt: new Date(0) } } satisfies Filter<OutboxDocument>,
  firstInFirst: { order: 1, part: 1 },
  soonestFirst: { nextAttemptAt: 1 },
} as const;

/** Calls that this process knows more of than is stored; so many are never left over but by a defect. */
const MAX_KNOWN = 10_000;

/** What a failure says of how certain the entry is. */
export type Doubt = Partial<Pick<OutboxDocument, 'uncertain' | 'inDoubt' | 'preview'>>;

export interface Outbox {
  /** Puts what is open in the conversation under this fence and returns it, first in first out. */
  takeOver(conversationId: string, fence: number): Promise<OutboxDocument[]>;
  /** Conversations that have something to send since before then. */
  conversationsDue(before: Date, limit: number): Promise<string[]>;
  /** A new entry whose mark is to be stored with it. */
  asSending(entry: OutboxDocument): OutboxDocument;
  /** It was not stored so. */
  notMarked(entry: OutboxDocument): void;
  /** Stored before the platform is called. */
  markSending(entry: OutboxDocument): Promise<OutboxDocument>;
  /** The call is not made after all: takes the mark back. */
  unmark(marked: OutboxDocument): Promise<void>;
  /** The call begins now. */
  calling(marked: OutboxDocument): void;
  /** Of an entry that is found `sending`: what this process knows of that call and could not store. Undefined: nothing. */
  knownOf(entry: OutboxDocument): Receipt | 'not-called' | undefined;
  markSent(entry: OutboxDocument, receipt: Receipt): Promise<void>;
  postpone(entry: OutboxDocument, at: Date, failure: OutboxFailure, doubt?: Doubt): Promise<OutboxDocument>;
  /** `waiting`: until the customer writes. */
  close(entry: OutboxDocument, state: 'dead' | 'held' | 'waiting', failure: OutboxFailure, doubt?: Doubt): Promise<void>;
  /** It goes out on another channel, under these ids. */
  move(entry: OutboxDocument, movedTo: readonly string[], failure: OutboxFailure): Promise<void>;
  drain(): Promise<void>;
}

export function createOutbox(collection: Collection<OutboxDocument>, options: { retentionMs: number; onBatch?: BatchMeter }): Outbox {
  const writes = createWriteBatcher(collection, options);

  const change = async (entry: OutboxDocument, from: OutboxDocument['state'], to: Partial<OutboxDocument>): Promise<OutboxDocument> => {
    const { _id, fence } = entry;
    const state = to.state ?? from;
    const attempts = to.attempts ?? entry.attempts;
    if (!(await writes.updateIf({ _id, fence, state: from }, { $set: to }, { _id, fence, state, attempts }))) throw new LaneLostError();
    return { ...entry, ...to };
  };
  const expiresAt = () => new Date(Date.now() + options.retentionMs);
  /** From before a call's mark or receipt is written until it is stored: the database may fail, or the lane be lost, in between. */
  const known = new LRUCache<string, { readonly attempts: number; readonly outcome: Receipt | 'not-called' }>({ max: MAX_KNOWN });

  const begun = (entry: OutboxDocument) => {
    const attempts = entry.attempts + 1;
    known.set(entry._id, { attempts, outcome: 'not-called' });
    return { state: 'sending', attempts, inDoubt: 0 } as const;
  };

  return {
    asSending: (entry) => ({ ...entry, ...begun(entry) }),

    async takeOver(conversationId, fence) {
      await collection.updateMany(outboxQueries.openOf(conversationId), { $set: { fence } });
      return collection.find(outboxQueries.openOf(conversationId)).sort(outboxQueries.firstInFirst).toArray();
    },

    async conversationsDue(before, limit) {
      const due = collection.find(outboxQueries.dueBefore(before), { projection: { conversationId: 1 } }).sort(outboxQueries.soonestFirst);
      return (await due.limit(limit).toArray()).map((entry) => entry.conversationId);
    },

    notMarked: ({ _id }) => void known.delete(_id),

    async markSending(entry) {
      try {
        return await change(entry, 'pending', begun(entry));
      } catch (thrown) {
        // The successor's mark would look like ours.
        if (thrown instanceof LaneLostError) known.delete(entry._id);
        throw thrown;
      }
    },

    async unmark(marked) {
      await change(marked, 'sending', { state: 'pending' });
    },

    calling: ({ _id }) => void known.delete(_id),

    knownOf({ _id, attempts }) {
      const last = known.get(_id);
      // Another owner's call came after one that we did not make; a receipt of ours stays one.
      return last === undefined || (last.outcome === 'not-called' && last.attempts !== attempts) ? undefined : last.outcome;
    },

    async markSent(entry, receipt) {
      const { platformMessageId } = receipt;
      known.set(entry._id, { attempts: entry.attempts, outcome: receipt });
      await change(entry, entry.state, {
        state: 'sent',
        inDoubt: 0,
        open: false,
        platformMessageId,
        sentAt: new Date(),
        expiresAt: expiresAt(),
      });
      known.delete(entry._id);
    },

    postpone: (entry, nextAttemptAt, failure, doubt = {}) =>
      change(entry, entry.state, { state: 'pending', nextAttemptAt, failure, ...doubt }),

    async close(entry, state, failure, doubt = {}) {
      // Dead and held entries stay until somebody has looked at them.
      await change(entry, entry.state, { state, open: false, failure, ...doubt });
    },

    async move(entry, movedTo, failure) {
      await change(entry, entry.state, { state: 'moved', open: false, failure, movedTo, expiresAt: expiresAt() });
    },

    drain: () => writes.drain(),
  };
}
