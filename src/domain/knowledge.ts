/**
 * Knowledge: documents, the chunks they are cut into, what a search returns, and the port through which the pipeline searches.
 */

export interface KnowledgeDocument {
  /** `doc_…`, derived from the source, so that loading it again replaces it. */
  readonly id: string;
  /** File path relative to the folder that was ingested, or the URL. */
  readonly source: string;
  readonly title: string;
  readonly url: string | null;
  /** ISO 639-1, told from the text. */
  readonly language: string;
  readonly contentType: string;
  /** SHA-256 of the bytes: an unchanged file is not loaded again. */
  readonly contentHash: string;
  /** The chunking and embedding it was loaded with: a document loaded with others is loaded again. */
  readonly loadedWith: string;
  readonly chunkCount: number;
  readonly updatedAt: Date;
}

export interface Chunk {
  /** `chunk_…`, derived from the document's id and content and the position, so that new content never takes the ids of old. */
  readonly id: string;
  readonly documentId: string;
  /** From 0, in reading order. */
  readonly position: number;
  readonly text: string;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** From 1; null for formats without pages. */
  readonly page: number | null;
  readonly source: string;
  readonly title: string;
  readonly url: string | null;
  readonly language: string;
}

/** A passage an answer rests on, as clients see it (CONTRACT: `Source`). */
export interface Source {
  readonly content: string;
  readonly metadata: {
    readonly source: string;
    readonly title: string;
    readonly page?: number;
    readonly url?: string;
    readonly document_id: string;
    readonly chunk_id: string;
  };
  /** 0 to 1. */
  readonly relevance_score: number;
  /** From 1. */
  readonly rank: number;
}

export interface SearchRequest {
  readonly query: string;
  /** 1 to 20. */
  readonly limit: number;
  /** Only chunks whose field (`source`, `title`, `language`, `document_id`, `page`) equals the value or one of the values. */
  readonly filters?: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  /** Prefer, not require, chunks in this language. */
  readonly language?: string;
  /** Passages that belong to this conversation only (its attachments), searched beside the shared knowledge. */
  readonly conversationChunks?: readonly Chunk[];
}

/** Hybrid search over the shared knowledge. Results under the relevance threshold are left out: an empty list means "not known". */
export interface KnowledgeSearch {
  search(request: SearchRequest): Promise<Source[]>;
}

export interface CatalogueProduct {
  readonly sku: string;
  readonly nameEs: string;
  readonly nameEn: string;
  readonly family: string;
  readonly thicknessMm: number | null;
  readonly widthMm: number | null;
  readonly lengthMm: number | null;
  readonly colourEs: string | null;
  readonly colourEn: string | null;
  /** What the price is for: `ud`, `m2`, `ml`, `caja`, … */
  readonly unit: string;
  /** Euros, without VAT. */
  readonly priceEur: number;
  /** Units in stock, 0 or more. */
  readonly stock: number;
  readonly synonyms: readonly string[];
}
