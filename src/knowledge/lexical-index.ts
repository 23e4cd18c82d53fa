/**
 * The lexical index: BM25 over two fields (headings, which for questions and answers hold the question, and text), in memory. Words are stemmed in
 * the language of the passage; a question's words are tried in either. Beside the score it tells how much of the question a passage covers.
 */
import { relatedStems } from '../text/glossary.js';
import { isFunctionWord, isNumber, stem, stemVariants, words } from '../text/words.js';
import { createFuzzyVocabulary } from './fuzzy-vocabulary.js';

export interface LexicalEntry {
  /** Title and headings; the question, where the passage answers one. */
  readonly heading: string;
  readonly text: string;
  /** ISO 639-1. */
  readonly language: string;
}

export interface LexicalHit {
  /** The entry's place in the list the index was built from. */
  readonly entry: number;
  /** BM25, 0 and more. */
  readonly score: number;
  /** 0 to 1: the share of what the question asks about, weighted by rarity, that occurs in the passage. */
  readonly coverage: number;
}

export interface LexicalIndex {
  readonly size: number;
  /** Best first, at most `limit`. */
  search(query: string, limit: number): LexicalHit[];
  /** How much a folded word tells: inverse document frequency, highest for a word that occurs nowhere. */
  rarity(word: string): number;
}

/** Robertson & Zaragoza (2009): term saturation, and length normalisation for each field. */
const K1 = 1.2;
const B_HEADING = 0.5;
const B_TEXT = 0.75;
const HEADING_WEIGHT = 4;
/** Question words and articles tell a little about which of several passages answers; measured by `npm run bench:retrieval`. */
const FUNCTION_WORD_WEIGHT = 0.6;
/** How good a match a word of the same meaning is. */
const RELATED_MATCH = 0.8;

interface Posting {
  readonly entries: number[];
  readonly headingCounts: number[];
  readonly textCounts: number[];
}

/** One way in which a word of the question may occur: a term of the index, and how good a match that is (0 to 1). */
interface Reading {
  readonly term: string;
  readonly match: number;
}

export function createLexicalIndex(entries: readonly LexicalEntry[]): LexicalIndex {
  const postings = new Map<string, Posting>();
  const vocabulary = createFuzzyVocabulary();
  const headingLengths = new Float64Array(entries.length);
  const textLengths = new Float64Array(entries.length);

  entries.forEach((entry, index) => {
    headingLengths[index] = addField(index, entry.heading, entry.language, 'headingCounts');
    textLengths[index] = addField(index, entry.text, entry.language, 'textCounts');
  });
  const headingMean = mean(headingLengths);
  const textMean = mean(textLengths);
  const highestRarity = Math.log(1 + (entries.length + 0.5) / 0.5);
  const scores = new Float64Array(entries.length);
  const covered = new Float64Array(entries.length);
  const termScores = new Float64Array(entries.length);
  const termMatches = new Float64Array(entries.length);

  return { size: entries.length, search, rarity };

  function addField(index: number, text: string, language: string, field: 'headingCounts' | 'textCounts'): number {
    const found = words(text);
    for (const word of found) {
      vocabulary.add(word);
      const term = stem(word, language);
      let posting = postings.get(term);
      if (posting === undefined) postings.set(term, (posting = { entries: [], headingCounts: [], textCounts: [] }));
      if (posting.entries.at(-1) !== index) {
        posting.entries.push(index);
        posting.headingCounts.push(0);
        posting.textCounts.push(0);
      }
      const last = posting.entries.length - 1;
      posting[field][last] = (posting[field][last] ?? 0) + 1;
    }
    return found.length;
  }

  function rarityOfTerms(terms: readonly string[]): number {
    const frequency = Math.max(0, ...terms.map((term) => postings.get(term)?.entries.length ?? 0));
    return frequency === 0 ? highestRarity : Math.log(1 + (entries.length - frequency + 0.5) / (frequency + 0.5));
  }

  function rarity(word: string): number {
    return rarityOfTerms(stemVariants(word));
  }

  function readingsOf(word: string): readonly Reading[] {
    const exact = stemVariants(word).map((term) => ({ term, match: 1 }));
    const related = relatedStems(word).map((term) => ({ term, match: RELATED_MATCH }));
    const found = [...exact, ...related].filter((reading) => postings.has(reading.term));
    if (found.length > 0 || word.length < 4 || isNumber(word)) return found;
    return vocabulary
      .nearest(word)
      .flatMap((near) => stemVariants(near.word).map((term) => ({ term, match: near.similarity })))
      .filter((reading) => postings.has(reading.term));
  }

  function search(query: string, limit: number): LexicalHit[] {
    scores.fill(0);
    covered.fill(0);
    let asked = 0;
    for (const [word, count] of countWords(query)) {
      const readings = readingsOf(word);
      const content = !isFunctionWord(word);
      if (readings.length === 0) {
        if (content) asked += highestRarity;
        continue;
      }
      // As rare as the commonest of its readings: a rare word for a common thing says no more than the common one.
      const weight = rarityOfTerms(readings.map((reading) => reading.term));
      const touched = scoreWord(readings);
      for (const entry of touched) {
        scores[entry] = (scores[entry] ?? 0) + (content ? 1 : FUNCTION_WORD_WEIGHT) * weight * count * (termScores[entry] ?? 0);
        if (content) covered[entry] = (covered[entry] ?? 0) + weight * (termMatches[entry] ?? 0);
        termScores[entry] = 0;
        termMatches[entry] = 0;
      }
      if (content) asked += weight;
    }
    return bestEntries(asked, limit);
  }

  /** Fills `termScores` and `termMatches` with the best reading for each entry; returns the entries touched. */
  function scoreWord(readings: readonly Reading[]): readonly number[] {
    const touched: number[] = [];
    for (const { term, match } of readings) {
      const posting = postings.get(term);
      if (posting === undefined) continue;
      for (let place = 0; place < posting.entries.length; place += 1) {
        const entry = posting.entries[place] ?? 0;
        const inHeading = (posting.headingCounts[place] ?? 0) / (1 - B_HEADING + (B_HEADING * (headingLengths[entry] ?? 0)) / headingMean);
        const inText = (posting.textCounts[place] ?? 0) / (1 - B_TEXT + (B_TEXT * (textLengths[entry] ?? 0)) / textMean);
        const frequency = HEADING_WEIGHT * inHeading + inText;
        const score = (match * frequency * (K1 + 1)) / (frequency + K1);
        if (termScores[entry] === 0) touched.push(entry);
        termScores[entry] = Math.max(termScores[entry] ?? 0, score);
        termMatches[entry] = Math.max(termMatches[entry] ?? 0, match);
      }
    }
    return touched;
  }

  function bestEntries(asked: number, limit: number): LexicalHit[] {
    const hits: LexicalHit[] = [];
    for (let entry = 0; entry < scores.length; entry += 1) {
      const score = scores[entry] ?? 0;
      if (score > 0) hits.push({ entry, score, coverage: asked === 0 ? 0 : (covered[entry] ?? 0) / asked });
    }
    return hits.sort((a, b) => b.score - a.score || a.entry - b.entry).slice(0, limit);
  }
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** At least 1, so that it can be divided by. */
const mean = (values: Float64Array): number => Math.max(1, values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
