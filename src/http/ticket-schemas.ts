/** What the web inbox sends and is sent, as zod schemas: requests are checked with them, types and the OpenAPI document are made from them. */
import { z } from 'zod';
import { cleanText } from '../domain/message-text.js';
import { TICKET_STATUSES } from '../domain/ticket.js';

/** Of a note or a reply; channels with less room get the reply in parts. */
const MAX_TEXT_CHARS = 8000;
const MAX_FILES = 5;

const timestamp = z.iso.datetime();
const line = (most: number) => z.string().overwrite(cleanText).trim().min(1).max(most);
const text = z.string().overwrite(cleanText).trim().max(MAX_TEXT_CHARS);

/** Names that stand for several statuses. */
const GROUPS = {
  open: ['new', 'reopened', 'claimed', 'waiting-for-customer'],
  closed: ['resolved', 'returned-to-bot'],
  all: TICKET_STATUSES,
} as const;
const statusName = z.enum([...TICKET_STATUSES, 'open', 'closed', 'all']);

export const listTicketsSchema = z.object({
  status: z
    .string()
    .default('open')
    .transform((list) => list.split(','))
    .pipe(z.array(statusName).min(1))
    .transform((names) => [
      ...new Set(names.flatMap((name) => (name === 'open' || name === 'closed' || name === 'all' ? GROUPS[name] : [name]))),
    ])
    .meta({
      override: { type: 'string', default: 'open' },
      description: `One or several of ${[...TICKET_STATUSES, 'open', 'closed', 'all'].join(', ')}, separated by commas`,
    }),
  mine: z.enum(['0', '1']).default('0').describe('1: only those that the agent has'),
  agent_id: line(100).optional().describe('Whose, with `mine`; as in the actions. Absent: the one of the API key'),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1).max(200))
    .default(100)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 200, default: 100 } }),
});

const language = z.enum(['es', 'en']).optional().describe('Of the lines; absent: DESK_LANGUAGE');
export const caseQuerySchema = z.object({ language });
export const transcriptQuerySchema = z.object({ format: z.enum(['text', 'pdf']).default('text') });

export const agentSchema = z.object({ id: z.string(), name: z.string() }).meta({ id: 'Agent' });

/** Who does something: where the API key is shared that is told by the id that the body names. */
const actingSchema = z.object({
  id: line(100).optional().describe('Who, where a key is shared; it becomes `inbox:<id>`. Absent: `inbox:<id of the API key>`'),
  name: line(100).describe('As colleagues see it; customers see of it what DESK_AGENT_NAMES says'),
});

/** Who types a reply. */
export const typingSchema = z.object({ agent: actingSchema });

const DAY_MS = 86_400_000;
const openMs = z
  .int()
  .min(0)
  .max(DAY_MS)
  .default(0)
  .describe('For how long the form was open: what the customer has written since then, or less than a second before, refuses it');

export const actionSchema = z.object({
  action_id: line(200).describe('Unique in the case; sent again, it is done once'),
  agent: actingSchema,
  command: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('claim') }),
    z.object({ kind: z.literal('release') }),
    z.object({
      kind: z.literal('assign'),
      to: z.object({ id: line(200).describe('As it stands in tickets, with its desk'), name: line(100) }),
    }),
    z.object({ kind: z.literal('note'), text: text.min(1) }),
    z.object({
      kind: z.literal('reply'),
      markdown: text.default(''),
      files: z.array(line(100)).max(MAX_FILES).default([]).describe('Of `POST /files`: `att_…`'),
    }),
    z.object({ kind: z.literal('undo'), of: z.int().min(1).nullable().default(null).describe('`seq` of the reply; null: the last one') }),
    z.object({ kind: z.literal('retry'), of: z.int().min(1) }),
    z.object({ kind: z.literal('return-to-bot'), note: text.default(''), open_ms: openMs }),
    z.object({
      kind: z.literal('resolve'),
      reason: line(500).describe('A code, or a code and a text: `sold: pedido 7`'),
      open_ms: openMs,
    }),
    z.object({ kind: z.literal('reopen') }),
  ]),
});
export type ActionInput = z.infer<typeof actionSchema>;

const rowShape = {
  id: z.string().meta({ examples: ['T-4XK2M9QA'] }),
  seq: z.int().meta({ description: 'Number of the last event' }),
  status: z.enum(TICKET_STATUSES),
  priority: z.enum(['low', 'normal', 'high', 'urgent']),
  reasons: z.array(z.string()),
  channel: z.string(),
  language: z.string(),
  summary: z.string(),
  customer: z.string().nullable(),
  agent: agentSchema.nullable(),
  last_agent: agentSchema.nullable(),
  team: z.string().nullable(),
  team_name: z.string().nullable().meta({ description: 'As DESK_FILE has it; null: no team, or one that is not in it any more' }),
  created_at: timestamp,
  waiting_since: timestamp.nullable().meta({ description: 'Since when the customer waits for a person; null: they are to write next' }),
  first_reply_at: timestamp.nullable(),
  closed_at: timestamp.nullable(),
  score: z.int().min(1).max(5).nullable(),
  marks: z.array(z.string()).meta({ description: 'What the clocks that run have marked: `first:reminded`, `next:breached`, …' }),
  customer_seq: z.int().meta({ description: 'Number of the last event that the customer caused; 0: none' }),
};
export const ticketRowSchema = z.object(rowShape).meta({ id: 'TicketRow' });
export type TicketRow = z.infer<typeof ticketRowSchema>;

const fileSchema = z.object({ id: z.string(), filename: z.string(), content_type: z.string(), size_bytes: z.int() });

const caseMessageSchema = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant', 'agent', 'system']),
  author: z.string().nullable(),
  content: z.string(),
  timestamp,
  attachments: z.array(fileSchema),
  edited: z.boolean(),
  deleted: z.boolean().meta({ description: 'By the customer; its content is empty then' }),
  turn_id: z.string().meta({ description: 'For `/turns/{turn}`' }),
  reply: z.int().nullable().meta({ description: '`seq` of the event of this case that it was sent by' }),
});
export type CaseMessageView = z.infer<typeof caseMessageSchema>;

const REPLY_STATES = ['pending', 'undone', 'dispatched', 'sent', 'delivered', 'read', 'failed', 'kept-back', 'retried'] as const;

const caseEventSchema = z.object({
  seq: z.int(),
  at: timestamp,
  kind: z.string(),
  by: z.object({
    kind: z.enum(['agent', 'customer', 'system']),
    id: z.string().nullable(),
    name: z.string().nullable(),
    desk: z.string().nullable(),
  }),
  line: z.string().meta({ description: 'What happened, for people' }),
  text: z.string().nullable().meta({ description: 'What an agent wrote: markdown of a reply, text of a note, a reason' }),
  files: z.array(fileSchema),
  reply: z
    .object({ state: z.enum(REPLY_STATES), state_line: z.string(), send_at: timestamp })
    .nullable()
    .meta({ description: 'Of `replied`: what became of it' }),
});
export type CaseEventView = z.infer<typeof caseEventSchema>;

export const caseSchema = z
  .object({
    ticket: z.object({
      ...rowShape,
      entities: z.array(z.object({ kind: z.string(), value: z.string() })),
      sentiment: z.number().min(-1).max(1).nullable(),
      turn_id: z.string().nullable(),
    }),
    actions: z.array(z.string()).meta({ description: 'What makes sense now: claim, reply, note, …' }),
    events: z.array(caseEventSchema),
    messages: z.array(caseMessageSchema).meta({ description: 'The newest 200 of the conversation, oldest first' }),
    past_cases: z.array(ticketRowSchema),
  })
  .meta({ id: 'Case' });
export type CaseBody = z.infer<typeof caseSchema>;

/** Why the bot did what it did; no text of anybody's. */
export const turnSchema = z
  .object({
    id: z.string(),
    started_at: timestamp,
    processing_time_ms: z.number(),
    attempt: z.int(),
    channel: z.string(),
    outcome: z.string(),
    language: z.string(),
    intent: z.object({ name: z.string(), confidence: z.number() }).nullable(),
    confidence: z.number().nullable(),
    escalation: z.object({ escalate: z.boolean(), reasons: z.array(z.string()), priority: z.string() }),
    ticket_id: z.string().nullable(),
    tools_used: z.array(z.string()),
    sources: z.array(z.object({ title: z.string(), source: z.string(), relevance_score: z.number() })),
    steps: z.array(z.object({ step: z.string(), duration_ms: z.number(), note: z.string().nullable() })),
  })
  .meta({ id: 'Turn' });
export type TurnView = z.infer<typeof turnSchema>;

export const outcomeSchema = z.object({ message: z.string(), ticket: ticketRowSchema });
export const suggestionsSchema = z.object({
  message: z.string(),
  suggestions: z.array(z.object({ title: z.string(), markdown: z.string() })),
});
export const keptFileSchema = fileSchema;
