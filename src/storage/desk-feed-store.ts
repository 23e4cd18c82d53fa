/** The feeds of cases in MongoDB: which events each is still to be shown, its place in each case, and the lease of who shows it. */
import { type Filter } from 'mongodb';
import { type DeskMemory } from '../domain/desk.js';
import { type DeskFeedStore } from '../domain/desk-feed.js';
import { type DeskPlaceDocument } from './models/desk-places.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { nativeCollection } from './native-collection.js';
import { eventOf } from './ticket-store.js';
import { isDuplicateKey } from './write-batcher.js';

/** The queries on these collections; a test explains them. */
export const deskFeedQueries = {
  behind: (feed: string, afterTicketId: string): Filter<TicketEventDocument> => ({ pending: feed, ticketId: { $gt: afterTicketId } }),
  pendingOf: (feed: string, ticketId: string): Filter<TicketEventDocument> => ({ pending: feed, ticketId }),
  byCase: { ticketId: 1, seq: 1 },
  at: (desk: string, place: string): Filter<DeskPlaceDocument> => ({ feed: desk, place }),
} as const;

const FREE = new Date(0);
const NOTHING: DeskMemory = { place: null, ids: {} };

/** @param owner this instance: random, new at every start */
export function createDeskFeedStore(models: Pick<Models, 'ticketEvents' | 'deskPlaces'>, owner: string): DeskFeedStore {
  const events = nativeCollection(models.ticketEvents);
  const places = nativeCollection(models.deskPlaces);
  const idOf = (feed: string, ticketId: string) => `${feed}:${ticketId}`;

  return {
    async behind(feed, afterTicketId, limit) {
      const cursor = events.find(deskFeedQueries.behind(feed, afterTicketId), { projection: { ticketId: 1 } });
      const found = await cursor.sort(deskFeedQueries.byCase).limit(limit).toArray();
      return { ticketIds: [...new Set(found.map((event) => event.ticketId))], more: found.length === limit };
    },

    async pendingOf(feed, ticketId, limit) {
      const found = await events.find(deskFeedQueries.pendingOf(feed, ticketId)).sort(deskFeedQueries.byCase).limit(limit).toArray();
      return found.map(eventOf);
    },

    async claim(feed, ticketId, until) {
      const _id = idOf(feed, ticketId);
      const now = new Date();
      const place = await places.findOne({ _id });
      if (place === null) {
        const fresh = { feed, ticketId, place: null, memory: NOTHING, seq: 0, attempts: 0, nextAttemptAt: FREE, owner, until };
        try {
          await places.insertOne({ _id, ...fresh });
        } catch (thrown) {
          if (isDuplicateKey(thrown)) return 'held';
          throw thrown;
        }
        return fresh;
      }
      if (place.nextAttemptAt > now) return { notBefore: place.nextAttemptAt };
      // As it was read: of two that find it free, one changes it.
      const unchanged = { _id, owner: place.owner, until: place.until };
      const isFree = place.owner === null || place.owner === owner || place.until < now;
      if (!isFree || (await places.updateOne(unchanged, { $set: { owner, until } })).matchedCount === 0) return 'held';
      return { memory: place.memory, seq: place.seq, attempts: place.attempts };
    },

    async shown(feed, { ticketId, seq }, memory, until) {
      const mine = { _id: idOf(feed, ticketId), owner };
      const change = { memory, place: memory.place, attempts: 0, nextAttemptAt: FREE, until };
      const { matchedCount } = await places.updateOne(mine, { $set: change, $max: { seq } });
      if (matchedCount === 1) await events.updateOne({ _id: `${ticketId}:${seq}` }, { $pull: { pending: feed } });
      return matchedCount === 1;
    },

    async release(feed, ticketId, next) {
      const planned = next === undefined ? {} : { attempts: next.attempts, nextAttemptAt: next.at };
      await places.updateOne({ _id: idOf(feed, ticketId), owner }, { $set: { owner: null, until: FREE, ...planned } });
    },

    async ticketAt(desk, place) {
      return (await places.findOne(deskFeedQueries.at(desk, place), { projection: { ticketId: 1 } }))?.ticketId ?? null;
    },

    async memoryOf(feed, ticketId) {
      return (await places.findOne({ _id: idOf(feed, ticketId) }, { projection: { memory: 1 } }))?.memory ?? null;
    },
  };
}
