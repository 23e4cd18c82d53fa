/** What is Telegram's own, against the emulator: webhook replies, offsets that wait for storage, topics, keyboards, markup that is refused, uploads. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TelegramSettings } from '../../../channels/telegram/config.js';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import type { Channel, ChannelRequest, Emit, Recipient, SendContext } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTelegramEmulator, type TelegramEmulator } from '../../fakes/telegram/process.js';

const TOKEN = '4242:AAtestTOKENtestTOKENtestTOKEN';
const SECRET = 'webhook-secret';
const context: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: '55', last: true, answer: null };
const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const chat = (threadKey: string): Recipient => ({ conversationId: 'conv_1', threadKey, userId: '7' });
const message = (messageId: number, chatId = 7, words = `mensaje ${messageId}`) => ({
  message: {
    message_id: messageId,
    date: 1_700_000_000,
    chat: { id: chatId, type: chatId < 0 ? 'supergroup' : 'private' },
    from: { id: 7, is_bot: false, first_name: 'Ana' },
    text: words,
    ...(words.startsWith('@') ? { entities: [{ type: 'mention', offset: 0, length: words.split(' ')[0]?.length ?? 0 }] } : {}),
  },
});

let telegram: TelegramEmulator;
let logged: string[] = [];

beforeAll(async () => {
  telegram = await startTelegramEmulator();
});
beforeEach(async () => {
  logged = [];
  await telegram.reset();
});
afterEach(() => {
  expect(logged.join('')).not.toContain('testTOKEN');
});
afterAll(() => telegram.stop());

function createChannel(settings: Partial<TelegramSettings> = {}): Channel {
  const logger = createLogger({ level: 'trace', write: (line) => logged.push(line) });
  return createTelegramChannel({ token: TOKEN, apiRoot: telegram.url, mode: 'webhook', webhookSecret: SECRET, ...settings }, logger);
}

const request = (
  body: string | Buffer | object,
  headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': SECRET },
): ChannelRequest => ({
  method: 'POST',
  url: '/',
  headers,
  body: typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body)),
});

describe('configuration', () => {
  it('wants a token that can be one, and a secret for a webhook', () => {
    expect(() => createChannel({ token: 'nonsense' })).toThrow(ConfigurationError);
    expect(() => createChannel({ webhookSecret: null })).toThrow(ConfigurationError);
    expect(createChannel({ webhookSecret: null, mode: 'polling' })).not.toHaveProperty('receive');
    expect(createChannel()).not.toHaveProperty('start');
  });

  it('takes its account from the token', () => {
    expect(createChannel()).toMatchObject({ name: 'telegram', account: '4242' });
  });
});

describe('webhook', () => {
  it.each([
    ['a wrong secret', request('{}', { 'x-telegram-bot-api-secret-token': 'other' }), 401],
    ['no secret', request(message(1), {}), 401],
    ['broken JSON', request('{"update_id": 1'), 400],
    ['JSON that is no update', request('{"hello": 1}'), 400],
    ['bytes that are no text', request(Buffer.from([255, 254, 0])), 400],
    ['an empty body', request(''), 400],
    ['more than any update has', request('x'.repeat(1024 * 1024 + 1)), 413],
  ])('%s is refused', async (_what, given, status) => {
    expect(await createChannel().receive?.(given)).toEqual({ reply: { status, body: expect.any(String) }, events: [], ignored: [] });
  });

  it('asks nothing of Telegram for a message without a mention, and its own name once for those with one', async () => {
    const channel = createChannel();
    await channel.receive?.(request({ update_id: 1, ...message(1) }));
    expect(await telegram.calls()).toEqual([]);
    for (const id of [2, 3]) {
      const received = await channel.receive?.(request({ update_id: id, ...message(id, -100, '@parley_test_bot hola') }));
      expect(received?.events[0]).toMatchObject({ addressed: true, content: [{ kind: 'text', text: 'hola' }] });
    }
    expect(await telegram.calls()).toHaveLength(1);
  });

  it('receives mentions also while Telegram does not say who it is', async () => {
    await telegram.fail({ method: 'getMe', kind: 'answer', status: 500, description: 'Internal Server Error' });
    const received = await createChannel().receive?.(request({ update_id: 1, ...message(1, -100, '@parley_test_bot hola') }));
    expect(received?.events[0]).toMatchObject({ addressed: true });
  });

  it('answers a pressed button with the reply itself', async () => {
    const query = { id: '99', from: message(1).message.from, data: 'panel-50', message: message(5).message };
    const received = await createChannel().receive?.(request({ update_id: 1, callback_query: query }));
    expect(received?.events[0]).toMatchObject({ content: [{ kind: 'choice', id: 'panel-50' }] });
    expect(JSON.parse(received?.reply.body ?? '')).toEqual({ method: 'answerCallbackQuery', callback_query_id: '99' });
    expect(await telegram.calls()).toEqual([]);
  });
});

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
    const stop = await createChannel({ mode: 'polling', webhookSecret: null }).start?.(emit);
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
    for (const id of [1, 2, 3]) await telegram.deliver(TOKEN, message(id, 7));
    await telegram.deliver(TOKEN, message(4, 8));
    const { emit, stored } = recorder();
    await startPolling(emit);
    await until(() => stored.length === 4);
    expect(stored).toEqual(['4', '1', '2', '3']);
  });

  it('gets again what could not be stored, and nothing overtakes it in its chat', async () => {
    for (const id of [1, 2, 3]) await telegram.deliver(TOKEN, message(id, 7));
    const { emit, stored } = recorder(['2']);
    await startPolling(emit);
    await until(() => stored.includes('3'));
    expect(stored).toEqual(['1', '2', '3']);
  });

  it('confirms what it stored when it stops, and nothing else', async () => {
    await telegram.deliver(TOKEN, message(1));
    const first = recorder();
    const stop = await startPolling(first.emit);
    await until(() => first.stored.length === 1);
    await stop();
    await telegram.deliver(TOKEN, message(2));
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
    await telegram.deliver(TOKEN, message(2));
    await until(() => stored.length === 1);
    expect(performance.now() - started).toBeGreaterThan(1000);
  });

  it('answers a pressed button after storing it', async () => {
    const query = { id: '99', from: message(1).message.from, data: 'panel-50', message: message(5).message };
    await telegram.deliver(TOKEN, { callback_query: query });
    const { emit, stored } = recorder();
    await startPolling(emit);
    await until(async () => (await telegram.calls('answerCallbackQuery')).length === 1);
    expect(stored).toEqual(['callback:99']);
  });

  it('does not start with a token that Telegram does not know', async () => {
    const channel = createChannel({ mode: 'polling', token: `${TOKEN}revoked` });
    await expect(channel.start?.(recorder().emit)).rejects.toThrow(ConfigurationError);
  });

  it('starts without Telegram, and polls once it can be reached', async () => {
    await telegram.deliver(TOKEN, message(2));
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
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('sending', () => {
  it('goes to the topic, and quotes what it answers in groups only', async () => {
    const channel = createChannel();
    await channel.send(chat('-100:12'), text('En el hilo'), context);
    await channel.send(chat('7'), text('En privado'), context);
    const [inTopic, inPrivate] = await telegram.calls('sendMessage');
    expect(inTopic?.payload).toMatchObject({ chat_id: '-100', message_thread_id: 12, reply_parameters: { message_id: 55 } });
    expect(inPrivate?.payload).toEqual({ chat_id: '7', text: 'En privado', parse_mode: 'HTML' });
  });

  it('sends text whose markup Telegram refuses without markup', async () => {
    await telegram.fail({
      method: 'sendMessage',
      kind: 'answer',
      status: 400,
      description: "Bad Request: can't parse entities: Unsupported start tag",
    });
    await createChannel().send(chat('7'), text('**50 mm** & [guía](https://example.com/g)'), context);
    expect((await telegram.shown()).map((shown) => shown.text)).toEqual(['50 mm & guía (https://example.com/g)']);
  });

  it('sends as it was written what markdown would leave nothing of', async () => {
    await createChannel().send(chat('7'), text('[1]: https://example.com'), context);
    expect((await telegram.shown()).map((shown) => shown.text)).toEqual(['[1]: https://example.com']);
  });

  it('never makes a fitting text too long by rendering it', async () => {
    const list = '1. a\n'.repeat(819);
    expect(list.length).toBeLessThanOrEqual(4096);
    await createChannel().send(chat('7'), text(list), context);
    expect(await telegram.shown()).toHaveLength(1);
  });

  it('lays short buttons out in pairs and long ones in rows', async () => {
    const choices = (...labels: string[]): OutboundContent => ({
      kind: 'choices',
      markdown: '¿?',
      choices: labels.map((label) => ({ id: label, label })),
    });
    const channel = createChannel();
    await channel.send(chat('7'), choices('30 mm', '50 mm', '80 mm'), context);
    await channel.send(chat('7'), choices('30 mm', 'Hablar con una persona'), context);
    const rows = (await telegram.calls('sendMessage')).map((call) =>
      (call.payload['reply_markup'] as { inline_keyboard: unknown[][] }).inline_keyboard.map((row) => row.length),
    );
    expect(rows).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it('uploads files of ours, refers to those Telegram has, and sends a photo that is too large as a document', async () => {
    const channel = createChannel({ loadFile: async () => ({ bytes: Buffer.from('PNG'), contentType: 'image/png' }) });
    const image = (id: string, sizeBytes: number): OutboundContent => ({
      kind: 'image',
      file: { id, filename: 'plano.png', contentType: 'image/png', sizeBytes },
      caption: '*Plano*',
    });
    const known = await telegram.addFile(Buffer.from('PNG'), 'known.png');
    for (const content of [image('att_1', 3), image(known, 3), image('att_2', 11 * 1024 * 1024)])
      await channel.send(chat('7'), content, context);
    const calls = (await telegram.calls()).map(({ method, files }) => [
      method,
      files.map((file) => `${file.field} ${file.name} ${file.sizeBytes}`).join(),
    ]);
    expect(calls).toEqual([
      ['sendPhoto', 'photo plano.png 3'],
      ['sendPhoto', ''],
      ['sendDocument', 'document plano.png 3'],
    ]);
    expect((await telegram.shown()).map((shown) => shown.text)).toEqual(['Plano', 'Plano', 'Plano']);
  });

  it('refuses a file of ours that cannot be loaded', async () => {
    const file = { id: 'att_1', filename: null, contentType: null, sizeBytes: null };
    const content: OutboundContent = { kind: 'file', file, caption: '' };
    const failing = createChannel({ loadFile: () => Promise.reject(new Error('gone')) });
    for (const channel of [createChannel(), failing]) {
      await expect(channel.send(chat('7'), content, context)).rejects.toMatchObject({ kind: 'payload-refused', retry: 'never' });
    }
  });

  it.each([
    ['400 Bad Request: chat not found', 400, 'recipient-unreachable', 'never'],
    ['a group that moved', 400, 'recipient-unreachable', 'never'],
    ['409', 409, 'unavailable', { afterMs: 0 }],
    ['404', 404, 'credentials-rejected', 'never'],
    ['502', 502, 'unknown', { afterMs: 0 }],
    ['503', 503, 'unavailable', { afterMs: 0 }],
  ])('maps %s', async (what, status, kind, retry) => {
    const description = what === 'a group that moved' ? 'Bad Request: group chat was upgraded to a supergroup chat' : what;
    await telegram.fail({ method: 'sendMessage', kind: 'answer', status, description });
    await expect(createChannel().send(chat('7'), text('x'), context)).rejects.toMatchObject({ kind, retry });
  });

  it('knows that nothing was sent where Telegram cannot be reached, and tells no token', async () => {
    const channel = createChannel({ apiRoot: 'http://127.0.0.1:9' });
    const thrown: unknown = await channel.send(chat('7'), text('x'), context).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ kind: 'unavailable', retry: { afterMs: 0 } });
    expect(`${String(thrown)} ${String((thrown as Error).cause)}`).not.toContain('testTOKEN');
  });

  it('waits as long as Telegram asks', async () => {
    await telegram.fail({
      method: 'sendMessage',
      kind: 'answer',
      status: 429,
      description: 'Too Many Requests',
      parameters: { retry_after: 17 },
    });
    await expect(createChannel().send(chat('7'), text('x'), context)).rejects.toMatchObject({
      kind: 'rate-limited',
      retry: { afterMs: 17_000 },
    });
  });

  it('changes text only', async () => {
    const file = { id: 'att_1', filename: null, contentType: null, sizeBytes: null };
    await expect(createChannel().edit?.(chat('7'), '1', { kind: 'file', file, caption: '' })).rejects.toMatchObject({
      kind: 'payload-refused',
    });
  });
});
