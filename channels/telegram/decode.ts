/** Telegram updates to domain events: pure. Every kind of update is either an event or ignored for a stated reason. */
import type { IgnoredEvent } from '../../src/domain/channel.js';
import type { InboundEvent, Sender } from '../../src/domain/message.js';
import type { z } from 'zod';
import { jsonText } from '../shared/json.js';
import { decodeContent, isAddressed, type BotIdentity } from './content.js';
import {
  callbackQuerySchema,
  membershipSchema,
  messageSchema,
  reactionSchema,
  updateSchema,
  type WireMessage,
  type WireUser,
} from './wire.js';

export const TELEGRAM = 'telegram';

export interface DecodedUpdate {
  readonly eventId: string;
  readonly events: readonly InboundEvent[];
  readonly ignored: readonly IgnoredEvent[];
  /** A button was pressed: until this query is answered the customer's button shows that it is waiting. */
  readonly callbackQueryId: string | null;
  /** The chat has another id from now on. */
  readonly moved?: MovedChat;
}

export interface MovedChat {
  readonly from: string;
  readonly to: string;
}

/** `unknown`: Telegram said something that is not known here. */
type Decoded = InboundEvent | { readonly ignoredBecause: string; readonly unknown?: true };
type Origin = Pick<InboundEvent, 'channel' | 'account' | 'eventId'>;
type UpdateDecoder = (value: unknown, origin: Origin, bot: BotIdentity) => Decoded;

const DECODERS: Readonly<Record<string, UpdateDecoder>> = {
  message: (value, origin, bot) => parsed(messageSchema, value, (message) => decodeMessage(message, origin, bot)),
  edited_message: (value, origin, bot) => parsed(messageSchema, value, (message) => decodeEdit(message, origin, bot)),
  callback_query: (value, origin) => parsed(callbackQuerySchema, value, (query) => decodeChoice(query, origin)),
  my_chat_member: (value, origin) => parsed(membershipSchema, value, (change) => decodeMembership(change, origin)),
  message_reaction: (value, origin) => parsed(reactionSchema, value, (reaction) => decodeReaction(reaction, origin)),
};

/** Null when it is no update at all (no update_id); an update that cannot be read is ignored, since sending it again would not mend it. */
export function decodeUpdate(update: unknown, bot: BotIdentity): DecodedUpdate | null {
  const envelope = updateSchema.safeParse(update).data;
  if (envelope === undefined) return null;
  const eventId = String(envelope.update_id);
  const kind = Object.keys(envelope).find((key) => key !== 'update_id') ?? 'nothing';
  const decode = Object.hasOwn(DECODERS, kind) ? DECODERS[kind] : undefined;
  const decoded = decode?.(envelope[kind], { channel: TELEGRAM, account: String(bot.id), eventId }, bot) ?? notRead(kind);
  const callbackQueryId = kind === 'callback_query' ? (callbackQuerySchema.safeParse(envelope[kind]).data?.id ?? null) : null;
  if (!('ignoredBecause' in decoded)) return { eventId, events: [decoded], ignored: [], callbackQueryId };
  const unknown = decoded.unknown === undefined ? {} : { unknown: jsonText(update) };
  const moved = kind === 'message' ? movedChat(messageSchema.safeParse(envelope[kind]).data) : null;
  const ignored = [{ eventId, reason: decoded.ignoredBecause, ...unknown }];
  return { eventId, events: [], ignored, callbackQueryId, ...(moved === null ? {} : { moved }) };
}

/** Told twice: in the group, which ends with it, and as the first word in the supergroup. */
function movedChat(message: WireMessage | undefined): MovedChat | null {
  const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = message ?? {};
  if (chat?.type === 'group' && to !== undefined) return { from: String(chat.id), to: String(to) };
  if (chat?.type === 'supergroup' && from !== undefined) return { from: String(from), to: String(chat.id) };
  return null;
}

/** Kinds of https://core.telegram.org/bots/api#update (Bot API 9) that a support bot has no use for. */
const NOT_FOR_US =
  /^(channel_post|edited_channel_post|business_\w+|edited_business_message|deleted_business_messages|message_reaction_count|inline_query|chosen_inline_result|shipping_query|pre_checkout_query|purchased_paid_media|poll|poll_answer|chat_member|chat_join_request|chat_boost|removed_chat_boost)$/;

function notRead(kind: string): Decoded {
  if (/channel_post$/.test(kind)) return { ignoredBecause: 'channel post' };
  const ignoredBecause = `update of kind ${kind.slice(0, 60)}`;
  return NOT_FOR_US.test(kind) ? { ignoredBecause } : { ignoredBecause, unknown: true };
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, decode: (wire: z.infer<Schema>) => Decoded): Decoded {
  const result = schema.safeParse(value);
  if (result.success) return decode(result.data);
  const paths = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
  return { ignoredBecause: `malformed: ${paths.slice(0, 200)}`, unknown: true };
}

function decodeMessage(message: WireMessage, origin: Origin, bot: BotIdentity): Decoded {
  const author = authorOf(message);
  if ('ignoredBecause' in author) return author;
  const decoded = decodeContent(message, bot);
  if (!decoded.ok) return decoded;
  const isTopicStart = message.is_topic_message === true && message.reply_to_message?.message_id === message.message_thread_id;
  return {
    kind: 'message',
    ...origin,
    threadKey: threadKeyOf(message),
    sender: senderOf(author.user),
    sentAt: new Date(message.date * 1000),
    platformMessageId: String(message.message_id),
    content: decoded.content,
    scope: message.chat.type === 'private' ? 'direct' : 'group',
    addressed: isAddressed(message, decoded.content, bot),
    // In a topic every message that quotes none "replies" to the message that opened the topic.
    quotedMessageId: message.reply_to_message === undefined || isTopicStart ? null : String(message.reply_to_message.message_id),
    metadata: {
      ...(message.forward_origin === undefined ? {} : { forwarded: true }),
      ...(message.media_group_id === undefined ? {} : { mediaGroupId: message.media_group_id }),
    },
  };
}

function decodeEdit(message: WireMessage, origin: Origin, bot: BotIdentity): Decoded {
  const author = authorOf(message);
  if ('ignoredBecause' in author) return author;
  if (message['location'] !== undefined) return { ignoredBecause: 'live location moved' };
  const decoded = decodeContent(message, bot);
  if (!decoded.ok) return decoded;
  return {
    kind: 'edit',
    ...origin,
    threadKey: threadKeyOf(message),
    sender: senderOf(author.user),
    sentAt: new Date((message.edit_date ?? message.date) * 1000),
    platformMessageId: String(message.message_id),
    content: decoded.content,
  };
}

function authorOf(message: WireMessage): { user: WireUser } | { ignoredBecause: string } {
  if (message.chat.type === 'channel' || message.is_automatic_forward === true) return { ignoredBecause: 'channel post' };
  if (message.from === undefined) return { ignoredBecause: 'message without a sender' };
  // Our own messages, other bots, and administrators who hide behind a group's name.
  return message.from.is_bot ? { ignoredBecause: 'sent by a bot' } : { user: message.from };
}

function decodeChoice(query: z.infer<typeof callbackQuerySchema>, origin: Origin): Decoded {
  const { message, data, from } = query;
  if (message === undefined) return { ignoredBecause: 'button of an inline message' };
  if (data === undefined) return { ignoredBecause: 'button without data' };
  const button = message.reply_markup?.inline_keyboard.flat().find((candidate) => candidate.callback_data === data);
  return {
    kind: 'message',
    ...origin,
    threadKey: threadKeyOf(message),
    sender: senderOf(from),
    sentAt: null,
    // A press is no message of its own on Telegram; what it quotes is the message with the buttons.
    platformMessageId: `callback:${query.id}`,
    content: [{ kind: 'choice', id: data, label: button?.text ?? data }],
    scope: message.chat.type === 'private' ? 'direct' : 'group',
    addressed: true,
    quotedMessageId: String(message.message_id),
    metadata: {},
  };
}

const PRESENT = /^(creator|administrator|member|restricted)$/;

function decodeMembership(change: z.infer<typeof membershipSchema>, origin: Origin): Decoded {
  const before = PRESENT.test(change.old_chat_member.status);
  const now = PRESENT.test(change.new_chat_member.status);
  if (before === now) return { ignoredBecause: 'role changed' };
  const blocked = change.new_chat_member.status === 'kicked' && change.chat.type === 'private';
  return {
    kind: 'membership',
    ...origin,
    threadKey: String(change.chat.id),
    sender: senderOf(change.from),
    sentAt: new Date(change.date * 1000),
    change: now ? 'joined' : blocked ? 'blocked' : 'left',
  };
}

function decodeReaction(reaction: z.infer<typeof reactionSchema>, origin: Origin): Decoded {
  if (reaction.user === undefined) return { ignoredBecause: 'anonymous reaction' };
  const had = new Set(reaction.old_reaction.map((one) => one.emoji));
  const emojis = reaction.new_reaction.flatMap((one) => (one.type === 'emoji' && one.emoji !== undefined ? [one.emoji] : []));
  if (emojis.length === 0 && reaction.new_reaction.length > 0) return { ignoredBecause: 'reaction without an emoji' };
  return {
    kind: 'reaction',
    ...origin,
    threadKey: String(reaction.chat.id),
    sender: senderOf(reaction.user),
    sentAt: new Date(reaction.date * 1000),
    platformMessageId: String(reaction.message_id),
    emoji: emojis.find((emoji) => !had.has(emoji)) ?? emojis[0] ?? null,
  };
}

/** `chat`, or `chat:topic` in a forum. Replies in other groups carry a thread id too, which is no conversation of its own. */
function threadKeyOf(message: WireMessage): string {
  const topic = message.is_topic_message === true ? message.message_thread_id : undefined;
  return topic === undefined ? String(message.chat.id) : `${message.chat.id}:${topic}`;
}

function senderOf(user: WireUser): Sender {
  const displayName = [user.first_name, user.last_name].filter(Boolean).join(' ');
  return { userId: String(user.id), displayName: displayName === '' ? null : displayName, languageHint: user.language_code ?? null };
}
