/** `/api/deliveries`: what waits or was given up, for operators with a key of scope `deliveries`. `npm run deliveries` uses it. */
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { DELIVERY_BOXES, DELIVERY_STATES, type Deliveries, type DeliveryEntry } from '../../delivery/deliveries.js';
import { RequestError } from '../../domain/errors.js';
import { jsonBody, parseInput } from '../middleware/body.js';
import { jsonAnswer, jsonRequest, keyOnly } from '../openapi-parts.js';
import type { RouteExtension } from '../services.js';

const MAX_LISTED = 1000;
const MAX_IDS = 1000;

const withText = z.enum(['0', '1']).default('0').describe('1: with what the customer wrote or was to read');
const listSchema = z.object({
  box: z.enum(DELIVERY_BOXES).optional(),
  state: z
    .string()
    .default('dead,held')
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(DELIVERY_STATES)).min(1))
    .describe('One or several of pending, dead, held, waiting (until the customer writes), separated by commas'),
  channel: z.string().optional(),
  conversation_id: z.string().optional(),
  older_than_ms: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(50),
  text: withText,
});
const showSchema = z.object({ text: withText });
const idsSchema = z.object({ ids: z.array(z.string().min(1).max(200)).min(1).max(MAX_IDS) });

const entrySchema = z.object({
  box: z.enum(DELIVERY_BOXES),
  id: z.string(),
  conversation_id: z.string(),
  channel: z.string(),
  account: z.string(),
  state: z.string(),
  kind: z.string(),
  at: z.iso.datetime(),
  attempts: z.number().int(),
  uncertain: z.number().int(),
  next_attempt_at: z.iso.datetime().nullable(),
  reason: z.object({ kind: z.string(), message: z.string() }).nullable(),
  text: z.string().nullable(),
});
export type DeliveryView = z.infer<typeof entrySchema>;

/** For `HttpServices.extensions`. */
export function deliveriesExtension(deliveries: Deliveries): RouteExtension {
  const router = Router();

  router.get('/', async (request, response) => {
    const { state, conversation_id, older_than_ms, text, box, channel, limit } = parseInput(listSchema, request.query);
    const filter = {
      states: state,
      limit,
      ...(box === undefined ? {} : { box }),
      ...(channel === undefined ? {} : { channel }),
      ...(conversation_id === undefined ? {} : { conversationId: conversation_id }),
      ...(older_than_ms === undefined ? {} : { olderThanMs: older_than_ms }),
    };
    response.json((await deliveries.list(filter, { text: text === '1' })).map(deliveryView));
  });

  router.get('/:id', async (request, response) => {
    const { text } = parseInput(showSchema, request.query);
    const entry = await deliveries.find(request.params.id, { text: text === '1' });
    if (entry === null) throw new RequestError('NotFoundError', 'There is no such delivery.');
    response.json(deliveryView(entry));
  });

  router.post('/retry', jsonBody, async (request, response) => {
    response.json((await deliveries.retry(parseInput(idsSchema, request.body).ids)).map(deliveryView));
  });

  router.post('/drop', jsonBody, async (request, response) => {
    response.json((await deliveries.drop(parseInput(idsSchema, request.body).ids)).map(deliveryView));
  });

  return { path: '/api/deliveries', scope: 'deliveries', router };
}

export const deliveryView = (entry: DeliveryEntry): DeliveryView => ({
  box: entry.box,
  id: entry.id,
  conversation_id: entry.conversationId,
  channel: entry.channel,
  account: entry.account,
  state: entry.state,
  kind: entry.kind,
  at: entry.at.toISOString(),
  attempts: entry.attempts,
  uncertain: entry.uncertain,
  next_attempt_at: entry.nextAttemptAt?.toISOString() ?? null,
  reason: entry.reason === null ? null : { kind: entry.reason.kind, message: entry.reason.message },
  text: entry.text,
});

const list = entrySchema.array();

export const DELIVERY_PATHS: ZodOpenApiPathsObject = {
  '/api/deliveries': {
    get: {
      summary: 'Deliveries that wait or were given up, oldest first',
      ...keyOnly,
      requestParams: { query: listSchema },
      responses: jsonAnswer(200, list, 400, 401, 403),
    },
  },
  '/api/deliveries/{id}': {
    get: {
      summary: 'One delivery',
      ...keyOnly,
      requestParams: { path: z.object({ id: z.string() }), query: showSchema },
      responses: jsonAnswer(200, entrySchema, 400, 401, 403, 404),
    },
  },
  '/api/deliveries/retry': {
    post: {
      summary: 'Try dead and held deliveries again; answers with those that are',
      ...keyOnly,
      ...jsonRequest(idsSchema),
      responses: jsonAnswer(200, list, 400, 401, 403),
    },
  },
  '/api/deliveries/drop': {
    post: {
      summary: 'Lay dead and held deliveries aside; answers with those that are',
      ...keyOnly,
      ...jsonRequest(idsSchema),
      responses: jsonAnswer(200, list, 400, 401, 403),
    },
  },
};
