/** `/analytics`: CONTRACT.md, "Analytics". The queries are analytics' own; here are access, input and failure. */
import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Auth } from '../middleware/auth.js';
import { parseInput } from '../middleware/body.js';
import { jsonAnswer, keyOnly } from '../openapi-parts.js';
import { analyticsResponseSchema, analyticsSchema } from '../schemas.js';
import type { HttpServices } from '../services.js';

export function analyticsRoutes({ analytics }: HttpServices, auth: Auth): Router {
  const router = Router();
  router.get('/conversations', auth.require('analytics'), async (request, response) => {
    const { days, phone } = parseInput(analyticsSchema, request.query);
    response.json(await analytics.conversations({ days, ...(phone === undefined ? {} : { phone }) }));
  });
  return router;
}

export const ANALYTICS_PATHS: ZodOpenApiPathsObject = {
  '/analytics/conversations': {
    get: {
      summary: 'Conversations of the last days, with their intents and confidence',
      ...keyOnly,
      requestParams: { query: analyticsSchema },
      responses: jsonAnswer(200, analyticsResponseSchema, 400, 401, 403, 503),
    },
  },
};
