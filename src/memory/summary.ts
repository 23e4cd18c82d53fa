/** A summary of what was talked about before the window, in the customer's own sentences: extractive, so that it says nothing that was not said. */
import type { Message } from '../domain/message.js';
import { isFunctionWord, words } from '../text/words.js';

const MAX_SENTENCES = 4;
const MAX_CHARS = 600;
const MAX_SENTENCE_CHARS = 200;
const LEAST_WORDS = 3;

interface Sentence {
  readonly text: string;
  readonly position: number;
  readonly terms: readonly string[];
}

/** Null where there is nothing to summarise. */
export function summarise(messages: readonly Message[]): string | null {
  const sentences = messages.filter((message) => message.role === 'user').flatMap((message) => sentencesOf(message.text));
  const positioned = sentences.map((text, position): Sentence => ({
    text,
    position,
    terms: words(text).filter((word) => !isFunctionWord(word)),
  }));
  const candidates = positioned.filter(({ terms }) => terms.length >= LEAST_WORDS);
  if (candidates.length === 0) return null;
  const frequency = new Map<string, number>();
  for (const { terms } of candidates) for (const term of new Set(terms)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const chosen: Sentence[] = [];
  const covered = new Set<string>();
  while (chosen.length < MAX_SENTENCES) {
    const best = bestSentence(candidates, chosen, frequency, covered);
    if (best === null) break;
    chosen.push(best);
    for (const term of best.terms) covered.add(term);
  }
  const inOrder = chosen.sort((a, b) => a.position - b.position).map(({ text }) => text);
  return fitTogether(inOrder);
}

/** The sentence that adds most of what was spoken of often; null once none adds anything. */
function bestSentence(
  candidates: readonly Sentence[],
  chosen: readonly Sentence[],
  frequency: ReadonlyMap<string, number>,
  covered: ReadonlySet<string>,
): Sentence | null {
  let best: Sentence | null = null;
  let most = 0;
  for (const candidate of candidates) {
    if (chosen.includes(candidate)) continue;
    const news = new Set(candidate.terms.filter((term) => !covered.has(term)));
    const gain = [...news].reduce((sum, term) => sum + (frequency.get(term) ?? 0), 0) / Math.sqrt(candidate.terms.length + 2);
    if (gain > most) {
      most = gain;
      best = candidate;
    }
  }
  return best;
}

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim().slice(0, MAX_SENTENCE_CHARS))
    .filter(Boolean);

function fitTogether(sentences: readonly string[]): string {
  let summary = '';
  for (const sentence of sentences) {
    const next = summary === '' ? sentence : `${summary} ${sentence}`;
    if (next.length > MAX_CHARS) break;
    summary = next;
  }
  return summary;
}
