/** The channel contract for Telegram, over a webhook and by polling, against the emulator in its own process. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTelegramChannel } from '../../channels/telegram/index.js';
import { encoders } from '../../channels/telegram/encode.js';
import type { TelegramSettings } from '../../channels/telegram/config.js';
import type { Channel, ChannelRequest } from '../../src/domain/channel.js';
import type { ChannelErrorKind } from '../../src/domain/errors.js';
import type { InboundEvent } from '../../src/domain/message.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { messageUpdate, TOKEN, WEBHOOK_SECRET } from '../fakes/telegram/customer.js';
import type { ScriptedFailure } from '../fakes/telegram/control.js';
import { startTelegramEmulator, type TelegramEmulator } from '../fakes/telegram/process.js';
import { describeChannelContract, type OpenChannel } from './channel-suite.js';

const CHAT_ID = 7;
const logger = createLogger({ level: 'silent' });

const FAILURES: Record<Exclude<ChannelErrorKind, 'window-closed'>, ScriptedFailure> = {
  'rate-limited': {
    method: 'sendMessage',
    kind: 'answer',
    status: 429,
    description: 'Too Many Requests: retry after 3',
    parameters: { retry_after: 3 },
  },
  'recipient-unreachable': {
    method: 'sendMessage',
    kind: 'answer',
    status: 403,
    description: 'Forbidden: bot was blocked by the user',
  },
  'credentials-rejected': { method: 'sendMessage', kind: 'answer', status: 401, description: 'Unauthorized' },
  'payload-refused': { method: 'sendMessage', kind: 'answer', status: 400, description: 'Bad Request: BUTTON_TYPE_INVALID' },
  unavailable: { method: 'sendMessage', kind: 'answer', status: 500, description: 'Internal Server Error' },
  unknown: { method: 'sendMessage', kind: 'cut' },
};

let telegram: TelegramEmulator;
beforeAll(async () => {
  telegram = await startTelegramEmulator();
});
afterAll(() => telegram.stop());

for (const mode of ['webhook', 'polling'] as const) {
  describeChannelContract(`telegram, ${mode}`, {
    encodedKinds: Object.keys(encoders),
    open: async () => {
      await telegram.reset();
      const settings: TelegramSettings = {
        token: TOKEN,
        apiRoot: telegram.url,
        mode,
        webhookSecret: mode === 'webhook' ? WEBHOOK_SECRET : null,
        loadFile: async () => ({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
      };
      const channel = createTelegramChannel(settings, logger);
      const arrived = createArrivals();
      const close = mode === 'webhook' ? await serveWebhook(channel, arrived.add) : await startPolling(channel, arrived.add);
      return openChannel(channel, settings, arrived, close);
    },
  });
}

/** Events in the order in which they were handed over, each to whoever waits for the next. */
function createArrivals() {
  const waiting: ((event: InboundEvent) => void)[] = [];
  const unclaimed: InboundEvent[] = [];
  return {
    add: (event: InboundEvent): void => {
      const claim = waiting.shift();
      if (claim === undefined) unclaimed.push(event);
      else claim(event);
    },
    next: (): Promise<InboundEvent> => {
      const event = unclaimed.shift();
      return event === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(event);
    },
  };
}

const noted = async () => undefined;

async function startPolling(channel: Channel, add: (event: InboundEvent) => void): Promise<() => Promise<void>> {
  const stop = await channel.start?.(async (event) => {
    add(event);
    return { inboxId: event.eventId, duplicate: false };
  }, noted);
  return async () => stop?.();
}

/** The least of a server that a webhook needs. */
async function serveWebhook(channel: Channel, add: (event: InboundEvent) => void): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void channel.receive?.(toChannelRequest(request.headers, Buffer.concat(chunks))).then(({ reply, events }) => {
        events.forEach(add);
        response.writeHead(reply.status, reply.headers).end(reply.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/telegram`;
  await fetch(`${telegram.url}/bot${TOKEN}/setWebhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, secret_token: WEBHOOK_SECRET }),
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

function toChannelRequest(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): ChannelRequest {
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
  return { method: 'POST', url: '/', headers: Object.fromEntries(flat) as Record<string, string>, body };
}

function openChannel(
  channel: Channel,
  settings: TelegramSettings,
  arrived: ReturnType<typeof createArrivals>,
  close: () => Promise<void>,
): OpenChannel {
  let messageId = 0;
  let last: { update: object; updateId: number } | null = null;
  const deliver = async (update: object): Promise<InboundEvent> => {
    const { updateId } = await telegram.deliver(TOKEN, update);
    last = { update, updateId };
    return arrived.next();
  };
  return {
    channel,
    to: { conversationId: 'conv_1', threadKey: String(CHAT_ID), userId: String(CHAT_ID) },
    say: (text) => deliver(messageUpdate((messageId += 1), CHAT_ID, text)),
    // A confirmed update is not polled again; Telegram does so when the confirmation was lost, which the offset of a new process stands for.
    sayAgain: async () => {
      if (last === null) throw new Error('nothing was said yet');
      if ('receive' in channel) return deliver({ ...last.update, update_id: last.updateId });
      await close();
      const { updateId } = await telegram.deliver(TOKEN, { ...last.update, update_id: last.updateId });
      const again = createArrivals();
      const stop = await startPolling(createTelegramChannel(settings, logger), again.add);
      const event = await again.next();
      expect(updateId).toBe(last.updateId);
      await stop();
      close = await startPolling(channel, arrived.add);
      return event;
    },
    shown: async () =>
      (await telegram.shown()).map(({ text, buttons, file }) => ({ text, buttons, files: file === null ? [] : [file], sources: [] })),
    close: () => close(),
    signed: !('receive' in channel)
      ? null
      : (body) => ({ method: 'POST', url: '/', headers: { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET }, body }),
    failNextSend: (kind) => telegram.fail(FAILURES[kind as keyof typeof FAILURES]),
    typingShown: async () => (await telegram.calls('sendChatAction')).length,
    customerFile: async (bytes, sizeBytes) => ({
      id: await telegram.addFile(bytes, 'foto 1.jpg', sizeBytes),
      filename: null,
      contentType: null,
      sizeBytes: bytes.byteLength,
    }),
    groups: ['-1001234', '-1001234:7'],
    ourFile: { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    reactions: { emoji: '👍', count: async () => (await telegram.calls('setMessageReaction')).length },
    withWrongCredentials: () => createTelegramChannel({ ...settings, token: `${TOKEN}revoked` }, logger),
  };
}
