/**
 * One ranking out of two: BM25 decides, the vectors settle what words leave open. And how far to trust it: a relevance of 0 to 1, so that
 * whoever answers can tell "known" from "not known".
 */
import type { LexicalHit } from './lexical-index.js';

export interface FusedHit {
  readonly entry: number;
  /** 0 to 1, see `confidence`; falls with the rank. */
  readonly relevance: number;
}

/**
 * The share of the vectors in the order. Measured on the five sets of `npm run bench:retrieval`: 0 to 0.2 are alike on average (the local vectors help
 * StackFAQ and Spanish by about a point, and cost as much on SciFact and English XQuAD); 0.3 loses a point. A trained embedding model deserves more.
 */
const VECTOR_WEIGHT = 0.2;
/** The best few hits are asked how much of the question is found: the first may miss a word that the second has. */
const WITNESSES = 3;

/** `similarities` are cosines by entry; an entry that is missing was not near enough to be returned. */
export function fuse(lexical: readonly LexicalHit[], similarities: ReadonlyMap<number, number>): FusedHit[] {
  const bestLexical = lexical[0]?.score ?? 1;
  const bestSimilarity = Math.max(1e-6, ...similarities.values());
  const hits = new Map(
    [...similarities].map(([entry, similarity]) => [
      entry,
      { entry, coverage: 0, similarity, score: vectorScore(similarity, bestSimilarity) },
    ]),
  );
  for (const { entry, score, coverage } of lexical) {
    const similarity = similarities.get(entry) ?? 0;
    hits.set(entry, { entry, coverage, similarity, score: score / bestLexical + vectorScore(similarity, bestSimilarity) });
  }
  const ranked = [...hits.values()].sort((a, b) => b.score - a.score || a.entry - b.entry);
  const trust = Math.max(0, ...ranked.slice(0, WITNESSES).map((hit) => confidence(hit.coverage, hit.similarity)));
  const bestScore = ranked[0]?.score ?? 1;
  return ranked.map(({ entry, score }) => ({ entry, relevance: (trust * score) / bestScore }));
}

const vectorScore = (similarity: number, best: number): number => (VECTOR_WEIGHT * Math.max(0, similarity)) / best;

/**
 * How likely a hit answers the question, from the share of the question it covers and its cosine: a logistic regression over StackFAQ, CovidFAQ and
 * XQuAD in both languages, where for half of the questions the answer had been taken out of the corpus (scripts/bench/retrieval.ts, `--calibrate`).
 */
export const confidence = (coverage: number, similarity: number): number => 1 / (1 + Math.exp(3.7 - 3.1 * coverage - 5.3 * similarity));
