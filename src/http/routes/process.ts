/** `/chat`: the Spanish clients of CONTRACT.md, "Spanish clients". */
import { randomUUID } from 'node:crypto';
import { Router, type RequestHandler } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Session } from '../../domain/session.js';
import { converse } from '../converse.js';
import { apiKeyOf, type Auth } from '../middleware/auth.js';
import { jsonBody, parseInput } from '../middleware/body.js';
import { jsonAnswer, jsonRequest, keyOnly } from '../openapi-parts.js';
import { phoneSessionsSchema, processResponseSchema, processSchema, sessionSchema } from '../schemas.js';
import type { HttpConfig, HttpServices } from '../services.js';
import { findSession } from '../session-access.js';
import { processPending, processResponse, sessionView } from '../views.js';

export interface ProcessLimits {
  /** The limit of /chat/process alone. */
  readonly process: RequestHandler;
  /** The limit of everything else. */
  readonly others: RequestHandler;
}

export function processRoutes(services: HttpServices, config: HttpConfig, auth: Auth, limits: ProcessLimits): Router {
  const { sessions } = services;
  const router = Router();

  router.post('/process', limits.process, auth.optional('process'), jsonBody, async (request, response) => {
    const began = performance.now();
    const { mensaje, telefono, sesionId } = parseInput(processSchema, request.body);
    const trusted = apiKeyOf(response) !== null;
    const session = (await usableSession(sesionId, telefono, trusted)) ?? (await openSession(telefono, trusted));
    const { record } = await converse(services, config, { session, text: mensaje, attachments: [], key: randomUUID() }, began);
    response.status(record === null ? 202 : 200).json(record === null ? processPending(session) : processResponse(record, session));
  });

  router.get('/sessions', limits.others, auth.require('process'), async (request, response) => {
    const { telefono, limit } = parseInput(phoneSessionsSchema, request.query);
    const { sessions: found } = await sessions.list({ userId: telefono, userVerified: true, status: 'active', limit, offset: 0 });
    const idleSince = Date.now() - config.sessionTtlMs;
    response.json(found.filter((session) => session.lastActivity.getTime() >= idleSince).map(sessionView));
  });

  /** Null for a session that is unknown, over, or another number's: with a key only that number's own, without one never a trusted one. */
  async function usableSession(id: unknown, phone: string, trusted: boolean): Promise<Session | null> {
    const session = typeof id === 'string' ? await findSession(sessions, id.trim(), config.sessionTtlMs) : null;
    const usable = session !== null && session.status !== 'ended' && session.userId === phone && session.userVerified === trusted;
    return usable ? session : null;
  }

  const openSession = (phone: string, trusted: boolean): Promise<Session> =>
    sessions.create({ userId: phone, userVerified: trusted, channel: 'web', account: 'default', metadata: { client: 'process' } });

  return router;
}

export const PROCESS_PATHS: ZodOpenApiPathsObject = {
  '/chat/process': {
    post: {
      summary: 'One message of a Spanish-language client; with an API key (scope process) the number is trusted',
      security: [{}, ...keyOnly.security],
      ...jsonRequest(processSchema),
      responses: jsonAnswer(200, processResponseSchema, 400, 401, 403, 413, 415, 503),
    },
  },
  '/chat/sessions': {
    get: {
      summary: "A person's recent active sessions",
      ...keyOnly,
      requestParams: { query: phoneSessionsSchema },
      responses: jsonAnswer(200, sessionSchema.array(), 400, 401, 403),
    },
  },
};
