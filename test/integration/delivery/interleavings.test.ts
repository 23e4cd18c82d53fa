/**
 * Any interleaving of what can happen to several instances on one database (messages that arrive and come again, crashes, freezes longer than a
 * lease, thaws, time that passes, a platform that refuses, limits and cuts lines) keeps the promises. The real code, one command to the database
 * or the platform at a time, in an order that fast-check chooses and shrinks. PROPERTY_RUNS=500 PROPERTY_SEED=7 looks further.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conversationIdOf, inboxIdOf, turnIdOf } from '../../../src/domain/ids.js';
import { forAll } from '../../../src/domain/per-channel.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { type TurnInput } from '../../../src/domain/turn.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { recordOf, textEvent, textOf } from '../../fakes/simple-turns.js';
import { ACKNOWLEDGED_MS, type Instance, simulate, type Simulation, TIMES } from './simulation.js';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 20);
/** The same each time, so that a red run is the work of a change. */
const SEED = Number(process.env.PROPERTY_SEED ?? 1);
const SLOTS = 3;
const CONVERSATIONS = 2;
/** An event that was running at more deaths than this is apologised for, by design. */
const MOST_FAULTS = 3;

type PlatformAnswer = 'rate-limited' | 'unavailable' | 'taken, line cut' | 'not taken, line cut';

interface Arrival {
  readonly conversation: number;
  readonly eventId: string;
  readonly text: string;
  /** Moments of the run: when it was first delivered, and when that was acknowledged. */
  readonly arrivedAt: number;
  acknowledgedAt: number;
}

/** What the commands know: no more than what they need to say whether they make sense. */
interface Model {
  slots: ('running' | 'frozen' | 'dead')[];
  arrivals: number;
  faults: number;
}

interface Real {
  readonly simulation: Simulation;
  readonly instances: Instance[];
  readonly arrivals: Arrival[];
  readonly answers: PlatformAnswer[];
  moment: number;
  start(): Instance;
}

let database: TestDatabase;
let run = 0;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterAll(() => database.close());

const threadOf = (conversation: number) => `run-${run}-${conversation}`;
const eventOf = ({ conversation, eventId, text }: Arrival) => textEvent(threadOf(conversation), eventId, text);

function setUp(debounceMs: number): { model: Model; real: Real } {
  run += 1;
  // Time passes by leaps here: what would be too slow is not what is looked at.
  const options = { turnTimeoutMs: 10 ** 9, maxUncertainSends: 1_000, debounceMs: forAll(debounceMs) };
  const simulation = simulate(database, { options });
  let computed = 0;
  // No two computations of a turn say the same, so that what was committed can be told from what was not.
  const processTurn = async (input: TurnInput) => recordOf(input, `answer ${(computed += 1)} to ${textOf(input.event)}`, 'answered');
  const start = () => simulation.start({ processTurn });
  const answers: PlatformAnswer[] = [];
  simulation.platform.onSend = async (call) => {
    const answer = answers.shift();
    if (answer === 'rate-limited') throw new ChannelError('rate-limited', 'slow down', { retry: { afterMs: 700 } });
    if (answer === 'unavailable') throw new ChannelError('unavailable', 'down');
    if (answer === 'taken, line cut') simulation.platform.accepted.push(call);
    if (answer !== undefined) throw new ChannelError('unknown', 'the line was cut');
  };
  const real = { simulation, instances: Array.from({ length: SLOTS }, start), arrivals: [], answers, moment: 0, start };
  return { model: { slots: Array.from({ length: SLOTS }, () => 'running'), arrivals: 0, faults: 0 }, real };
}

function deliver(real: Real, arrival: Arrival, instance: Instance | undefined): void {
  const acknowledge = () => (arrival.acknowledgedAt = Math.min(arrival.acknowledgedAt, (real.moment += 1)));
  instance?.emit(eventOf(arrival)).then(acknowledge, () => undefined); // refused: it is delivered again
}

type Step = fc.AsyncCommand<Model, Real>;
const step = (name: string, check: Step['check'], change: (model: Model, real: Real) => Promise<void> | void): Step => ({
  check,
  run: async (model, real) => change(model, real),
  toString: () => name,
});

const arrive = (conversation: number, slot: number) =>
  step(
    `message in conversation ${conversation} to instance ${slot}`,
    ({ slots }) => slots[slot] === 'running',
    async (model, real) => {
      const eventId = `run-${run}-${(model.arrivals += 1)}`;
      const arrival = { conversation, eventId, text: eventId, arrivedAt: (real.moment += 1), acknowledgedAt: Infinity };
      real.arrivals.push(arrival);
      deliver(real, arrival, real.instances[slot]);
      await real.simulation.advance(ACKNOWLEDGED_MS); // no two messages of a customer in one millisecond
    },
  );
const redeliver = (which: number, slot: number) =>
  step(
    `message ${which} again to instance ${slot}`,
    ({ slots, arrivals }) => slots[slot] === 'running' && arrivals > 0,
    (_model, real) => {
      const arrival = real.arrivals[which % real.arrivals.length];
      if (arrival !== undefined) deliver(real, arrival, real.instances[slot]);
    },
  );
const move = (picks: readonly number[]) =>
  step(
    `moves ${picks.join(' ')}`,
    () => true,
    async (_model, { simulation }) => {
      for (const pick of picks) {
        const movable = simulation.movable();
        const chosen = movable[pick % movable.length];
        if (chosen !== undefined) await simulation.move(chosen);
      }
    },
  );
const advance = (ms: number) =>
  step(
    `${ms} ms pass`,
    () => true,
    (_model, { simulation }) => simulation.advance(ms),
  );
const platformAnswers = (answer: PlatformAnswer) =>
  step(
    `next send: ${answer}`,
    () => true,
    (_model, real) => void real.answers.push(answer),
  );
const become = (slot: number, from: Model['slots'][number], to: Model['slots'][number], change: (real: Real) => void) =>
  step(
    `instance ${slot} ${to}`,
    ({ slots, faults }) => slots[slot] === from && (to === 'running' || faults < MOST_FAULTS),
    (model, real) => {
      model.slots[slot] = to;
      if (to !== 'running') model.faults += 1;
      change(real);
    },
  );
const freeze = (slot: number) => become(slot, 'running', 'frozen', (real) => real.instances[slot]?.freeze());
const thaw = (slot: number) => become(slot, 'frozen', 'running', (real) => real.instances[slot]?.thaw());
const crash = (slot: number) => become(slot, 'running', 'dead', (real) => real.instances[slot]?.crash());
const restart = (slot: number) => become(slot, 'dead', 'running', (real) => (real.instances[slot] = real.start()));

const slots = fc.nat({ max: SLOTS - 1 });
const COMMANDS = [
  fc.tuple(fc.nat({ max: CONVERSATIONS - 1 }), slots).map((given) => arrive(...given)),
  fc.tuple(fc.nat(20), slots).map((given) => redeliver(...given)),
  ...[1, 2, 3].map(() => fc.array(fc.nat(50), { minLength: 3, maxLength: 25 }).map(move)),
  fc.constantFrom(50, 500, 2_100, 5_000, TIMES.leaseMs + 100).map(advance),
  fc.constantFrom<PlatformAnswer[]>('rate-limited', 'unavailable', 'taken, line cut', 'not taken, line cut').map(platformAnswers),
  slots.map(freeze),
  slots.map(thaw),
  slots.map(crash),
  slots.map(restart),
];

/** Everybody runs again, everything that was not acknowledged is delivered again, and time passes until nothing is left to do. */
async function finish({ slots: states }: Model, real: Real): Promise<void> {
  const { simulation, instances, arrivals, answers } = real;
  answers.length = 0;
  for (const [slot, state] of states.entries()) {
    if (state === 'frozen') instances[slot]?.thaw();
    if (state === 'dead') instances[slot] = real.start();
  }
  const unacknowledged = arrivals.filter((arrival) => arrival.acknowledgedAt === Infinity);
  for (const arrival of unacknowledged) deliver(real, arrival, instances[0]);
  const { inbox, outbox } = database.models;
  await simulation.until('all is answered', async () => {
    const left = (await inbox.countDocuments({ state: 'pending' })) + (await outbox.countDocuments({ open: true }));
    return left === 0 && arrivals.every((arrival) => arrival.acknowledgedAt < Infinity);
  });
  await simulation.advance(2 * TIMES.leaseMs);
  await simulation.settle();
}

async function checkPromises({ arrivals, simulation: { platform } }: Real): Promise<void> {
  const { conversations, inbox, turns, outbox, messages } = database.models;
  expect(await turns.collection.countDocuments({ reservedBy: { $exists: true } })).toBe(0); // each place that was reserved is a turn now
  const firstSends = new Map<Arrival, number>();
  for (const arrival of arrivals) {
    const inboxId = inboxIdOf(eventOf(arrival));
    const turnId = turnIdOf(inboxId);
    expect(await inbox.findById(inboxId).lean()).toMatchObject({ state: 'done' });
    // Answered by one turn, its own or the one that it was joined to.
    const [turn, ...otherTurns] = await turns.find({ $or: [{ _id: turnId }, { 'joined.turnId': turnId }] }).lean();
    const [entry, ...otherEntries] = await outbox.find({ turnId: turn?._id ?? '' }).lean();
    expect([turn?.outcome, entry?.state, otherTurns, otherEntries]).toEqual(['answered', 'sent', [], []]);
    // One computation, and no other, is stored and sent.
    const answer = turn?.effects.messages.at(-1)?.text ?? '';
    expect(answer.split(' ')).toContain(arrival.text);
    const logged = await messages
      .find({ turnId: turn?._id ?? '' })
      .sort({ order: 1 })
      .lean();
    expect(logged.map(({ text }) => text)).toEqual([...answer.split(' ').slice(3), answer]);
    const sent = platform.accepted.filter((call) => call.key === entry?._id).map((call) => call.text);
    expect(sent.length).toBeLessThanOrEqual(1 + (entry?.uncertain ?? 0));
    expect([...new Set(sent)]).toEqual([answer]);
    expect(turn?.uncertainSends ?? []).toEqual((entry?.uncertain ?? 0) > 0 ? [entry?._id] : []);
    firstSends.set(
      arrival,
      platform.accepted.findIndex((call) => call.key === entry?._id),
    );
  }
  for (let conversation = 0; conversation < CONVERSATIONS; conversation += 1) {
    const own = arrivals.filter((arrival) => arrival.conversation === conversation);
    const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey: threadOf(conversation) });
    const answers = await turns.countDocuments({ conversationId });
    expect((await conversations.findById(conversationId).lean())?.messageCount ?? 0).toBe(own.length + answers);
    // A message that was acknowledged before another one came is answered before it, or with it.
    for (const earlier of own) {
      const later = own.filter((other) => earlier.acknowledgedAt < other.arrivedAt);
      expect(later.filter((other) => (firstSends.get(other) ?? 0) < (firstSends.get(earlier) ?? 0))).toEqual([]);
    }
  }
}

async function forgetEverything(): Promise<void> {
  const { conversations, inbox, turns, outbox, messages, contacts } = database.models;
  await Promise.all([conversations, inbox, turns, outbox, messages, contacts].map((model) => model.collection.deleteMany({})));
}

describe('any interleaving of several instances', () => {
  it(
    'keeps each promise: in order, committed once, nothing lost, doubled only where flagged',
    async () => {
      const debounceMs = fc.constantFrom(0, 300);
      const property = fc.asyncProperty(debounceMs, fc.commands(COMMANDS, { size: '+1', maxCommands: 60 }), async (pauseMs, commands) => {
        const { model, real } = setUp(pauseMs);
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands);
          await finish(model, real);
        } finally {
          real.simulation.end();
        }
        await checkPromises(real);
      });
      await fc.assert(property.afterEach(forgetEverything), {
        numRuns: RUNS,
        seed: SEED,
        endOnFailure: process.env.PROPERTY_SHRINK !== '1',
      });
    },
    240_000 + 10_000 * RUNS,
  );
});
