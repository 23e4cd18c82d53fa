/** What the intent classifier sees of a message: stemmed words, pairs of them, and character n-grams, which carry misspelt words. */
import { fold, stem } from '../text/words.js';
import type { Language } from '../domain/understanding.js';

/** Beyond this a message is a story, not a question; the start tells the intent and the cost stays bounded. */
const MAX_CHARS = 800;
const GRAM_SIZES = [3, 4, 5] as const;
const WORD = /\p{L}+|\p{N}+|[?]/gu;

/** The features of one kind in a text with how often each occurs. */
export type FeatureCounts = ReadonlyMap<string, number>;

export interface TextFeatures {
  readonly words: FeatureCounts;
  readonly grams: FeatureCounts;
}

export function featuresOf(text: string, language: Language): TextFeatures {
  const forms = (fold(text.slice(0, MAX_CHARS)).match(WORD) ?? []).map((word) => (/^\p{N}/u.test(word) ? '0' : word));
  const words = new Map<string, number>();
  const grams = new Map<string, number>();
  let previous = '^';
  for (const form of forms) {
    const stemmed = stem(form, language);
    count(words, stemmed);
    count(words, `${previous} ${stemmed}`);
    previous = stemmed;
    const padded = ` ${form} `;
    for (const size of GRAM_SIZES) for (let at = 0; at + size <= padded.length; at += 1) count(grams, padded.slice(at, at + size));
  }
  return { words, grams };
}

const count = (counts: Map<string, number>, feature: string): void => void counts.set(feature, (counts.get(feature) ?? 0) + 1);
