/** The port of the vector search, and the choice of who does it: the database where it can, else this process. */
import type { Collection, Document } from 'mongodb';
import type { Logger } from '../telemetry/logger.js';
import { openAtlasVectorIndex } from './atlas-vector-index.js';
import { createLocalVectorIndex } from './local-vector-index.js';

export interface VectorHit {
  readonly chunkId: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

export interface VectorIndex {
  /** `server`: $vectorSearch of the database; `memory`: exact, in this process. */
  readonly kind: 'server' | 'memory';
  /** Best first, at most `limit`. */
  search(vector: Float32Array, limit: number): Promise<readonly VectorHit[]>;
}

/** Asks the server whether it has vector search, and makes the search index where it is missing. `embeddings` is only called where it has not. */
export async function openVectorIndex(options: {
  readonly collection: Collection<{ _id: string } & Document>;
  readonly dimensions: number;
  readonly embeddings: () => Promise<ReadonlyMap<string, Float32Array>>;
  readonly logger: Logger;
}): Promise<VectorIndex> {
  const server = await openAtlasVectorIndex(options.collection, options.dimensions, options.logger);
  return server ?? createLocalVectorIndex(await options.embeddings());
}
