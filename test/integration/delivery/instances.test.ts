/** Two instances on one database: they share the work, wake each other, take over from the dead and cannot write over each other. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { createConversationStore } from '../../../src/storage/conversation-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { startTestDelivery, type TestDelivery, until } from './setup.js';
import { ACKNOWLEDGED_MS, type Instance, simulate, type Simulation, TIMES } from './simulation.js';

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

async function moveAllBut(what: string, simulated: Simulation): Promise<void> {
  const next = () => simulated.movable().find((waiting) => waiting.what !== what);
  for (let waiting = next(); waiting !== undefined; waiting = next()) await simulated.move(waiting);
}

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
    for (let passedMs = 0; passedMs < 3 * TIMES.leaseMs; passedMs += 1_000) {
      await moveAllBut('turn', simulation);
      await simulation.advance(1_000);
    }
    expect((await leaseOf('long'))?.fence).toBe(1);
    await simulation.settle();
    expect(simulation.platform.accepted.map((call) => call.text)).toEqual(['re: x']);
  });

  it('take over what another one left within its lease and one look for such work', async () => {
    const options = { leaseMs: 5_000, heartbeatMs: 5_000 / 3, sweepMs: 2_000 };
    for (const diesAfterMs of [0, 700, 1_600, 1_700, 4_900, 7_300]) {
      const simulated = simulate(database, { options });
      simulation = simulated;
      const threadKey = `dies-${diesAfterMs}`;
      const first = simulated.start();
      await simulated.settle();
      const stored = first.emit(textEvent(threadKey, `${threadKey}-1`, 'x'));
      await first.letGo('insert inbox');
      await stored;
      for (let passedMs = 0; passedMs < diesAfterMs; passedMs += 100) {
        await moveAllBut('turn', simulated);
        await simulated.advance(100);
      }
      await moveAllBut('turn', simulated);
      expect((await leaseOf(threadKey))?.fence).toBe(1);
      first.crash();
      simulated.start();
      let passedMs = 0;
      for (; (await leaseOf(threadKey))?.fence !== 2 && passedMs < 60_000; passedMs += 50) {
        await simulated.settle();
        await simulated.advance(50);
      }
      expect(passedMs).toBeGreaterThan(options.leaseMs - options.heartbeatMs - 500);
      expect(passedMs).toBeLessThanOrEqual(options.leaseMs + options.sweepMs + 50);
      simulated.end();
    }
  });

  it('acknowledge a message once its place is before all that come after it, whatever another instance takes the time for', async () => {
    const simulated = simulate(database);
    simulation = simulated;
    const instance = simulated.start();
    await simulated.settle();
    const uncertain = simulated.start();
    const lookMs = 400;
    await simulated.advance(lookMs); // while its first look at the database's clock is on the way there
    await uncertain.letGo('hello');
    const acknowledgedAfter = async (taker: Instance, eventId: string) => {
      const began = Date.now();
      let at = null as number | null;
      taker.emit(textEvent('clocks', eventId, 'x')).then(
        () => (at = Date.now()),
        () => undefined,
      );
      while (at === null && Date.now() - began < 10_000) await taker.letGo('insert inbox');
      const order = (await database.models.inbox.findOne({ 'event.eventId': eventId }).lean())?.order ?? Infinity;
      expect(at).not.toBeNull();
      expect(order / 1000).toBeLessThanOrEqual(Date.now());
      return (at ?? 0) - began;
    };
    expect(await acknowledgedAfter(instance, 'clocks-1')).toBeLessThanOrEqual(ACKNOWLEDGED_MS);
    const afterMs = await acknowledgedAfter(uncertain, 'clocks-2');
    expect(afterMs).toBeGreaterThan(lookMs / 2);
    expect(afterMs).toBeLessThanOrEqual(lookMs + 2 * ACKNOWLEDGED_MS);
    await simulated.until('the answers', () => simulated.platform.accepted.length === 2);
  });

  it('take over when a lease ends, and its former owner writes nothing more', async () => {
    const channel = createRecordingChannel();
    // Renewed ten times within it: a machine that stands still for a moment loses no lease.
    const options = { leaseMs: 1_000, sweepMs: 50 };
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
    const [former, successor] = ['former', 'successor'].map((owner) =>
      createConversationStore(database.models, { soleInstance: false, owner }),
    );
    const spanFrom = (now: Date) => ({ now, until: new Date(now.getTime() + 50) });
    const claim = { conversationId: idOf('fence'), seed, ...spanFrom(new Date()) };
    expect(await former?.claim(claim)).toMatchObject({ fence: 1, takeover: false, fresh: true });
    expect(await successor?.claim(claim)).toBe('held-by-another');
    expect(await successor?.want(claim.conversationId)).toBe(true);
    expect(await former?.release(claim.conversationId, 1, null)).toBe(false);
    expect(await successor?.claim({ ...claim, ...spanFrom(new Date(claim.until.getTime() + 10)) })).toMatchObject({
      fence: 2,
      takeover: true,
      suspect: true,
    });
    const turn = {
      conversationId: claim.conversationId,
      turnId: 't',
      change: { language: 'en' },
      messages: 2,
      lastOrder: 65,
      at: new Date(),
      ofCustomer: true,
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
