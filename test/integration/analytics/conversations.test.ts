/** The conversations report against a small log of which every number is known. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAnalytics } from '../../../analytics/index.js';
import { messagesPipeline, turnsPipeline } from '../../../analytics/metrics/conversations.js';
import type { MessageDocument } from '../../../src/storage/models/messages.js';
import type { TurnDocument } from '../../../src/storage/models/turns.js';
import { nativeCollection } from '../../../src/storage/native-collection.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const NOW = new Date('2026-03-10T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

let database: TestDatabase;

type Said = Partial<MessageDocument> & Pick<MessageDocument, '_id' | 'conversationId' | 'role' | 'createdAt'>;
const message = (said: Said): MessageDocument =>
  ({
    threadId: `thread_${said.conversationId}`,
    turnId: 't',
    order: 1,
    text: '',
    intent: null,
    language: 'es',
    confidence: null,
    ...said,
  }) as MessageDocument;
const turn = (id: string, change: Partial<TurnDocument>): TurnDocument =>
  ({
    _id: id,
    conversationId: 'a',
    threadId: 'thread_a',
    outcome: 'answered',
    channel: 'web',
    ticketId: null,
    startedAt: daysAgo(1),
    ...change,
  }) as TurnDocument;

beforeAll(async () => {
  database = await startTestDatabase();
  await nativeCollection(database.models.messages).insertMany([
    message({ _id: 'm1', conversationId: 'a', role: 'user', createdAt: daysAgo(1), intent: 'delivery' }),
    message({ _id: 'm2', conversationId: 'a', role: 'assistant', createdAt: daysAgo(1), confidence: 0.5 }),
    message({ _id: 'm3', conversationId: 'a', role: 'user', createdAt: daysAgo(1), intent: 'delivery' }),
    message({ _id: 'm4', conversationId: 'a', role: 'assistant', createdAt: daysAgo(1), confidence: 0.755 }),
    message({ _id: 'm5', conversationId: 'b', role: 'user', createdAt: daysAgo(6), intent: 'returns', language: 'en' }),
    message({ _id: 'm6', conversationId: 'c', role: 'user', createdAt: daysAgo(30), intent: 'returns' }),
  ]);
  await nativeCollection(database.models.turns).insertMany([
    turn('t1', {}),
    turn('t2', { outcome: 'escalated', ticketId: 'T-1' }),
    turn('t3', { outcome: 'escalated', ticketId: 'T-2' }),
    turn('t3-reply', { outcome: 'staff', ticketId: 'T-2' }),
    turn('t4', { conversationId: 'b', threadId: 'thread_b', channel: 'telegram', startedAt: daysAgo(6) }),
    turn('t5', { conversationId: 'c', threadId: 'thread_c', startedAt: daysAgo(30) }),
  ]);
});
afterAll(() => database.close());

describe('conversations report', () => {
  it('counts what is in the period and nothing else', async () => {
    const report = await createAnalytics(database.models, () => NOW).conversations({ days: 7 });
    expect(report).toEqual({
      total_conversations: 2,
      total_messages: 5,
      intent_distribution: [
        { _id: 'delivery', count: 2 },
        { _id: 'returns', count: 1 },
      ],
      average_confidence: 0.63,
      period_days: 7,
      outcome_distribution: [
        { _id: 'answered', count: 2 },
        { _id: 'escalated', count: 2 },
      ],
      channel_distribution: [
        { _id: 'web', count: 3 },
        { _id: 'telegram', count: 1 },
      ],
      language_distribution: [
        { _id: 'es', count: 2 },
        { _id: 'en', count: 1 },
      ],
      escalated_conversations: 1,
    });
  });

  it('is empty, not wrong, where nothing happened', async () => {
    const report = await createAnalytics(database.models, () => new Date('2020-01-01T00:00:00Z')).conversations({
      days: 1,
      phone: '+34000',
    });
    expect(report).toMatchObject({
      total_conversations: 0,
      total_messages: 0,
      intent_distribution: [],
      average_confidence: null,
      escalated_conversations: 0,
    });
  });

  it('keeps to one person by number, where the number is vouched for', async () => {
    const sessions = createSessionStore(database.models);
    const trusted = await sessions.create({ userId: '+34600', userVerified: true, channel: 'web', account: 'default', metadata: {} });
    const claimed = await sessions.create({ userId: '+34600', channel: 'web', account: 'default', metadata: {} });
    await nativeCollection(database.models.messages).insertMany([
      message({ _id: 'p1', conversationId: 'p', threadId: trusted.threadId, role: 'user', createdAt: NOW }),
      message({ _id: 'p2', conversationId: 'q', threadId: claimed.threadId, role: 'user', createdAt: NOW }),
    ]);
    const report = await createAnalytics(database.models, () => NOW).conversations({ days: 7, phone: '+34600' });
    expect([report.total_conversations, report.total_messages]).toEqual([1, 1]);
  });

  it('reads the period from an index', async () => {
    const since = daysAgo(7);
    for (const [model, pipeline] of [
      [database.models.messages, messagesPipeline({ createdAt: { $gte: since } })],
      [database.models.turns, turnsPipeline({ startedAt: { $gte: since } })],
    ] as const) {
      const plan = JSON.stringify(await model.collection.aggregate(pipeline).explain('queryPlanner'));
      expect(plan).toContain('IXSCAN');
      expect(plan).not.toContain('COLLSCAN');
    }
  });
});
