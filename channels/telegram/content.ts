/** What a Telegram message consists of: text, command, media, place, contact, or a kind that is not known here. */
import type { InboundContent, MediaKind } from '../../src/domain/content.js';
import { capabilities } from './capabilities.js';
import { contentSchemas, type WireFile, type WireMessage } from './wire.js';

/** Who the bot is. The user name is not known before Telegram was first asked for it. */
export interface BotIdentity {
  readonly id: number;
  readonly username: string | null;
}

export type DecodedContent =
  { readonly ok: true; readonly content: readonly InboundContent[] } | { readonly ok: false; readonly ignoredBecause: string };

type ContentDecoder = (message: WireMessage) => InboundContent | null;

/** In the order in which they are tried: an animation also has a document, a venue also has a location. */
const DECODERS: Readonly<Record<string, ContentDecoder>> = {
  animation: media('animation', 'video', 'video/mp4'),
  photo: (message) => {
    const sizes = contentSchemas.photo.safeParse(message['photo']).data ?? [];
    const fitting = sizes.filter((size) => (size.file_size ?? 0) <= capabilities.maxDownloadBytes);
    const largest = fitting.at(-1) ?? sizes.at(-1);
    return largest === undefined ? null : mediaContent('image', largest, 'image/jpeg', message.caption);
  },
  document: media('document', 'file', null),
  voice: media('voice', 'voice', 'audio/ogg'),
  audio: media('audio', 'audio', 'audio/mpeg'),
  video: media('video', 'video', 'video/mp4'),
  video_note: media('video_note', 'video', 'video/mp4'),
  sticker: (message) => {
    const sticker = contentSchemas.sticker.safeParse(message['sticker']).data;
    if (sticker === undefined) return null;
    const contentType = sticker.is_animated ? 'application/x-tgsticker' : sticker.is_video ? 'video/webm' : 'image/webp';
    return mediaContent('sticker', sticker, contentType, sticker.emoji);
  },
  venue: (message) => {
    const venue = contentSchemas.venue.safeParse(message['venue']).data;
    if (venue === undefined) return null;
    return { kind: 'location', ...venue.location, label: [venue.title, venue.address].filter(Boolean).join(', ') };
  },
  location: (message) => {
    const place = contentSchemas.location.safeParse(message['location']).data;
    return place === undefined ? null : { kind: 'location', ...place, label: null };
  },
  contact: (message) => {
    const contact = contentSchemas.contact.safeParse(message['contact']).data;
    if (contact === undefined) return null;
    const displayName = [contact.first_name, contact.last_name].filter(Boolean).join(' ');
    return { kind: 'contact', displayName, phone: contact.phone_number ?? null };
  },
};

/** What a group or a chat tells about itself; nobody said anything. */
const SERVICE_KEY =
  /^(new_chat_|left_chat_|delete_chat_|group_chat_|supergroup_chat_|channel_chat_|migrate_|pinned_message$|message_auto_delete_|forum_topic_|general_forum_|video_chat_|boost_added$|chat_|users_shared$|connected_website$|write_access_allowed$|proximity_alert_|giveaway_(created|completed)|checklist_tasks_|direct_message_price_|paid_message_price_|suggested_post_[adpr]|successful_payment$|refunded_payment$)/;

/** Keys that surround the content of any message. */
const ENVELOPE_KEY =
  /^(message_id|message_thread_id|direct_messages_topic|from|sender_\w+|date|business_connection_id|chat|forward_\w+|is_\w+|reply_\w+|external_reply|quote|via_bot|edit_date|has_\w+|media_group_id|author_signature|paid_star_count|entities|link_preview_options|suggested_post_info|effect_id|caption|caption_entities|show_caption_above_media)$/;

export function decodeContent(message: WireMessage, bot: BotIdentity): DecodedContent {
  if (message.text !== undefined) return decodeText(message, message.text, bot);
  for (const [key, decode] of Object.entries(DECODERS)) {
    if (message[key] === undefined) continue;
    return { ok: true, content: [decode(message) ?? unsupported(key)] };
  }
  const kinds = Object.keys(message).filter((key) => !ENVELOPE_KEY.test(key) && message[key] !== undefined);
  if (kinds.some((kind) => SERVICE_KEY.test(kind))) return { ok: false, ignoredBecause: 'service message' };
  return { ok: true, content: [unsupported(kinds[0] ?? 'empty')] };
}

const unsupported = (key: string): InboundContent => ({ kind: 'unsupported', platformKind: key.slice(0, 60) });

const COMMAND = /^\/(\w{1,64})(?:@(\w{1,64}))?(?:\s+|$)/;

function decodeText(message: WireMessage, text: string, bot: BotIdentity): DecodedContent {
  const isCommand = message.entities?.some((entity) => entity.type === 'bot_command' && entity.offset === 0) ?? false;
  const [lead, name, target] = (isCommand && COMMAND.exec(text)) || [];
  if (lead !== undefined && name !== undefined) {
    if (target !== undefined && !isNameOf(bot, target)) return { ok: false, ignoredBecause: 'command for another bot' };
    return { ok: true, content: [{ kind: 'command', name, args: text.slice(lead.length).trim() }] };
  }
  return { ok: true, content: [{ kind: 'text', text: withoutMentions(message, text, bot) }] };
}

/** The text without the bot's own name, which only addressed it; the text as it is where nothing else was said. */
function withoutMentions(message: WireMessage, text: string, bot: BotIdentity): string {
  const mentions = ownMentions(message, text, bot);
  if (mentions.length === 0) return text;
  let rest = text;
  for (const { offset, length } of mentions.reverse()) rest = rest.slice(0, offset) + rest.slice(offset + length);
  return rest.trim() === '' ? text : rest.replace(/^[\s,:;.-]+(?=\S)/, '').trim();
}

function ownMentions(message: WireMessage, text: string, bot: BotIdentity): { offset: number; length: number }[] {
  return (message.entities ?? message.caption_entities ?? []).filter(
    (entity) =>
      (entity.type === 'text_mention' && entity.user?.id === bot.id) ||
      (entity.type === 'mention' && isNameOf(bot, text.slice(entity.offset + 1, entity.offset + entity.length))),
  );
}

/** Before the own name is known, any name that ends in "bot" is taken for it: bots' names must, and silence would be worse. */
function isNameOf(bot: BotIdentity, name: string): boolean {
  return bot.username === null ? /bot$/i.test(name) : name.toLowerCase() === bot.username.toLowerCase();
}

/** In a group the bot is addressed by its name, by a reply to it, or by a command. */
export function isAddressed(message: WireMessage, content: readonly InboundContent[], bot: BotIdentity): boolean {
  if (message.chat.type === 'private' || message.reply_to_message?.from?.id === bot.id) return true;
  if (content.some((part) => part.kind === 'command')) return true;
  return ownMentions(message, message.text ?? message.caption ?? '', bot).length > 0;
}

function media(key: string, kind: MediaKind, contentType: string | null): ContentDecoder {
  return (message) => {
    const file = contentSchemas.file.safeParse(message[key]).data;
    return file === undefined ? null : mediaContent(kind, file, contentType, message.caption);
  };
}

function mediaContent(kind: MediaKind, file: WireFile, contentType: string | null, caption: string | undefined): InboundContent {
  return {
    kind: 'media',
    media: kind,
    file: {
      id: file.file_id,
      filename: file.file_name ?? null,
      contentType: file.mime_type ?? contentType,
      sizeBytes: file.file_size ?? null,
    },
    caption: caption ?? '',
  };
}
