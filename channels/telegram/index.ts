/** The Telegram channel: a bot in private chats, groups and forum topics, over a webhook or by polling. */
import type {
  Channel,
  ChannelReply,
  ChannelRequest,
  Emit,
  Ignore,
  Progress,
  Receipt,
  Received,
  Recipient,
  SendContext,
} from '../../src/domain/channel.js';
import type { MediaRef, OutboundContent } from '../../src/domain/content.js';
import type { MovedThreads } from '../../src/domain/moved-threads.js';
import { ChannelError, ConfigurationError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { loadOwnFile } from '../shared/own-file.js';
import { parseJson } from '../shared/json.js';
import { capabilities } from './capabilities.js';
import { createTelegramClient, type TelegramClient } from './client.js';
import { accountOf, type TelegramSettings } from './config.js';
import { decodeUpdate, TELEGRAM } from './decode.js';
import { diagnose } from './diagnose.js';
import { createMovedChats, type MovedChats } from './moved-chats.js';
import { encode, type RenderedText, type TelegramCall } from './encode.js';
import { startPolling } from './polling.js';
import { isFromTelegram } from './verify.js';

/** Far above any update; what is larger did not come from Telegram. */
const MAX_UPDATE_BYTES = 1024 * 1024;

/**
 * Throws ConfigurationError for a token that cannot be one, and for webhook mode without a secret.
 * @param threads absent: it can be asked how it is set up, and forgets groups that became supergroups
 */
export function createTelegramChannel(settings: TelegramSettings, logger: Logger, threads?: MovedThreads): Channel {
  const client = createTelegramClient(settings);
  const account = accountOf(settings.token);
  const chats = createMovedChats(account, threads);
  // Ids of messages are the chat's own: only what names none is tried again elsewhere.
  const now = (to: Recipient): Recipient => ({ ...to, threadKey: chats.placeOf(to.threadKey) });
  const channel: Channel = {
    name: TELEGRAM,
    account,
    capabilities,
    send: (to, content, context) =>
      chats.follow(to.threadKey, (threadKey) => send(client, settings, { ...to, threadKey }, content, context)),
    edit: (to, platformMessageId, content) => edit(client, now(to), platformMessageId, content),
    showTyping: (to, progress) => showTyping(client, now(to), progress),
    react: (to, platformMessageId, emoji) => react(client, now(to), platformMessageId, emoji),
    // Private chats: groups have ids below zero, topics a colon.
    mayWriteFirst: (threadKey) => /^\d+$/.test(threadKey),
    fetchMedia: (file) => client.download(file.id),
    checkHealth: async () => {
      await client.call('getMe', {}, { timeoutMs: 5000 });
    },
    diagnose: (publicUrl) => diagnose(client, settings, publicUrl),
  };
  if (settings.mode === 'polling')
    return { ...channel, start: (emit: Emit, ignore: Ignore) => startPolling({ client, chats, emit, ignore, logger }) };
  const { webhookSecret } = settings;
  if (webhookSecret === null) {
    throw new ConfigurationError('TELEGRAM_WEBHOOK_SECRET is missing: webhook mode needs it, or set TELEGRAM_MODE=polling.');
  }
  return { ...channel, receive: (request) => receive(client, chats, webhookSecret, request) };
}

const refused = (status: number, body: string): Received => ({ reply: { status, body }, events: [], ignored: [] });

async function receive(client: TelegramClient, chats: MovedChats, webhookSecret: string, request: ChannelRequest): Promise<Received> {
  if (!isFromTelegram(request, webhookSecret)) return refused(401, 'wrong or missing secret token');
  if (request.body.byteLength > MAX_UPDATE_BYTES) return refused(413, 'larger than any update');
  const update = parseJson(request.body);
  const bot = await identityFor(client, request.body);
  const decoded = decodeUpdate(update, bot);
  if (decoded === null) return refused(400, 'not a Telegram update');
  const { events, ignored } = await chats.settle(decoded);
  return { reply: replyTo(decoded.callbackQueryId), events, ignored };
}

/** The bot's user name matters only where somebody is mentioned; it is learnt once. Unknown, decoding makes do without it. */
async function identityFor(client: TelegramClient, body: Buffer) {
  const known = client.knownIdentity();
  if (known.username !== null || !body.includes('@')) return known;
  return client.identity({ timeoutMs: 3000 }).catch((thrown: unknown) => {
    if (thrown instanceof ChannelError) return known;
    throw thrown;
  });
}

/** A webhook's reply may carry one call: it stops the waiting mark on a pressed button, once the press is stored. */
function replyTo(callbackQueryId: string | null): ChannelReply {
  if (callbackQueryId === null) return { status: 200 };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'answerCallbackQuery', callback_query_id: callbackQueryId }),
  };
}

async function send(
  client: TelegramClient,
  settings: TelegramSettings,
  to: Recipient,
  content: OutboundContent,
  context: SendContext,
): Promise<Receipt> {
  const call = callOf(content);
  const chat = { ...chatOf(to), ...replyParameters(to, context.replyTo) };
  const file = call.method === 'sendMessage' ? null : await inputFile(call.file, settings);
  const sent = await withPlainFallback((markup) => perform(client, chat, call, file, markup));
  return { platformMessageId: String(sent.message_id) };
}

type Chat = ReturnType<typeof chatOf>;
type InputFile = Awaited<ReturnType<typeof inputFile>>;

function perform(
  client: TelegramClient,
  chat: Chat,
  call: TelegramCall,
  file: InputFile | null,
  markup: Markup,
): Promise<{ message_id: number }> {
  if (call.method === 'sendMessage' || file === null) {
    const text = call.method === 'sendMessage' ? call.text : call.caption;
    return client.call('sendMessage', { ...chat, text: text[markup], ...parseMode(markup), ...keyboardOf(call) });
  }
  const caption = { caption: call.caption[markup], ...parseMode(markup), ...keyboardOf(call) };
  return call.method === 'sendPhoto'
    ? client.call('sendPhoto', { ...chat, photo: file, ...caption })
    : client.call('sendDocument', { ...chat, document: file, ...caption });
}

async function edit(client: TelegramClient, to: Recipient, platformMessageId: string, content: OutboundContent): Promise<void> {
  const call = callOf(content);
  if (call.method !== 'sendMessage') throw new ChannelError('payload-refused', 'editMessageText: only text can be changed.');
  const at = messageAt(to, platformMessageId);
  try {
    await withPlainFallback((markup) =>
      client.call('editMessageText', { ...at, text: call.text[markup], ...parseMode(markup), ...keyboardOf(call) }),
    );
  } catch (thrown) {
    if (!(thrown instanceof ChannelError && thrown.message.includes('message is not modified'))) throw thrown;
  }
}

async function react(client: TelegramClient, to: Recipient, platformMessageId: string, emoji: string): Promise<void> {
  await client.call('setMessageReaction', {
    ...messageAt(to, platformMessageId),
    // Telegram names the emojis it takes; another one comes back as payload-refused.
    reaction: emoji === '' ? [] : [{ type: 'emoji', emoji } as { type: 'emoji'; emoji: '👍' }],
  });
}

async function showTyping(client: TelegramClient, to: Recipient, progress: Progress): Promise<void> {
  // Nothing takes the mark away but the message itself, or five seconds.
  if (progress.kind !== 'stopped') await client.call('sendChatAction', { ...chatOf(to), action: 'typing' }, { timeoutMs: 5000 });
}

type Markup = keyof RenderedText;
const parseMode = (markup: Markup) => (markup === 'html' ? ({ parse_mode: 'HTML' } as const) : {});

/** Markup that Telegram does not understand costs the markup, not the message. */
async function withPlainFallback<Result>(attempt: (markup: Markup) => Promise<Result>): Promise<Result> {
  try {
    return await attempt('html');
  } catch (thrown) {
    if (thrown instanceof ChannelError && /can't parse entities/i.test(thrown.message)) return attempt('plain');
    throw thrown;
  }
}

function callOf(content: OutboundContent): TelegramCall {
  const call = encode(content);
  if (call === null) throw new ChannelError('payload-refused', `send: telegram does not declare content of kind ${content.kind}.`);
  return call;
}

function keyboardOf(call: TelegramCall) {
  return call.keyboard.length > 0 ? { reply_markup: { inline_keyboard: call.keyboard } } : {};
}

/** `chat` or `chat:topic`; see threadKeyOf. */
function chatOf(to: Recipient): { chat_id: string; message_thread_id?: number } {
  const [chat = '', topic] = to.threadKey.split(':');
  return topic === undefined ? { chat_id: chat } : { chat_id: chat, message_thread_id: Number(topic) };
}

function messageAt(to: Recipient, platformMessageId: string): { chat_id: string; message_id: number } {
  return { chat_id: chatOf(to).chat_id, message_id: Number(platformMessageId) };
}

/** In a group (ids below zero) an answer quotes what it answers; in a private chat that would only be noise. */
function replyParameters(to: Recipient, replyTo: string | null) {
  if (!to.threadKey.startsWith('-') || replyTo === null || !/^\d+$/.test(replyTo)) return {};
  return { reply_parameters: { message_id: Number(replyTo), allow_sending_without_reply: true } };
}

/** A file of ours by its bytes; one that Telegram has, or a web address, by name. */
async function inputFile(file: MediaRef, { loadFile }: TelegramSettings) {
  if (!file.id.startsWith('att_')) return file.id;
  const { bytes } = await loadOwnFile(loadFile, file);
  return { source: bytes, filename: file.filename ?? file.id };
}
