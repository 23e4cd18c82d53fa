/**
 * The parts of Slack's payloads that we read, as zod schemas. Only what an event cannot do without is required; anything else of the wrong shape
 * counts as absent, so that a change on Slack's side costs a detail and not a customer's message.
 */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
/** Of users, channels, bots, teams, files: a letter for the kind, then letters and digits. */
const id = z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/);
/** Unix time in seconds, with the six digits that tell messages of one channel apart. */
const ts = z.string().regex(/^\d{1,11}\.\d{1,9}$/);
const text = lenient(z.string());

export const envelopeSchema = z.looseObject({
  type: z.string(),
  challenge: text,
  event_id: lenient(z.string().min(1).max(200)),
  team_id: lenient(id),
  event: lenient(z.looseObject({ type: z.string() })),
  authorizations: lenient(z.array(z.object({ user_id: lenient(id), is_bot: lenient(z.boolean()) }))),
});

export const fileSchema = z.object({
  id,
  name: text,
  mimetype: text,
  subtype: text,
  size: lenient(z.number().int().min(0)),
  mode: text,
});
export type WireFile = z.infer<typeof fileSchema>;

const messageFields = {
  ts,
  user: lenient(id),
  bot_id: text,
  subtype: text,
  text,
  thread_ts: lenient(ts),
  parent_user_id: text,
  edited: lenient(z.object({ ts })),
  files: lenient(z.array(z.unknown())),
  attachments: lenient(z.array(z.object({ text, fallback: text }).catch({}))),
  blocks: lenient(z.array(z.unknown())),
};

export const messageSchema = z.object({ channel: id, ...messageFields });
export type WireMessage = z.infer<typeof messageSchema>;

const innerMessageSchema = z.object(messageFields);
export type WireInnerMessage = z.infer<typeof innerMessageSchema>;

export const changeSchema = z.object({ channel: id, message: innerMessageSchema, previous_message: lenient(innerMessageSchema) });
export const deletionSchema = z.object({ channel: id, deleted_ts: ts, previous_message: lenient(innerMessageSchema) });

export const subtypeSchema = z.object({ subtype: text });

export const reactionSchema = z.object({
  user: id,
  reaction: z.string().min(1).max(200),
  item: z.object({ type: z.string(), channel: lenient(id), ts: lenient(ts) }),
  event_ts: lenient(ts),
});

export const joinedSchema = z.object({ user: id, channel: id, inviter: lenient(id) });
export const leftSchema = z.object({ channel: id, actor_id: lenient(id) });
export const homeSchema = z.object({ user: id, tab: text });
export const revokedSchema = z.object({ tokens: z.object({ bot: lenient(z.array(z.string())) }) });

const label = lenient(z.object({ text }));

export const interactionSchema = z.looseObject({
  type: z.string(),
  user: lenient(z.object({ id, name: text, username: text })),
  channel: lenient(z.object({ id })),
  message: lenient(z.object({ ts, thread_ts: lenient(ts) })),
  container: lenient(z.object({ type: text, thread_ts: lenient(ts) })),
  actions: lenient(z.array(z.unknown())),
});

export const actionSchema = z.object({
  type: z.string(),
  action_id: text,
  action_ts: z.string().regex(/^\d{1,11}\.\d{1,9}$/),
  value: text,
  text: label,
  selected_option: lenient(z.object({ value: z.string(), text: label })),
});

export const commandSchema = z.object({
  command: z.string().startsWith('/'),
  trigger_id: z.string().min(1).max(200),
  user_id: id,
  user_name: text,
  text: text,
});

/** A file as files.info describes it. */
export const fileInfoSchema = z.object({
  mimetype: text,
  size: lenient(z.number().int().min(0)),
  url_private: text,
  url_private_download: text,
});

const share = lenient(z.record(z.string(), z.array(z.object({ ts }))));

/** Where a file was shared: channel to messages. */
export const sharesSchema = z.object({ shares: lenient(z.object({ public: share, private: share })) });

/** An emoji in a rich text block: `unicode` is its code points in hex, joined by hyphens. */
export const emojiElementSchema = z.object({
  type: z.literal('emoji'),
  name: z.string(),
  unicode: z.string().regex(/^[0-9a-f]{2,6}(-[0-9a-f]{2,6}){0,12}$/i),
});
