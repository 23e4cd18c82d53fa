/** Two instances on one database: they share the work, wake each other, take over from the dead and cannot write over each other. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { createConversationStore } from '../../../src/storage/conversation-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { startTestDelivery, type TestDelivery, until } from './setup.js';
import { simulate, type Simulation, TIMES } from './simulation.js';

let database: TestDatabase;
let simulation: Simulation | undefined;
const running: TestDelivery[] = [];
const start = (given: Parameters<typeof startTestDelivery>[1] = {}) => {
  const options = { soleInstance: false, ...given.options };
  const delivery = startTestDelivery(database, { ...given, options });
  running.push(delivery);
  return delivery;
};
const idOf = (threadKey: string) => conversationIdOf({ channel: 'test', account: 'default', threadKey });
const leaseOf = async (threadKey: string) => (await database.models.conversations.findById(idOf(threadKey)).lean())?.lane;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  simulation?.end();
  simulation = undefined;
  await Promise.all(running.splice(0).map((delivery) => delivery.stop(2_000)));
});
afterAll(() => database.close());

describe('two instances', () => {
  it('answer one conversation once and in order, whichever takes the events in', async () => {
    simulation = simulate(database);
    const both = [simulation.start(), simulation.start()];
    await simulation.settle();
    const texts = Array.from({ length: 40 }, (_, index) => String(index));
    for (const [index, text] of texts.entries()) {
      const instance = both[index % 2];
      const stored = instance?.emit(textEvent('shared', `shared-${index}`, text));
      await instance?.letGo('insert inbox');
      await stored;
      await simulation.advance(1); // no two messages of a customer in one millisecond
    }
    // No time passes: the instance that holds the lane is woken by the other's write, not by a look for work.
    await simulation.settle();
    expect(simulation.platform.accepted.map((call) => call.text)).toEqual(texts.map((text) => `re: ${text}`));
  });

  it('keep a lane through long work by renewing its lease', async () => {
    simulation = simulate(database);
    const first = simulation.start();
    simulation.start();
    await simulation.settle();
    const stored = first.emit(textEvent('long', 'long-1', 'x'));
    await first.letGo('insert inbox');
    await stored;
    const moveAllButTheTurn = async () => {
      const next = () => simulation?.movable().find((waiting) => waiting.what !== 'turn');
      for (let waiting = next(); waiting !== undefined; waiting = next()) await simulation?.move(waiting);
    };
    for (let passedMs = 0; passedMs < 3 * TIMES.leaseMs; passedMs += 1_000) {
      await moveAllButTheTurn();
      await simulation.advance(1_000);
    }
    expect((await leaseOf('long'))?.fence).toBe(1);
    await simulation.settle();
    expect(simulation.platform.accepted.map((call) => call.text)).toEqual(['re: x']);
  });

  it('take over when a lease ends, and its former owner writes nothing more', async () => {
    const channel = createRecordingChannel();
    const options = { leaseMs: 300, sweepMs: 50 };
    let release: () => void = () => undefined;
    const frozen = new Promise<void>((resolve) => {
      release = resolve;
    });
    // An instance that does not renew and is stuck in its turn: as one that was suspended.
    const paused = start({
      channel,
      options: { ...options, heartbeatMs: 60_000 },
      processTurn: async (input) => (await frozen, simpleTurn(input)),
    });
    await paused.emit(textEvent('freeze', 'freeze-1', 'x'));
    await until('the claim', async () => (await leaseOf('freeze'))?.fence === 1);
    start({ channel, options: { ...options, heartbeatMs: 100 } });
    await until('the successor’s reply', () => channel.accepted.length === 1);
    release();
    await until('the paused one notices', () => paused.logLines.some((line) => line.includes('lost to another instance')));
    await sleep(100);
    expect(channel.accepted).toHaveLength(1);
    const turn = await database.models.turns.findOne({ conversationId: idOf('freeze') }).lean();
    expect(turn).toMatchObject({ attempt: 2 });
    expect(await database.models.messages.countDocuments({ conversationId: idOf('freeze') })).toBe(2);
  });

  it('refuses what a former owner writes under its old fence', async () => {
    const seed = { channel: 'test', account: 'default', threadKey: 'fence', userId: 'u', displayName: null };
    const lease = { leaseMs: 50, soleInstance: false };
    const [former, successor] = ['former', 'successor'].map((owner) => createConversationStore(database.models, { ...lease, owner }));
    const claim = { conversationId: idOf('fence'), seed, now: new Date() };
    expect(await former?.claim(claim)).toMatchObject({ fence: 1, takeover: false, fresh: true });
    expect(await successor?.claim(claim)).toBe('held-by-another');
    expect(await successor?.want(claim.conversationId)).toBe(true);
    expect(await former?.release(claim.conversationId, 1, null)).toBe(false);
    expect(await successor?.claim({ ...claim, now: new Date(Date.now() + 60) })).toMatchObject({ fence: 2, takeover: true });
    const turn = {
      conversationId: claim.conversationId,
      turnId: 't',
      change: { language: 'en' },
      messages: 2,
      lastOrder: 65,
      at: new Date(),
    };
    expect(await former?.applyTurn({ ...turn, fence: 1 })).toBe(false);
    expect(await successor?.applyTurn({ ...turn, fence: 2 })).toBe(true);
    expect(await successor?.applyTurn({ ...turn, fence: 2 })).toBe(true);
    expect(await successor?.find(claim.conversationId)).toMatchObject({ language: 'en', messageCount: 2, lastOrder: 65 });
    expect(await former?.renew([claim.conversationId], new Date())).toEqual([]);
    expect(await former?.release(claim.conversationId, 1, null)).toBe(false);
    expect(await successor?.release(claim.conversationId, 2, null)).toBe(true);
  });
});
