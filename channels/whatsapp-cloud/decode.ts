/** Meta's webhooks to domain events: pure. One body carries several messages and statuses of several customers; each becomes an event or is ignored for a stated reason. */
import type { z } from 'zod';
import type { IgnoredEvent } from '../../src/domain/channel.js';
import type { InboundEvent, InboundStatus, Sender } from '../../src/domain/message.js';
import { jsonText } from '../shared/json.js';
import { decodeContent } from './content.js';
import { describe, kindOfCode } from './failures.js';
import {
  changeSchema,
  contactSchema,
  contentSchemas,
  entrySchema,
  envelopeSchema,
  errorSchema,
  messageSchema,
  statusSchema,
  valueSchema,
  type WireContact,
  type WireError,
  type WireMessage,
  type WireValue,
} from './wire.js';

export const WHATSAPP = 'whatsapp';

export interface DecodedWebhook {
  readonly events: readonly InboundEvent[];
  readonly ignored: readonly IgnoredEvent[];
}

/** What one piece of a webhook became; a message that is not understood is both: answered politely, and kept for inspection. */
interface Decoded {
  readonly event?: InboundEvent;
  readonly ignored?: IgnoredEvent;
}

/** Null when it is no webhook of Meta's at all. What cannot be read is ignored, since sending it again would not mend it, and kept for inspection. */
export function decodeWebhook(body: unknown, phoneNumberId: string): DecodedWebhook | null {
  const envelope = envelopeSchema.safeParse(body).data;
  if (envelope === undefined) return null;
  const decoded =
    envelope.object === 'whatsapp_business_account' ? envelope.entry.flatMap((entry) => decodeEntry(entry, phoneNumberId)) : [];
  if (decoded.length === 0) decoded.push(ignore(null, `nothing of WhatsApp: ${envelope.object.slice(0, 60)}`, body));
  return {
    events: decoded.flatMap(({ event }) => event ?? []),
    ignored: decoded.flatMap(({ ignored }) => ignored ?? []),
  };
}

function decodeEntry(value: unknown, phoneNumberId: string): Decoded[] {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) return [malformed(null, entry.error, value)];
  return entry.data.changes.flatMap((change) => decodeChange(change, phoneNumberId));
}

/** Other things that an app can be told of: reviews of templates, limits, echoes of what was written by hand, calls. */
const OTHER_FIELDS =
  /^(account_\w+|business_\w+|automatic_events|calls|flows|group_\w+|history|message_echoes|message_template_\w+|messaging_handovers|partner_solutions|payment_\w+|phone_number_\w+|security|smb_\w+|standby|template_\w+|tracking_events|user_\w+|contacts)$/;

function decodeChange(value: unknown, phoneNumberId: string): Decoded[] {
  const change = changeSchema.safeParse(value);
  if (!change.success) return [malformed(null, change.error, value)];
  const { field } = change.data;
  if (field !== 'messages') return [ignore(null, `field ${field.slice(0, 60)}`, OTHER_FIELDS.test(field) ? undefined : value)];
  const read = valueSchema.safeParse(change.data.value);
  if (!read.success) return [malformed(null, read.error, value)];
  const { metadata, messages = [], statuses = [], errors = [] } = read.data;
  if (metadata.phone_number_id !== phoneNumberId) return [ignore(null, 'for another phone number')];
  const decoded = [
    ...messages.map((message) => decodeMessage(message, read.data)),
    ...statuses.map((status) => decodeStatus(status, phoneNumberId)),
    ...errors.map((error) => decodeError(error)),
  ];
  return decoded.length > 0 ? decoded : [ignore(null, 'neither messages nor statuses', value)];
}

function decodeMessage(value: unknown, around: WireValue): Decoded {
  const message = messageSchema.safeParse(value);
  if (!message.success) return malformed(null, message.error, value);
  const { id, from, from_user_id: hiddenUserId, group_id: group, type } = message.data;
  const userId = from ?? hiddenUserId;
  if (userId === undefined) return ignore(id, 'message without a sender', value);
  if (isOwnNumber(from, around)) return ignore(id, 'sent by ourselves');
  const base = {
    channel: WHATSAPP,
    account: around.metadata.phone_number_id,
    eventId: id,
    threadKey: group ?? userId,
    sender: { userId, displayName: contactOf(message.data, around)?.profile?.name ?? null, languageHint: null } satisfies Sender,
    sentAt: dateOf(message.data.timestamp),
  };
  switch (type) {
    case 'reaction':
      return decodeReaction(message.data, base, value);
    case 'edit':
      return decodeEdit(message.data, base, value);
    case 'revoke':
      return decodeDeletion(message.data, base, value);
    case 'system':
      return ignore(id, `service message: ${contentSchemas.system.safeParse(message.data['system']).data?.type?.slice(0, 60) ?? 'untold'}`);
    default:
      return decodeWritten(message.data, base, value, around);
  }
}

/** What all events of a message have. `value` is what came, for inspection where it is not understood. */
type Base = Pick<InboundEvent, 'channel' | 'account' | 'eventId' | 'threadKey' | 'sender' | 'sentAt'>;

function decodeReaction(message: WireMessage, base: Base, value: unknown): Decoded {
  const reaction = contentSchemas.reaction.safeParse(message['reaction']);
  if (!reaction.success) return malformed(message.id, reaction.error, value);
  const { message_id: platformMessageId, emoji = '' } = reaction.data;
  // A reaction that was taken back has no emoji.
  return { event: { kind: 'reaction', ...base, platformMessageId, emoji: emoji === '' ? null : emoji } };
}

function decodeWritten(message: WireMessage, base: Base, value: unknown, around: WireValue): Decoded {
  const { id, group_id: group, context } = message;
  const { content, understood } = decodeContent(message);
  return {
    event: {
      kind: 'message',
      ...base,
      platformMessageId: id,
      content,
      scope: group === undefined ? 'direct' : 'group',
      addressed: group === undefined || isOwnNumber(context?.from, around),
      quotedMessageId: context?.id ?? null,
      metadata: metadataOf(message, contactOf(message, around)),
    },
    ...(understood ? {} : notUnderstood(id, message.type, value)),
  };
}

/** It is answered politely, and kept for a look at it. */
const notUnderstood = (id: string, type: string, value: unknown) =>
  ignore(id, `taken as unsupported: message of type ${type.slice(0, 60)}`, value);

/** Meta tells edits and deletions only of numbers that are used in the WhatsApp Business app too. */
function decodeEdit(message: WireMessage, base: Base, value: unknown): Decoded {
  const edit = contentSchemas.edit.safeParse(message['edit']);
  if (!edit.success) return malformed(message.id, edit.error, value);
  const { original_message_id: platformMessageId, message: changed } = edit.data;
  const { content, understood } = decodeContent(changed);
  return {
    event: { kind: 'edit', ...base, platformMessageId, content },
    ...(understood ? {} : notUnderstood(message.id, changed.type, value)),
  };
}

function decodeDeletion(message: WireMessage, base: Base, value: unknown): Decoded {
  const revoked = contentSchemas.revoke.safeParse(message['revoke']);
  if (!revoked.success) return malformed(message.id, revoked.error, value);
  return { event: { kind: 'delete', ...base, platformMessageId: revoked.data.original_message_id } };
}

function isOwnNumber(number: string | undefined, { metadata }: WireValue): boolean {
  const digits = metadata.display_phone_number?.replace(/\D/g, '') ?? '';
  return number !== undefined && digits !== '' && number.replace(/\D/g, '') === digits;
}

function contactOf(message: WireMessage, { contacts = [] }: WireValue): WireContact | undefined {
  return contacts
    .flatMap((contact) => contactSchema.safeParse(contact).data ?? [])
    .find(
      ({ wa_id: waId, user_id: userId }) =>
        (waId !== undefined && waId === message.from) || (userId !== undefined && userId === message.from_user_id),
    );
}

/** What came with the message and is not its content. Texts of advertisements are cut: they are for reading, not for keeping. */
function metadataOf(message: WireMessage, contact: WireContact | undefined): Record<string, unknown> {
  const { context, referral, errors, from_user_id: businessScopedUserId } = message;
  const order = message.type === 'order' ? contentSchemas.order.safeParse(message['order']).data : undefined;
  const username = contact?.profile?.username;
  return {
    ...(context?.forwarded === true || context?.frequently_forwarded === true ? { forwarded: true } : {}),
    ...(context?.referred_product === undefined ? {} : { product: strings(context.referred_product) }),
    ...(referral === undefined ? {} : { referral: strings(referral) }),
    ...(order === undefined ? {} : { order: { catalogId: order.catalog_id ?? null, items: (order.product_items ?? []).slice(0, 50) } }),
    ...(errors === undefined || errors.length === 0 ? {} : { errors: errors.slice(0, 5).map(describe) }),
    ...(businessScopedUserId === undefined ? {} : { businessScopedUserId }),
    ...(username === undefined ? {} : { username }),
  };
}

const strings = (object: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value.slice(0, 500)]])));

const STATUSES: Readonly<Record<string, InboundStatus['status']>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
};
/** A voice message was played, a message was deleted, a catalogue's product is not to be had. */
const OTHER_STATUSES = /^(played|deleted|warning)$/;

function decodeStatus(value: unknown, account: string): Decoded {
  const read = statusSchema.safeParse(value);
  if (!read.success) return malformed(null, read.error, value);
  const {
    id,
    status: said,
    timestamp,
    recipient_id,
    recipient_user_id,
    recipient_participant_id,
    errors,
    biz_opaque_callback_data,
  } = read.data;
  const eventId = `${id}:${said.slice(0, 60)}`;
  const status = Object.hasOwn(STATUSES, said) ? STATUSES[said] : undefined;
  if (status === undefined) return ignore(eventId, `status ${said.slice(0, 60)}`, OTHER_STATUSES.test(said) ? undefined : value);
  const threadKey = recipient_id ?? recipient_user_id;
  if (threadKey === undefined) return ignore(eventId, 'status without a recipient', value);
  return {
    event: {
      kind: 'status',
      channel: WHATSAPP,
      account,
      eventId,
      threadKey,
      sender: { userId: recipient_participant_id ?? threadKey, displayName: null, languageHint: null },
      sentAt: dateOf(timestamp),
      platformMessageId: id,
      status,
      ...(status === 'failed' ? { failure: failureIn(errors) } : {}),
      ...(biz_opaque_callback_data === undefined || biz_opaque_callback_data === '' ? {} : { key: biz_opaque_callback_data }),
    },
  };
}

function failureIn([error]: readonly WireError[] = []): NonNullable<InboundStatus['failure']> {
  if (error === undefined) return { kind: 'payload-refused', message: 'no reason given' };
  return { kind: kindOfCode(error.code) ?? 'payload-refused', message: describe(error) };
}

/** Errors of the account, of no message. */
function decodeError(value: unknown): Decoded {
  const error = errorSchema.safeParse(value);
  return error.success ? ignore(null, `error ${describe(error.data)}`) : malformed(null, error.error, value);
}

const dateOf = (seconds: number | undefined): Date | null => (seconds === undefined ? null : new Date(seconds * 1000));

function ignore(eventId: string | null, reason: string, unknown?: unknown): { ignored: IgnoredEvent } {
  return { ignored: { eventId, reason, ...(unknown === undefined ? {} : { unknown: jsonOf(unknown) }) } };
}

function malformed(eventId: string | null, error: z.ZodError, value: unknown): { ignored: IgnoredEvent } {
  const fields = error.issues.map((issue) => issue.path.join('.') || 'all of it').join(', ');
  return ignore(eventId, `malformed: ${fields.slice(0, 200)}`, value);
}

const MAX_KEPT_CHARS = 20_000;

const jsonOf = (value: unknown): string => jsonText(value).slice(0, MAX_KEPT_CHARS);
