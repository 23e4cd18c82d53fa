/** The knowledge store: documents are replaced as a whole, and the version tells of every change. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Chunk, KnowledgeDocument } from '../../../src/domain/knowledge.js';
import type { KnowledgeStore } from '../../../src/domain/knowledge-store.js';
import { createKnowledgeStore } from '../../../src/storage/knowledge-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
let store: KnowledgeStore;

beforeAll(async () => {
  database = await startTestDatabase();
  store = createKnowledgeStore(database.models);
});
afterAll(() => database.close());

const documentOf = (id: string, contentHash: string, chunkCount: number): KnowledgeDocument => ({
  id,
  source: `${id}.md`,
  title: 'Warranty',
  url: null,
  language: 'en',
  contentType: 'text/markdown',
  contentHash,
  loadedWith: 'test',
  chunkCount,
  updatedAt: new Date('2026-11-01T00:00:00Z'),
});

const chunksOf = (documentId: string, revision: string, texts: readonly string[]): (Chunk & { embedding: Float32Array })[] =>
  texts.map((text, position) => ({
    id: `chunk_${documentId}_${revision}_${position}`,
    documentId,
    position,
    text,
    headings: ['Warranty'],
    page: null,
    source: `${documentId}.md`,
    title: 'Warranty',
    url: null,
    language: 'en',
    embedding: Float32Array.of(0.6, 0.8),
  }));

describe('knowledge store', () => {
  it('stores a document with its chunks and reads them in order', async () => {
    await store.replaceDocument(documentOf('doc_a', 'one', 2), chunksOf('doc_a', 'one', ['Ten years.', 'Three years.']));
    expect(await store.documents()).toEqual([documentOf('doc_a', 'one', 2)]);
    const [first, second] = chunksOf('doc_a', 'one', ['Ten years.', 'Three years.']).map(({ embedding: _embedding, ...chunk }) => chunk);
    expect(await store.chunks()).toEqual([first, second]);
    const embeddings = await store.embeddings();
    expect(embeddings.get('chunk_doc_a_one_0')).toEqual(Float32Array.of(0.6, 0.8));
  });

  it('replaces a document, so that only the new chunks are left', async () => {
    await store.replaceDocument(documentOf('doc_b', 'one', 2), chunksOf('doc_b', 'one', ['old 1', 'old 2']));
    await store.replaceDocument(documentOf('doc_b', 'two', 1), chunksOf('doc_b', 'two', ['new']));
    const texts = (await store.chunks()).filter((chunk) => chunk.documentId === 'doc_b').map((chunk) => chunk.text);
    expect(texts).toEqual(['new']);
    expect(await database.models.chunks.countDocuments({ documentId: 'doc_b' })).toBe(1);
  });

  it('does not show the chunks of a load that was cut short', async () => {
    await store.replaceDocument(documentOf('doc_c', 'one', 1), chunksOf('doc_c', 'one', ['complete']));
    await database.models.chunks.collection.insertOne({
      ...chunksOf('doc_c', 'two', ['half'])[0],
      _id: 'chunk_half' as never,
      revision: 'two',
      embedding: [1, 0],
    });
    const texts = (await store.chunks()).filter((chunk) => chunk.documentId === 'doc_c').map((chunk) => chunk.text);
    expect(texts).toEqual(['complete']);
  });

  it('removes a document with its chunks, once', async () => {
    await store.replaceDocument(documentOf('doc_d', 'one', 1), chunksOf('doc_d', 'one', ['gone']));
    expect(await store.removeDocument('doc_d')).toBe(true);
    expect(await store.removeDocument('doc_d')).toBe(false);
    expect(await database.models.chunks.countDocuments({ documentId: 'doc_d' })).toBe(0);
  });

  it('replaces the whole catalogue', async () => {
    const product = {
      nameEs: 'Panel',
      nameEn: 'Board',
      family: 'panel',
      thicknessMm: 50,
      widthMm: null,
      lengthMm: null,
      colourEs: null,
      colourEn: null,
      unit: 'm2',
      priceEur: 18.9,
      stock: 3,
      synonyms: ['placa'],
    };
    await store.replaceProducts([
      { sku: 'A', ...product },
      { sku: 'B', ...product },
    ]);
    await store.replaceProducts([{ sku: 'B', ...product, stock: 0 }]);
    expect(await store.products()).toEqual([{ sku: 'B', ...product, stock: 0 }]);
  });

  it('advances the version with every change', async () => {
    const before = await store.version();
    await store.replaceProducts([]);
    expect(await store.version()).toBe(before + 1);
    await store.removeDocument('doc_unknown');
    expect(await store.version()).toBe(before + 1);
  });
});
