/** What is Telegram's own, against the emulator: webhook replies, topics, keyboards, markup that is refused, uploads, setting the webhook. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TelegramSettings } from '../../../channels/telegram/config.js';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import type { Channel, ChannelRequest, Recipient, SendContext } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { messageUpdate, pressUpdate, TOKEN, WEBHOOK_SECRET } from '../../fakes/telegram/customer.js';
import { startTelegramEmulator, type TelegramEmulator } from '../../fakes/telegram/process.js';

const context: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: '55', part: 0, last: true, answer: null };
const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const chat = (threadKey: string): Recipient => ({ conversationId: 'conv_1', threadKey, userId: '7' });

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
  return createTelegramChannel(
    { token: TOKEN, apiRoot: telegram.url, mode: 'webhook', webhookSecret: WEBHOOK_SECRET, ...settings },
    logger,
  );
}

const request = (
  body: string | Buffer | object,
  headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET },
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
    ['no secret', request(messageUpdate(1), {}), 401],
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
    await channel.receive?.(request({ update_id: 1, ...messageUpdate(1) }));
    expect(await telegram.calls()).toEqual([]);
    for (const id of [2, 3]) {
      const received = await channel.receive?.(request({ update_id: id, ...messageUpdate(id, -100, '@parley_test_bot hola') }));
      expect(received?.events[0]).toMatchObject({ addressed: true, content: [{ kind: 'text', text: 'hola' }] });
    }
    expect(await telegram.calls()).toHaveLength(1);
  });

  it('receives mentions also while Telegram does not say who it is', async () => {
    await telegram.fail({ method: 'getMe', kind: 'answer', status: 500, description: 'Internal Server Error' });
    const received = await createChannel().receive?.(request({ update_id: 1, ...messageUpdate(1, -100, '@parley_test_bot hola') }));
    expect(received?.events[0]).toMatchObject({ addressed: true });
  });

  it('answers a pressed button with the reply itself', async () => {
    const received = await createChannel().receive?.(request({ update_id: 1, ...pressUpdate('99', 'panel-50') }));
    expect(received?.events[0]).toMatchObject({ content: [{ kind: 'choice', id: 'panel-50' }] });
    expect(JSON.parse(received?.reply.body ?? '')).toEqual({ method: 'answerCallbackQuery', callback_query_id: '99' });
    expect(await telegram.calls()).toEqual([]);
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

describe('npm run telegram:webhook', () => {
  async function run(...args: string[]) {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const environment = {
      PATH: process.env['PATH'],
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
      TELEGRAM_API_ROOT: telegram.url,
    };
    const script = ['--import', `${root}test/typescript.mjs`, `${root}scripts/telegram-webhook.ts`, ...args];
    const child = spawn(process.execPath, script, { env: environment, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output: output.join('') };
  }

  it('sets, shows and removes the webhook, with the secret', async () => {
    expect(await run('https://chat.example.com')).toEqual({
      code: 0,
      output: '@parley_test_bot: updates go to https://chat.example.com/webhooks/telegram; 0 are waiting.\n',
    });
    expect((await telegram.calls('setWebhook'))[0]?.payload).toMatchObject({
      secret_token: WEBHOOK_SECRET,
      allowed_updates: expect.arrayContaining(['message_reaction']),
    });
    expect((await telegram.calls('setMyCommands')).map(({ payload }) => payload['language_code'])).toEqual(['', 'en']);
    expect((await run('none')).output).toContain('no webhook is set');
  });

  it('says in one sentence what is wrong with an address', async () => {
    const { code, output } = await run('http://chat.example.com');
    expect({ code, lines: output.trim().split('\n') }).toEqual({
      code: 1,
      lines: ['http://chat.example.com is not an https:// address; Telegram posts to no other.'],
    });
  });
});
