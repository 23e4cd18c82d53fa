/**
 * Finds the known words that an unknown one may be a misspelling of, by shared trigrams. Only asked about words the index does not know:
 * applied to every word it would cost more right answers than it finds.
 */

export interface FuzzyVocabulary {
  add(word: string): void;
  /** At most three known words, most similar first, with a similarity of 0.4 to 1 (Dice coefficient over padded trigrams). */
  nearest(word: string): readonly { readonly word: string; readonly similarity: number }[];
}

const LEAST_SIMILARITY = 0.4;
const MOST_CANDIDATES = 3;

export function createFuzzyVocabulary(): FuzzyVocabulary {
  const known = new Set<string>();
  const vocabulary: { readonly word: string; readonly grams: number }[] = [];
  const postings = new Map<string, number[]>();

  return {
    add(word) {
      if (word.length < 3 || known.has(word)) return;
      known.add(word);
      const grams = trigrams(word);
      for (const gram of grams) {
        const posting = postings.get(gram);
        if (posting === undefined) postings.set(gram, [vocabulary.length]);
        else posting.push(vocabulary.length);
      }
      vocabulary.push({ word, grams: grams.size });
    },
    nearest(word) {
      const grams = trigrams(word);
      const shared = new Map<number, number>();
      for (const gram of grams) for (const entry of postings.get(gram) ?? []) shared.set(entry, (shared.get(entry) ?? 0) + 1);
      const candidates: { word: string; similarity: number }[] = [];
      for (const [index, count] of shared) {
        const entry = vocabulary[index];
        if (entry === undefined) continue;
        const similarity = (2 * count) / (grams.size + entry.grams);
        if (similarity >= LEAST_SIMILARITY) candidates.push({ word: entry.word, similarity });
      }
      return candidates.sort((a, b) => b.similarity - a.similarity || (a.word < b.word ? -1 : 1)).slice(0, MOST_CANDIDATES);
    },
  };
}

function trigrams(word: string): Set<string> {
  const padded = `^^${word}$`;
  const grams = new Set<string>();
  for (let start = 0; start + 3 <= padded.length; start += 1) grams.add(padded.slice(start, start + 3));
  return grams;
}
