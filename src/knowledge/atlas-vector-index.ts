/** Vector search by the database: the $vectorSearch stage of MongoDB Atlas, its local image and the embedded engine, through the official driver. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collection, type Document, MongoServerError } from 'mongodb';
import type { Logger } from '../telemetry/logger.js';
import type { VectorIndex } from './vector-index.js';

const INDEX_NAME = 'chunk_embedding';
/** Candidates looked at for each result asked for; Atlas advises 20. */
const CANDIDATES_PER_RESULT = 20;
/** The server's own limit. */
const MAX_CANDIDATES = 10_000;
/** A small index is built, or loaded after a start, in less; one that takes longer is asked for again at the next reload. */
const BUILD_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 20;

/** Null where the server has no vector search, or its index is still being built: then this process searches by itself until it is asked again. */
export async function openAtlasVectorIndex(
  collection: Collection<{ _id: string } & Document>,
  dimensions: number,
  logger: Logger,
): Promise<VectorIndex | null> {
  try {
    const indexes = await collection.listSearchIndexes(INDEX_NAME).toArray();
    if (indexes.length === 0) await createIndex(collection, dimensions);
    if (!(await becomesQueryable(collection))) return null;
  } catch (thrown) {
    // Every server without vector search refuses with an error of its own (59 CommandNotFound, 115 CommandNotSupported, 31082 SearchNotEnabled, …).
    if (!(thrown instanceof MongoServerError)) throw thrown;
    logger.debug({ code: thrown.code }, 'the database has no vector search: chunks are searched in this process');
    return null;
  }
  return {
    kind: 'server',
    search: async (vector, limit) => {
      const stage = {
        index: INDEX_NAME,
        path: 'embedding',
        queryVector: Array.from(vector),
        limit,
        numCandidates: Math.min(limit * CANDIDATES_PER_RESULT, MAX_CANDIDATES),
      };
      const hits = await collection
        .aggregate<{ _id: string; score: number }>([{ $vectorSearch: stage }, { $project: { score: { $meta: 'vectorSearchScore' } } }])
        .toArray();
      // Atlas gives (1 + cosine) / 2.
      return hits.map((hit) => ({ chunkId: hit._id, similarity: 2 * hit.score - 1 }));
    },
  };
}

async function createIndex(collection: Collection<{ _id: string } & Document>, dimensions: number): Promise<void> {
  const definition = { fields: [{ type: 'vector', path: 'embedding', numDimensions: dimensions, similarity: 'cosine' }] };
  await collection.createSearchIndex({ name: INDEX_NAME, type: 'vectorSearch', definition });
}

async function becomesQueryable(collection: Collection<{ _id: string } & Document>): Promise<boolean> {
  for (const until = performance.now() + BUILD_WAIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    const [index] = await collection.listSearchIndexes(INDEX_NAME).toArray();
    if (isQueryable(index)) return true;
    if (performance.now() > until) return false;
  }
}

const isQueryable = (index: object | undefined): boolean => index !== undefined && 'queryable' in index && index.queryable === true;
