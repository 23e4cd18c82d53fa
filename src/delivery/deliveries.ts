/**
 * What operators do with deliveries: look at what waits or went wrong in the inbox and the outbox, try it again, lay it aside. It changes what
 * nobody works on only (dead and held entries), so it may be done while any number of instances run.
 */
import { type Filter } from 'mongodb';
import { type InboundEvent } from '../domain/message.js';
import { type OutboundContent } from '../domain/content.js';
import { type InboxDocument } from '../storage/models/inbox.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { type Models } from '../storage/models/index.js';
import { nativeCollection } from '../storage/native-collection.js';

/**
 * `pending`: waits or is under way; `dead`: given up, with a reason; `held`: a send whose result is not known; `waiting`: kept back until the
 * customer writes.
 */
export const DELIVERY_STATES = ['pending', 'dead', 'held', 'waiting'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export const DELIVERY_BOXES = ['inbox', 'outbox'] as const;
export type DeliveryBox = (typeof DELIVERY_BOXES)[number];

export interface DeliveryFilter {
  /** Both where it is left out. */
  readonly box?: DeliveryBox;
  readonly states: readonly DeliveryState[];
  readonly channel?: string;
  readonly conversationId?: string;
  /** Only what came at least this long ago. */
  readonly olderThanMs?: number;
  /** The oldest of each box. */
  readonly limit: number;
}

export interface DeliveryEntry {
  readonly box: DeliveryBox;
  readonly id: string;
  readonly conversationId: string;
  readonly channel: string;
  readonly account: string;
  readonly state: string;
  /** Of the event: message, edit, …; of the content: text, choices, … */
  readonly kind: string;
  /** When the event was received, or the reply made. */
  readonly at: Date;
  readonly attempts: number;
  /** Calls whose result is not known. */
  readonly uncertain: number;
  /** Null where nothing is planned. */
  readonly nextAttemptAt: Date | null;
  readonly reason: { readonly kind: string; readonly message: string } | null;
  /** What the customer wrote or was to read; null unless it was asked for. */
  readonly text: string | null;
}

export interface Deliveries {
  /** Oldest first. */
  list(filter: DeliveryFilter, options?: { text: boolean }): Promise<DeliveryEntry[]>;
  find(id: string, options?: { text: boolean }): Promise<DeliveryEntry | null>;
  /** Puts dead and held entries back where they stood in their conversation; returns those that it did so with. */
  retry(ids: readonly string[]): Promise<DeliveryEntry[]>;
  /** Lays dead and held entries aside for good; returns those that it did so with. */
  drop(ids: readonly string[]): Promise<DeliveryEntry[]>;
}

const SET_ASIDE = ['dead', 'held', 'waiting'] as const satisfies readonly DeliveryState[];
const isSetAside = (state: string): state is (typeof SET_ASIDE)[number] => SET_ASIDE.some((known) => known === state);

interface ListQuery<Doc> {
  readonly filter: Filter<Doc>;
  /** Oldest first. */
  readonly sort: Record<string, 1>;
}

/**
 * The queries of the lists; the explain test runs the same ones. The database sorts by their indexes but for pending replies: an index on when they
 * were made would cost every turn two entries, so all that are open are read, and the oldest kept.
 */
export const deliveryQueries = {
  inbox: ({ states, channel, conversationId, olderThanMs }: Omit<DeliveryFilter, 'limit'>, now: Date): ListQuery<InboxDocument>[] => {
    const rest = {
      ...(channel === undefined ? {} : { 'event.channel': channel }),
      ...(conversationId === undefined ? {} : { conversationId }),
    };
    const before = new Date(now.getTime() - (olderThanMs ?? 0));
    return [
      ...(states.includes('pending')
        ? [{ filter: { state: 'pending' as const, order: { $lte: before.getTime() * 1000 }, ...rest }, sort: { order: 1 as const } }]
        : []),
      ...(states.includes('dead')
        ? [{ filter: { state: 'dead' as const, receivedAt: { $lte: before }, ...rest }, sort: { receivedAt: 1 as const } }]
        : []),
    ];
  },
  outbox: ({ states, channel, conversationId, olderThanMs }: Omit<DeliveryFilter, 'limit'>, now: Date): ListQuery<OutboxDocument>[] => {
    const rest = { ...(channel === undefined ? {} : { channel }), ...(conversationId === undefined ? {} : { conversationId }) };
    const createdAt = { $lte: new Date(now.getTime() - (olderThanMs ?? 0)) };
    const filters: Filter<OutboxDocument>[] = [
      ...(states.includes('pending') ? [{ open: true, nextAttemptAt: { $gt: new Date(0) }, createdAt, ...rest }] : []),
      ...SET_ASIDE.filter((state) => states.includes(state)).map((state) => ({ state, createdAt, ...rest })),
    ];
    return filters.map((filter) => ({ filter, sort: { createdAt: 1 } }));
  },
} as const;

/** @param onRetried told of each conversation that has something to do again */
export function createDeliveries(
  models: Pick<Models, 'inbox' | 'outbox' | 'conversations'>,
  options: { retentionMs: number; onRetried?: (conversationId: string) => void; now?: () => Date },
): Deliveries {
  const inbox = nativeCollection(models.inbox);
  const outbox = nativeCollection(models.outbox);
  const conversations = nativeCollection(models.conversations);
  const now = options.now ?? (() => new Date());

  const find = async (id: string, { text } = { text: false }) => {
    const event = await inbox.findOne({ _id: id });
    if (event !== null) return inboxEntry(event, text);
    const reply = await outbox.findOne({ _id: id });
    return reply === null ? null : outboxEntry(reply, text);
  };
  const findAll = async (ids: readonly string[]) => (await Promise.all(ids.map((id) => find(id)))).filter((entry) => entry !== null);

  /** One after the other, first in first out. Each names the state that it found, so what somebody else changed meanwhile stays. */
  const change = async (ids: readonly string[], how: { inbox: Partial<InboxDocument>; outbox: Partial<OutboxDocument> }) => {
    const changed: DeliveryEntry[] = [];
    const found = (await findAll(ids)).sort((one, other) => one.at.getTime() - other.at.getTime());
    for (const entry of found) {
      if (!isSetAside(entry.state)) continue;
      const { matchedCount } =
        entry.box === 'inbox'
          ? await inbox.updateOne({ _id: entry.id, state: 'dead' }, { $set: how.inbox })
          : await outbox.updateOne({ _id: entry.id, state: entry.state }, { $set: how.outbox });
      if (matchedCount === 1) changed.push(entry);
    }
    return changed;
  };

  return {
    async list(filter, { text } = { text: false }) {
      const { box, limit } = filter;
      const events = box === 'outbox' ? [] : deliveryQueries.inbox(filter, now());
      const replies = box === 'inbox' ? [] : deliveryQueries.outbox(filter, now());
      const found = await Promise.all([
        ...events.map(async ({ filter: query, sort }) =>
          (await inbox.find(query).sort(sort).limit(limit).toArray()).map((event) => inboxEntry(event, text)),
        ),
        ...replies.map(async ({ filter: query, sort }) =>
          (await outbox.find(query).sort(sort).limit(limit).toArray()).map((reply) => outboxEntry(reply, text)),
        ),
      ]);
      return found
        .flat()
        .sort((one, other) => one.at.getTime() - other.at.getTime())
        .slice(0, limit);
    },

    find,

    async retry(ids) {
      const at = now();
      const waiting = { state: 'pending', attempts: 0, failure: null, expiresAt: null } as const;
      const retried = await change(ids, {
        inbox: { ...waiting, doneAt: null },
        outbox: { ...waiting, open: true, inDoubt: 0, nextAttemptAt: at, retriedAt: at },
      });
      for (const conversationId of new Set(retried.map((entry) => entry.conversationId))) {
        // Whoever holds the lane looks again before it lets go; where nobody does, the sweep finds the entry.
        await conversations.updateOne({ _id: conversationId, 'lane.owner': { $ne: null } }, { $set: { 'lane.wanted': true } });
        options.onRetried?.(conversationId);
      }
      return retried;
    },

    drop(ids) {
      const at = now();
      const expiresAt = new Date(at.getTime() + options.retentionMs);
      const dropped = { state: 'dropped', expiresAt } as const;
      return change(ids, { inbox: { ...dropped, doneAt: at }, outbox: { ...dropped, open: false } });
    },
  };
}

function inboxEntry({ _id, conversationId, state, event, receivedAt, attempts, failure }: InboxDocument, text: boolean): DeliveryEntry {
  return {
    box: 'inbox',
    id: _id,
    conversationId,
    channel: event.channel,
    account: event.account,
    state,
    kind: event.kind,
    at: receivedAt,
    attempts,
    uncertain: 0,
    nextAttemptAt: null,
    reason: failure ?? null,
    text: text ? textOfEvent(event) : null,
  };
}

function outboxEntry(entry: OutboxDocument, text: boolean): DeliveryEntry {
  const { _id, conversationId, channel, account, state, content, createdAt, attempts, uncertain, open, nextAttemptAt, failure } = entry;
  return {
    box: 'outbox',
    id: _id,
    conversationId,
    channel,
    account,
    state,
    kind: content.kind,
    at: createdAt,
    attempts,
    uncertain,
    nextAttemptAt: open ? nextAttemptAt : null,
    reason: failure === null ? null : { kind: failure.kind, message: failure.message },
    text: text ? textOfContent(content) : null,
  };
}

const textOfEvent = (event: InboundEvent): string =>
  'content' in event ? event.content.map((part) => (part.kind === 'text' ? part.text : `[${part.kind}]`)).join(' ') : '';

const textOfContent = (content: OutboundContent): string => ('markdown' in content ? content.markdown : `[${content.kind}]`);
