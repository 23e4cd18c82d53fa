/** `/api/keys`: making, listing and revoking API keys, with a key of scope `keys`. Nobody hands out more than they have. */
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { hasScope } from '../../domain/api-key.js';
import { RequestError } from '../../domain/errors.js';
import { apiKeyOf, type Auth } from '../middleware/auth.js';
import { jsonBody, parseInput } from '../middleware/body.js';
import { jsonAnswer, jsonRequest, keyOnly } from '../openapi-parts.js';
import { apiKeySchema, createdKeySchema, createKeySchema } from '../schemas.js';
import type { HttpServices } from '../services.js';
import { apiKeyView } from '../views.js';

export function keyRoutes({ apiKeys }: HttpServices, auth: Auth): Router {
  const router = Router();
  router.use(auth.require('keys'));

  router.post('/', jsonBody, async (request, response) => {
    const { name, scopes } = parseInput(createKeySchema, request.body);
    const own = apiKeyOf(response);
    const beyond = scopes.filter((scope) => own === null || !hasScope(own, scope));
    if (beyond.length > 0)
      throw new RequestError('PermissionError', `Your API key lacks ${beyond.join(', ')}, so it cannot hand that out.`);
    const { key, secret } = await apiKeys.create({ name, scopes });
    response.status(201).json({ ...apiKeyView(key), key: secret });
  });

  router.get('/', async (_request, response) => {
    response.json((await apiKeys.list()).map(apiKeyView));
  });

  router.delete('/:id', async (request, response) => {
    if (!(await apiKeys.revoke(request.params.id))) throw new RequestError('NotFoundError', 'There is no such API key.');
    response.json({ message: 'API key revoked.', id: request.params.id });
  });

  return router;
}

export const KEY_PATHS: ZodOpenApiPathsObject = {
  '/api/keys': {
    post: {
      summary: 'Make an API key',
      ...keyOnly,
      ...jsonRequest(createKeySchema),
      responses: jsonAnswer(201, createdKeySchema, 400, 401, 403),
    },
    get: { summary: 'List API keys, newest first', ...keyOnly, responses: jsonAnswer(200, apiKeySchema.array(), 401, 403) },
  },
  '/api/keys/{id}': {
    delete: {
      summary: 'Revoke an API key',
      ...keyOnly,
      requestParams: { path: z.object({ id: z.string() }) },
      responses: jsonAnswer(200, z.object({ message: z.string(), id: z.string() }), 401, 403, 404),
    },
  },
};
