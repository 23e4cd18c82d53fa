/**
 * An instance that stands still for longer than its lease, at each point of its way through two messages, and goes on beside its successor: what is
 * stored stays as the successor left it, and nothing more is sent. Only a call that was out already cannot be called back: it is flagged.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { type Instance, simulate, type Simulation, TIMES } from './simulation.js';

let database: TestDatabase;
let simulation: Simulation | undefined;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation?.end());
afterAll(() => database.close());

/** What is stored of a conversation, but for the lease. */
async function storedOf(threadKey: string) {
  const { conversations, inbox, turns, outbox, messages } = database.models;
  const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey });
  const conversation = await conversations.findById(conversationId).lean();
  return {
    conversation: { ...conversation, lane: null },
    inbox: await inbox.find({ conversationId }).sort({ _id: 1 }).lean(),
    turns: await turns.find({ conversationId }).sort({ _id: 1 }).lean(),
    outbox: await outbox.find({ conversationId }).sort({ order: 1 }).lean(),
    messages: await messages.find({ conversationId }).sort({ _id: 1 }).lean(),
  };
}

async function leftTodo(): Promise<number> {
  const { inbox, outbox } = database.models;
  return (await inbox.countDocuments({ state: 'pending' })) + (await outbox.countDocuments({ open: true }));
}

async function takeIn(instance: Instance, threadKey: string): Promise<void> {
  const stored = [1, 2].map((index) => instance.emit(textEvent(threadKey, `${threadKey}-${index}`, String(index))));
  await instance.letGo('insert inbox');
  await Promise.all(stored);
}

/** Moves the instance so many times and freezes it there; null when it has nothing more to do. */
async function freezeAfter(moves: number, threadKey: string) {
  simulation = simulate(database);
  const instance = simulation.start();
  await simulation.settle();
  await takeIn(instance, threadKey);
  for (let count = 0; count < moves; count += 1) {
    const [next] = simulation.movable();
    if (next === undefined) return null;
    await simulation.move(next);
  }
  const at = simulation.movable().map(({ stage, what }) => `${stage} of ${what}`);
  instance.freeze();
  return at.length === 0 ? null : { instance, at, simulation };
}

describe('an instance that was suspended for longer than its lease', () => {
  it('writes nothing over its successor and sends nothing more, wherever it stood', async () => {
    const points: string[] = [];
    for (let moves = 0; ; moves += 1) {
      const threadKey = `frozen-${moves}`;
      const frozen = await freezeAfter(moves, threadKey);
      if (frozen === null) break;
      points.push(...frozen.at);
      const { platform, ...simulated } = frozen.simulation;
      await simulated.advance(TIMES.leaseMs);
      simulated.start();
      await simulated.until('the successor has answered', async () => (await leftTodo()) === 0);
      const before = await storedOf(threadKey);
      expect([...before.inbox, ...before.outbox].map((stored) => stored.state)).toEqual(['done', 'done', 'sent', 'sent']);
      const sendsBefore = platform.accepted.length;
      frozen.instance.thaw();
      await simulated.settle();
      await simulated.advance(2 * TIMES.leaseMs);
      await simulated.settle();

      expect({ at: frozen.at, ...(await storedOf(threadKey)) }).toEqual({ at: frozen.at, ...before });
      const texts = platform.accepted.map((call) => call.text);
      const wasCalling = frozen.at.includes('request of send') ? 1 : 0;
      expect({ at: frozen.at, sends: texts.length - sendsBefore }).toEqual({ at: frozen.at, sends: wasCalling });
      expect([...new Set(texts)]).toEqual(['re: 1', 're: 2']);
      expect(before.conversation).toMatchObject({ messageCount: 4 });
      for (const { _id, turnId, uncertain, content } of before.outbox) {
        const times = texts.filter((text) => content.kind === 'text' && text === content.markdown).length;
        expect(times).toBeLessThanOrEqual(1 + uncertain);
        const flagged = before.turns.find((turn) => turn._id === turnId)?.uncertainSends ?? [];
        expect(flagged).toEqual(uncertain > 0 ? [_id] : []);
      }
      simulated.end();
    }
    expect([...new Set(points)]).toEqual(
      expect.arrayContaining(['request of send', 'answer of send', 'answer of insert turns', 'request of update inbox']),
    );
  }, 600_000); // far more than it takes: each point is reached anew

  it('cannot mark a send as begun that its successor has put under its own fence', async () => {
    const simulated = simulate(database);
    simulation = simulated;
    const former = simulated.start();
    await simulated.settle();
    await takeIn(former, 'fenced');
    const moveUntil = async (stage: string, what: string) => {
      const there = () => simulated.movable().some((waiting) => waiting.stage === stage && waiting.what === what);
      for (let [next] = simulated.movable(); next !== undefined && !there(); [next] = simulated.movable()) await simulated.move(next);
      expect(there()).toBe(true);
    };
    // The second reply is stored while the first one is on its way, so that its mark is a write of its own.
    const moveAllButSends = async () => {
      const next = () => simulated.movable().find((waiting) => waiting.what !== 'send');
      for (let waiting = next(); waiting !== undefined; waiting = next()) await simulated.move(waiting);
    };
    await moveAllButSends();
    await moveUntil('request', 'update outbox');
    former.freeze();
    await simulated.advance(TIMES.leaseMs + 100);
    const successor = simulated.start();
    await moveUntil('answer', 'updateMany outbox');
    successor.freeze();
    former.thaw();
    await former.letGo('update outbox');
    expect((await storedOf('fenced')).outbox).toMatchObject([
      { state: 'sending', fence: 2 }, // nor can it store the receipt of the first
      { state: 'pending', attempts: 0, fence: 2 },
    ]);
    successor.thaw();
    await simulated.until('both are answered', async () => (await leftTodo()) === 0);
    expect(simulated.platform.accepted.map((call) => call.text)).toEqual(['re: 1', 're: 1', 're: 2']);
    expect((await storedOf('fenced')).outbox.map((entry) => entry.uncertain)).toEqual([1, 0]);
  });
});
