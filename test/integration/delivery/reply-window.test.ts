/**
 * A platform that takes free replies for a time only after the customer's last message (WhatsApp), and that tells later what became of them: replies
 * that are late are kept, asked for by a template, and sent in order once the customer writes.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createDeliveries } from '../../../src/delivery/deliveries.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
import type { InboundStatus } from '../../../src/domain/message.js';
import type { ProcessTurn } from '../../../src/domain/turn.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import type { RecordingOptions } from '../../fakes/recording-channel.js';
import { simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { type Instance, simulate, type Simulation } from './simulation.js';

const WINDOW_MS = 10_000;
const TEMPLATE = { kind: 'template', name: 'reply_waiting', language: 'es', parameters: [], markdown: 'Hay una respuesta.' } as const;

let database: TestDatabase;
let simulation: Simulation;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation.end());
afterAll(() => database.close());

/** Two contents, to be sent within the window. */
const inWindow: ProcessTurn = async (input) => {
  const record = simpleTurn(input);
  const repliesUntil = new Date(input.receivedAt.getTime() + (simulation.platform.capabilities.replyWindowMs ?? 0));
  const [first] = record.effects.outbox;
  if (first === undefined) return record;
  const more = { ...first, id: `${first.messageId}:1`, content: { kind: 'text', markdown: 'more' } as const, last: true };
  const outbox = [{ ...first, last: false }, more].map((item) => ({ ...item, repliesUntil }));
  return { ...record, effects: { ...record.effects, outbox } };
};

async function begin(threadKey: string, channel: RecordingOptions = {}): Promise<Instance> {
  simulation = simulate(database, { channel: { replyWindowMs: WINDOW_MS, waitingTemplate: () => TEMPLATE, tellsSent: true, ...channel } });
  const instance = simulation.start({ processTurn: inWindow });
  await simulation.settle();
  await write(instance, threadKey, '1');
  return instance;
}
async function write(instance: Instance, threadKey: string, text: string): Promise<void> {
  let isStored = false;
  const stored = instance.emit(textEvent(threadKey, `${threadKey}-${text}`, text)).finally(() => (isStored = true));
  // On a busy machine it may come to the gate only after it was looked for there.
  while (!isStored) await instance.letGo('insert inbox');
  await stored;
}
const outboxOf = (threadKey: string) =>
  database.models.outbox
    .find({ conversationId: conversationIdOf({ channel: 'test', account: 'default', threadKey }) })
    .sort({ order: 1, part: 1 })
    .lean();
const states = async (threadKey: string) => (await outboxOf(threadKey)).map(({ content, state }) => `${content.kind} ${state}`);
const closed = async (threadKey: string, count: number) => {
  const entries = await outboxOf(threadKey);
  return entries.length === count && entries.every((entry) => !entry.open);
};
const accepted = () => simulation.platform.accepted.map((call) => call.text);

/** The platform is away for so long, then takes everything. */
function awayFor(ms: number): void {
  const back = Date.now() + ms;
  simulation.platform.onSend = async () => {
    if (Date.now() < back) throw new ChannelError('unavailable', 'away');
  };
}
/** It counts the time differently from us: free replies are refused. */
const refuseFreeReplies = (): void => {
  simulation.platform.onSend = async ({ text }) => {
    if (text !== 'template') throw new ChannelError('window-closed', '131047');
  };
};

describe('a reply after the window', () => {
  it.each([
    ['as we count the time', () => awayFor(WINDOW_MS + 2_000)],
    ['as the platform does', refuseFreeReplies],
  ])('is kept, one template asks for a message, and then it goes out first: %s', async (how, late) => {
    const threadKey = `late ${how}`;
    const instance = await begin(threadKey);
    late();
    await simulation.until('all is kept', () => closed(threadKey, 3), 600_000);
    expect(await states(threadKey)).toEqual(['template sent', 'text waiting', 'text waiting']);
    expect(accepted()).toEqual(['template']);
    const operator = createDeliveries(database.models, { retentionMs: 1_000 });
    const listed = await operator.list({ states: ['waiting'], box: 'outbox', limit: 10 });
    expect(listed.filter((entry) => entry.reason?.kind === 'window-closed').length).toBeGreaterThanOrEqual(2);

    simulation.platform.onSend = async () => undefined;
    await simulation.advance(WINDOW_MS);
    await write(instance, threadKey, '2');
    await simulation.until('all is sent', () => closed(threadKey, 5));
    expect(accepted()).toEqual(['template', 're: 1', 'more', 're: 2', 'more']);
  });

  it('goes to people where there is no template', async () => {
    await begin('none', { waitingTemplate: () => null });
    refuseFreeReplies();
    await simulation.until('all is given up', () => closed('none', 2));
    expect(await states('none')).toEqual(['text dead', 'text dead']);
    expect(simulation.tickets.length).toBeGreaterThan(0);
  });

  it('that the platform took and then failed is kept and asked for too', async () => {
    const instance = await begin('later');
    await simulation.until('all is sent', () => closed('later', 2));
    refuseFreeReplies();
    for (const { _id: key } of await outboxOf('later')) {
      const told = instance.emit(statusOf('later', key, 'failed', { failure: { kind: 'window-closed', message: '131047' } }));
      await simulation.settle();
      await told;
    }
    await simulation.until('the template is sent', () => closed('later', 3));
    expect(await states('later')).toEqual(['template sent', 'text waiting', 'text waiting']);
  });
});

const statusOf = (threadKey: string, key: string, status: InboundStatus['status'], more: Partial<InboundStatus> = {}): InboundStatus => {
  const { kind: _kind, ...event } = textEvent(threadKey, `${key}:${status}`, '');
  return { ...event, kind: 'status', platformMessageId: `wamid-${key}`, status, key, ...more };
};

describe('statuses', () => {
  it('are noted in the outbox and in the log, never backwards, whatever comes twice or late', async () => {
    const instance = await begin('told');
    await simulation.until('all is sent', () => closed('told', 2));
    const last = (await outboxOf('told')).at(-1);
    const tell = async (...told: InboundStatus['status'][]) => {
      for (const status of told) {
        const stored = instance.emit(statusOf('told', last?._id ?? '', status));
        await simulation.settle();
        await stored;
      }
      return (await outboxOf('told')).at(-1)?.delivery?.status;
    };
    expect(await tell('delivered')).toBe('delivered');
    expect(await tell('sent', 'delivered')).toBe('delivered');
    expect(await tell('read')).toBe('read');
    expect(await tell('failed', 'delivered')).toBe('read');
    const logged = await database.models.messages.findById(last?.messageId).lean();
    expect(logged?.delivery?.status).toBe('read');
    expect((await outboxOf('told')).map((entry) => entry.state)).toEqual(['sent', 'sent']);
    const unknown = instance.emit(statusOf('told', 'nobody knows', 'read'));
    await simulation.settle();
    await expect(unknown).resolves.toMatchObject({ duplicate: false });
  });

  it('of a failure take the reply out of what is done, with the reason', async () => {
    const instance = await begin('failed');
    await simulation.until('all is sent', () => closed('failed', 2));
    const key = (await outboxOf('failed'))[0]?._id ?? '';
    const failure = { kind: 'recipient-unreachable', message: '131026: not on WhatsApp' } as const;
    const stored = instance.emit(statusOf('failed', key, 'failed', { failure }));
    await simulation.settle();
    await stored;
    expect((await outboxOf('failed'))[0]).toMatchObject({ state: 'dead', failure, delivery: { status: 'failed' } });
  });

  it('tell what became of a send whose answer was lost: it is not made again', async () => {
    const instance = await begin('doubt');
    let cuts = 1;
    simulation.platform.onSend = async (call) => {
      if (cuts-- <= 0) return;
      simulation.platform.accepted.push(call);
      const stored = instance.emit(statusOf('doubt', call.key, 'delivered'));
      stored.catch(() => undefined);
      throw new ChannelError('unknown', 'the line was cut');
    };
    await simulation.until('all is settled', () => closed('doubt', 2));
    expect(accepted()).toEqual(['re: 1', 'more']);
    const [first] = await outboxOf('doubt');
    expect(first).toMatchObject({ state: 'sent', uncertain: 0, attempts: 1, platformMessageId: `wamid-${first?._id ?? ''}` });
  });

  it('that do not come leave it in doubt: it is made again, flagged', async () => {
    await begin('untold', { replyWindowMs: 3_600_000 });
    let cuts = 1;
    simulation.platform.onSend = async (call) => {
      if (cuts-- <= 0) return;
      simulation.platform.accepted.push(call);
      throw new ChannelError('unknown', 'the line was cut');
    };
    await simulation.until('all is settled', () => closed('untold', 2));
    expect(accepted()).toEqual(['re: 1', 're: 1', 'more']);
    expect((await outboxOf('untold'))[0]).toMatchObject({ state: 'sent', uncertain: 1 });
  });
});
