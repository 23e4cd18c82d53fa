/**
 * What becomes of sends that do not go well: in doubt (asked of the platform, made again, held), refused for now and for good, too old. And what an
 * operator does about those that were set aside, while the service runs.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDeliveries } from '../../../src/delivery/deliveries.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { type RecordingOptions } from '../../fakes/recording-channel.js';
import { textEvent } from '../../fakes/simple-turns.js';
import { type Instance, type InstanceOptions, simulate, type Simulation, TIMES } from './simulation.js';

let database: TestDatabase;
let simulation: Simulation;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => {
  jest.restoreAllMocks();
  simulation.end();
});
afterAll(() => database.close());

async function begin(threadKey: string, texts: readonly string[], given: InstanceOptions & { channel?: RecordingOptions } = {}) {
  simulation = simulate(database, given.channel === undefined ? {} : { channel: given.channel });
  const instance = simulation.start(given);
  await simulation.settle();
  await take(instance, threadKey, texts);
  return instance;
}
async function take(instance: Instance, threadKey: string, texts: readonly string[]): Promise<void> {
  const stored = texts.map((text) => instance.emit(textEvent(threadKey, `${threadKey}-${text}`, text)));
  await instance.letGo('insert inbox');
  await Promise.all(stored);
}
const idOf = (threadKey: string) => conversationIdOf({ channel: 'test', account: 'default', threadKey });
const outboxOf = (threadKey: string) =>
  database.models.outbox
    .find({ conversationId: idOf(threadKey) })
    .sort({ order: 1 })
    .lean();
const accepted = () => simulation.platform.accepted.map((call) => call.text);
const settled = async (threadKey: string, count: number) => {
  const entries = await outboxOf(threadKey);
  return entries.length === count && entries.every((entry) => !entry.open);
};
const flaggedIn = async (threadKey: string) =>
  (await database.models.turns.find({ conversationId: idOf(threadKey), uncertainSends: { $exists: true } }).lean()).flatMap(
    (turn) => turn.uncertainSends ?? [],
  );

/** The platform takes it or not, and the line is cut before it says so: for the first call. */
function cutLine(taken: boolean): void {
  let cuts = 1;
  simulation.platform.onSend = async (call) => {
    if (cuts === 0) return;
    cuts -= 1;
    if (taken) simulation.platform.accepted.push(call);
    throw new ChannelError('unknown', 'the line was cut');
  };
}

describe('a send in doubt', () => {
  it.each([
    ['had got through: it is not made again', true],
    ['had not: it is made again', false],
  ])('is asked of the platform where it can tell; %s', async (_what, taken) => {
    const threadKey = `asked-${String(taken)}`;
    const findSent = async (_to: unknown, key: string) => {
      const found = simulation.platform.accepted.find((call) => call.key === key);
      return found === undefined ? null : { platformMessageId: 'found' };
    };
    await begin(threadKey, ['1', '2'], { channel: { findSent } });
    cutLine(taken);
    await simulation.until('both are settled', () => settled(threadKey, 2));
    expect(accepted()).toEqual(['re: 1', 're: 2']);
    const [first] = await outboxOf(threadKey);
    expect(first).toMatchObject({ state: 'sent', uncertain: 0, inDoubt: 0, attempts: taken ? 1 : 2 });
    if (taken) expect(first?.platformMessageId).toBe('found');
    expect(await flaggedIn(threadKey)).toEqual([]);
  });

  it('is asked of the platform by the successor of the process that died with it', async () => {
    const findSent = async (_to: unknown, key: string) =>
      simulation.platform.accepted.some((call) => call.key === key) ? { platformMessageId: 'found' } : null;
    const instance = await begin('inherited', ['1', '2'], { channel: { findSent } });
    simulation.platform.onSend = async () => instance.crash(); // taken, and nobody lives to hear it
    await simulation.settle();
    simulation.platform.onSend = async () => undefined;
    await simulation.advance(TIMES.leaseMs);
    simulation.start();
    await simulation.until('both are settled', () => settled('inherited', 2));
    expect(accepted()).toEqual(['re: 1', 're: 2']);
    expect(await flaggedIn('inherited')).toEqual([]);
  });

  it('is flagged where its owner may still make it: the platform has not got it, and gets it twice', async () => {
    const findSent = async (_to: unknown, key: string) =>
      simulation.platform.accepted.some((call) => call.key === key) ? { platformMessageId: 'found' } : null;
    const onStep: InstanceOptions['onStep'] = (instance, step) => {
      if (step === 'outbox:sending') instance.freeze(); // between its last look at the lease and the platform
    };
    const suspended = await begin('suspended', ['1'], { channel: { findSent }, onStep });
    await simulation.settle();
    await simulation.advance(TIMES.leaseMs);
    simulation.start();
    await simulation.until('the successor has sent it', () => settled('suspended', 1));
    expect(accepted()).toEqual(['re: 1']);
    suspended.thaw();
    await simulation.until('the owner has sent it too', () => accepted().length === 2);
    const [entry] = await outboxOf('suspended');
    expect(entry).toMatchObject({ state: 'sent', uncertain: 1 });
    expect(await flaggedIn('suspended')).toEqual([entry?._id]);
  });

  it('counts as in doubt after all, flagged and made again, where the platform cannot tell for long', async () => {
    let asked = 0;
    const findSent = async () => {
      asked += 1;
      throw new ChannelError('unavailable', 'no history now');
    };
    await begin('untold', ['1'], { channel: { findSent } });
    cutLine(true);
    await simulation.until('it is settled', () => settled('untold', 1), 600_000);
    expect(asked).toBe(5);
    expect(accepted()).toEqual(['re: 1', 're: 1']);
    const [entry] = await outboxOf('untold');
    expect(entry).toMatchObject({ state: 'sent', uncertain: 1 });
    expect(await flaggedIn('untold')).toEqual([entry?._id]);
  });

  it('is held where its channel says so; an operator sends it after all, in its place in the conversation', async () => {
    const instance = await begin('held', ['1'], { options: { uncertainSends: { usual: 'resend', channels: { test: 'hold' } } } });
    cutLine(false);
    await simulation.until('it is held', () => settled('held', 1));
    const [held] = await outboxOf('held');
    expect(held).toMatchObject({ state: 'held', uncertain: 1 });
    expect(await flaggedIn('held')).toEqual([held?._id]);
    expect(accepted()).toEqual([]);

    const operator = createDeliveries(database.models, { retentionMs: 1_000, onRetried: instance.wake });
    expect((await operator.list({ states: ['held'], limit: 10 })).map((entry) => [entry.id, entry.reason?.kind])).toEqual([
      [held?._id, 'unknown'],
    ]);
    // While the conversation's lane is busy with the next message.
    simulation.platform.onSend = async ({ text }) => {
      if (text === 're: 2') await operator.retry([held?._id ?? '']);
    };
    await take(instance, 'held', ['2', '3']);
    await simulation.until('all is settled', () => settled('held', 3));
    expect([...accepted()].sort()).toEqual(['re: 1', 're: 2', 're: 3']);
    expect(accepted().indexOf('re: 2')).toBe(0);
    expect(await operator.list({ states: ['held', 'dead'], limit: 10 })).toEqual([]);
  });
});

describe('a send that the platform refuses', () => {
  it('waits for retry_after and a spread on top of it, and what follows waits behind it', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    await begin('limited', ['1', '2']);
    const refusals = [new ChannelError('rate-limited', 'slow down', { retry: { afterMs: 20_000 } })];
    simulation.platform.onSend = async () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
    };
    await simulation.settle();
    const refusedAtMs = Date.now();
    const [first] = await outboxOf('limited');
    // Half of the spread of one second.
    expect(first?.nextAttemptAt.getTime()).toBe(refusedAtMs + 20_500);
    await simulation.advance(20_400);
    await simulation.settle();
    expect(accepted()).toEqual([]);
    await simulation.until('both are settled', () => settled('limited', 2));
    expect(accepted()).toEqual(['re: 1', 're: 2']);
  });

  it('is set aside with the reason when refused for good; retried or dropped by an operator, the conversation goes on', async () => {
    const instance = await begin('refused', ['1', '2', '3']);
    simulation.platform.onSend = async ({ text }) => {
      if (text !== 're: 3') throw new ChannelError('recipient-unreachable', 'sendMessage: 403 Forbidden');
    };
    await simulation.until('all is settled', () => settled('refused', 3));
    expect(accepted()).toEqual(['re: 3']);
    const operator = createDeliveries(database.models, { retentionMs: 1_000, onRetried: instance.wake });
    const dead = await operator.list({ states: ['dead'], conversationId: idOf('refused'), limit: 10 });
    expect(dead.map(({ state, reason, text }) => [state, reason?.kind, text])).toEqual([
      ['dead', 'recipient-unreachable', null],
      ['dead', 'recipient-unreachable', null],
    ]);
    simulation.platform.onSend = async () => undefined;
    const [one, two] = dead.map((entry) => entry.id);
    expect((await operator.retry([one ?? ''])).map((entry) => entry.id)).toEqual([one]);
    expect((await operator.drop([two ?? ''])).map((entry) => entry.id)).toEqual([two]);
    await simulation.until('it is settled', () => settled('refused', 3));
    expect(accepted()).toEqual(['re: 3', 're: 1']);
    expect((await outboxOf('refused')).map((entry) => entry.state)).toEqual(['sent', 'dropped', 'sent']);
    expect(await operator.retry([two ?? ''])).toEqual([]);
  });

  it('is given up when it has become too old, and a person gets a ticket instead', async () => {
    await begin('stale', ['1'], { options: { staleMs: 60_000 } });
    simulation.platform.onSend = async () => {
      throw new ChannelError('unavailable', 'down', { retry: { afterMs: 45_000 } });
    };
    await simulation.until('it is given up', () => settled('stale', 1), 300_000);
    const [entry] = await outboxOf('stale');
    expect(entry).toMatchObject({ state: 'dead', failure: { kind: 'stale' } });
    expect(simulation.tickets.map((ticket) => [ticket.conversationId, ticket.reasons])).toEqual([[idOf('stale'), ['stale-reply']]]);
    expect(simulation.platform.calls).toHaveLength(2);
  });
});

describe('sends to one conversation, of one account', () => {
  it('keep to the rates that the channel declares, and to the order', async () => {
    const rate = { perSecond: 5, perConversationPerSecond: 1, conversationBurst: 2 };
    const instance = await begin('busy', ['1', '2', '3', '4'], { channel: { rate } });
    const others = Array.from({ length: 6 }, (_, index) => `other-${index}`);
    for (const threadKey of others) await take(instance, threadKey, ['x']);
    await simulation.until('all are sent', () => accepted().length === 10);
    const calls = simulation.platform.accepted;
    const busy = calls.filter((call) => call.threadKey === 'busy');
    expect(busy.map((call) => call.text)).toEqual(['re: 1', 're: 2', 're: 3', 're: 4']);
    // A burst of two, then one a second.
    expect((busy[3]?.atMs ?? 0) - (busy[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_900);
    // A burst of five of the account, then five a second.
    expect((calls[9]?.atMs ?? 0) - (calls[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(900);
  });
});
