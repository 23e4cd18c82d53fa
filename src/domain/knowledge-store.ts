/** Where knowledge is kept. Loading writes it, every instance reads it into its own indexes and looks at the version to know when to read again. */
import type { CatalogueProduct, Chunk, KnowledgeDocument } from './knowledge.js';

export interface KnowledgeStore {
  /** By source. */
  documents(): Promise<KnowledgeDocument[]>;
  /** The chunks of the stored documents, each document's in reading order; never those of a load that did not finish. */
  chunks(): Promise<Chunk[]>;
  /** By chunk id. Only read where the database has no vector search. */
  embeddings(): Promise<Map<string, Float32Array>>;
  /**
   * Stores a document with its chunks in place of its former ones. Readers see the old chunks or the new ones, never a mixture: the new are written
   * first, then the document that names them, then the old are removed.
   */
  replaceDocument(document: KnowledgeDocument, chunks: readonly (Chunk & { readonly embedding: Float32Array })[]): Promise<void>;
  /** False when unknown. */
  removeDocument(id: string): Promise<boolean>;
  /** By SKU. */
  products(): Promise<CatalogueProduct[]>;
  /** The whole catalogue: products that are not in the list are removed. */
  replaceProducts(products: readonly CatalogueProduct[]): Promise<void>;
  /** Grows with every change of the above; 0 when nothing was ever stored. */
  version(): Promise<number>;
}
