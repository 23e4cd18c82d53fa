/** Polling, against the emulator: the offset waits for storage, each chat keeps its order, and neither failures nor stopping lose an update. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import type { Emit } from '../../../src/domain/channel.js';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { messageUpdate, pressUpdate, TOKEN } from '../../fakes/telegram/customer.js';
import { startTelegramEmulator, type TelegramEmulator } from '../../fakes/telegram/process.js';

let telegram: TelegramEmulator;
let logged: string[] = [];

beforeAll(async () => {
  telegram = await startTelegramEmulator();
});
beforeEach(async () => {
  logged = [];
  await telegram.reset();
});
afterAll(() => telegram.stop());

function createPoller(token = TOKEN) {
  const logger = createLogger({ level: 'trace', write: (line) => logged.push(line) });
  return createTelegramChannel({ token, apiRoot: telegram.url, mode: 'polling', webhookSecret: null }, logger);
}

describe('polling', () => {
  /** Collects message ids; what `refuse` names is not stored the first time. */
  function recorder(refuse: readonly string[] = []) {
    const stored: string[] = [];
    const refused = new Set(refuse);
    const emit: Emit = async (event) => {
      const id = 'platformMessageId' in event ? event.platformMessageId : '';
      await new Promise((resolve) => setTimeout(resolve, id === '1' ? 30 : 1));
      if (refused.delete(id)) throw new Error('the disk is full');
      stored.push(id);
      return { inboxId: event.eventId, duplicate: false };
    };
    return { emit, stored };
  }
  let running: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of running) await stop(); // also after a failure, or the process would poll on
    running = [];
  });
  const startPolling = async (emit: Emit) => {
    const stop = await createPoller().start?.(emit, async () => undefined);
    if (stop === undefined) throw new Error('a polling channel has start');
    running.push(stop);
    return stop;
  };
  const until = async (done: () => boolean | Promise<boolean>) => {
    for (let waited = 0; !(await done()); waited += 10) {
      if (waited > 10_000) throw new Error('waited 10 s in vain');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  it('keeps the order within a chat, and lets no chat wait for another', async () => {
    for (const id of [1, 2, 3]) await telegram.deliver(TOKEN, messageUpdate(id, 7));
    await telegram.deliver(TOKEN, messageUpdate(4, 8));
    const { emit, stored } = recorder();
    await startPolling(emit);
    await until(() => stored.length === 4);
    expect(stored).toEqual(['4', '1', '2', '3']);
  });

  it('gets again what could not be stored, and nothing overtakes it in its chat', async () => {
    for (const id of [1, 2, 3]) await telegram.deliver(TOKEN, messageUpdate(id, 7));
    const { emit, stored } = recorder(['2']);
    await startPolling(emit);
    await until(() => stored.includes('3'));
    expect(stored).toEqual(['1', '2', '3']);
  });

  it('confirms what it stored when it stops, and nothing else', async () => {
    await telegram.deliver(TOKEN, messageUpdate(1));
    const first = recorder();
    const stop = await startPolling(first.emit);
    await until(() => first.stored.length === 1);
    await stop();
    await telegram.deliver(TOKEN, messageUpdate(2));
    const second = recorder();
    await startPolling(second.emit);
    await until(() => second.stored.length === 1);
    expect([...first.stored, ...second.stored]).toEqual(['1', '2']);
  });

  it('waits as long as Telegram asks, and goes on', async () => {
    await telegram.fail({
      method: 'getUpdates',
      kind: 'answer',
      status: 429,
      description: 'Too Many Requests',
      parameters: { retry_after: 1 },
    });
    await telegram.fail({ method: 'getUpdates', kind: 'cut' });
    const started = performance.now();
    const { emit, stored } = recorder();
    await startPolling(emit);
    await telegram.deliver(TOKEN, messageUpdate(2));
    await until(() => stored.length === 1);
    expect(performance.now() - started).toBeGreaterThan(1000);
  });

  it('answers a pressed button after storing it', async () => {
    await telegram.deliver(TOKEN, pressUpdate('99', 'panel-50'));
    const { emit, stored } = recorder();
    await startPolling(emit);
    await until(async () => (await telegram.calls('answerCallbackQuery')).length === 1);
    expect(stored).toEqual(['callback:99']);
  });

  it('does not start with a token that Telegram does not know', async () => {
    await expect(createPoller(`${TOKEN}revoked`).start?.(recorder().emit, async () => undefined)).rejects.toThrow(ConfigurationError);
  });

  it('starts without Telegram, and polls once it can be reached', async () => {
    await telegram.deliver(TOKEN, messageUpdate(2));
    await telegram.fail({ method: 'getMe', kind: 'cut' });
    const { emit, stored } = recorder();
    await startPolling(emit);
    await until(() => stored.length === 1);
    expect(logged.join('')).toContain('polling starts when it does');
  });

  it('stops at once in the middle of a long poll', async () => {
    const stop = await startPolling(recorder().emit);
    await until(async () => (await telegram.calls('getUpdates')).length === 1);
    const started = performance.now();
    await stop();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
