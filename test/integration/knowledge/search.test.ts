/** The search over a stored knowledge: filters, language, the conversation's own files, products, caching and seeing what others load. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogueProduct, SearchRequest } from '../../../src/domain/knowledge.js';
import { chunkAttachment } from '../../../src/knowledge/chunking.js';
import { createLocalEmbeddings } from '../../../src/knowledge/embeddings.js';
import { createSourceLoader, documentIdOf, type LoadSource } from '../../../src/knowledge/load-source.js';
import { createTextExtractor } from '../../../src/knowledge/loaders/extract-text.js';
import { openVectorIndex } from '../../../src/knowledge/open-vector-index.js';
import { createKnowledgeSearch, type KnowledgeService } from '../../../src/knowledge/search.js';
import { createKnowledgeStore } from '../../../src/storage/knowledge-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const DOCUMENTS: Readonly<Record<string, string>> = {
  'es/entrega.md':
    '# Entrega en la península\n\nEl primer palé cuesta 39 € en la zona A.\n\n## Sábados\n\nLos sábados repartimos con un suplemento de 45 €.',
  'en/delivery.md':
    '# Delivery on the mainland\n\nThe first pallet costs €39 in zone A.\n\n## Saturdays\n\nOn Saturdays we deliver for €45 more.',
  'en/warranty.md': '# Warranty\n\nPIR boards have a warranty of ten years.',
};
const PRODUCT: CatalogueProduct = {
  sku: 'TOR-55',
  nameEs: 'Tornillo autotaladrante 5,5 x 38 mm',
  nameEn: 'Self-drilling screw 5.5 x 38 mm',
  family: 'fixings',
  thicknessMm: null,
  widthMm: null,
  lengthMm: 38,
  colourEs: null,
  colourEn: null,
  unit: 'caja',
  priceEur: 20.1,
  stock: 113,
  synonyms: ['autoperforante'],
};

let database: TestDatabase;
let knowledge: KnowledgeService;
let load: LoadSource;
const extractor = createTextExtractor();

beforeAll(async () => {
  database = await startTestDatabase();
  const store = createKnowledgeStore(database.models);
  const embeddings = createLocalEmbeddings();
  const logger = createLogger({ level: 'silent' });
  load = await createSourceLoader({ store, extractText: extractor.extractText, embeddings });
  for (const [source, text] of Object.entries(DOCUMENTS)) await load({ source, url: null, bytes: Buffer.from(text) });
  await store.replaceProducts([PRODUCT]);
  const collection = database.db.collection<{ _id: string }>(database.models.chunks.collection.name);
  const vectors = { collection, dimensions: embeddings.dimensions, embeddings: () => store.embeddings(), logger };
  knowledge = await createKnowledgeSearch({ store, embeddings, openVectors: () => openVectorIndex(vectors), logger, pollMs: 50 });
});
afterAll(async () => {
  knowledge.stop();
  await extractor.close();
  await database.close();
});

const search = (query: string, more: Partial<SearchRequest> = {}) => knowledge.search({ query, limit: 5, ...more });

describe('knowledge search', () => {
  it('cites the passage that answers, with its headings, document and rank', async () => {
    const [first, second] = await search('do you deliver on Saturdays');
    expect(first).toMatchObject({
      content: '## Delivery on the mainland › Saturdays\n\nOn Saturdays we deliver for €45 more.',
      metadata: { source: 'en/delivery.md', title: 'Delivery on the mainland', document_id: documentIdOf('en/delivery.md') },
      rank: 1,
    });
    expect(first?.relevance_score).toBeGreaterThan(0.5);
    expect(second?.relevance_score ?? 0).toBeLessThanOrEqual(first?.relevance_score ?? 0);
  });

  it('prefers the language of the customer, without requiring it', async () => {
    const inSpanish = await search('zona A 39', { language: 'es' });
    expect(inSpanish[0]?.metadata.source).toBe('es/entrega.md');
    const warranty = await search('warranty PIR boards', { language: 'es' });
    expect(warranty[0]?.metadata.source).toBe('en/warranty.md');
  });

  it('keeps to filters, by one value or several', async () => {
    const sources = async (filters: NonNullable<SearchRequest['filters']>) =>
      (await search('delivery Saturdays entrega sábados', { filters })).map((hit) => hit.metadata.source);
    expect(new Set(await sources({ language: 'es' }))).toEqual(new Set(['es/entrega.md']));
    expect(new Set(await sources({ source: ['en/delivery.md', 'en/warranty.md'] }))).toEqual(new Set(['en/delivery.md']));
    expect(await sources({ page: 3 })).toEqual([]);
    expect(await sources({ unheard_of: 'x' })).toEqual([]);
    expect(await sources({ __proto__: 'x', constructor: 'y' })).toEqual([]);
  });

  it('finds nothing for what it does not know', async () => {
    expect(await search('quantum entanglement of photons')).toEqual([]);
    expect(await search('?')).toEqual([]);
    expect(await search('{"$where": "1"}')).toEqual([]);
  });

  it('finds products by name, synonym and code', async () => {
    for (const query of ['tornillo autotaladrante 5,5 x 38', 'self-drilling screw', 'TOR-55']) {
      expect((await search(query))[0]?.metadata).toMatchObject({ source: 'catalogue' });
    }
  });

  it('searches the files of the conversation beside the shared knowledge, and only when given', async () => {
    const conversationChunks = chunkAttachment({
      id: 'att_1',
      filename: 'offer.pdf',
      pages: [{ page: 2, text: 'The crane for the rooftop garden costs 480 euros.' }],
    });
    const [first] = await search('what does the crane for the rooftop garden cost', { conversationChunks });
    expect(first?.metadata).toMatchObject({ source: 'offer.pdf', page: 2, document_id: 'att_1' });
    expect((await search('what does the crane for the rooftop garden cost')).map((hit) => hit.metadata.source)).not.toContain('offer.pdf');
  });

  it('answers the same question from its cache, until the knowledge changes', async () => {
    await search('a question for the cache about pallets');
    const { cacheHits } = knowledge.describe();
    await search('a question for the cache about pallets');
    expect(knowledge.describe().cacheHits).toBe(cacheHits + 1);
  });

  it('sees what another process loaded', async () => {
    let changed = 0;
    knowledge.onChange(() => (changed += 1));
    expect(await search('zebra stripes')).toEqual([]);
    await load({ source: 'zebra.md', url: null, bytes: Buffer.from('# Zebra stripes\n\nZebra stripes cost 99 euros.') });
    const deadline = Date.now() + 60_000;
    while ((await search('zebra stripes')).length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await search('zebra stripes'))[0]?.metadata.source).toBe('zebra.md');
    expect(changed).toBeGreaterThan(0);
  });
});
