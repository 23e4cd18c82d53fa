/** Every query on the message path uses an index: the very filters and sorts of the code, asked of the database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Document, type Sort } from 'mongodb';
import { DELIVERY_STATES, deliveryQueries } from '../../../src/delivery/deliveries.js';
import { inboxQueries } from '../../../src/delivery/inbox.js';
import { outboxQueries } from '../../../src/delivery/outbox.js';
import { windowQueries } from '../../../src/delivery/reply-window.js';
import { turnQueries } from '../../../src/delivery/turn-commit.js';
import { conversationQueries } from '../../../src/storage/conversation-store.js';
import { type ConversationDocument } from '../../../src/storage/models/conversations.js';
import { messageQueries } from '../../../src/storage/message-log.js';
import { sessionQueries } from '../../../src/storage/session-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  // Enough documents for a scan to be a choice.
  const many = Array.from({ length: 200 }, (_, index) => index);
  await database.db.collection<Document & { _id: string }>('inbox').insertMany(
    many.map((index) => ({
      _id: `e${index}`,
      conversationId: `c${index % 20}`,
      state: index % 10 === 0 ? 'pending' : 'done',
      order: index,
    })),
  );
  await database.db
    .collection<Document & { _id: string }>('conversations')
    .insertMany(many.map((index) => ({ _id: `c${index}`, lane: { owner: null, until: new Date(index), fence: 1, wanted: false } })));
  await database.db.collection<Document & { _id: string }>('outbox').insertMany(
    many.map((index) => ({
      _id: `o${index}`,
      conversationId: `c${index % 20}`,
      open: index % 10 === 0,
      order: index,
      part: 0,
      nextAttemptAt: new Date(index),
    })),
  );
  await database.db.collection<Document & { _id: string }>('messages').insertMany(
    many.map((index) => ({
      _id: `m${index}`,
      conversationId: `c${index % 20}`,
      threadId: `t${index % 20}`,
      order: index,
      platformMessageId: `${index}`,
    })),
  );
  await database.db
    .collection<Document & { _id: string }>('sessions')
    .insertMany(many.map((index) => ({ _id: `s${index}`, conversationId: `c${index % 20}`, createdAt: new Date(index) })));
});
afterAll(() => database.close());

const now = new Date();
const claimed = {
  _id: 'c1',
  lane: { fence: 1, owner: null, until: now, wanted: false, sendsFrom: null },
  lastTurnId: null,
} as unknown as ConversationDocument;
const LISTED = { states: DELIVERY_STATES, channel: 'telegram', olderThanMs: 1 };
const QUERIES: readonly (readonly [name: string, collection: string, filter: object, sort?: Sort])[] = [
  ['pending events of a lane', 'inbox', inboxQueries.pendingOf(['c1']), inboxQueries.firstInFirst],
  ['pending events of several lanes', 'inbox', inboxQueries.pendingOf(['c1', 'c10']), inboxQueries.firstInFirst],
  ['pending events of all (sweep, watchdog)', 'inbox', inboxQueries.pendingBefore(now), inboxQueries.firstInFirst],
  ['count of pending events', 'inbox', inboxQueries.pending],
  ['open sends of a lane', 'outbox', outboxQueries.openOf('c1'), outboxQueries.firstInFirst],
  ['sends that are due', 'outbox', outboxQueries.dueBefore(now), outboxQueries.soonestFirst],
  ['count of open sends', 'outbox', outboxQueries.open],
  ['what is kept back for a customer', 'outbox', windowQueries.waitingOf('c1')],
  ['claim of a lane', 'conversations', conversationQueries.unchanged(claimed)],
  ['request for a lane', 'conversations', conversationQueries.heldByOther('c1', 'me')],
  ['writes under a fence', 'conversations', conversationQueries.fenced('c1', 1)],
  ['heartbeat', 'conversations', conversationQueries.held(['c1', 'c2'], 'me')],
  ['leases of a sweep', 'conversations', conversationQueries.leased(['c1', 'c2'], now)],
  ['history of a session', 'messages', messageQueries.ofThread('t1'), messageQueries.oldestFirst],
  ['history after a message', 'messages', messageQueries.after('t1', 5), messageQueries.oldestFirst],
  ['newest messages of open lines', 'conversations', messageQueries.newestOf(['c1', 'c2'])],
  ['memory window', 'messages', messageQueries.ofThread('t1'), messageQueries.newestFirst],
  ['amended message', 'messages', messageQueries.byPlatformId('c1', '1')],
  ['newest session of a conversation', 'sessions', sessionQueries.ofConversations(['c1']), sessionQueries.newestFirst],
  ['turn that a message was joined to', 'turns', turnQueries.joined('turn_1')],
  ...deliveryQueries
    .inbox(LISTED, now)
    .map(({ filter, sort }) => [`list of operators, inbox ${filter.state as string}`, 'inbox', filter, sort] as const),
  // Pending replies are sorted in memory.
  ...deliveryQueries.outbox(LISTED, now).map(({ filter, sort }) => {
    const state = filter.state as string | undefined;
    return [`list of operators, outbox ${state ?? 'pending'}`, 'outbox', filter, state === undefined ? {} : sort] as const;
  }),
];

/** The stages of the plan, outermost first. MongoDB answers point reads on `_id` with IDHACK or its express path. */
function stagesOf(plan: Document): string[] {
  const inner = [plan.inputStage as Document | undefined, ...((plan.inputStages as Document[] | undefined) ?? [])];
  return [String(plan.stage), ...inner.flatMap((stage) => (stage === undefined ? [] : stagesOf(stage)))];
}

describe('queries of the message path', () => {
  it.each(QUERIES.map(([name, collection, filter, sort = {}]) => ({ name, collection, filter, sort })))(
    '$name: by index, no sort in memory',
    async ({ collection, filter, sort }) => {
      const cursor = database.db.collection(collection).find(filter).sort(sort);
      const explained = await cursor.explain('queryPlanner');
      const winning = (explained.queryPlanner as Document).winningPlan as Document;
      const stages = stagesOf((winning.queryPlan as Document | undefined) ?? winning);
      expect(stages).not.toContain('COLLSCAN');
      expect(stages).not.toContain('SORT');
      expect(stages.some((stage) => /IXSCAN|IDHACK|EXPRESS/.test(stage))).toBe(true);
    },
  );
});
