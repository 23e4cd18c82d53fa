/** `/api/sessions`: CONTRACT.md, "Sessions". */
import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { RequestError } from '../../domain/errors.js';
import type { Auth } from '../middleware/auth.js';
import { jsonBody, parseInput } from '../middleware/body.js';
import { jsonAnswer, jsonRequest, keyOnly, sessionPath } from '../openapi-parts.js';
import {
  changeStatusSchema,
  cleanedUpSchema,
  cleanupSchema,
  createSessionSchema,
  deletedSessionSchema,
  listSessionsSchema,
  sessionSchema,
} from '../schemas.js';
import type { HttpConfig, HttpServices } from '../services.js';
import { requireSession, unknownSession } from '../session-access.js';
import { sessionView } from '../views.js';

const DAY_MS = 86_400_000;

export function sessionRoutes({ sessions }: HttpServices, config: HttpConfig, auth: Auth): Router {
  const router = Router();

  router.post('/', jsonBody, async (request, response) => {
    const { user_id, metadata } = parseInput(createSessionSchema, request.body);
    const session = await sessions.create({ userId: user_id ?? null, channel: 'web', account: 'default', metadata: metadata ?? {} });
    response.status(201).json(sessionView(session));
  });

  router.get('/', auth.require('sessions'), async (request, response) => {
    const { user_id, status, limit, offset } = parseInput(listSessionsSchema, request.query);
    const filter = { limit, offset, ...(user_id === undefined ? {} : { userId: user_id }), ...(status === undefined ? {} : { status }) };
    const { sessions: found, total } = await sessions.list(filter);
    response.setHeader('X-Total-Count', String(total));
    response.json(found.map(sessionView));
  });

  router.post('/cleanup', auth.require('sessions'), async (request, response) => {
    const { days } = parseInput(cleanupSchema, request.query);
    const cutoff = new Date(Date.now() - days * DAY_MS);
    const deleted = await sessions.deleteIdle(cutoff);
    response.json({ message: `Deleted ${deleted} sessions.`, sessions_deleted: deleted, cutoff_date: cutoff.toISOString() });
  });

  router.get('/:id', async (request, response) => {
    response.json(sessionView(await requireSession(sessions, request.params.id, config.sessionTtlMs)));
  });

  router.patch('/:id/status', jsonBody, async (request, response) => {
    const session = await requireSession(sessions, request.params.id, config.sessionTtlMs);
    const { status } = parseInput(changeStatusSchema, { ...request.query, ...(request.body as object | undefined) });
    const changed = await sessions.setStatus(session.id, status);
    if (changed === null) throw unknownSession();
    response.json(sessionView(changed));
  });

  router.delete('/:id', async (request, response) => {
    const session = await requireSession(sessions, request.params.id, config.sessionTtlMs);
    if (!(await sessions.delete(session.id))) throw unknownSession();
    response.json({ message: 'Session deleted.', session_id: session.id });
  });

  // A client whose template had no id to put in asks for these.
  router.all(['/', '//status'], () => {
    throw new RequestError('ValidationError', 'The session id is missing: create a session first.');
  });
  return router;
}

export const SESSION_PATHS: ZodOpenApiPathsObject = {
  '/api/sessions': {
    post: { summary: 'Create a session', ...jsonRequest(createSessionSchema), responses: jsonAnswer(201, sessionSchema, 400, 413, 415) },
    get: {
      summary: 'List sessions, newest first',
      ...keyOnly,
      requestParams: { query: listSessionsSchema },
      responses: jsonAnswer(200, sessionSchema.array(), 400, 401, 403),
    },
  },
  '/api/sessions/cleanup': {
    post: {
      summary: 'Delete sessions that are not active and idle for longer',
      ...keyOnly,
      requestParams: { query: cleanupSchema },
      responses: jsonAnswer(200, cleanedUpSchema, 400, 401, 403),
    },
  },
  '/api/sessions/{id}': {
    get: { summary: 'One session', requestParams: { path: sessionPath }, responses: jsonAnswer(200, sessionSchema, 400, 404) },
    delete: {
      summary: 'Delete a session with its messages, attachments and memory',
      requestParams: { path: sessionPath },
      responses: jsonAnswer(200, deletedSessionSchema, 400, 404),
    },
  },
  '/api/sessions/{id}/status': {
    patch: {
      summary: 'Change the status, in the body or the query',
      requestParams: { path: sessionPath, query: changeStatusSchema.partial() },
      ...jsonRequest(changeStatusSchema, { required: false }),
      responses: jsonAnswer(200, sessionSchema, 400, 404),
    },
  },
};
