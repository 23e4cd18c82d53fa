/** Customers who write in pieces, and who change what they wrote before it was answered: joined where configured, each answered once, in order. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { conversationIdOf, turnIdOf } from '../../../src/domain/ids.js';
import { type InboundEvent } from '../../../src/domain/message.js';
import { forAll } from '../../../src/domain/per-channel.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { type Instance, simulate, type Simulation, TIMES } from './simulation.js';

const PAUSE_MS = 1_000;
/** Between the points at which the process dies: every third command, on its way and with its answer by turns. */
const STRIDE = 3;

let database: TestDatabase;
let simulation: Simulation;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation.end());
afterAll(() => database.close());

const begin = (debounceMs = PAUSE_MS) => {
  simulation = simulate(database, { options: { debounceMs: forAll(debounceMs) } });
  return simulation.start();
};
async function take(instance: Instance, event: InboundEvent): Promise<string> {
  await instance.letGo('hello'); // its view of the time is exact
  const stored = instance.emit(event);
  await instance.letGo('insert inbox');
  return turnIdOf((await stored).inboxId);
}
const answers = () => simulation.platform.accepted.map((call) => call.text);
const idOf = (threadKey: string) => conversationIdOf({ channel: 'test', account: 'default', threadKey });

function change(kind: 'edit' | 'delete', threadKey: string, eventId: string, of: string, text = ''): InboundEvent {
  const { kind: _message, ...event } = textEvent(threadKey, eventId, text) as Extract<InboundEvent, { kind: 'message' }>;
  return { ...event, kind, platformMessageId: `p-${of}` };
}

describe('a customer who writes in pieces', () => {
  it('is answered once, for all of them, when the pause is over; whoever waits for a piece hears of that turn', async () => {
    const instance = begin();
    const turnIds: string[] = [];
    for (const text of ['hello', 'do you have', 'panels?']) {
      turnIds.push(await take(instance, textEvent('burst', `burst-${text}`, text)));
      await simulation.settle();
      await simulation.advance(PAUSE_MS * 0.8);
      expect(answers()).toEqual([]);
    }
    const heard = Promise.all(turnIds.map((turnId) => instance.waitForTurn(turnId, 10_000)));
    await simulation.until('the answer', () => answers().length > 0);
    expect(answers()).toEqual(['re: hello do you have panels?']);
    expect((await heard).map((record) => record?.id)).toEqual([turnIds[0], turnIds[0], turnIds[0]]);
    const log = await database.models.messages
      .find({ conversationId: idOf('burst') })
      .sort({ order: 1 })
      .lean();
    expect(log.map((message) => message.text)).toEqual(['hello', 'do you have', 'panels?', 're: hello do you have panels?']);
    await take(instance, textEvent('burst', 'burst-4', 'thanks'));
    await simulation.until('the second answer', () => answers().length > 1);
    expect(answers()[1]).toBe('re: thanks');
  });

  it('is answered once in order however the process dies, and more comes, in the middle', async () => {
    for (let moves = 0, ended = false; !ended; moves += STRIDE) {
      const threadKey = `crash-${moves}`;
      const first = begin();
      await simulation.settle();
      await take(first, textEvent(threadKey, `${threadKey}-1`, 'one'));
      await take(first, textEvent(threadKey, `${threadKey}-2`, 'two'));
      await simulation.advance(PAUSE_MS);
      for (let count = 0; count < moves && !ended; count += 1) {
        const [next] = simulation.movable();
        if (next === undefined) ended = true;
        else await simulation.move(next);
      }
      first.crash();
      const second = simulation.start();
      await take(second, textEvent(threadKey, `${threadKey}-3`, 'three'));
      await simulation.advance(TIMES.leaseMs);
      const { inbox, outbox, turns } = database.models;
      await simulation.until('all is done', async () => {
        const left = (await inbox.countDocuments({ state: 'pending' })) + (await outbox.countDocuments({ open: true }));
        return left === 0;
      });
      const entries = await outbox.find({ conversationId: idOf(threadKey) }).lean();
      const inDoubt = entries.reduce((sum, entry) => sum + entry.uncertain, 0);
      expect(answers().length).toBeLessThanOrEqual(entries.length + inDoubt);
      const words = [...new Set(answers())].flatMap((text) => text.replace('re: ', '').split(' '));
      expect({ moves, words }).toEqual({ moves, words: ['one', 'two', 'three'] });
      expect(await turns.countDocuments({ conversationId: idOf(threadKey) })).toBe(entries.length);
      expect(await turns.collection.countDocuments({ reservedBy: { $exists: true } })).toBe(0); // a successor's, should it die too
      simulation.end();
    }
  }, 240_000);
});

describe('a piece that came when the first one was answered already', () => {
  it('is answered right behind it by the successor of a process that died in between', async () => {
    const first = begin();
    await simulation.settle();
    await take(first, textEvent('late', 'late-1', 'one'));
    await simulation.advance(PAUSE_MS);
    const isCommitted = () => simulation.movable().some(({ what, stage }) => what === 'insert turns' && stage === 'answer');
    for (let [next] = simulation.movable(); next !== undefined && !isCommitted(); [next] = simulation.movable())
      await simulation.move(next);
    await take(first, textEvent('late', 'late-2', 'two'));
    first.crash();
    await simulation.advance(TIMES.leaseMs + 100);
    simulation.start();
    await simulation.settle(); // no time passes: nothing is left to be found later
    expect(answers()).toEqual(['re: one', 're: two']);
  });
});

describe('a message that is changed while it waits', () => {
  it('is answered as its last edit left it', async () => {
    const instance = begin(0);
    await simulation.settle();
    await take(instance, textEvent('edit', 'edit-1', 'panles'));
    await take(instance, change('edit', 'edit', 'edit-2', 'edit-1', 'panels'));
    await take(instance, change('edit', 'edit', 'edit-3', 'edit-1', 'blue panels'));
    await simulation.settle();
    expect(answers()).toEqual(['re: blue panels']);
    const log = await database.models.messages.find({ conversationId: idOf('edit'), role: 'user' }).lean();
    expect(log.map((message) => message.text)).toEqual(['blue panels']);
    expect(await database.models.inbox.countDocuments({ state: 'pending' })).toBe(0);
  });

  it('is not answered when it was deleted, and those around it are', async () => {
    const instance = begin(0);
    await simulation.settle();
    for (const index of [1, 2, 3]) await take(instance, textEvent('delete', `delete-${index}`, String(index)));
    await take(instance, change('delete', 'delete', 'delete-4', 'delete-2'));
    await simulation.settle();
    expect(answers()).toEqual(['re: 1', 're: 3']);
    expect(await database.models.inbox.countDocuments({ state: 'pending' })).toBe(0);
  });

  it('is left out of the burst that it was deleted from, edited in the one that it was edited in', async () => {
    const instance = begin();
    await simulation.settle();
    for (const index of [1, 2, 3]) await take(instance, textEvent('pieces', `pieces-${index}`, String(index)));
    await take(instance, change('delete', 'pieces', 'pieces-4', 'pieces-2'));
    await take(instance, change('edit', 'pieces', 'pieces-5', 'pieces-3', 'three'));
    await simulation.until('the answer', () => answers().length > 0);
    expect(answers()).toEqual(['re: 1 three']);
    await simulation.until('nothing waits', async () => (await database.models.inbox.countDocuments({ state: 'pending' })) === 0);
    expect(answers()).toEqual(['re: 1 three']);
  });
});
