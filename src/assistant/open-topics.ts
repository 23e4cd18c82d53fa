/**
 * A short question that several documents answer differently ("how long is the warranty?": boards, sealants, sheets) leaves open which case is meant.
 * Better to show the cases and ask than to pick one.
 */
import { isNumber, words } from '../text/words.js';
import type { Evidence, QuestionReading } from './evidence.js';

/** A question with more to say than this, a name or a figure tells which case is meant. */
const MAX_TERMS = 3;
const MAX_TOPICS = 3;
/** A case whose evidence is much weaker than the best one's is not meant. */
const LEAST_SHARE = 0.75;

/** The best evidence of each document that the question may be about, best first; empty where it is clear. `evidence` is best first. */
export function openTopics(evidence: readonly Evidence[], { terms, wanted }: QuestionReading): readonly Evidence[] {
  if (wanted === null || terms.length > MAX_TERMS || terms.some((term) => term.isName || isNumber(term.word))) return [];
  const factual = evidence.filter((one) => one.hasWantedFact);
  const byTerm = terms.map((_, index) => bestPerDocument(factual.filter((one) => (one.inTitle[index] ?? 0) > 0)));
  const topics = byTerm.reduce((most, some) => (some.length > most.length ? some : most), []).slice(0, MAX_TOPICS);
  const comparable = topics.filter((one) => one.score >= (topics[0]?.score ?? 0) * LEAST_SHARE);
  return new Set(comparable.map(figuresOf)).size > 1 ? comparable : [];
}

function bestPerDocument(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ passage: { source } }) => {
    const known = seen.has(source.metadata.title);
    seen.add(source.metadata.title);
    return !known;
  });
}

const figuresOf = ({ passage }: Evidence): string => words(passage.text).filter(isNumber).join(' ');
