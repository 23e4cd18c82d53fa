// The search score of a document on its way through a pipeline. It is metadata, not a field: invisible until `$meta` asks for it.
import { type Doc } from './bson/index.js';

const SCORES = new WeakMap<Doc, number>();

/** Marks a document that a vector search found. */
export function setScore(doc: Doc, score: number): Doc {
  SCORES.set(doc, score);
  return doc;
}

export function scoreOf(doc: Doc): number | undefined {
  return SCORES.get(doc);
}

/** Hands the score on to the document that a stage made of another one. */
export function keepScore(from: Doc, to: Doc): Doc {
  const score = SCORES.get(from);
  if (score !== undefined && from !== to) SCORES.set(to, score);
  return to;
}
