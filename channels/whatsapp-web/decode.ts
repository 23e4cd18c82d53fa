/**
 * What whatsapp-web.js tells of, as domain events: pure. Each of its events becomes one of ours or is ignored for a stated reason; a message that is
 * not understood is both, answered politely and kept for inspection.
 */
import type { z } from 'zod';
import type { IgnoredEvent } from '../../src/domain/channel.js';
import { derivedId } from '../../src/domain/ids.js';
import type { InboundEvent, InboundMembership, InboundStatus } from '../../src/domain/message.js';
import { jsonText } from '../shared/json.js';
import { ACCOUNT, WHATSAPP_WEB } from './config.js';
import { decodeContent, textContent, unsupported } from './content.js';
import { messageSchema, notificationSchema, reactionSchema, type WireMessage } from './wire.js';

export interface Decoded {
  readonly event?: InboundEvent;
  readonly ignored?: IgnoredEvent;
}

/** Our own ids (a number has two: `…@c.us` and `…@lid`). */
export type OwnIds = readonly string[];

type Decoder = (args: readonly unknown[], own: OwnIds) => Decoded;

/** By the library's name of the event; with models as raw data in its arguments. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  message_create: ([message], own) => decodeMessage(message, own),
  message_ciphertext: ([message], own) => decodeHidden(message, own),
  message_ciphertext_failed: ([message], own) => decodeUndeciphered(message, own),
  message_edit: ([message, body, before], own) => decodeEdit(message, { body, before }, own),
  message_revoke_everyone: ([message], own) => decodeRevoked(message, own),
  message_ack: ([message, ack]) => decodeAck(message, ack),
  message_reaction: ([reaction], own) => decodeReaction(reaction, own),
  vote_update: () => ignore(null, 'a vote in a poll'),
  call: () => ignore(null, 'a call: it rings on the phone'),
  group_join: ([notification], own) => decodeMembership(notification, 'joined', own),
  group_leave: ([notification], own) => decodeMembership(notification, 'left', own),
};

/** The events of the library that are listened to. */
export const LIBRARY_EVENTS: readonly string[] = Object.keys(DECODERS);

export function decodeEvent(name: string, args: readonly unknown[], own: OwnIds): Decoded {
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  return decode?.(args, own) ?? ignore(null, `event ${name.slice(0, 60)}`, args);
}

/** Signs of life of the app itself; pictures of an album come one by one beside it. */
const NOTHING_SAID =
  /^(album|broadcast_notification|call_log|ciphertext|debug|e2e_notification|gp2|group_notification|notification|notification_template|pinned_message|protocol|reaction|revoked)$/;

/** Also what was written while the browser was not there, fetched later: the same id. */
function decodeMessage(value: unknown, own: OwnIds): Decoded {
  return withMessage(value, (message) => {
    const { id, type } = message;
    const notForUs = notCustomers(message);
    if (notForUs !== null) return ignore(id._serialized, notForUs);
    if (NOTHING_SAID.test(type)) return ignore(id._serialized, `nothing said: ${type}`);
    const { content, understood } = decodeContent(withoutOurName(message, own));
    return {
      event: messageEvent(message, content, own),
      ...(understood ? {} : ignore(id._serialized, `taken as unsupported: message of type ${type}`, value)),
    };
  });
}

function notCustomers({ id, isStatusV3 }: WireMessage): string | null {
  if (id.fromMe) return 'sent by ourselves, or by hand on the phone';
  if (isStatusV3 === true || id.remote === 'status@broadcast') return 'a status update';
  if (id.remote.endsWith('@newsletter')) return 'a post in a channel of WhatsApp';
  return null;
}

function messageEvent(message: WireMessage, content: Extract<InboundEvent, { kind: 'message' }>['content'], own: OwnIds): InboundEvent {
  const { id, quotedStanzaID, quotedParticipant, mentionedJidList = [], isForwarded } = message;
  const group = isGroup(id.remote);
  const quotesUs = quotedParticipant !== undefined && own.includes(quotedParticipant);
  return {
    kind: 'message',
    ...baseOf(message),
    eventId: id._serialized,
    platformMessageId: id._serialized,
    content,
    scope: group ? 'group' : 'direct',
    addressed: !group || quotesUs || mentionedJidList.some((mentioned) => mentioned !== undefined && own.includes(mentioned)),
    quotedMessageId:
      quotedStanzaID === undefined
        ? null
        : [String(quotesUs), id.remote, quotedStanzaID, ...(group && quotedParticipant !== undefined ? [quotedParticipant] : [])].join('_'),
    metadata: isForwarded === true ? { forwarded: true } : {},
  };
}

/** A mention stands in the text as `@` and the number. */
function withoutOurName(message: WireMessage, own: OwnIds): WireMessage {
  const without = (text: string | undefined) =>
    text === undefined
      ? undefined
      : own
          .reduce((rest, id) => rest.replace(new RegExp(`[ \\t]*@${id.replace(/\D.*/, '')}\\b`, 'g'), ''), text)
          .replace(/^[\s,:;.-]+(?=\S)/, '')
          .trim();
  const named = (message.mentionedJidList ?? []).some((mentioned) => mentioned !== undefined && own.includes(mentioned));
  if (!isGroup(message.id.remote) || !named) return message;
  // Nothing but our name: whoever calls wants to know what there is.
  const body = without(message.body);
  return { ...message, body: body === '' && message.type === 'chat' ? '/help' : body, caption: without(message.caption) };
}

/** WhatsApp never shows some messages on linked devices: what may be looked at once. The library tells of no failure then. */
function decodeHidden(value: unknown, own: OwnIds): Decoded {
  return withMessage(value, (message) => {
    const { id, subtype = '' } = message;
    const notForUs = notCustomers(message);
    if (notForUs !== null) return ignore(id._serialized, notForUs);
    if (!subtype.endsWith('_unavailable_fanout')) return ignore(id._serialized, 'not deciphered yet');
    return { event: messageEvent(message, [unsupported(subtype.replace('_unavailable_fanout', ''))], own) };
  });
}

/** It may come after all, later: then as another event, since this one was answered. */
function decodeUndeciphered(value: unknown, own: OwnIds): Decoded {
  return withMessage(value, (message) => {
    const { id } = message;
    const notForUs = notCustomers(message);
    if (notForUs !== null) return ignore(id._serialized, notForUs);
    return { event: { ...messageEvent(message, [unsupported('ciphertext')], own), eventId: `${id._serialized}:ciphertext` } };
  });
}

function decodeEdit(value: unknown, { body, before }: { body: unknown; before: unknown }, own: OwnIds): Decoded {
  return withMessage(value, (message) => {
    const { id, latestEditSenderTimestampMs: editedAtMs, type } = message;
    const notForUs = notCustomers(message);
    if (notForUs !== null) return ignore(id._serialized, notForUs);
    if (typeof body !== 'string') return ignore(id._serialized, 'an edit without a text');
    // A text also changes when it was deciphered late.
    if (editedAtMs === undefined && (typeof before !== 'string' || before === '')) return ignore(id._serialized, 'a text that came late');
    const written = withoutOurName({ ...message, body, caption: body }, own);
    const { content } = type === 'chat' ? { content: [textContent(written.body ?? '')] } : decodeContent(written);
    const edit = editedAtMs ?? derivedId('text', body);
    return {
      event: {
        kind: 'edit',
        ...baseOf(message),
        eventId: `${id._serialized}:edit:${edit}`,
        sentAt: editedAtMs === undefined ? null : dateOf(editedAtMs / 1000),
        platformMessageId: id._serialized,
        content,
      },
    };
  });
}

function decodeRevoked(value: unknown, _own: OwnIds): Decoded {
  return withMessage(value, (message) => {
    const notForUs = notCustomers(message);
    if (notForUs !== null) return ignore(message.id._serialized, notForUs);
    const revoked = (message.protocolMessageKey ?? message.id)._serialized;
    return { event: { kind: 'delete', ...baseOf(message), eventId: `${revoked}:revoked`, platformMessageId: revoked } };
  });
}

/** MessageAck: -1 error, 0 pending, 1 server, 2 device, 3 read, 4 played. */
const STATUSES: Readonly<Record<string, InboundStatus['status']>> = { '-1': 'failed', 1: 'sent', 2: 'delivered', 3: 'read', 4: 'read' };

function decodeAck(value: unknown, ack: unknown): Decoded {
  return withMessage(value, (message) => {
    const { id } = message;
    const eventId = `${id._serialized}:ack:${String(ack).slice(0, 20)}`;
    if (!id.fromMe) return ignore(eventId, 'ack of a message of theirs');
    const status = typeof ack === 'number' ? STATUSES[ack] : undefined;
    if (status === undefined) return ignore(eventId, 'ack that says nothing');
    return {
      event: {
        kind: 'status',
        channel: WHATSAPP_WEB,
        account: ACCOUNT,
        eventId,
        threadKey: id.remote,
        sender: { userId: id.remote, displayName: null, languageHint: null },
        sentAt: null,
        platformMessageId: id._serialized,
        status,
        ...(status === 'failed' ? { failure: { kind: 'recipient-unreachable', message: 'WhatsApp shows it as not sent' } } : {}),
      },
    };
  });
}

function decodeReaction(value: unknown, own: OwnIds): Decoded {
  const read = reactionSchema.safeParse(value);
  if (!read.success) return malformed(read.error, value);
  const { msgId, senderId, reaction = '', timestamp } = read.data;
  const eventId = `${msgId._serialized}:${senderId}:${timestamp ?? 0}:${reaction}`;
  if (own.includes(senderId)) return ignore(eventId, 'our own reaction');
  // What people tell each other so is theirs.
  if (isGroup(msgId.remote) && !msgId.fromMe) return ignore(eventId, "reaction to another person's message in a group");
  return {
    event: {
      kind: 'reaction',
      channel: WHATSAPP_WEB,
      account: ACCOUNT,
      eventId,
      threadKey: msgId.remote,
      sender: { userId: senderId, displayName: null, languageHint: null },
      sentAt: dateOf(timestamp),
      platformMessageId: msgId._serialized,
      emoji: reaction === '' ? null : reaction,
    },
  };
}

function decodeMembership(value: unknown, change: InboundMembership['change'], own: OwnIds): Decoded {
  const read = notificationSchema.safeParse(value);
  if (!read.success) return malformed(read.error, value);
  const { id, chatId, author, recipientIds = [], timestamp } = read.data;
  const eventId = id?._serialized ?? `${chatId}:${change}:${timestamp ?? 0}`;
  const about = recipientIds.length === 0 && author !== undefined ? [author] : recipientIds;
  if (!about.some((member) => member !== undefined && own.includes(member))) return ignore(eventId, `somebody else ${change}`);
  return {
    event: {
      kind: 'membership',
      channel: WHATSAPP_WEB,
      account: ACCOUNT,
      eventId,
      threadKey: chatId,
      sender: { userId: author ?? chatId, displayName: null, languageHint: null },
      sentAt: dateOf(timestamp),
      change,
    },
  };
}

const isGroup = (chat: string) => chat.endsWith('@g.us');

/** What all events of a message have but their id. */
function baseOf({ id, author, from, notifyName, t }: WireMessage) {
  const userId = isGroup(id.remote) ? (author ?? id.participant ?? from ?? id.remote) : id.remote;
  return {
    channel: WHATSAPP_WEB,
    account: ACCOUNT,
    threadKey: id.remote,
    sender: { userId, displayName: notifyName === undefined || notifyName === '' ? null : notifyName.slice(0, 200), languageHint: null },
    sentAt: dateOf(t),
  };
}

function withMessage(value: unknown, decode: (message: WireMessage) => Decoded): Decoded {
  const read = messageSchema.safeParse(value);
  return read.success ? decode(read.data) : malformed(read.error, value);
}

const dateOf = (seconds: number | undefined): Date | null => (seconds === undefined ? null : new Date(Math.round(seconds * 1000)));

const MAX_KEPT_CHARS = 20_000;

function ignore(eventId: string | null, reason: string, unknown?: unknown): { ignored: IgnoredEvent } {
  return { ignored: { eventId, reason, ...(unknown === undefined ? {} : { unknown: jsonText(unknown).slice(0, MAX_KEPT_CHARS) }) } };
}

function malformed(error: z.ZodError, value: unknown): Decoded {
  const fields = error.issues.map((issue) => issue.path.join('.') || 'all of it').join(', ');
  return ignore(null, `malformed: ${fields.slice(0, 200)}`, value ?? null);
}
