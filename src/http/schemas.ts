/** What clients send and are sent, as zod schemas: requests are checked with them, types and the OpenAPI document are made from them. */
import { z } from 'zod';
import { API_KEY_SCOPES } from '../domain/api-key.js';
import { clientMetadataSchema } from '../domain/client-metadata.js';
import { jsonObjectSchema } from '../domain/json.js';
import { cleanText, MAX_MESSAGE_ATTACHMENTS, messageTextSchema, optionalMessageTextSchema } from '../domain/message-text.js';
import { SESSION_STATUSES } from '../domain/session.js';

const MAX_METADATA_CHARS = 16_384;

/** A whole number in a query string. */
const queryNumber = (least: number, most: number, preset: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .default(preset)
    .meta({ override: { type: 'integer', minimum: least, maximum: most, default: preset } });

/** JSON in a field of a form. */
const jsonText = <Value>(schema: z.ZodType<Value>) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (thrown) {
        if (!(thrown instanceof SyntaxError)) throw thrown;
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const timestamp = z.iso.datetime();
const shortText = (most: number) => z.string().overwrite(cleanText).trim().min(1).max(most);

// Sessions

const sessionStatusSchema = z.enum(SESSION_STATUSES);

export const createSessionSchema = z
  .object({
    user_id: shortText(200).nullish(),
    metadata: jsonObjectSchema
      .refine((metadata) => JSON.stringify(metadata).length <= MAX_METADATA_CHARS, `must be smaller than ${MAX_METADATA_CHARS} characters`)
      .nullish(),
  })
  .default({});

export const listSessionsSchema = z.object({
  user_id: shortText(200).optional(),
  status: sessionStatusSchema.optional(),
  limit: queryNumber(1, 100, 20),
  offset: queryNumber(0, 1_000_000, 0),
});

export const changeStatusSchema = z.object({ status: sessionStatusSchema });
export const cleanupSchema = z.object({ days: queryNumber(0, 3650, 30) });

export const sessionSchema = z
  .object({
    session_id: z.string(),
    user_id: z.string().nullable(),
    thread_id: z.string(),
    status: sessionStatusSchema,
    created_at: timestamp,
    last_activity: timestamp,
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionSchema>;

export const deletedSessionSchema = z.object({ message: z.string(), session_id: z.string() });
export const cleanedUpSchema = z.object({ message: z.string(), sessions_deleted: z.int(), cutoff_date: timestamp });

// Chat

const pageMetadata = { description: 'Of the page that it was written on: flat, 20 fields at most' };
export const sendJsonSchema = z.object({ message: messageTextSchema, metadata: clientMetadataSchema.optional().meta(pageMetadata) });
/** In a form, `metadata` is JSON text. Beside files the text may be empty. */
export const sendFormSchema = z.object({
  message: optionalMessageTextSchema.default(''),
  metadata: jsonText(clientMetadataSchema).optional(),
});
export const sendTextFormSchema = sendFormSchema.extend({ message: messageTextSchema });
export const idempotencyKeySchema = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .optional()
  .meta({ description: 'The same key gives the same answer, once.' });

export const historySchema = z.object({ limit: queryNumber(1, 200, 50), offset: queryNumber(0, 1_000_000, 0) });

const SEARCH_FIELDS = ['source', 'title', 'language', 'document_id', 'page'] as const;
const filterValue = z.union([z.string().max(500), z.number()]);
export const searchSchema = z.object({
  query: shortText(500),
  limit: z.int().min(1).max(20).default(5),
  filters: z.partialRecord(z.enum(SEARCH_FIELDS), z.union([filterValue, z.array(filterValue).min(1).max(50)])).optional(),
});

export const uploadFormSchema = z.object({ session_id: z.string().default('') });

export const sourceSchema = z
  .object({
    content: z.string(),
    metadata: z.object({
      source: z.string(),
      title: z.string(),
      page: z.int().optional(),
      url: z.string().optional(),
      document_id: z.string(),
      chunk_id: z.string(),
    }),
    relevance_score: z.number().min(0).max(1),
    rank: z.int().min(1),
  })
  .meta({ id: 'Source' });

const buttonSchema = z.object({ id: z.string(), label: z.string() });

export const chatResponseSchema = z
  .object({
    message: z.string(),
    sources: z.array(sourceSchema),
    requires_escalation: z.boolean(),
    confidence: z.number().min(0).max(1),
    session_id: z.string(),
    timestamp,
    processing_time: z.number().meta({ description: 'Seconds' }),
    metadata: z.object({
      session_id: z.string(),
      message_id: z.string().meta({ description: "The answer's; the customer's own where there is none" }),
      message_count: z.int(),
      has_context: z.boolean(),
      facts_extracted: z.int(),
      language: z.string(),
      intent: z.string().nullable(),
      entities: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
      tools_used: z.array(z.string()),
      ticket_id: z.string().optional(),
      buttons: z.array(buttonSchema).optional(),
    }),
  })
  .meta({ id: 'ChatResponse' });
export type ChatResponse = z.infer<typeof chatResponseSchema>;

export const processingSchema = z.object({ message_id: z.string(), session_id: z.string(), status: z.literal('processing') });

export const messageSchema = z
  .object({
    id: z.string(),
    role: z.enum(['user', 'assistant', 'agent', 'system']),
    author: z.string().optional().meta({ description: "An agent's name as customers see it" }),
    content: z.string(),
    timestamp,
    attachments: z.array(z.object({ id: z.string(), filename: z.string(), content_type: z.string(), size_bytes: z.int() })),
    metadata: clientMetadataSchema.optional().meta({ description: 'Of the page that a customer wrote it on' }),
    sources: z.array(sourceSchema),
    tools_used: z.array(z.string()),
    processing_time: z.number().nullable().meta({ description: 'Seconds; null for messages that came in' }),
  })
  .meta({ id: 'Message' });
export type MessageView = z.infer<typeof messageSchema>;

export const messagesSchema = z.object({ messages: z.array(messageSchema), total: z.int(), session_id: z.string() });

export const uploadedSchema = z.object({
  id: z.string().meta({ description: 'For `attachments` of a WebSocket message' }),
  filename: z.string(),
  size_mb: z.number(),
  content_type: z.string(),
  processed: z.boolean(),
  preview: z.string().nullable(),
  error: z.string().nullable(),
});
export type UploadedView = z.infer<typeof uploadedSchema>;

export const MAX_ATTACHMENTS = MAX_MESSAGE_ATTACHMENTS;

// Spanish clients

/** Digits with the usual separators; `00` and `+` are the same. */
const phoneSchema = z
  .string()
  .transform((phone) => phone.replace(/[\s().\-/]/g, '').replace(/^00/, '+'))
  .pipe(z.string().regex(/^\+?\d{4,20}$/, 'must be a telephone number'))
  .meta({ override: { type: 'string', examples: ['+34600111222'] } });

export const processSchema = z.object({
  mensaje: messageTextSchema,
  telefono: phoneSchema,
  // Whatever it is, an unusable one gets a new session and never an error.
  sesionId: z
    .unknown()
    .optional()
    .meta({ override: { type: 'string' } }),
});

export const processResponseSchema = z
  .object({
    mensaje: z.string(),
    tipo: z.enum(['respuesta', 'pregunta', 'cotizacion', 'escalamiento', 'error']),
    confianza: z.number().min(0).max(1),
    intencion: z.string().nullable(),
    entidades: z.object({ productos: z.array(z.string()), espesores: z.array(z.string()) }).catchall(z.array(z.string())),
    sesion_id: z.string(),
    fuentes: z.array(sourceSchema),
    ticket_id: z.string().optional(),
  })
  .meta({ id: 'RespuestaProceso' });
export type ProcessResponse = z.infer<typeof processResponseSchema>;

export const phoneSessionsSchema = z.object({ telefono: phoneSchema, limit: queryNumber(1, 100, 5) });

// Analytics, health, keys, errors

export const analyticsSchema = z.object({ days: queryNumber(1, 3650, 7), phone: phoneSchema.optional() });
export const analyticsResponseSchema = z.looseObject({
  total_conversations: z.int(),
  total_messages: z.int(),
  intent_distribution: z.array(z.object({ _id: z.string().nullable(), count: z.int() })),
  average_confidence: z.number().nullable(),
  period_days: z.int(),
});

const healthStateSchema = z.enum(['healthy', 'degraded', 'unhealthy', 'disabled']);
export const healthSchema = z.object({
  status: healthStateSchema,
  timestamp,
  version: z.string(),
  services: z.record(z.string(), healthStateSchema),
  details: z.record(z.string(), z.string()).optional(),
});
export type HealthView = z.infer<typeof healthSchema>;
export const aliveSchema = z.object({ status: z.literal('alive'), timestamp });

export const createKeySchema = z.object({ name: shortText(100), scopes: z.array(z.enum(API_KEY_SCOPES)).min(1) });
export const apiKeySchema = z
  .object({ id: z.string(), name: z.string(), scopes: z.array(z.enum(API_KEY_SCOPES)), created_at: timestamp })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeySchema>;
export const createdKeySchema = apiKeySchema.extend({ key: z.string().meta({ description: 'Shown this once' }) });

export const errorSchema = z
  .object({ error: z.string(), message: z.string(), request_id: z.string(), details: z.unknown() })
  .meta({ id: 'Error' });
