/** Loads one file or page into the knowledge: text, passages, embeddings, store. A catalogue becomes products. What is unchanged is not loaded again. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ExtractText } from '../domain/attachment.js';
import { derivedId } from '../domain/ids.js';
import type { Chunk, KnowledgeDocument } from '../domain/knowledge.js';
import type { KnowledgeStore } from '../domain/knowledge-store.js';
import { CatalogueError, isCatalogue, parseCatalogue } from './catalogue-file.js';
import { chunkDocument } from './chunking.js';
import type { EmbeddingModel } from './embeddings.js';

/** Changes when the same file would be cut into other passages than before. */
const CHUNKING = 'chunking-1';

export interface SourceFile {
  /** Path relative to the folder that is loaded, or the URL: names the document, so that loading it again replaces it. */
  readonly source: string;
  readonly url: string | null;
  readonly bytes: Buffer;
}

export type LoadResult =
  | { readonly outcome: 'loaded'; readonly source: string; readonly documentId: string; readonly chunkCount: number }
  | { readonly outcome: 'catalogue'; readonly source: string; readonly productCount: number }
  | { readonly outcome: 'unchanged'; readonly source: string }
  | { readonly outcome: 'failed'; readonly source: string; readonly reason: string };

export interface LoadServices {
  readonly store: KnowledgeStore;
  readonly extractText: ExtractText;
  readonly embeddings: EmbeddingModel;
}

export type LoadSource = (file: SourceFile) => Promise<LoadResult>;

export const documentIdOf = (source: string): string => derivedId('doc', source);

/** A loader that reads once which documents are there already: make a new one for each run. */
export async function createSourceLoader(services: LoadServices): Promise<LoadSource> {
  const { store, extractText, embeddings } = services;
  const known = new Map((await store.documents()).map((document) => [document.id, document]));
  const loadedWith = `${CHUNKING}:${embeddings.name}`;

  return async (file) => {
    const { source, url, bytes } = file;
    const start = bytes.subarray(0, 1024).toString('utf8');
    if (isCatalogue(start)) return loadCatalogue(file, store);
    const id = documentIdOf(source);
    const contentHash = createHash('sha256').update(bytes).digest('hex');
    const before = known.get(id);
    if (before?.contentHash === contentHash && before.loadedWith === loadedWith) return { outcome: 'unchanged', source };

    const extraction = await extractText({ bytes, filename: basename(source) });
    if (!extraction.ok) return { outcome: 'failed', source, reason: extraction.message };
    const fallbackTitle = basename(source).replace(/\.\w+$/, '');
    const { title, language, chunks } = chunkDocument({ id, revision: contentHash, source, fallbackTitle, url, pages: extraction.pages });
    const document: KnowledgeDocument = {
      id,
      source,
      title,
      url,
      language,
      contentType: extraction.contentType,
      contentHash,
      loadedWith,
      chunkCount: chunks.length,
      updatedAt: new Date(),
    };
    await store.replaceDocument(document, await embedChunks(chunks, embeddings));
    known.set(id, document);
    return { outcome: 'loaded', source, documentId: id, chunkCount: chunks.length };
  };
}

async function embedChunks(chunks: readonly Chunk[], embeddings: EmbeddingModel) {
  const vectors = await embeddings.embed(chunks.map((chunk) => [chunk.title, ...chunk.headings, chunk.text].join('\n')));
  return chunks.map((chunk, index) => ({ ...chunk, embedding: vectors[index] ?? new Float32Array(embeddings.dimensions) }));
}

async function loadCatalogue({ source, bytes }: SourceFile, store: KnowledgeStore): Promise<LoadResult> {
  try {
    const products = await parseCatalogue(bytes.toString('utf8'));
    await store.replaceProducts(products);
    return { outcome: 'catalogue', source, productCount: products.length };
  } catch (thrown) {
    if (!(thrown instanceof CatalogueError)) throw thrown;
    return { outcome: 'failed', source, reason: thrown.message };
  }
}
