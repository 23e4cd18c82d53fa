/** `/api/attachments/:id`: the bytes of a file, for the chat that it belongs to. It is somebody's upload: no browser may take it for a page or a script. */
import { Router, type Response } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { StoredFile } from '../../domain/attachment.js';
import { RequestError } from '../../domain/errors.js';
import { apiKeyOf, type Auth } from '../middleware/auth.js';
import { binary, jsonAnswer } from '../openapi-parts.js';
import type { HttpConfig, HttpServices } from '../services.js';
import { requireSession } from '../session-access.js';

/** What a browser shows in place, told by its content; nothing in it can run. Everything else is saved. */
const SHOWN_IN_PLACE: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

export function attachmentRoutes({ attachments, sessions }: HttpServices, config: HttpConfig, auth: Auth): Router {
  const router = Router();
  router.use(auth.optional('sessions'));
  router.get('/:id', async (request, response) => {
    const { id } = request.params;
    // A key opens every file, a session those of its own; that others are there is told to nobody.
    const threadId =
      apiKeyOf(response) === null ? (await requireSession(sessions, request.query['session_id'], config.sessionTtlMs)).threadId : undefined;
    const file = await attachments.loadFile(id, threadId);
    if (file === null) throw new RequestError('NotFoundError', 'There is no such file.');
    sendFile(response, file);
  });
  return router;
}

/** As what no browser takes for a page or a script. */
export function sendFile(response: Response, file: StoredFile): void {
  const inPlace = SHOWN_IN_PLACE.has(file.contentType);
  response.set({
    'Content-Type': inPlace ? file.contentType : 'application/octet-stream',
    'Content-Disposition': `${inPlace ? 'inline' : 'attachment'}; filename*=UTF-8''${encodedName(file.filename)}`,
    'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-store',
  });
  response.send(file.bytes);
}

/** RFC 8187: what may not stand as it is goes as UTF-8 in percent signs. Halves of characters, which have no UTF-8, become replacement characters. */
const encodedName = (filename: string): string =>
  encodeURIComponent(Buffer.from(filename).toString()).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

export const ATTACHMENT_PATHS: ZodOpenApiPathsObject = {
  '/api/attachments/{id}': {
    get: {
      summary: 'The bytes of a file, with its session or an API key of scope `sessions`',
      security: [{}, { apiKey: [] }, { bearer: [] }],
      requestParams: {
        path: z.object({ id: z.string().meta({ description: 'Of the attachment: `att_…`' }) }),
        query: z.object({ session_id: z.string().optional().meta({ description: 'The session that the file belongs to' }) }),
      },
      responses: {
        ...jsonAnswer(200, binary, 400, 401, 403, 404),
        '200': {
          description: 'The file. Pictures (PNG, JPEG, GIF, WebP) are to be shown, everything else to be saved',
          content: { 'image/*': { schema: binary }, 'application/octet-stream': { schema: binary } },
        },
      },
    },
  },
};
