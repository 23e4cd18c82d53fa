/** The WhatsApp channel in front of the emulated Graph API, webhook served: for the contract suite and whatever else drives a channel. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WhatsAppSettings } from '../../../channels/whatsapp-cloud/config.js';
import { createWhatsAppChannel } from '../../../channels/whatsapp-cloud/index.js';
import type { Channel, ChannelRequest, Received } from '../../../src/domain/channel.js';
import type { ChannelErrorKind } from '../../../src/domain/errors.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import { createLogger, type Logger } from '../../../src/telemetry/logger.js';
import type { OpenChannel } from '../../contract/channel-suite.js';
import { APP_SECRET, PHONE_NUMBER_ID, SHEENA, signed, textOf, TOKEN, VERIFY_TOKEN } from './customer.js';
import { startGraphApi, type GraphApi } from './graph-api.js';
import type { ScriptedFailure } from './state.js';

const error = (status: number, code: number, message: string, headers = {}): ScriptedFailure => ({
  kind: 'error',
  status,
  code,
  message,
  headers,
});

const FAILURES: Readonly<Record<ChannelErrorKind, ScriptedFailure>> = {
  'rate-limited': error(400, 131056, '(Business Account, Consumer Account) pair rate limit hit'),
  'window-closed': error(400, 131047, 'Re-engagement message'),
  'recipient-unreachable': error(400, 131026, 'Message undeliverable'),
  'credentials-rejected': error(401, 190, 'Access token has expired'),
  'payload-refused': error(400, 131009, 'Parameter value is not valid'),
  unavailable: error(500, 131000, 'Something went wrong'),
  unknown: { kind: 'cut', accepted: true },
};

export const whatsappSettings = (graph: Pick<GraphApi, 'url'>): WhatsAppSettings => ({
  token: TOKEN,
  phoneNumberId: PHONE_NUMBER_ID,
  appSecret: APP_SECRET,
  verifyToken: VERIFY_TOKEN,
  apiRoot: graph.url,
  templates: [
    { name: 'reply_waiting', language: 'es', parameters: 1 },
    { name: 'reply_waiting', language: 'en_US', parameters: 0 },
  ],
  loadFile: async () => ({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
});

export interface OpenWhatsApp extends OpenChannel {
  readonly graph: GraphApi;
  /** Everything that the webhook made of what came, oldest first. */
  readonly received: readonly Received[];
}

/** Sheena has written already, so that her 24 hours run. */
export async function openWhatsApp(
  settings: Partial<WhatsAppSettings> = {},
  logger: Logger = createLogger({ level: 'silent' }),
): Promise<OpenWhatsApp> {
  const graph = await startGraphApi();
  const channel = createWhatsAppChannel({ ...whatsappSettings(graph), ...settings }, logger);
  const received: Received[] = [];
  const webhook = await serveWebhook(channel, received);
  await graph.setWebhook(webhook.url);
  await graph.deliver(SHEENA, textOf(SHEENA, 'Buenos días'));

  let last: Record<string, unknown> | null = null;
  const deliver = async (message: Record<string, unknown>): Promise<InboundEvent> => {
    last = message;
    const status = await graph.deliver(SHEENA, message);
    const event = received.at(-1)?.events[0];
    if (status !== 200 || event === undefined) throw new Error(`the webhook answered ${status} and made no event of it`);
    return event;
  };
  return {
    graph,
    received,
    channel,
    to: { conversationId: 'conv_1', threadKey: SHEENA.waId, userId: SHEENA.waId },
    say: (text) => deliver(textOf(SHEENA, text)),
    sayAgain: async () => {
      if (last === null) throw new Error('nothing was said yet');
      return deliver(last);
    },
    shown: async () => graph.shown(SHEENA.waId).map((message) => ({ ...message, sources: [] })),
    close: async () => {
      await webhook.close();
      await graph.close();
    },
    signed: (body) => ({ method: 'POST', url: '/', headers: signed(body), body }),
    failNextSend: async (kind) => graph.failNext(FAILURES[kind]),
    typingShown: async () => graph.calls(`${PHONE_NUMBER_ID}/messages`).filter(({ body }) => body['typing_indicator'] !== undefined).length,
    customerFile: async (bytes, sizeBytes) => ({
      id: graph.addFile(bytes, sizeBytes === undefined ? {} : { sizeBytes }),
      filename: null,
      contentType: null,
      sizeBytes: null,
    }),
    ourFile: { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    reactions: { emoji: '👍', count: async () => graph.state.sent.filter(({ body }) => body['type'] === 'reaction').length },
    withWrongCredentials: () => createWhatsAppChannel({ ...whatsappSettings(graph), token: `${TOKEN}revoked` }, logger),
  };
}

/** The least of a server that a webhook needs. */
async function serveWebhook(channel: Channel, received: Received[]): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void requestOf(request)
      .then((read) => channel.receive?.(read))
      .then((result) => {
        if (result === undefined) throw new Error('the channel has no webhook');
        received.push(result);
        response.writeHead(result.reply.status, result.reply.headers).end(result.reply.body);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/whatsapp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function requestOf(request: IncomingMessage): Promise<ChannelRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? '']));
  const { pathname, search } = new URL(request.url ?? '/', 'http://webhook');
  return {
    method: request.method ?? 'GET',
    url: `${pathname.replace('/webhooks/whatsapp', '/')}${search}`,
    headers,
    body: Buffer.concat(chunks),
  };
}
