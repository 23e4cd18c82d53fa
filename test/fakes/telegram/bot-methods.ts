/** The Bot API methods that the emulator knows, with the limits and refusals of the real one. */
import type { ShownMessage } from './control.js';
import type { EmulatedTelegram } from './emulator.js';
import { parseTelegramHtml } from './html.js';

export interface BotCommand {
  readonly command: string;
  readonly description: string;
}

export interface ApiCall {
  readonly token: string;
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly files: readonly { readonly field: string; readonly name: string; readonly bytes: Buffer }[];
  /** Whether the caller has hung up. */
  readonly gone?: () => boolean;
}

/** A refusal in Telegram's shape. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  constructor(
    readonly code: number,
    readonly description: string,
    readonly parameters?: { readonly retry_after?: number },
  ) {
    super(description);
  }
}

const MAX_TEXT_CHARS = 4096;
const MAX_CAPTION_CHARS = 1024;
const MAX_CALLBACK_DATA_BYTES = 64;
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;
const REACTIONS = ['👍', '👎', '❤', '🔥', '🎉', '👀'];

export function createMethods(telegram: EmulatedTelegram): Readonly<Record<string, (call: ApiCall) => unknown>> {
  return {
    getMe: ({ token }) => ({ id: Number(token.split(':')[0]), is_bot: true, first_name: 'Parley', username: 'parley_test_bot' }),
    setWebhook: ({ token, payload }) => {
      telegram.setWebhook({ url: text(payload, 'url'), secret_token: text(payload, 'secret_token') }, token);
      return true;
    },
    deleteWebhook: ({ token }) => {
      telegram.deleteWebhook(token);
      return true;
    },
    getWebhookInfo: ({ token }) => ({ url: telegram.webhookUrl(token) ?? '', pending_update_count: 0 }),
    setMyCommands: ({ payload }) => {
      const commands = payload['commands'] as BotCommand[];
      if (commands.some(({ command, description }) => !/^[a-z0-9_]{1,32}$/.test(command) || description === '' || description.length > 256))
        throw new ApiFailure(400, 'Bad Request: BOT_COMMAND_INVALID');
      telegram.menus.set(text(payload, 'language_code'), commands);
      return true;
    },
    getMyCommands: ({ payload }) => telegram.menus.get(text(payload, 'language_code')) ?? [],
    getUpdates: ({ token, payload, gone }) => {
      if (telegram.webhookUrl(token) !== undefined)
        throw new ApiFailure(409, "Conflict: can't use getUpdates method while webhook is active");
      return telegram.takeUpdates(token, Number(payload['offset'] ?? 0), Number(payload['timeout'] ?? 0) * 1000, gone ?? (() => false));
    },
    sendMessage: (call) => storeMessage(telegram, call, visibleText(call, 'text', MAX_TEXT_CHARS)),
    sendPhoto: (call) => storeFile(telegram, call, 'photo'),
    sendDocument: (call) => storeFile(telegram, call, 'document'),
    sendChatAction: (call) => Boolean(chatOf(call)),
    editMessageText: (call) => editText(telegram, call),
    deleteMessage: ({ payload }) => telegram.deleteMessage(Number(payload['chat_id']), Number(payload['message_id'])),
    answerCallbackQuery: () => true,
    setMessageReaction: ({ payload }) => {
      const [reaction] = (payload['reaction'] ?? []) as { emoji: string }[];
      if (reaction !== undefined && !REACTIONS.includes(reaction.emoji)) throw new ApiFailure(400, 'Bad Request: REACTION_INVALID');
      return true;
    },
    getFile: ({ payload }) => {
      const id = text(payload, 'file_id');
      const file = telegram.files.get(id);
      if (file === undefined) throw new ApiFailure(400, 'Bad Request: invalid file_id');
      if (file.sizeBytes > MAX_DOWNLOAD_BYTES) throw new ApiFailure(400, 'Bad Request: file is too big');
      return { file_id: id, file_unique_id: id, file_size: file.sizeBytes, file_path: file.path };
    },
  };
}

/** A field that may come as text (multipart) or as a value (JSON). */
function text(payload: ApiCall['payload'], field: string): string {
  const value = payload[field];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function chatOf({ payload }: ApiCall): { id: number; type: string } {
  const id = Number(text(payload, 'chat_id'));
  if (!Number.isSafeInteger(id) || id === 0) throw new ApiFailure(400, 'Bad Request: chat not found');
  return { id, type: id < 0 ? 'supergroup' : 'private' };
}

function visibleText({ payload }: ApiCall, field: 'text' | 'caption', maxChars: number): string {
  const parsed =
    payload['parse_mode'] === 'HTML' ? parseTelegramHtml(text(payload, field)) : { ok: true as const, text: text(payload, field) };
  if (!parsed.ok) throw new ApiFailure(400, parsed.description);
  if (field === 'text' && parsed.text.trim() === '') throw new ApiFailure(400, 'Bad Request: message text is empty');
  if (parsed.text.length > maxChars) throw new ApiFailure(400, `Bad Request: message ${field === 'text' ? '' : 'caption '}is too long`);
  return parsed.text.trim();
}

function checkKeyboard(payload: ApiCall['payload']): void {
  const markup = payload['reply_markup'] as { inline_keyboard?: { callback_data?: string; url?: string }[][] } | undefined;
  for (const { callback_data: data, url } of markup?.inline_keyboard?.flat() ?? []) {
    if ((data === undefined) === (url === undefined)) throw new ApiFailure(400, 'Bad Request: inline keyboard button type is invalid');
    if (Buffer.byteLength(data ?? '') > MAX_CALLBACK_DATA_BYTES) throw new ApiFailure(400, 'Bad Request: BUTTON_DATA_INVALID');
    if (url !== undefined && !/^(https?|tg):\/\//.test(url)) throw new ApiFailure(400, 'Bad Request: BUTTON_URL_INVALID');
  }
}

function storeMessage(telegram: EmulatedTelegram, call: ApiCall, visible: string, file?: string): unknown {
  const chat = chatOf(call);
  checkKeyboard(call.payload);
  const stored = telegram.addBotMessage({ ...call.payload, chat_id: chat.id, text: visible, file }, call.token) as object;
  return { ...stored, chat, date: Math.floor(Date.now() / 1000) };
}

function storeFile(telegram: EmulatedTelegram, call: ApiCall, field: 'photo' | 'document'): unknown {
  const upload = call.files.find((file) => file.field === field);
  const known = telegram.files.has(text(call.payload, field)) || /^https:\/\//.test(text(call.payload, field));
  if (upload === undefined && !known) throw new ApiFailure(400, 'Bad Request: wrong file identifier/HTTP URL specified');
  const caption = visibleText(call, 'caption', MAX_CAPTION_CHARS);
  const message = storeMessage(telegram, call, caption, upload?.name ?? text(call.payload, field)) as object;
  const id = upload === undefined ? text(call.payload, field) : telegram.addFile(upload.bytes, upload.name);
  return { ...message, [field]: field === 'photo' ? [{ file_id: id }] : { file_id: id } };
}

function editText(telegram: EmulatedTelegram, call: ApiCall): unknown {
  const chat = chatOf(call);
  const visible = visibleText(call, 'text', MAX_TEXT_CHARS);
  const messageId = Number(text(call.payload, 'message_id'));
  const stored = storedMessages(telegram);
  const sent = stored.find((candidate) => candidate.messageId === messageId && candidate.message.chat_id === chat.id);
  if (sent === undefined) throw new ApiFailure(400, 'Bad Request: message to edit not found');
  if (sent.message.text === visible) throw new ApiFailure(400, 'Bad Request: message is not modified');
  telegram.editMessageText({ ...call.payload, chat_id: chat.id, message_id: messageId, text: visible });
  return { message_id: messageId, chat, date: Math.floor(Date.now() / 1000), text: visible };
}

interface StoredMessage {
  readonly messageId: number;
  readonly message: {
    readonly chat_id: number;
    readonly text: string;
    readonly file?: string;
    readonly reply_markup?: { readonly inline_keyboard?: readonly (readonly { readonly text: string }[])[] };
  };
}

/** The base class's own types come from a package that it does not install. */
const storedMessages = (telegram: EmulatedTelegram) => telegram.storage.botMessages as readonly StoredMessage[];

/** What the bot's messages look like to the person, oldest first. */
export function shownMessages(telegram: EmulatedTelegram): ShownMessage[] {
  return storedMessages(telegram).map(({ messageId, message }) => ({
    chatId: message.chat_id,
    messageId,
    text: message.text,
    buttons: (message.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text),
    file: message.file ?? null,
  }));
}
