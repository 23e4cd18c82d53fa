/**
 * Replies after the time in which a platform takes free ones (WhatsApp: 24 h after the customer's last message). Such a reply is kept, and a template
 * that the platform approved asks the customer to write; whatever they write opens the window, and the reply goes out before anything else. Without
 * a template it goes to people. Before all that another channel of the same person is tried: other-channel.ts.
 */
import { type Collection } from 'mongodb';
import { type Channel } from '../domain/channel.js';
import { type OutboundContent } from '../domain/content.js';
import { derivedId } from '../domain/ids.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { freshEntry } from './fresh-entry.js';

export interface ReplyWindow {
  /** The window of this entry's reply is over, as far as we know. */
  isOver(entry: OutboxDocument, channel: Channel): Promise<boolean>;
  /**
   * Keeps the reply back. Returns the template to send in its place; null where one was sent before it for the same silence; `no-template` where
   * the channel has none, and the entry is as it was.
   * @param park moves the entry to `waiting`
   */
  keepBack(
    entry: OutboxDocument,
    channel: Channel,
    park: (entry: OutboxDocument) => Promise<void>,
  ): Promise<OutboxDocument | null | 'no-template'>;
  /** The customer wrote: what was kept back is to be sent now. Returns how many contents that are. */
  open(conversationId: string, fence: number): Promise<number>;
}

export interface ReplyWindowDeps {
  readonly outbox: Collection<OutboxDocument>;
  readonly conversationOf: (id: string) => Promise<{ readonly language: string | null; readonly lastMessageAt: Date | null } | null>;
}

/** Part of a template that stands for a kept reply: before every part of it. */
const TEMPLATE_PART = -1;

export const windowQueries = {
  waitingOf: (conversationId: string) => ({ conversationId, state: 'waiting' as const }),
} as const;

export function createReplyWindow({ outbox, conversationOf }: ReplyWindowDeps): ReplyWindow {
  return {
    async isOver({ repliesUntil, conversationId }, { capabilities }) {
      const { replyWindowMs } = capabilities;
      if (replyWindowMs === null || repliesUntil === undefined || Date.now() <= repliesUntil.getTime()) return false;
      // The customer may have written since.
      const lastMessageAt = (await conversationOf(conversationId))?.lastMessageAt?.getTime() ?? 0;
      return Date.now() > lastMessageAt + replyWindowMs;
    },

    async keepBack(entry, channel, park) {
      const conversation = await conversationOf(entry.conversationId);
      const template = channel.waitingTemplate?.(conversation?.language ?? 'es') ?? null;
      if (template === null) return 'no-template';
      // One for each silence of the customer's, however many replies are kept back in it.
      const silence = conversation?.lastMessageAt?.getTime() ?? entry.createdAt.getTime();
      const request = templateEntry(entry, template, derivedId('out', entry.conversationId, 'reply-window', silence));
      await outbox.updateOne({ _id: request._id }, { $setOnInsert: request }, { upsert: true });
      await park(entry);
      const stored = await outbox.findOne({ _id: request._id, open: true, state: 'pending' });
      return stored === null ? null : takenOver(stored, entry.fence);
    },

    async open(conversationId, fence) {
      const now = new Date();
      const again = { state: 'pending', open: true, fence, failure: null, nextAttemptAt: now, retriedAt: now } as const;
      const { modifiedCount } = await outbox.updateMany(windowQueries.waitingOf(conversationId), {
        $set: again,
        $unset: { repliesUntil: '' },
      });
      return modifiedCount;
    },
  };
}

const takenOver = (entry: OutboxDocument, fence: number): OutboxDocument => ({ ...entry, fence });

function templateEntry(entry: OutboxDocument, content: OutboundContent, id: string): OutboxDocument {
  const { repliesUntil: _repliesUntil, ...like } = entry;
  const now = new Date();
  return {
    ...like,
    _id: id,
    content,
    part: TEMPLATE_PART,
    last: false,
    replyTo: null,
    answer: null,
    ...freshEntry(now),
  };
}
