/** Opens the Slack channel in front of a fresh emulator, over webhooks or by socket, for the contract suite and whatever else runs over channels. */
import type { SlackSettings } from '../../../channels/slack/config.js';
import { createSlackChannel } from '../../../channels/slack/index.js';
import type { ChannelErrorKind } from '../../../src/domain/errors.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { OpenChannel } from '../../contract/channel-suite.js';
import { startSlackEmulator, type ScriptedFailure, type SlackEmulator } from './emulator.js';
import { shownOf, type StoredMessage } from './shown.js';
import {
  APP_TOKEN,
  BOT,
  BOT_TOKEN,
  CUSTOMER,
  directMessage,
  eventEnvelope,
  eventRequest,
  SIGNING_SECRET,
  signedRequest,
} from './workspace.js';

const POST = { method: 'chat.postMessage' };
const FAILURES: Record<Exclude<ChannelErrorKind, 'window-closed'>, ScriptedFailure> = {
  'rate-limited': { ...POST, kind: 'error', error: 'ratelimited', status: 429, headers: { 'retry-after': '3' } },
  'recipient-unreachable': { ...POST, kind: 'error', error: 'is_archived' },
  'credentials-rejected': { ...POST, kind: 'error', error: 'token_revoked' },
  'payload-refused': { ...POST, kind: 'error', error: 'invalid_blocks' },
  unavailable: { ...POST, kind: 'status', status: 503 },
  unknown: { ...POST, kind: 'cut' },
};

const logger = createLogger({ level: 'silent' });

export async function openSlack(mode: 'webhook' | 'socket'): Promise<OpenChannel> {
  const slack = await startSlackEmulator();
  const settings: SlackSettings = {
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    signingSecret: mode === 'webhook' ? SIGNING_SECRET : null,
    appToken: mode === 'socket' ? APP_TOKEN : null,
    loadFile: () => Promise.resolve({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
  };
  const channel = createSlackChannel(settings, logger);
  const arrived: InboundEvent[] = [];
  const store = (event: InboundEvent) => {
    arrived.push(event);
    return Promise.resolve({ inboxId: event.eventId, duplicate: false });
  };
  const stop = await channel.start?.(store, () => Promise.resolve());
  const deliver = async (envelope: object): Promise<InboundEvent> => {
    if (mode === 'socket') await slack.push('events_api', envelope);
    else arrived.push(...((await channel.receive?.(eventRequest(envelope)))?.events ?? []));
    const event = arrived.shift();
    if (event === undefined) throw new Error('The channel made no event of it.');
    return event;
  };
  let last: object = {};
  return {
    channel,
    to: { conversationId: 'conv_1', threadKey: CUSTOMER, userId: CUSTOMER },
    say: async (text) => {
      const { ts } = await slack.call('chat.postMessage', { channel: slack.directChannel, text });
      last = eventEnvelope(directMessage(slack.directChannel, String(ts), text));
      return deliver(last);
    },
    sayAgain: () => deliver(last),
    shown: async () => (await messagesOf(slack)).filter((message) => message.user === BOT).map(shownOf),
    close: async () => {
      await stop?.();
      await slack.close();
    },
    signed: mode === 'socket' ? null : (body) => signedRequest('/events', body),
    failNextSend: (kind) => Promise.resolve(slack.fail(FAILURES[kind as keyof typeof FAILURES])),
    typingShown: null,
    customerFile: async (bytes, sizeBytes) => {
      if (sizeBytes !== undefined) slack.pretendFile({ size: sizeBytes });
      const filename = 'foto 1.jpg';
      return { id: await uploadAsCustomer(slack, filename, bytes), filename, contentType: null, sizeBytes: bytes.byteLength };
    },
    groups: ['C0123456789', 'C0123456789:1700000000.000100'],
    ourFile: { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    reactions: {
      emoji: '👍',
      count: async () => (await messagesOf(slack)).flatMap(({ reactions = [] }) => reactions).reduce((sum, { count }) => sum + count, 0),
    },
    withWrongCredentials: () => createSlackChannel({ ...settings, botToken: 'xoxb-revoked-token' }, logger),
  };
}

/** Of the direct channel, oldest first. */
export async function messagesOf(slack: SlackEmulator, channel = slack.directChannel): Promise<StoredMessage[]> {
  const { messages } = await slack.call('conversations.history', { channel, limit: 1000 });
  return (messages as StoredMessage[]).reverse();
}

/** A file that the customer puts into the direct channel: its id. */
export async function uploadAsCustomer(slack: SlackEmulator, filename: string, bytes: Buffer): Promise<string> {
  const target = await slack.call('files.getUploadURLExternal', { filename, length: bytes.byteLength });
  await fetch(String(target['upload_url']), { method: 'POST', body: bytes });
  const id = String(target['file_id']);
  await slack.call('files.completeUploadExternal', { files: [{ id }], channel_id: slack.directChannel });
  return id;
}
