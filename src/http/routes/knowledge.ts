/** `/api/knowledge/documents`: loading, listing and removing documents while the service runs, with a key of scope `knowledge`. The ingest script uses it. */
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { RequestError } from '../../domain/errors.js';
import type { KnowledgeDocument } from '../../domain/knowledge.js';
import type { KnowledgeStore } from '../../domain/knowledge-store.js';
import type { LoadSource } from '../../knowledge/load-source.js';
import { filesOf, multipartBody, parseInput } from '../middleware/body.js';
import { jsonAnswer, keyOnly } from '../openapi-parts.js';
import type { RouteExtension } from '../services.js';

export interface KnowledgeRouteServices {
  readonly store: KnowledgeStore;
  /** A loader that knows what is stored now, see `createSourceLoader`. */
  readonly newLoader: () => Promise<LoadSource>;
  /** Makes the change visible to searches of this process. */
  readonly reload: () => Promise<void>;
  readonly maxFileBytes: number;
}

const formSchema = z.object({
  source: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[^\p{Cc}]+$/u, 'must be on one line')
    .optional()
    .describe('Names the document, so that loading it again replaces it: a path or URL. The file name where it is left out.'),
});

const loadResultSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('loaded'), source: z.string(), document_id: z.string(), chunk_count: z.number().int() }),
  z.object({ outcome: z.literal('catalogue'), source: z.string(), product_count: z.number().int() }),
  z.object({ outcome: z.literal('unchanged'), source: z.string() }),
  z.object({ outcome: z.literal('failed'), source: z.string(), reason: z.string() }),
]);
export type LoadResultView = z.infer<typeof loadResultSchema>;

const documentSchema = z.object({
  document_id: z.string(),
  source: z.string(),
  title: z.string(),
  url: z.string().nullable(),
  language: z.string(),
  content_type: z.string(),
  chunk_count: z.number().int(),
  updated_at: z.iso.datetime(),
});
export type DocumentView = z.infer<typeof documentSchema>;

const removedSchema = z.object({ message: z.string(), document_id: z.string() });

/** For `HttpServices.extensions`. */
export function knowledgeExtension(services: KnowledgeRouteServices): RouteExtension {
  const { store, newLoader, reload, maxFileBytes } = services;
  const router = Router();

  router.post('/documents', multipartBody({ field: 'file', maxFiles: 1, maxFileBytes }), async (request, response) => {
    const { source } = parseInput(formSchema, request.body ?? {});
    const [file] = filesOf(request);
    if (file === undefined) throw new RequestError('ValidationError', 'Send the file in the form field "file".');
    const name = source ?? file.filename;
    const load = await newLoader();
    const result = await load({ source: name, url: /^https?:\/\//i.test(name) ? name : null, bytes: file.bytes });
    if (result.outcome === 'loaded' || result.outcome === 'catalogue') await reload();
    response.json(loadResultView(result));
  });

  router.get('/documents', async (_request, response) => {
    response.json((await store.documents()).map(documentView));
  });

  router.delete('/documents/:id', async (request, response) => {
    const { id } = request.params;
    if (!(await store.removeDocument(id))) throw new RequestError('NotFoundError', 'There is no such document.');
    await reload();
    response.json({ message: 'Document removed.', document_id: id } satisfies z.infer<typeof removedSchema>);
  });

  return { path: '/api/knowledge', scope: 'knowledge', router };
}

function loadResultView(result: Awaited<ReturnType<LoadSource>>): LoadResultView {
  const { source } = result;
  switch (result.outcome) {
    case 'loaded':
      return { outcome: 'loaded', source, document_id: result.documentId, chunk_count: result.chunkCount };
    case 'catalogue':
      return { outcome: 'catalogue', source, product_count: result.productCount };
    case 'unchanged':
      return { outcome: 'unchanged', source };
    case 'failed':
      return { outcome: 'failed', source, reason: result.reason };
  }
}

const documentView = (document: KnowledgeDocument): DocumentView => ({
  document_id: document.id,
  source: document.source,
  title: document.title,
  url: document.url,
  language: document.language,
  content_type: document.contentType,
  chunk_count: document.chunkCount,
  updated_at: document.updatedAt.toISOString(),
});

export const KNOWLEDGE_PATHS: ZodOpenApiPathsObject = {
  '/api/knowledge/documents': {
    post: {
      summary: 'Load a file into the knowledge; a catalogue replaces the products',
      ...keyOnly,
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: formSchema.extend({ file: z.string().meta({ format: 'binary' }) }) } },
      },
      responses: jsonAnswer(200, loadResultSchema, 400, 401, 403, 413),
    },
    get: { summary: 'List the documents by source', ...keyOnly, responses: jsonAnswer(200, documentSchema.array(), 401, 403) },
  },
  '/api/knowledge/documents/{id}': {
    delete: {
      summary: 'Remove a document with its passages',
      ...keyOnly,
      requestParams: { path: z.object({ id: z.string() }) },
      responses: jsonAnswer(200, removedSchema, 401, 403, 404),
    },
  },
};
