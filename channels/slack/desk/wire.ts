/** The parts of Slack's payloads that the desk reads, as zod schemas: people, submitted forms, where an event happened. Lenient as ../wire.ts is. */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = lenient(z.string());
const id = lenient(z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/));
const ts = lenient(z.string().regex(/^\d{1,11}\.\d{1,9}$/));

export const userSchema = z.object({
  name: text,
  real_name: text,
  is_bot: lenient(z.boolean()),
  profile: lenient(z.object({ display_name: text, real_name: text })),
});

export const membersSchema = z.object({
  members: lenient(z.array(z.string())),
  response_metadata: lenient(z.object({ next_cursor: text })),
});

/** Wherever the different events say in which channel they happened. */
export const whereSchema = z.object({
  team_id: id,
  event_id: text,
  event: z.object({
    type: z.string(),
    subtype: text,
    channel: id,
    item: lenient(z.object({ channel: id })),
    team: id,
    user_team: id,
  }),
  authorizations: lenient(z.array(z.object({ user_id: id, is_bot: lenient(z.boolean()) }))),
});

export const pressSchema = z.object({
  type: z.literal('block_actions'),
  trigger_id: z.string().min(1).max(300),
  user: z.object({ id: z.string(), team_id: id }),
  team: lenient(z.object({ id })),
  channel: lenient(z.object({ id })),
  container: z.object({ message_ts: ts, thread_ts: ts }),
  message: lenient(z.object({ thread_ts: ts })),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().regex(/^\d{1,11}\.\d{1,9}$/),
        value: z.string().max(2000).default(''),
      }),
    )
    .min(1),
});
export type WirePress = z.infer<typeof pressSchema>;

export const submissionSchema = z.object({
  type: z.literal('view_submission'),
  user: z.object({ id: z.string(), team_id: id }),
  team: lenient(z.object({ id })),
  view: z.object({
    id: z.string().min(1).max(100),
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3000),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  }),
});
export type WireSubmission = z.infer<typeof submissionSchema>;

/** What a field of a form holds. */
export const fieldSchema = z.object({
  value: z.string().nullish().catch(undefined),
  selected_user: z
    .string()
    .regex(/^[UW][A-Z0-9]{1,40}$/)
    .nullish()
    .catch(undefined),
  selected_option: z.object({ value: z.string() }).nullish().catch(undefined),
  files: lenient(z.array(z.unknown())),
});

/** Ours, as we put it into the form; it has been to Slack and back. */
export const formContextSchema = z.object({
  ticket: z.string().max(40),
  channel: z.string().max(41),
  thread: z.string().nullable(),
  /** When it was opened, in ms; a form that another version opened may lack it. */
  at: z.int().min(0).max(8.64e15).optional(),
});
export type FormContext = z.infer<typeof formContextSchema>;

export const channelSchema = z.object({
  name: text,
  is_member: lenient(z.boolean()),
  is_archived: lenient(z.boolean()),
  is_read_only: lenient(z.boolean()),
  is_ext_shared: lenient(z.boolean()),
});
