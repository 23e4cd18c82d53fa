/** History that is kept while a lane is held tells each turn what the store would have told it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLaneHistory, type LaneHistory } from '../../../src/delivery/lane-history.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { type Fact } from '../../../src/domain/memory.js';
import { type TurnInput } from '../../../src/domain/turn.js';
import { createMemoryStore } from '../../../src/storage/memory-store.js';
import { createMessageLog } from '../../../src/storage/message-log.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { apology, simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { until } from './setup.js';

const LIMIT = 8;
let database: TestDatabase;
let delivery: Delivery | undefined;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => {
  await delivery?.stop(1_000);
  await database.close();
});

describe('lane history', () => {
  it('equals the store at every turn, reads it once a hold, and is dropped with the lane', async () => {
    const messageLog = createMessageLog(database.models);
    const facts = createMemoryStore(database.models);
    let reads = 0;
    const counted = {
      messageLog: { window: (threadId: string, limit: number) => ((reads += 1), messageLog.window(threadId, limit)) },
      facts,
    };
    const history: LaneHistory = createLaneHistory(counted);
    const differences: string[] = [];
    const processTurn = async (input: TurnInput) => {
      const record = simpleTurn(input);
      const { threadId, contactId } = record;
      const kept = { window: await history.window(threadId, LIMIT), facts: await history.findFacts(contactId, LIMIT) };
      const stored = { window: await messageLog.window(threadId, LIMIT), facts: await facts.findFacts(contactId, LIMIT) };
      if (JSON.stringify(kept) !== JSON.stringify(stored)) differences.push(input.event.eventId);
      const learnt: Fact = {
        id: `fact_${input.event.eventId}`,
        ownerId: contactId,
        kind: 'order',
        value: input.event.eventId,
        importance: 0.5,
        conversationId: record.conversationId,
        learnedAt: new Date(),
        expiresAt: null,
      };
      return { ...record, effects: { ...record.effects, facts: input.event.eventId.endsWith('3') ? [learnt] : [] } };
    };
    const channel = createRecordingChannel();
    const running = startDelivery({
      models: database.models,
      channels: [channel],
      processTurn,
      failTurn: apology,
      stores: { saveFacts: (learnt) => facts.saveFacts(learnt), saveTicket: async () => undefined, tellDesk: async () => undefined },
      history,
      logger: createLogger({ level: 'warn' }),
      metrics: createMetrics(),
      options: { soleInstance: database.engine === 'embedded' },
    });
    delivery = running;
    const send = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) => running.emit(textEvent('past', `past-${from + index}`, String(from + index)))),
      );
    const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey: 'past' });
    const laneIsFree = async () => (await database.models.conversations.findById(conversationId).lean())?.lane.owner === null;

    await send(0, 10);
    await until('ten replies', () => channel.accepted.length === 10);
    await until('the lane is let go', laneIsFree);
    expect([differences, reads]).toEqual([[], 1]);

    // Written while nobody holds the lane, as another instance would.
    await database.models.messages.deleteMany({ conversationId });
    await send(10, 15);
    await until('fifteen replies', () => channel.accepted.length === 15);
    expect([differences, reads]).toEqual([[], 2]);
  });
});
