/**
 * The parts of a Bot API update that we read, as zod schemas. Only what a message cannot do without is required; anything else of the wrong
 * shape counts as absent, so that a change on Telegram's side costs a detail and not a customer's message.
 */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const id = z.number().int();
const text = lenient(z.string());
/** Unix time in seconds, within what a Date can hold. */
const time = z.number().int().min(0).max(8.64e12);

export const userSchema = z.object({ id, is_bot: z.boolean(), first_name: text, last_name: text, username: text, language_code: text });
export type WireUser = z.infer<typeof userSchema>;

const chatSchema = z.object({ id, type: z.enum(['private', 'group', 'supergroup', 'channel']) });

const entitySchema = z.object({
  type: z.string(),
  /** In UTF-16 code units, as JavaScript counts. */
  offset: z.number().int().min(0),
  length: z.number().int().min(0),
  user: lenient(z.object({ id })),
});

const buttonSchema = z.object({ text: z.string(), callback_data: text });

/** Loose: the keys that are left tell which kind of message an unknown one is. */
export const messageSchema = z.looseObject({
  message_id: id,
  date: time,
  chat: chatSchema,
  from: lenient(userSchema),
  edit_date: lenient(time),
  text,
  caption: text,
  entities: lenient(z.array(entitySchema)),
  caption_entities: lenient(z.array(entitySchema)),
  message_thread_id: lenient(id),
  is_topic_message: lenient(z.boolean()),
  is_automatic_forward: lenient(z.boolean()),
  reply_to_message: lenient(z.object({ message_id: id, from: lenient(userSchema) })),
  forward_origin: lenient(z.object({ type: z.string() })),
  media_group_id: text,
  migrate_to_chat_id: lenient(id),
  migrate_from_chat_id: lenient(id),
  reply_markup: lenient(z.object({ inline_keyboard: z.array(z.array(buttonSchema)) })),
});
export type WireMessage = z.infer<typeof messageSchema>;

export const callbackQuerySchema = z.object({ id: z.string(), from: userSchema, data: text, message: lenient(messageSchema) });

export const membershipSchema = z.object({
  chat: chatSchema,
  from: userSchema,
  date: time,
  old_chat_member: z.object({ status: z.string() }),
  new_chat_member: z.object({ status: z.string() }),
});

const reactionTypeSchema = z.object({ type: z.string(), emoji: text });

export const reactionSchema = z.object({
  chat: chatSchema,
  message_id: id,
  user: lenient(userSchema),
  date: time,
  old_reaction: z.array(reactionTypeSchema),
  new_reaction: z.array(reactionTypeSchema),
});

export const updateSchema = z.looseObject({ update_id: z.number().int().min(0) });

const fileSchema = z.object({ file_id: z.string(), file_size: lenient(z.number().int()), file_name: text, mime_type: text });
export type WireFile = z.infer<typeof fileSchema>;

/** The kinds of content that are read, by the message's key. */
export const contentSchemas = {
  file: fileSchema,
  photo: z.array(fileSchema).min(1),
  sticker: fileSchema.extend({ emoji: text, is_animated: lenient(z.boolean()), is_video: lenient(z.boolean()) }),
  location: z.object({ latitude: z.number(), longitude: z.number() }),
  venue: z.object({ location: z.object({ latitude: z.number(), longitude: z.number() }), title: z.string(), address: text }),
  contact: z.object({ phone_number: text, first_name: text, last_name: text }),
} as const;
