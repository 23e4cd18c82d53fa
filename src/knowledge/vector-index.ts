/** The port of the vector search. */

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
