/**
 * A database that takes 2 to 4 s for each command, beside a lease of 5 s: everything is slow then, but goes on. Leases are kept, no work is begun
 * only to be lost, and nobody is taken for dead. The time is the test's own, so that it is the same on any machine.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeliveryOptions } from '../../../src/delivery/options.js';
import { randomOf } from '../../chaos/random.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { RequestError } from '../../../src/domain/errors.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { type Waiting } from './gate.js';
import { type Instance, simulate, type Simulation } from './simulation.js';

const TIMES = { leaseMs: 5_000, heartbeatMs: 5_000 / 3, sweepMs: 2_000 };
const SLOW_MS = [2_000, 4_000] as const;
const STEP_MS = 50;
const CONVERSATIONS = 40;
const MESSAGES = 3;

let database: TestDatabase;
let simulation: Simulation | undefined;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation?.end());
afterAll(() => database.close());

/** Lets each command take its time: half of it on the way to the database, half on the way back. */
function slowly(simulated: Simulation, takes: () => readonly [least: number, most: number]) {
  const random = randomOf(1, 'how long commands take');
  const dueAt = new Map<Waiting, number>();
  let nowMs = 0;
  const dueOf = (waiting: Waiting): number => {
    const [least, most] = takes();
    const takesMs = waiting.what === 'send' || waiting.what === 'turn' ? 0 : (least + random() * (most - least)) / 2;
    const due = dueAt.get(waiting) ?? nowMs + takesMs;
    dueAt.set(waiting, due);
    return due;
  };
  return async (ms: number): Promise<void> => {
    for (const end = nowMs + ms; nowMs < end; nowMs += STEP_MS) {
      const due = () => simulated.movable().filter((waiting) => dueOf(waiting) <= nowMs);
      for (let [next] = due(); next !== undefined; [next] = due()) {
        dueAt.delete(next);
        await simulated.move(next);
      }
      await simulated.advance(STEP_MS);
    }
  };
}

/** Three messages of each of forty customers, given to either instance; what is refused is given again, as platforms do. */
function write(simulated: Simulation, instances: readonly Instance[], name: string) {
  const open = new Map<string, () => void>();
  let refused = 0;
  for (let conversation = 0; conversation < CONVERSATIONS; conversation += 1) {
    const say = (number: number) => {
      const text = `${name}-${conversation}:${number}`;
      const give = () => {
        open.delete(text);
        instances[(conversation + number) % instances.length]
          ?.emit(textEvent(`${name}-${conversation}`, text, text))
          .then(() => (number + 1 < MESSAGES ? say(number + 1) : undefined))
          .catch((thrown: unknown) => {
            if (!(thrown instanceof RequestError) || thrown.name !== 'ServiceUnavailableError') throw thrown;
            refused += 1;
            open.set(text, give);
          });
      };
      give();
    };
    say(0);
  }
  const shown = (conversation: number) =>
    simulated.platform.accepted.filter(({ threadKey }) => threadKey === `${name}-${conversation}`).map(({ text }) => text);
  return {
    refused: () => refused,
    giveAgain: () => [...open.values()].forEach((give) => give()),
    allShown: () => simulated.platform.accepted.length >= CONVERSATIONS * MESSAGES,
    check() {
      for (let conversation = 0; conversation < CONVERSATIONS; conversation += 1) {
        const numbers = [...Array(MESSAGES).keys()];
        expect(shown(conversation)).toEqual(numbers.map((number) => `re: ${name}-${conversation}:${number}`));
      }
    },
  };
}

describe('a database that takes 2 to 4 s for each command', () => {
  function begin(options: Partial<DeliveryOptions> = {}) {
    const simulated = simulate(database, { options: { ...TIMES, ...options } });
    simulation = simulated;
    const counts = { claims: 0 };
    const onStep = (_instance: Instance, step: string) => void (counts.claims += step === 'lane:claimed' ? 1 : 0);
    const instances = [simulated.start({ onStep }), simulated.start({ onStep })];
    const linesOf = (text: string) => instances.flatMap(({ logLines }) => logLines.filter((line) => line.includes(text)));
    return { simulated, instances, counts, linesOf };
  }

  it('slows everything down, and stops nothing: no lane is lost, and what is begun is ended', async () => {
    const { simulated, instances, counts, linesOf } = begin();
    const pass = slowly(simulated, () => SLOW_MS);
    await pass(30_000); // the clock is looked at before anything comes
    const written = write(simulated, instances, 'slow');
    for (let passedMs = 0; passedMs < 300_000 && !written.allShown(); passedMs += 10_000) await pass(10_000);
    written.check();
    expect(linesOf('the lane was lost')).toEqual([]);
    expect(counts.claims).toBeLessThanOrEqual(CONVERSATIONS * MESSAGES);
    expect(await database.models.inbox.countDocuments({ attempts: { $gt: 0 } })).toBe(0);
  }, 240_000);

  it('is lived with also where it comes over lanes that are at work, and nobody is taken for dead', async () => {
    const { simulated, instances } = begin();
    let takesMs: readonly [number, number] = [5, 20];
    const pass = slowly(simulated, () => takesMs);
    await pass(1_000);
    const written = write(simulated, instances, 'slower');
    await pass(200);
    takesMs = SLOW_MS;
    for (let passedMs = 0; passedMs < 600_000 && !written.allShown(); passedMs += 10_000) await pass(10_000);
    written.check();
  }, 240_000);

  it('makes the service tell platforms to deliver again, rather than take in what it cannot store', async () => {
    const { simulated, instances } = begin({ maxWaitingEvents: 5 });
    const pass = slowly(simulated, () => SLOW_MS);
    await pass(1_000);
    const written = write(simulated, instances, 'refused');
    for (let passedMs = 0; passedMs < 600_000 && !written.allShown(); passedMs += 5_000) {
      written.giveAgain();
      await pass(5_000);
    }
    written.check();
    expect(written.refused()).toBeGreaterThan(CONVERSATIONS / 2);
  }, 240_000);
});
