/** What `/api/contacts` is sent and sends, as zod schemas: requests are checked with them, types and the OpenAPI document are made from them. */
import { z } from 'zod';
import { cleanText } from '../domain/message-text.js';
import { messageSchema } from './schemas.js';

const timestamp = z.iso.datetime();
const line = (most: number) => z.string().overwrite(cleanText).trim().min(1).max(most);

export const contactPath = z.object({ id: z.string().meta({ description: '`cont_…`: any of the contacts that the person linked' }) });

export const findContactSchema = z
  .object({
    ticket_id: line(20).optional().describe('The person of this case'),
    channel: line(50).optional().describe('With `user_id`: who writes there under that id'),
    account: line(200).default('default').describe('Which of our accounts on the channel'),
    user_id: line(200).optional(),
  })
  .refine(
    ({ ticket_id, channel, user_id }) =>
      ticket_id === undefined ? channel !== undefined && user_id !== undefined : channel === undefined && user_id === undefined,
    'send either ticket_id, or channel and user_id',
  );

export const listRequestsSchema = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1).max(200))
    .default(50)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 200, default: 50 } }),
});

export const contactSchema = z
  .object({
    id: z.string().meta({ description: 'Stands for the person' }),
    name: z.string().nullable(),
    created_at: timestamp,
    identities: z.array(z.object({ channel: z.string(), account: z.string(), user_id: z.string(), verified: z.boolean() })),
    linked: z.array(z.string()).meta({ description: 'The other contacts that the person linked' }),
  })
  .meta({ id: 'Contact' });
export type ContactView = z.infer<typeof contactSchema>;

export const personRequestSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['erasure', 'export']),
    contact_id: z.string(),
    by: z.string().meta({ description: 'Id of the API key' }),
    requested_at: timestamp,
    done_at: timestamp.nullable().meta({ description: 'Null: what was being worked on when a person was erased is still to go' }),
  })
  .meta({ id: 'PersonRequest' });
export type PersonRequestView = z.infer<typeof personRequestSchema>;

export const erasureSchema = z.object({ message: z.string(), request: personRequestSchema });

/** In the order in which it is written. */
export const exportSchema = z
  .object({
    exported_at: timestamp,
    contact: contactSchema,
    conversations: z.array(
      z.object({
        id: z.string(),
        channel: z.string(),
        account: z.string(),
        thread: z.string().nullable().meta({ description: 'As the platform names it; null on the web, where it is a secret' }),
        user_id: z.string(),
        language: z.string().nullable(),
        created_at: timestamp,
        last_message_at: timestamp.nullable(),
      }),
    ),
    sessions: z.array(
      z.object({
        thread_id: z.string(),
        conversation_id: z.string(),
        user_id: z.string().nullable(),
        status: z.string(),
        created_at: timestamp,
        last_activity: timestamp,
        metadata: z.record(z.string(), z.unknown()),
      }),
    ),
    messages: z.array(
      messageSchema.extend({ thread_id: z.string(), conversation_id: z.string(), edited: z.boolean(), deleted: z.boolean() }),
    ),
    facts: z.array(
      z.object({ kind: z.string(), value: z.string(), importance: z.number(), learned_at: timestamp, expires_at: timestamp.nullable() }),
    ),
    files: z.array(
      z.object({
        id: z.string(),
        thread_id: z.string(),
        filename: z.string(),
        content_type: z.string(),
        size_bytes: z.int(),
        text: z.string().meta({ description: 'What was read out of it' }),
        created_at: timestamp,
      }),
    ),
    turns: z.array(
      z.object({
        id: z.string(),
        thread_id: z.string(),
        at: timestamp,
        language: z.string(),
        intent: z.string().nullable(),
        entities: z.record(z.string(), z.unknown()),
        outcome: z.string(),
      }),
    ),
    cases: z.array(
      z.object({
        id: z.string(),
        status: z.string(),
        priority: z.string(),
        reasons: z.array(z.string()),
        summary: z.string(),
        score: z.int().nullable(),
        created_at: timestamp,
        closed_at: timestamp.nullable(),
        events: z.array(z.object({ seq: z.int(), at: timestamp, by: z.string(), kind: z.string(), text: z.string().nullable() })),
      }),
    ),
  })
  .meta({ id: 'PersonExport' });
export type PersonExport = z.infer<typeof exportSchema>;
