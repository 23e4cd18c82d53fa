/** Loading files and folders: what is unchanged is left alone, what is changed is replaced, what cannot be read is reported and harms nothing else. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../../src/domain/errors.js';
import type { KnowledgeStore } from '../../../src/domain/knowledge-store.js';
import { createLocalEmbeddings, type EmbeddingModel } from '../../../src/knowledge/embeddings.js';
import { ingestSources, type IngestOptions } from '../../../src/knowledge/ingest.js';
import { createSourceLoader } from '../../../src/knowledge/load-source.js';
import { createTextExtractor } from '../../../src/knowledge/loaders/extract-text.js';
import { createKnowledgeStore } from '../../../src/storage/knowledge-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const CATALOGUE = 'sku,name_es,name_en,family,unit,price_eur,stock\nA,Panel,Board,p,ud,1.5,3\n';

let database: TestDatabase;
let store: KnowledgeStore;
let folder: string;
let server: Server;
const extractor = createTextExtractor();

beforeAll(async () => {
  database = await startTestDatabase();
  store = createKnowledgeStore(database.models);
  folder = await mkdtemp(join(tmpdir(), 'parley-ingest-'));
  await mkdir(join(folder, 'es/.hidden'), { recursive: true });
  await writeFile(join(folder, 'es/a.md'), '# Envíos\n\nLos envíos tardan dos días.');
  await writeFile(join(folder, 'b.txt'), 'Opening hours\n\nWe open at eight.');
  await writeFile(join(folder, 'broken.pdf'), '%PDF-1.4 nothing');
  await writeFile(join(folder, 'products.csv'), CATALOGUE);
  await writeFile(join(folder, 'es/.hidden/c.md'), 'secret');
  server = createServer((_request, response) => response.end('<html><body><main><h1>News</h1><p>We moved.</p></main></body></html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await extractor.close();
  await rm(folder, { recursive: true, force: true });
  await database.close();
});

async function ingest(locations: readonly string[], options: Partial<IngestOptions> & { embeddings?: EmbeddingModel } = {}) {
  const { embeddings = createLocalEmbeddings(), ...others } = options;
  const load = await createSourceLoader({ store, extractText: extractor.extractText, embeddings });
  const { results } = await ingestSources({ locations, load, ...others });
  return Object.fromEntries(results.map((result) => [result.source, result.outcome]));
}

describe('ingest', () => {
  it('loads a folder, and says what it could not read', async () => {
    const progress: string[] = [];
    const outcomes = await ingest([folder], { onProgress: (done, total) => progress.push(`${done}/${total}`) });
    expect(outcomes).toEqual({ 'b.txt': 'loaded', 'broken.pdf': 'failed', 'es/a.md': 'loaded', 'products.csv': 'catalogue' });
    expect(progress).toEqual(['0/4', '1/4', '2/4', '3/4', '4/4']);
    expect((await store.documents()).map(({ source, title, language }) => [source, title, language])).toEqual([
      ['b.txt', 'b', 'en'],
      ['es/a.md', 'Envíos', 'es'],
    ]);
    expect((await store.products()).map((product) => product.sku)).toEqual(['A']);
  });

  it('leaves alone what has not changed, and replaces what has', async () => {
    await writeFile(join(folder, 'b.txt'), 'Opening hours\n\nWe open at nine.');
    expect(await ingest([folder])).toMatchObject({ 'b.txt': 'loaded', 'es/a.md': 'unchanged' });
    expect((await store.chunks()).filter((chunk) => chunk.source === 'b.txt').map((chunk) => chunk.text)).toEqual([
      'Opening hours\n\nWe open at nine.',
    ]);
  });

  it('loads everything again for another embedding', async () => {
    const other = { ...createLocalEmbeddings(), name: 'other' };
    expect(await ingest([join(folder, 'es')], { embeddings: other })).toEqual({ 'a.md': 'loaded' });
    expect(await ingest([join(folder, 'es')], { embeddings: other })).toEqual({ 'a.md': 'unchanged' });
    expect(await ingest([join(folder, 'es')])).toEqual({ 'a.md': 'loaded' });
  });

  it('keeps the old catalogue when the new one has errors', async () => {
    await writeFile(join(folder, 'products.csv'), CATALOGUE.replace('1.5', 'cheap'));
    expect(await ingest([join(folder, 'products.csv')])).toEqual({ 'products.csv': 'failed' });
    expect((await store.products())[0]?.priceEur).toBe(1.5);
  });

  it('loads a web page, from a private address only when that is allowed', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/news`;
    expect(await ingest([url])).toEqual({ [url]: 'failed' });
    expect(await ingest([url], { fetchLimits: { maxBytes: 10_000, timeoutMs: 60_000, allowPrivate: true } })).toEqual({ [url]: 'loaded' });
    const document = (await store.documents()).find(({ source }) => source === url);
    expect(document).toMatchObject({ url, title: 'News', contentType: 'text/html' });
  });

  it('names a path that is not there', async () => {
    await expect(ingest([join(folder, 'missing')])).rejects.toThrow(ConfigurationError);
  });
});
