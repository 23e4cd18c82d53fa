/** Chooses who does the vector search: the database where it can, else this process. */
import type { Collection, Document } from 'mongodb';
import type { Logger } from '../telemetry/logger.js';
import { openAtlasVectorIndex } from './atlas-vector-index.js';
import { createLocalVectorIndex } from './local-vector-index.js';
import type { VectorIndex } from './vector-index.js';

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
