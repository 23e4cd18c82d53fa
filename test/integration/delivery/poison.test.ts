/** A message under which every process dies: it is set aside with an honest reply and a ticket, and nobody else pays for it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_DEFAULTS } from '../../../src/delivery/options.js';
import { type TurnInput } from '../../../src/domain/turn.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { simpleTurn, textEvent, textOf } from '../../fakes/simple-turns.js';
import { type Instance, simulate, type Simulation } from './simulation.js';

let database: TestDatabase;
let simulation: Simulation;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation.end());
afterAll(() => database.close());

const INNOCENTS = 6;

async function write(instance: Instance, threadKeys: readonly string[], eventId: string, text: string): Promise<void> {
  const stored = Promise.all(threadKeys.map((threadKey) => instance.emit(textEvent(threadKey, `${threadKey}-${eventId}`, text))));
  await instance.letGo('insert inbox');
  await stored;
}

describe('a message under which the process dies', () => {
  it('is set aside after as many deaths as are allowed; those that ran beside it, and behind it, are answered', async () => {
    simulation = simulate(database);
    const innocents = Array.from({ length: INNOCENTS }, (_, index) => `innocent-${index}`);
    let deaths = 0;
    const start = () => {
      const instance: Instance = simulation.start({
        async processTurn(input: TurnInput) {
          if (textOf(input.event) === 'kill') {
            deaths += 1;
            instance.crash();
          }
          return simpleTurn(input);
        },
      });
      return instance;
    };
    let instance = start();
    await write(instance, [...innocents, 'killer'], '1', 'hello');
    await write(instance, ['killer'], '2', 'kill');
    await write(instance, ['killer'], '3', 'still there?');
    const answersTo = (threadKey: string) =>
      simulation.platform.accepted.filter((call) => call.threadKey === threadKey).map((call) => call.text);
    await simulation.until(
      'the killer is set aside',
      async () => {
        if (instance.gate.power === 'dead') {
          instance = start();
          // More customers each time: they run beside the suspect, as its next deaths would have it.
          await write(instance, innocents, `death-${deaths}`, 'hello again');
        }
        return answersTo('killer').includes('re: still there?');
      },
      600_000,
    );
    const all = innocents.flatMap(answersTo);

    expect(deaths).toBe(DELIVERY_DEFAULTS.maxAttempts);
    expect([...new Set(answersTo('killer'))]).toEqual(['re: hello', 'sorry', 're: still there?']);
    expect([...new Set(all)].sort()).toEqual(['re: hello', 're: hello again']);
    const failed = await database.models.turns.find({ outcome: 'failed' }).lean();
    expect(failed.map((turn) => turn.ticketId)).toEqual([simulation.tickets[0]?.id]);
    expect([...new Set(simulation.tickets.map(({ id, reasons }) => `${id} ${reasons.join()}`))]).toHaveLength(1);
    expect(simulation.tickets[0]?.reasons).toEqual(['failed-turn']);
    const waiting = await database.models.inbox.countDocuments({ state: { $ne: 'done' } });
    expect(waiting).toBe(0);
  });
});
