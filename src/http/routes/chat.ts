/** `/api/chat`: CONTRACT.md, "Chat". */
import { randomUUID } from 'node:crypto';
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { RequestError } from '../../domain/errors.js';
import { derivedId, randomId } from '../../domain/ids.js';
import type { MessageAttachment } from '../../domain/message.js';
import type { Session } from '../../domain/session.js';
import { converse } from '../converse.js';
import { filesOf, jsonBody, multipartBody, parseInput } from '../middleware/body.js';
import { binary, jsonAnswer, jsonRequest, sessionPath } from '../openapi-parts.js';
import {
  chatResponseSchema,
  historySchema,
  idempotencyKeySchema,
  MAX_ATTACHMENTS,
  messagesSchema,
  processingSchema,
  searchSchema,
  sendFormSchema,
  sendJsonSchema,
  sendTextFormSchema,
  sourceSchema,
  uploadedSchema,
  uploadFormSchema,
} from '../schemas.js';
import type { HttpConfig, HttpServices } from '../services.js';
import { requireOpenSession, requireSession } from '../session-access.js';
import { readUpload, uploadView } from '../uploads.js';
import { chatResponse, messageView } from '../views.js';

export function chatRoutes(services: HttpServices, config: HttpConfig): Router {
  const { sessions, messages, knowledge } = services;
  const router = Router();
  const attachmentsForm = multipartBody({ field: 'attachments', maxFiles: MAX_ATTACHMENTS, maxFileBytes: config.maxFileBytes });
  const uploadForm = multipartBody({ field: 'file', maxFiles: 1, maxFileBytes: config.maxFileBytes });

  router.post(
    '/sessions/:id/messages',
    async (request, response, next) => {
      // Before the body is read: nobody uploads 50 MB to a session that is not there.
      response.locals['session'] = await requireOpenSession(sessions, request.params.id, config.sessionTtlMs);
      next();
    },
    (request, response, next) => void (isForm(request) ? attachmentsForm : jsonBody)(request, response, next),
    async (request, response) => {
      const began = performance.now();
      const session = response.locals['session'] as Session;
      const key = parseInput(idempotencyKeySchema, request.get('idempotency-key')) ?? randomUUID();
      const { message: text, metadata } = parseMessage(request);
      const attachments = await readFiles(services, session, request, key);
      const { submitted, record } = await converse(
        services,
        config,
        { session, text, attachments, key, ...(metadata === undefined ? {} : { metadata }) },
        began,
      );
      if (record === null) {
        response.status(202).json({ message_id: submitted.messageId, session_id: session.id, status: 'processing' });
        return;
      }
      const { total } = await messages.list(session.threadId, { limit: 1, offset: 0 });
      response.json(chatResponse(record, session, submitted.messageId, total));
    },
  );

  router.get('/sessions/:id/messages', async (request, response) => {
    const session = await requireSession(sessions, request.params.id, config.sessionTtlMs);
    const { messages: found, total } = await messages.list(session.threadId, parseInput(historySchema, request.query));
    response.json({ messages: found.map(messageView), total, session_id: session.id });
  });

  router.all('/sessions//messages', () => {
    throw new RequestError('ValidationError', 'The session id is missing: create a session first.');
  });

  router.post('/search', jsonBody, async (request, response) => {
    const { query, limit, filters } = parseInput(searchSchema, request.body);
    response.json(await knowledge.search({ query, limit, ...(filters === undefined ? {} : { filters }) }));
  });

  router.post('/upload', requireForm, uploadForm, async (request, response) => {
    const { session_id } = parseInput(uploadFormSchema, request.body);
    const session = await requireOpenSession(sessions, session_id, config.sessionTtlMs);
    const file = filesOf(request)[0];
    if (file === undefined) throw new RequestError('ValidationError', 'The field "file" is missing.');
    response.json(uploadView(await readUpload(services, session, file, randomId('att'))));
  });

  return router;
}

const isForm = (request: Request): boolean => request.is('multipart/form-data') === 'multipart/form-data';

function requireForm(request: Request, _response: unknown, next: () => void): void {
  if (!isForm(request)) throw new RequestError('UnsupportedMediaTypeError', 'Send the file as multipart/form-data.');
  next();
}

function parseMessage(request: Request) {
  if (!isForm(request)) return parseInput(sendJsonSchema, request.body);
  return parseInput(filesOf(request).length === 0 ? sendTextFormSchema : sendFormSchema, request.body);
}

/** One after the other: a request must not take every core that reads files. */
async function readFiles(services: HttpServices, session: Session, request: Request, key: string): Promise<MessageAttachment[]> {
  const read: MessageAttachment[] = [];
  for (const [index, file] of filesOf(request).entries()) {
    // Derived, so that a repeated request does not leave a second copy.
    const { id, filename, contentType, sizeBytes } = await readUpload(services, session, file, derivedId('att', session.id, key, index));
    read.push({ id, filename, contentType, sizeBytes });
  }
  return read;
}

const sendFormBody = z.object({
  message: sendFormSchema.shape.message,
  metadata: z.string().optional().meta({ description: 'As JSON text' }),
  attachments: z.array(binary).max(MAX_ATTACHMENTS).optional(),
});

export const CHAT_PATHS: ZodOpenApiPathsObject = {
  '/api/chat/sessions/{id}/messages': {
    post: {
      summary: 'Send a message and get the answer',
      requestParams: { path: sessionPath, header: z.object({ 'Idempotency-Key': idempotencyKeySchema }) },
      requestBody: { content: { 'application/json': { schema: sendJsonSchema }, 'multipart/form-data': { schema: sendFormBody } } },
      responses: {
        ...jsonAnswer(200, chatResponseSchema, 400, 404, 413, 415, 503),
        '202': {
          description: 'The answer takes longer; it follows in the history and on the WebSocket',
          content: { 'application/json': { schema: processingSchema } },
        },
      },
    },
    get: {
      summary: 'The messages of a session, oldest first',
      requestParams: { path: sessionPath, query: historySchema },
      responses: jsonAnswer(200, messagesSchema, 400, 404),
    },
  },
  '/api/chat/search': {
    post: {
      summary: 'Search the knowledge',
      ...jsonRequest(searchSchema),
      responses: jsonAnswer(200, sourceSchema.array(), 400, 413, 415),
    },
  },
  '/api/chat/upload': {
    post: {
      summary: 'Upload a file to a session',
      requestBody: { content: { 'multipart/form-data': { schema: z.object({ file: binary, session_id: z.string() }) } } },
      responses: jsonAnswer(200, uploadedSchema, 400, 404, 413, 415),
    },
  },
};
