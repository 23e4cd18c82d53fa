/** `/api/knowledge/documents`: loading, listing and removing documents of a running service, and who may. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { knowledgeExtension } from '../../../src/http/routes/knowledge.js';
import { createLocalEmbeddings } from '../../../src/knowledge/embeddings.js';
import { createSourceLoader } from '../../../src/knowledge/load-source.js';
import { createTextExtractor } from '../../../src/knowledge/loaders/extract-text.js';
import { createKnowledgeStore } from '../../../src/storage/knowledge-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

const PATH = '/api/knowledge/documents';
const MAX_FILE_BYTES = 100_000;

let database: TestDatabase;
let service: TestService;
let headers: Record<string, string>;
let reloads = 0;
const extractor = createTextExtractor();

beforeAll(async () => {
  database = await startTestDatabase();
  const store = createKnowledgeStore(database.models);
  const newLoader = () => createSourceLoader({ store, extractText: extractor.extractText, embeddings: createLocalEmbeddings() });
  const reload = async () => void (reloads += 1);
  service = await startTestService({
    database,
    services: { extensions: [knowledgeExtension({ store, newLoader, reload, maxFileBytes: MAX_FILE_BYTES })] },
  });
  headers = { 'X-API-Key': await service.key('knowledge') };
});
afterAll(async () => {
  await closeTestServices();
  await extractor.close();
  await database.close();
});

const post = (content: string, fields: { filename?: string; source?: string } = {}) => {
  const form = new FormData();
  if (fields.source !== undefined) form.set('source', fields.source);
  form.set('file', new Blob([content]), fields.filename ?? 'page.md');
  return service.call('POST', PATH, { body: form, headers });
};

describe('knowledge documents', () => {
  it('loads a file once, lists it and makes it searchable at once', async () => {
    const loaded = await post('# Returns\n\nYou have thirty days.', { source: 'en/returns.md' });
    expect(loaded).toMatchObject({ status: 200, body: { outcome: 'loaded', source: 'en/returns.md', chunk_count: 1 } });
    expect(reloads).toBe(1);
    expect((await post('# Returns\n\nYou have thirty days.', { source: 'en/returns.md' })).body).toEqual({
      outcome: 'unchanged',
      source: 'en/returns.md',
    });
    expect(reloads).toBe(1);
    const { body } = await service.call('GET', PATH, { headers });
    expect(body).toMatchObject([
      { document_id: loaded.body['document_id'], source: 'en/returns.md', title: 'Returns', language: 'en', url: null, chunk_count: 1 },
    ]);
  });

  it('names a document by its file name, and a page by its address', async () => {
    expect((await post('Hello there.', { filename: 'hello.txt' })).body['source']).toBe('hello.txt');
    const url = 'https://shop.example.com/news';
    await post('<html><body><h1>News</h1></body></html>', { source: url });
    expect((await service.call('GET', PATH, { headers })).text).toContain(`"url":"${url}"`);
  });

  it('takes a catalogue for what it is', async () => {
    const { body } = await post('sku,name_es,name_en,family,unit,price_eur,stock\nA,Panel,Board,p,ud,1.5,3\n', {
      filename: 'products.csv',
    });
    expect(body).toEqual({ outcome: 'catalogue', source: 'products.csv', product_count: 1 });
  });

  it('says why a file cannot be read', async () => {
    expect((await post('\u0000\u0001', { filename: 'x.bin' })).body).toMatchObject({
      outcome: 'failed',
      source: 'x.bin',
      reason: expect.stringContaining('cannot be read') as unknown,
    });
  });

  it('removes a document, once', async () => {
    const { body } = await post('Short-lived.', { filename: 'gone.txt' });
    const path = `${PATH}/${String(body['document_id'])}`;
    expect((await service.call('DELETE', path, { headers })).status).toBe(200);
    expect((await service.call('DELETE', path, { headers })).status).toBe(404);
  });

  it('refuses a form without a file, one that is too large, and a source on two lines', async () => {
    const empty = new FormData();
    empty.set('source', 'x.md');
    expect((await service.call('POST', PATH, { body: empty, headers })).status).toBe(400);
    expect((await post('x'.repeat(MAX_FILE_BYTES + 1))).status).toBe(413);
    expect((await post('x', { source: 'a\nb' })).status).toBe(400);
  });

  it('is for keys of scope knowledge', async () => {
    expect((await service.call('GET', PATH)).status).toBe(401);
    expect((await service.call('GET', PATH, { headers: { 'X-API-Key': await service.key('analytics') } })).status).toBe(403);
    expect((await service.call('DELETE', `${PATH}/doc_x`, { headers: { 'X-API-Key': 'wrong' } })).status).toBe(401);
  });
});
