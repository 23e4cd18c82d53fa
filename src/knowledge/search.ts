/**
 * The knowledge search: lexical and vector search side by side over what is in the database, fused; the products of the catalogue and the files of the
 * conversation beside them. Indexes are in memory and read again when the stored version changes, so that a load by anyone is seen within seconds.
 */
import NodeCache from 'node-cache';
import { productChunk } from '../domain/catalogue.js';
import { toSource } from '../domain/citations.js';
import type { CatalogueProduct, Chunk, KnowledgeSearch, SearchRequest, Source } from '../domain/knowledge.js';
import type { KnowledgeStore } from '../domain/knowledge-store.js';
import { LANGUAGES } from '../domain/understanding.js';
import { asError } from '../domain/errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { EmbeddingModel } from './embeddings.js';
import { fuse } from './fusion.js';
import { createLexicalIndex, type LexicalIndex } from './lexical-index.js';
import type { VectorHit, VectorIndex } from './vector-index.js';

export interface KnowledgeService extends KnowledgeSearch {
  /** The products as loaded last, by SKU. */
  readonly catalogue: () => readonly CatalogueProduct[];
  /** How much a folded word tells in this knowledge; highest for a word that occurs nowhere. Natural logarithm, 0 and more. */
  readonly rarity: (word: string) => number;
  /** Reads the store again now. Call it after loading in this process; otherwise the poll sees it. */
  readonly reload: () => Promise<void>;
  /** Called after each reload that changed something. */
  onChange(listener: () => void): void;
  /** For health and traces. */
  describe(): {
    readonly chunks: number;
    readonly products: number;
    readonly vectorSearch: VectorIndex['kind'];
    readonly cacheHits: number;
    readonly cacheMisses: number;
  };
  stop(): void;
}

export interface KnowledgeSearchOptions {
  readonly store: KnowledgeStore;
  readonly embeddings: EmbeddingModel;
  /** See `openVectorIndex`. Called at each reload. */
  readonly openVectors: () => Promise<VectorIndex>;
  readonly logger: Logger;
  /** How often the stored version is looked at, in ms. */
  readonly pollMs?: number;
}

/** Hits below this are not known to have anything to do with the question. */
const LEAST_RELEVANCE = 0.2;
/** Hits that each side contributes before they are fused. */
const CANDIDATES = 40;
/** Chunks in another language than the one preferred count this much less. */
const OTHER_LANGUAGE_FACTOR = 0.9;
/** A product is named, not described: it is only a hit when the query has most of its words from the product. */
const LEAST_PRODUCT_COVERAGE = 0.7;
const MAX_PRODUCTS = 3;
const CACHE_SECONDS = 600;
const CACHE_KEYS = 5_000;

interface Snapshot {
  readonly version: number;
  readonly chunks: readonly Chunk[];
  readonly places: ReadonlyMap<string, number>;
  readonly lexical: LexicalIndex;
  readonly vectors: VectorIndex;
  readonly products: readonly CatalogueProduct[];
  readonly productChunks: readonly Chunk[];
  readonly productIndex: LexicalIndex;
}

interface Hit {
  readonly chunk: Chunk;
  readonly relevance: number;
}

/** Resolves once the knowledge is read and can be searched. */
export async function createKnowledgeSearch(options: KnowledgeSearchOptions): Promise<KnowledgeService> {
  const { store, embeddings, logger } = options;
  const cache = new NodeCache({ stdTTL: CACHE_SECONDS, maxKeys: CACHE_KEYS, useClones: false });
  const listeners: (() => void)[] = [];
  let snapshot = await readSnapshot(options);

  const reload = async () => {
    snapshot = await readSnapshot(options);
    cache.flushAll();
    for (const listener of listeners) listener();
  };
  let polling = false;
  const poll = setInterval(() => {
    if (polling) return;
    polling = true;
    store
      .version()
      .then((version) => (version === snapshot.version ? undefined : reload()))
      .catch((thrown: unknown) => logger.warn({ err: asError(thrown) }, 'the knowledge could not be read again: the last state is used'))
      .finally(() => (polling = false));
  }, options.pollMs ?? 3_000);
  poll.unref();

  return {
    search,
    catalogue: () => snapshot.products,
    rarity: (word) => snapshot.lexical.rarity(word),
    reload,
    onChange: (listener) => void listeners.push(listener),
    describe: () => ({
      chunks: snapshot.chunks.length,
      products: snapshot.products.length,
      vectorSearch: snapshot.vectors.kind,
      cacheHits: cache.getStats().hits,
      cacheMisses: cache.getStats().misses,
    }),
    stop: () => {
      clearInterval(poll);
      cache.close();
    },
  };

  async function search(request: SearchRequest): Promise<Source[]> {
    const shared = await searchShared(request);
    const own = searchConversation(request);
    const hits = [...own, ...shared].sort((a, b) => b.relevance - a.relevance).slice(0, request.limit);
    return hits.map((hit, index) => toSource(hit.chunk, hit.relevance, index + 1));
  }

  async function searchShared(request: SearchRequest): Promise<readonly Hit[]> {
    const key = `search:${JSON.stringify([request.query, request.limit, request.filters ?? null, request.language ?? null])}`;
    const cached = cache.get<readonly Hit[]>(key);
    if (cached !== undefined) return cached;
    const state = snapshot;
    const hits = [...(await searchChunks(state, request)), ...searchProducts(state, request)]
      .filter((hit) => passes(hit.chunk, request.filters))
      .sort((a, b) => b.relevance - a.relevance)
      .slice(0, request.limit);
    if (state === snapshot) remember(key, hits);
    return hits;
  }

  async function searchChunks(state: Snapshot, { query, language, filters }: SearchRequest): Promise<Hit[]> {
    // With a filter every chunk is a candidate: the few that pass may be far down.
    const candidates = filters === undefined ? CANDIDATES : Math.max(CANDIDATES, state.chunks.length);
    const nearest = findNearest(state, await embedQuery(query), Math.min(candidates, 1_000));
    const lexical = state.lexical.search(query, candidates); // while the database is at work
    const similarities = new Map<number, number>();
    for (const { chunkId, similarity } of await nearest) {
      const place = state.places.get(chunkId);
      if (place !== undefined) similarities.set(place, similarity);
    }
    return fuse(lexical, similarities).flatMap(({ entry, relevance }) => {
      const chunk = state.chunks[entry];
      if (chunk === undefined) return [];
      const preferred = language === undefined || chunk.language === language ? relevance : relevance * OTHER_LANGUAGE_FACTOR;
      return preferred >= LEAST_RELEVANCE ? [{ chunk, relevance: preferred }] : [];
    });
  }

  /** Without vectors, be it that the query has no words or that the database fails, the words alone decide. */
  async function findNearest(state: Snapshot, vector: Float32Array, limit: number): Promise<readonly VectorHit[]> {
    if (vector.every((value) => value === 0)) return [];
    try {
      return await state.vectors.search(vector, limit);
    } catch (thrown) {
      logger.warn({ err: asError(thrown) }, 'the vector search failed: this search goes by words alone');
      return [];
    }
  }

  function searchConversation({ query, conversationChunks = [], filters }: SearchRequest): Hit[] {
    const chunks = conversationChunks.filter((chunk) => passes(chunk, filters));
    if (chunks.length === 0) return [];
    const key = `files:${chunks[0]?.id}:${chunks.at(-1)?.id}:${chunks.length}`;
    let index = cache.get<LexicalIndex>(key);
    if (index === undefined) remember(key, (index = createLexicalIndex(chunks.map(lexicalEntry))));
    return fuse(index.search(query, CANDIDATES), new Map()).flatMap(({ entry, relevance }) => {
      const chunk = chunks[entry];
      return chunk === undefined || relevance < LEAST_RELEVANCE ? [] : [{ chunk, relevance }];
    });
  }

  async function embedQuery(query: string): Promise<Float32Array> {
    const key = `embedding:${query}`;
    const cached = cache.get<Float32Array>(key);
    if (cached !== undefined) return cached;
    const [vector = new Float32Array(embeddings.dimensions)] = await embeddings.embed([query]);
    remember(key, vector);
    return vector;
  }

  /** A full cache takes nothing more until entries expire. */
  function remember(key: string, value: unknown): void {
    if (cache.getStats().keys < CACHE_KEYS) cache.set(key, value);
  }
}

function searchProducts(state: Snapshot, { query }: SearchRequest): Hit[] {
  return state.productIndex
    .search(query, 50)
    .filter((hit) => hit.coverage >= LEAST_PRODUCT_COVERAGE)
    .slice(0, MAX_PRODUCTS)
    .flatMap((hit) => {
      const chunk = state.productChunks[hit.entry];
      return chunk === undefined ? [] : [{ chunk, relevance: hit.coverage * hit.coverage }];
    });
}

async function readSnapshot({ store, openVectors }: KnowledgeSearchOptions): Promise<Snapshot> {
  const version = await store.version(); // first: what changes meanwhile is seen by the next poll
  const [chunks, products, vectors] = await Promise.all([store.chunks(), store.products(), openVectors()]);
  const productChunks = products.flatMap((product) => LANGUAGES.map((language) => productChunk(product, language)));
  const synonyms = products.flatMap((product) => LANGUAGES.map(() => product.synonyms.join(' ')));
  return {
    version,
    chunks,
    places: new Map(chunks.map((chunk, place) => [chunk.id, place])),
    lexical: createLexicalIndex(chunks.map(lexicalEntry)),
    vectors,
    products,
    productChunks,
    productIndex: createLexicalIndex(
      productChunks.map((chunk, place) => ({ heading: chunk.text, text: synonyms[place] ?? '', language: chunk.language })),
    ),
  };
}

/** The title is repeated as the first heading in most documents; once is enough. */
const lexicalEntry = (chunk: Chunk) => ({
  heading: [...new Set([chunk.title, ...chunk.headings])].join('\n'),
  text: chunk.text,
  language: chunk.language,
});

const FILTER_FIELDS: Readonly<Record<string, (chunk: Chunk) => string | number | null>> = {
  source: (chunk) => chunk.source,
  title: (chunk) => chunk.title,
  language: (chunk) => chunk.language,
  document_id: (chunk) => chunk.documentId,
  page: (chunk) => chunk.page,
};

/** A field that chunks do not have is met by none. */
function passes(chunk: Chunk, filters: SearchRequest['filters']): boolean {
  return Object.entries(filters ?? {}).every(([field, wanted]) => {
    const read = Object.hasOwn(FILTER_FIELDS, field) ? FILTER_FIELDS[field] : undefined;
    const value = read?.(chunk) ?? null;
    return value !== null && (Array.isArray(wanted) ? (wanted as readonly unknown[]).includes(value) : wanted === value);
  });
}
