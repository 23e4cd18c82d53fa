/**
 * Which cases are due, in MongoDB. That a case has changed is in its log: the event waits for the clocks as it waits for a desk, written with it, so that no
 * change is overlooked, wherever a process ends. When the next clock runs out is on the ticket.
 */
import { type Filter } from 'mongodb';
import { CLOCK_FEED, type DeskFeedStore } from '../domain/desk-feed.js';
import { type Ticket, type TicketStatus } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';
import { stateOf } from './ticket-store.js';

const OPEN: readonly TicketStatus[] = ['new', 'claimed', 'reopened', 'waiting-for-customer'];
/** Of one look; the others are due at the next. */
const MOST_DUE = 2_000;
const EVENTS_AT_ONCE = 1_000;

/** The queries on these collections; a test explains them. */
export const clockQueries = {
  plannedOtherwise: (plan: string): Filter<TicketDocument> => ({ status: { $in: [...OPEN] }, duePlan: { $ne: plan } }),
  due: (at: Date): Filter<TicketDocument> => ({ dueAt: { $lte: at } }),
  longestDueFirst: { dueAt: 1 },
  seen: (ticketId: string, seq: number): Filter<TicketEventDocument> => ({ pending: CLOCK_FEED, ticketId, seq: { $lte: seq } }),
} as const;

/** @param plan of what the times depend on: hours, levels; with another plan all are worked out anew */
export function createCaseClockStore(models: Pick<Models, 'tickets' | 'ticketEvents'>, feeds: Pick<DeskFeedStore, 'behind'>, plan: string) {
  const tickets = nativeCollection(models.tickets);
  const events = nativeCollection(models.ticketEvents);

  const changed = async (): Promise<string[]> => {
    const found: string[] = [];
    for (let more = true; more;) {
      const page = await feeds.behind(CLOCK_FEED, found.at(-1) ?? '', EVENTS_AT_ONCE);
      found.push(...page.ticketIds);
      ({ more } = page);
    }
    return found;
  };

  return {
    async replan(at: Date): Promise<void> {
      await tickets.updateMany(clockQueries.plannedOtherwise(plan), { $set: { dueAt: at } });
    },

    async dueIds(at: Date): Promise<string[]> {
      const due = tickets
        .find(clockQueries.due(at), { projection: { _id: 1 } })
        .sort(clockQueries.longestDueFirst)
        .limit(MOST_DUE);
      const [waiting, moved] = await Promise.all([due.toArray(), changed()]);
      return [...new Set([...waiting.map(({ _id }) => _id), ...moved])];
    },

    async settle({ id, ...ticket }: Ticket, dueAt: Date | null): Promise<void> {
      // Whoever has seen more of the case has planned better.
      await tickets.updateOne({ _id: id, dueSeq: { $not: { $gt: ticket.seq } } }, { $set: { dueAt, dueSeq: ticket.seq, duePlan: plan } });
      // A process may have ended between an event and the copy of what it adds up to.
      await tickets.updateOne({ _id: id, seq: { $not: { $gte: ticket.seq } } }, { $set: stateOf(ticket) });
      await events.updateMany(clockQueries.seen(id, ticket.seq), { $pull: { pending: CLOCK_FEED } });
    },
  };
}
