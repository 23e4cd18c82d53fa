/** `/api/unknown-payloads`: what platforms sent that no channel understood, for operators with a key of scope `deliveries`. */
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { UnknownPayloadStore } from '../../domain/unknown-payload.js';
import { parseInput } from '../middleware/body.js';
import { jsonAnswer, keyOnly } from '../openapi-parts.js';
import type { RouteExtension } from '../services.js';

const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  payload: z.enum(['0', '1']).default('0').describe('1: with what the platform sent, which may hold what a customer wrote'),
});

const keptSchema = z.object({
  id: z.string(),
  channel: z.string(),
  account: z.string(),
  reason: z.string(),
  times: z.number().int(),
  first_seen_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime(),
  payload: z.string().nullable(),
});
export type UnknownPayloadView = z.infer<typeof keptSchema>;

/** For `HttpServices.extensions`. */
export function unknownPayloadsExtension(store: UnknownPayloadStore): RouteExtension {
  const router = Router();
  router.get('/', async (request, response) => {
    const { limit, payload: withPayload } = parseInput(listSchema, request.query);
    const views = (await store.list(limit)).map(
      ({ id, channel, account, reason, times, firstSeenAt, lastSeenAt, payload }): UnknownPayloadView => ({
        id,
        channel,
        account,
        reason,
        times,
        first_seen_at: firstSeenAt.toISOString(),
        last_seen_at: lastSeenAt.toISOString(),
        payload: withPayload === '1' ? payload : null,
      }),
    );
    response.json(views);
  });
  return { path: '/api/unknown-payloads', router, scope: 'deliveries' };
}

export const UNKNOWN_PAYLOAD_PATHS: ZodOpenApiPathsObject = {
  '/api/unknown-payloads': {
    get: {
      summary: 'What platforms sent that no channel understood, latest first; kept for 30 days',
      ...keyOnly,
      requestParams: { query: listSchema },
      responses: jsonAnswer(200, keptSchema.array(), 400, 401, 403),
    },
  },
};
