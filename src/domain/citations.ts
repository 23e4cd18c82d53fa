/** Chunks as clients and answers see them: sources, with where they are from, how relevant they are and their rank. */
import type { Chunk, Source } from './knowledge.js';

/** `rank` is from 1. */
export function toSource(chunk: Chunk, relevance: number, rank: number): Source {
  return {
    content: chunk.headings.length === 0 ? chunk.text : `${headingLine(chunk)}\n\n${chunk.text}`,
    metadata: {
      source: chunk.source,
      title: chunk.title,
      ...(chunk.page === null ? {} : { page: chunk.page }),
      ...(chunk.url === null ? {} : { url: chunk.url }),
      document_id: chunk.documentId,
      chunk_id: chunk.id,
    },
    relevance_score: Math.round(relevance * 1000) / 1000,
    rank,
  };
}

/** The headings as one markdown heading, outermost first: a passage without them often does not say what it is about. */
const headingLine = (chunk: Chunk): string => `## ${chunk.headings.join(' › ')}`;
