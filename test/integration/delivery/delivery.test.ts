/** Delivery end to end in one process: once, in order, through failures of the platform and of the pipeline. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelError } from '../../../src/domain/errors.js';
import { conversationIdOf, turnIdOf } from '../../../src/domain/ids.js';
import { forAll } from '../../../src/domain/per-channel.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { startTestDelivery, type TestDelivery, until } from './setup.js';

let database: TestDatabase;
const running: TestDelivery[] = [];
const start = (given: Parameters<typeof startTestDelivery>[1] = {}) => {
  const delivery = startTestDelivery(database, given);
  running.push(delivery);
  return delivery;
};
const texts = (delivery: TestDelivery, threadKey: string) =>
  delivery.channel.accepted.filter((call) => call.threadKey === threadKey).map((call) => call.text);
const outboxOf = (threadKey: string) =>
  database.models.outbox
    .find({ conversationId: conversationIdOf({ channel: 'test', account: 'default', threadKey }) })
    .sort({ order: 1 })
    .lean();

/** What waits for it goes on when the test says so. */
function newGate() {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((delivery) => delivery.stop(2_000)));
});
afterAll(() => database.close());

describe('delivery', () => {
  it('answers a message and leaves nothing open', async () => {
    const delivery = start();
    const stored = await delivery.emit(textEvent('one', 'one-1', 'hola'));
    expect(stored.duplicate).toBe(false);
    const record = await delivery.waitForTurn(turnIdOf(stored.inboxId), 20_000);
    expect(record?.outcome).toBe('answered');
    await until('the reply is recorded as sent', async () => (await outboxOf('one'))[0]?.state === 'sent');
    expect(texts(delivery, 'one')).toEqual(['re: hola']);
    const conversation = await database.models.conversations.findById(record?.conversationId).lean();
    expect(conversation).toMatchObject({ messageCount: 2, language: 'es', threadKey: 'one' });
    await until(
      'the lane is free',
      async () => (await database.models.conversations.findById(record?.conversationId).lean())?.lane.owner === null,
    );
    expect(await database.models.contacts.findById(conversation?.contactId).lean()).toMatchObject({ identities: [{ userId: 'user-one' }] });
    expect(await database.models.inbox.findById(stored.inboxId).lean()).toMatchObject({ state: 'done', attempts: 0 });
  });

  it('answers an event once however often it is delivered', async () => {
    const delivery = start();
    const event = textEvent('five', 'five-1', 'hola');
    const together = await Promise.all([1, 2, 3, 4].map(() => delivery.emit(event)));
    await until('the reply', () => texts(delivery, 'five').length > 0);
    const later = await delivery.emit(event);
    expect([...together, later].filter((stored) => !stored.duplicate)).toHaveLength(1);
    await sleep(100);
    expect(texts(delivery, 'five')).toEqual(['re: hola']);
    const duplicates = await delivery.metrics.eventsReceived.get();
    expect(duplicates.values.find((value) => value.labels.result === 'duplicate')?.value).toBe(4);
  });

  it('keeps twenty interleaved conversations in order, each by itself', async () => {
    const delivery = start({ processTurn: async (input) => (await sleep(Math.random() * 5), simpleTurn(input)), options: { maxLanes: 4 } });
    const conversations = Array.from({ length: 20 }, (_, index) => `fifo-${index}`);
    for (let round = 0; round < 10; round++) {
      await Promise.all(conversations.map((key) => delivery.emit(textEvent(key, `${key}-${round}`, String(round)))));
    }
    await until('200 replies', () => delivery.channel.accepted.length === 200, 60_000);
    const inOrder = Array.from({ length: 10 }, (_, round) => `re: ${round}`);
    for (const key of conversations) expect(texts(delivery, key)).toEqual(inOrder);
  }, 90_000);

  it('lets a slow conversation delay nobody else, and shows that it is under way', async () => {
    const slow = newGate();
    const processTurn = async (input: Parameters<typeof simpleTurn>[0]) => {
      if (input.event.threadKey === 'slow') await slow.opened;
      return simpleTurn(input);
    };
    const channel = createRecordingChannel();
    const shown: string[] = [];
    channel.showTyping = async ({ threadKey }, { kind }) => void (threadKey === 'slow' && shown.push(kind));
    const delivery = start({ channel, processTurn });
    await delivery.emit(textEvent('slow', 'slow-1', 'x'));
    await delivery.emit(textEvent('quick', 'quick-1', 'x'));
    await until('the quick reply', () => texts(delivery, 'quick').length === 1);
    expect(texts(delivery, 'slow')).toEqual([]);
    await until('progress', () => shown.length > 0);
    expect(shown).toEqual(['started']);
    slow.open();
    await until('the slow reply', () => texts(delivery, 'slow').length === 1);
    expect(shown).toEqual(['started', 'stopped']);
  });

  it('takes turns between a busy conversation and the others', async () => {
    const handled: string[] = [];
    const allStored = newGate();
    const processTurn = async (input: Parameters<typeof simpleTurn>[0]) => {
      handled.push(input.event.threadKey);
      await allStored.opened;
      return simpleTurn(input);
    };
    const delivery = start({ processTurn, options: { maxLanes: 1, maxEventsPerVisit: 3 } });
    await Promise.all(Array.from({ length: 12 }, (_, index) => delivery.emit(textEvent('busy', `busy-${index}`, String(index)))));
    await delivery.emit(textEvent('guest', 'guest-1', 'x'));
    allStored.open();
    await until('all turns', () => handled.length === 13);
    expect(handled.indexOf('guest')).toBe(3);
    await until('all replies', () => delivery.channel.accepted.length === 13);
    expect(texts(delivery, 'busy')).toEqual(Array.from({ length: 12 }, (_, index) => `re: ${index}`));
  });

  it('tries a failed send again and holds back what follows it', async () => {
    const channel = createRecordingChannel();
    const refusals = [new ChannelError('unavailable', 'down'), new ChannelError('rate-limited', 'slow down', { retry: { afterMs: 400 } })];
    channel.onSend = async ({ threadKey }) => {
      const refusal = threadKey === 'retry' ? refusals.shift() : undefined;
      if (refusal !== undefined) throw refusal;
    };
    const delivery = start({ channel });
    for (const index of [1, 2, 3]) await delivery.emit(textEvent('retry', `retry-${index}`, String(index)));
    await until('three replies', () => texts(delivery, 'retry').length === 3);
    expect(texts(delivery, 'retry')).toEqual(['re: 1', 're: 2', 're: 3']);
    const first = channel.calls.filter((call) => call.text === 're: 1' && call.threadKey === 'retry');
    expect(first).toHaveLength(3);
    expect((first[2]?.atMs ?? 0) - (first[1]?.atMs ?? 0)).toBeGreaterThanOrEqual(399);
    await until('all are recorded', async () => (await outboxOf('retry')).every((entry) => entry.state === 'sent'));
    expect((await outboxOf('retry')).map((entry) => [entry.attempts, entry.uncertain])).toEqual([
      [3, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('gives up what the platform refuses for good, with the reason, and goes on', async () => {
    const channel = createRecordingChannel();
    channel.onSend = async ({ text }) => {
      if (text === 're: 1') throw new ChannelError('recipient-unreachable', 'blocked by the user');
    };
    const delivery = start({ channel });
    for (const index of [1, 2]) await delivery.emit(textEvent('dead', `dead-${index}`, String(index)));
    await until('the second reply', () => texts(delivery, 'dead').length === 1);
    await until('both are settled', async () => (await outboxOf('dead')).every((entry) => !entry.open));
    expect((await outboxOf('dead')).map((entry) => [entry.state, entry.failure?.kind])).toEqual([
      ['dead', 'recipient-unreachable'],
      ['sent', undefined],
    ]);
    expect(delivery.logLines.join('')).not.toContain('re: 1');
  });

  it('sends again and flags what it does not know the result of', async () => {
    const channel = createRecordingChannel();
    let cut = true;
    channel.onSend = async () => {
      if (!cut) return;
      cut = false;
      throw new ChannelError('unknown', 'the connection was cut');
    };
    const delivery = start({ channel });
    const { inboxId } = await delivery.emit(textEvent('doubt', 'doubt-1', 'x'));
    await until('the reply', () => texts(delivery, 'doubt').length === 1);
    await until('it is recorded', async () => (await outboxOf('doubt'))[0]?.state === 'sent');
    const [entry] = await outboxOf('doubt');
    expect(entry).toMatchObject({ uncertain: 1, attempts: 2 });
    expect(await database.models.turns.findById(turnIdOf(inboxId)).lean()).toMatchObject({ uncertainSends: [entry?._id] });
  });

  it('holds what it does not know the result of where configured so, and a hung platform is one', async () => {
    const channel = createRecordingChannel();
    channel.onSend = async ({ text }) => {
      if (text === 're: 1') await sleep(60_000, undefined, { ref: false });
    };
    const delivery = start({ channel, options: { uncertainSends: forAll('hold'), sendTimeoutMs: 100 } });
    for (const index of [1, 2]) await delivery.emit(textEvent('hold', `hold-${index}`, String(index)));
    await until('the second reply', () => texts(delivery, 'hold').length === 1);
    await until('both are settled', async () => (await outboxOf('hold')).every((entry) => !entry.open));
    expect((await outboxOf('hold')).map((entry) => [entry.state, entry.uncertain])).toEqual([
      ['held', 1],
      ['sent', 0],
    ]);
  });

  it('keeps under the rate of the account', async () => {
    const delivery = start({ channel: createRecordingChannel({ perSecond: 20 }) });
    const began = performance.now();
    await Promise.all(Array.from({ length: 30 }, (_, index) => delivery.emit(textEvent(`rate-${index}`, `rate-${index}`, 'x'))));
    await until('30 replies', () => delivery.channel.accepted.length === 30);
    expect(performance.now() - began).toBeGreaterThan(450);
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('defect'))],
    ['hangs', () => sleep(60_000, undefined, { ref: false }) as Promise<never>],
  ])('apologises when the pipeline %s', async (how, processTurn) => {
    const delivery = start({ processTurn, options: { turnTimeoutMs: 100 } });
    const { inboxId } = await delivery.emit(textEvent(how, `${how}-1`, 'x'));
    await until('the apology', () => texts(delivery, how).length === 1);
    expect(texts(delivery, how)).toEqual(['sorry']);
    expect((await delivery.waitForTurn(turnIdOf(inboxId), 1_000))?.outcome).toBe('failed');
  });

  it('applies edits and deletes to the log', async () => {
    const delivery = start();
    await delivery.emit(textEvent('amend', 'amend-1', 'one'));
    const second = await delivery.emit(textEvent('amend', 'amend-2', 'two'));
    await delivery.waitForTurn(turnIdOf(second.inboxId), 20_000);
    const { kind: _kind, ...base } = textEvent('amend', 'amend-3', 'ONE') as Extract<ReturnType<typeof textEvent>, { kind: 'message' }>;
    await delivery.emit({ ...base, kind: 'edit', platformMessageId: 'p-amend-1' });
    const last = await delivery.emit({ ...base, kind: 'delete', eventId: 'amend-4', platformMessageId: 'p-amend-2' });
    await delivery.waitForTurn(turnIdOf(last.inboxId), 20_000);
    const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey: 'amend' });
    const log = await database.models.messages.find({ conversationId, role: 'user' }).sort({ order: 1 }).lean();
    expect(log.map((message) => [message.text, message.editedAt !== null, message.deletedAt !== null])).toEqual([
      ['ONE', true, false],
      ['', false, true],
    ]);
  });

  it('answers waitForTurn from the store when another process ran the turn, and null when time is up', async () => {
    const first = start();
    const { inboxId } = await first.emit(textEvent('wait', 'wait-1', 'x'));
    await first.waitForTurn(turnIdOf(inboxId), 20_000);
    const other = start();
    expect((await other.waitForTurn(turnIdOf(inboxId), 2_000))?.outcome).toBe('answered');
    expect(await other.waitForTurn('turn_unknown', 300)).toBeNull();
  });

  it('stops gracefully: what runs is finished, the rest is done at the next start', async () => {
    const channel = createRecordingChannel();
    const stopping = newGate();
    let thirdRuns = false;
    const processTurn = async (input: Parameters<typeof simpleTurn>[0]) => {
      if (input.event.eventId === 'stop-3') {
        thirdRuns = true;
        await stopping.opened;
      }
      return simpleTurn(input);
    };
    const first = start({ channel, processTurn });
    for (const index of [1, 2, 3, 4, 5, 6]) await first.emit(textEvent('stop', `stop-${index}`, String(index)));
    await until('the third turn', () => thirdRuns);
    const stopped = first.stop(20_000);
    stopping.open();
    expect(await stopped).toBe(true);
    await expect(first.emit(textEvent('stop', 'stop-7', '7'))).rejects.toThrow(/stopping/);
    expect(texts(first, 'stop')).toEqual(['re: 1', 're: 2', 're: 3']);
    const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey: 'stop' });
    expect((await database.models.conversations.findById(conversationId).lean())?.lane.owner).toBeNull();
    const second = start({ channel });
    await until('six replies', () => texts(second, 'stop').length === 6);
    expect(texts(second, 'stop')).toEqual([1, 2, 3, 4, 5, 6].map((index) => `re: ${index}`));
    expect((await outboxOf('stop')).every((entry) => entry.uncertain === 0)).toBe(true);
  });
});
