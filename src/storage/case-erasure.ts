/**
 * Takes what was said out of cases: the summary, what was found in the messages, notes, replies, files. What remains is that there was a case: its number,
 * when, why, who had it and how it ended; after its time that goes too. The texts go at once; the desks learn of it by an event, which the clock appends.
 */
import { type Filter } from 'mongodb';
import { type Session } from '../domain/session.js';
import { type TicketStatus } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketEventDocument } from './models/ticket-events.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';

type CaseModels = Pick<Models, 'tickets' | 'ticketEvents' | 'deskPlaces' | 'conversations'>;

const ERASED_OPENING = { summary: '', entities: [], attachments: [], sentiment: null } satisfies Partial<TicketDocument>;
/** What people wrote, by the kind of change. */
const ERASED_CHANGES: Readonly<Record<string, Record<string, unknown>>> = {
  noted: { 'change.text': '' },
  'note-edited': { 'change.text': '' },
  'reply-edited': { 'change.markdown': '' },
  replied: { 'change.markdown': '', 'change.files': [] },
  returned: { 'change.note': '' },
  resolved: { 'change.reason': '' },
};
const CLOSED: readonly TicketStatus[] = ['resolved', 'returned-to-bot'];
/** A session's last activity is not written at each message, and what staff do is stored a moment after they did it. */
const INEXACT_MS = 60_000;
/** Cases that one step of a clean-up deletes. */
const AT_ONCE = 100;

/** The queries on these collections; a test explains them. */
export const caseErasureQueries = {
  ofConversation: (conversationId: string): Filter<TicketDocument> => ({ conversationId }),
  unfinished: { erasing: true } satisfies Filter<TicketDocument>,
  /** Of the cases in which something was said in the session. */
  of: ({ conversationId, threadId, createdAt, lastActivity, whole, openToo }: ErasedSession): Filter<TicketDocument> => {
    if (whole) return caseErasureQueries.ofConversation(conversationId);
    const end = new Date(lastActivity.getTime() + INEXACT_MS);
    const lasted = { createdAt: { $lte: end }, $or: [{ closedAt: null }, { closedAt: { $gte: createdAt } }] };
    const ended = { closedAt: { $lte: end } };
    return openToo
      ? { conversationId, $or: [{ threadId }, lasted] }
      : { conversationId, $or: [{ threadId, status: { $in: [...CLOSED] } }, ended] };
  },
  closedBefore: (cutoff: Date): Filter<TicketDocument> => ({ closedAt: { $lt: cutoff } }),
} as const;

export interface ErasedSession extends Pick<Session, 'conversationId' | 'threadId' | 'createdAt' | 'lastActivity'> {
  /** Its conversation goes with it. */
  readonly whole: boolean;
  /** A clean-up leaves a case alone that goes on in later sessions: it goes with the one in which it ends. */
  readonly openToo: boolean;
}

/** Of those cases of the conversation. Idempotent. */
export async function eraseCases(models: CaseModels, conversationId: string, which: Filter<TicketDocument>): Promise<void> {
  const tickets = nativeCollection(models.tickets);
  const ids = (await tickets.find(which, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
  for (const id of ids) {
    // The mark goes first: whoever is cut off here is completed by the clock.
    await tickets.updateOne({ _id: id }, { $set: { ...ERASED_OPENING, erasing: true } });
    await eraseTexts(models, id);
  }
  const ofThese = { _id: conversationId, 'lastCase.ticketId': { $in: ids } };
  if (ids.length > 0) await nativeCollection(models.conversations).updateOne(ofThese, { $set: { 'lastCase.note': null } });
}

async function eraseTexts(models: CaseModels, ticketId: string): Promise<void> {
  const events = nativeCollection(models.ticketEvents);
  const kinds = Object.entries(ERASED_CHANGES);
  await Promise.all(
    kinds.map(([kind, nothing]) =>
      events.updateMany(
        { ticketId, 'change.kind': kind },
        {
          $set: nothing as Partial<TicketEventDocument>,
        },
      ),
    ),
  );
}

export interface CaseErasure {
  /** Cases whose texts are gone and whose desks have not been told. */
  readonly unfinishedIds: () => Promise<string[]>;
  /** They have been told: what was written meanwhile goes too. */
  readonly finish: (ticketId: string) => Promise<void>;
  /** Deletes cases that were closed before then, with their log; returns how many. */
  readonly deleteClosed: (before: Date) => Promise<number>;
}

export function createCaseErasure(models: CaseModels): CaseErasure {
  const tickets = nativeCollection(models.tickets);
  return {
    unfinishedIds: async () =>
      (await tickets.find(caseErasureQueries.unfinished, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id),

    async finish(ticketId) {
      await eraseTexts(models, ticketId);
      await tickets.updateOne({ _id: ticketId }, { $set: { erasing: false } });
    },

    async deleteClosed(before) {
      let deleted = 0;
      for (;;) {
        const closed = tickets.find(caseErasureQueries.closedBefore(before), { projection: { _id: 1 } }).limit(AT_ONCE);
        const ids = (await closed.toArray()).map(({ _id }) => _id);
        if (ids.length === 0) return deleted;
        await nativeCollection(models.ticketEvents).deleteMany({ ticketId: { $in: ids } });
        await nativeCollection(models.deskPlaces).deleteMany({ ticketId: { $in: ids } });
        // Last, so that a deletion that was cut off is found again.
        await tickets.deleteMany({ _id: { $in: ids } });
        deleted += ids.length;
        if (ids.length < AT_ONCE) return deleted;
      }
    },
  };
}
