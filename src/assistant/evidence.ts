/**
 * How well a passage answers a question, without a model: which of the question's words it has, weighted by how much they tell, and whether it has the
 * kind of fact that is asked for.
 */
import { LRUCache } from 'lru-cache';
import type { Source } from '../domain/knowledge.js';
import { relatedStems } from '../text/glossary.js';
import { fold, isFunctionWord, isNumber, stem, stemVariants, words } from '../text/words.js';
import { type Passage, type Piece, piecesOf } from './passages.js';

export interface QuestionTerm {
  readonly word: string;
  readonly stems: readonly string[];
  readonly related: readonly string[];
  /** How much it tells, see KnowledgeService.rarity. */
  readonly weight: number;
  /** Written with a capital inside the question: a name, which no other word can stand for. */
  readonly isName: boolean;
  /** How often each two letters stand side by side in the word. */
  readonly pairs: ReadonlyMap<string, number>;
}

export type FactKind = 'money' | 'duration' | 'clock' | 'number';

export interface QuestionReading {
  readonly terms: readonly QuestionTerm[];
  readonly wanted: FactKind | null;
}

export interface Evidence {
  readonly passage: Passage;
  /** 0 to about 1.2: the order of the passages. */
  readonly score: number;
  /** By term: 1 for the word itself, less for a related or similar one, 0 for none. In the passage's own text. */
  readonly inText: readonly number[];
  /** The same, in the text or what it stands under. */
  readonly anywhere: readonly number[];
  /** The same, in the document's title. */
  readonly inTitle: readonly number[];
  readonly hasWantedFact: boolean;
}

const RELATED_MATCH = 0.8;
const LEAST_SIMILARITY = 0.6;
/** A heading's word holds for all that is under it, and so tells less about one sentence. */
const CONTEXT_MATCH = 0.6;
/** A document about the very thing goes before one that mentions it. */
const TITLE_BONUS = 0.2;

export function readQuestion(text: string, rarity: (word: string) => number): QuestionReading {
  const names = namesIn(text);
  const seen = new Set<string>();
  const terms: QuestionTerm[] = [];
  for (const word of words(text)) {
    if (isFunctionWord(word) || seen.has(word)) continue;
    seen.add(word);
    terms.push({
      word,
      stems: stemVariants(word),
      related: relatedStems(word),
      weight: rarity(word),
      isName: names.has(word),
      pairs: pairsOf(word),
    });
  }
  return { terms, wanted: wantedFact(fold(text)) };
}

/** Folded words that are written with a capital, other than a sentence's first, in a question that is not all in capitals. */
function namesIn(text: string): ReadonlySet<string> {
  if (text === text.toUpperCase()) return new Set();
  const names = [...text.matchAll(/(?<=[\p{Ll}\p{N},;]\s)\p{Lu}[\p{L}\p{N}]{2,}/gu)].map(([name]) => fold(name));
  return new Set(names);
}

const WANTED: readonly (readonly [FactKind, RegExp])[] = [
  ['clock', /\b(que hora|horarios?|abr(e|en|is|ir)|cierr(a|an)|opening|open|close|what times?)\b/],
  [
    'duration',
    /\b(plazos?|tarda\w*|cuant[oa]s? (dias|tiempo|meses|anos|horas|semanas)|how (long|soon|quickly)|how many (\w+ )?(days|hours|weeks|months|years)|cuando|when|antelacion|garantia|warranty)\b/,
  ],
  ['money', /\b(cuest\w*|cost\w*|preci\w*|vale\w?|tarifas?|importe|cobra\w*|price\w*|charg\w*|fees?|how much|euros?|porte)\b/],
  [
    'number',
    /\b(cuant[oa]s?|how (many|much|thick|wide|far|deep|high)|minim\w+|maxim\w+|que (temperatura|pendiente|espesor|distancia|conductividad|resistencia|altura|interes))\b/,
  ],
];

const FACTS: Readonly<Record<FactKind, RegExp>> = {
  clock: /\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b/,
  duration: /\d\s*(?:h|horas?|hours?|dias?|days?|working days|semanas?|weeks?|mes(?:es)?|months?|anos?|years?|min\w*)\b/,
  money: /[€$£]|\beuros?\b|\bgratis\b|\bgratuit\w+\b|\bfree\b|\bsin coste\b/,
  number: /\d/,
};

const wantedFact = (folded: string): FactKind | null => WANTED.find(([, pattern]) => pattern.test(folded))?.[0] ?? null;

/** A piece with what every question asks of it, so that a source is cut and stemmed once and not for each question. */
interface ReadPiece {
  readonly piece: Piece;
  readonly text: TextWords;
  readonly context: TextWords;
  readonly title: TextWords;
  readonly facts: ReadonlySet<FactKind>;
}

/** Texts of sources whose pieces are kept, some 20 kB each. */
const SOURCES_KEPT = 1_000;

/** How well each piece of a source answers. `ranked` is relative to the best source: 0 to 1. */
export type WeighSource = (source: Source, question: QuestionReading, ranked: number) => Evidence[];

/** Keeps what it has read of the sources that were asked for last. */
export function createSourceScale(): WeighSource {
  const known = new LRUCache<string, readonly ReadPiece[]>({ max: SOURCES_KEPT });
  return (source, question, ranked) => {
    const key = `${source.metadata.title}\n${source.content}`;
    const pieces = known.get(key) ?? readPieces(source.metadata.title, source.content);
    known.set(key, pieces);
    return pieces.map((piece) => weigh(piece, source, question, ranked));
  };
}

function readPieces(title: string, content: string): ReadPiece[] {
  const kinds = Object.keys(FACTS) as FactKind[];
  return piecesOf(title, content).map((piece) => {
    const folded = fold(piece.text);
    return {
      piece,
      text: wordsOf(piece.text, piece.language),
      context: wordsOf(piece.context, piece.language),
      title: wordsOf(title, piece.language),
      facts: new Set(kinds.filter((kind) => FACTS[kind].test(folded))),
    };
  });
}

function weigh({ piece, text, context, title, facts }: ReadPiece, source: Source, question: QuestionReading, ranked: number): Evidence {
  const inText = question.terms.map((term) => matchOf(term, text));
  const inContext = question.terms.map((term) => matchOf(term, context));
  const anywhere = inText.map((match, index) => Math.max(match, inContext[index] ?? 0));
  const forOrder = inText.map((match, index) => Math.max(match, CONTEXT_MATCH * (inContext[index] ?? 0)));
  const hasWantedFact = question.wanted !== null && facts.has(question.wanted);
  const inTitle = question.terms.map((term) => matchOf(term, title));
  const score = 0.7 * coverage(question, forOrder) + 0.3 * ranked + TITLE_BONUS * coverage(question, inTitle) + (hasWantedFact ? 0.15 : 0);
  return { passage: { ...piece, source }, score, inText, anywhere, inTitle, hasWantedFact };
}

/** The share of the question's weight that the matches cover: 0 to 1. */
export function coverage({ terms }: QuestionReading, matches: readonly number[]): number {
  let covered = 0;
  let asked = 0;
  terms.forEach((term, index) => {
    covered += term.weight * (matches[index] ?? 0);
    asked += term.weight;
  });
  return asked === 0 ? 0 : covered / asked;
}

interface TextWords {
  readonly stems: ReadonlySet<string>;
  /** By first letter, each once: a misspelt word is looked for among those that begin like it. */
  readonly byLetter: ReadonlyMap<string, readonly SpeltWord[]>;
}

interface SpeltWord {
  readonly word: string;
  readonly pairs: ReadonlyMap<string, number>;
}

function wordsOf(text: string, language: string): TextWords {
  const plain = [...new Set(words(text))];
  const byLetter = new Map<string, SpeltWord[]>();
  for (const word of plain) {
    const letter = word.charAt(0);
    const alike = byLetter.get(letter) ?? [];
    alike.push({ word, pairs: pairsOf(word) });
    byLetter.set(letter, alike);
  }
  return { stems: new Set(plain.map((word) => stem(word, language))), byLetter };
}

function matchOf(term: QuestionTerm, text: TextWords): number {
  if (term.stems.some((one) => text.stems.has(one))) return 1;
  if (term.related.some((one) => text.stems.has(one))) return RELATED_MATCH;
  if (term.word.length < 5 || isNumber(term.word)) return 0;
  let best = 0;
  for (const { word, pairs } of text.byLetter.get(term.word.charAt(0)) ?? []) {
    if (Math.abs(word.length - term.word.length) <= 2) best = Math.max(best, similarity(pairs, word, term));
  }
  return best >= LEAST_SIMILARITY ? best : 0;
}

/** Dice's coefficient over letter pairs: 0 to 1. */
function similarity(pairs: ReadonlyMap<string, number>, word: string, term: QuestionTerm): number {
  let shared = 0;
  for (const [pair, count] of term.pairs) shared += Math.min(count, pairs.get(pair) ?? 0);
  return (2 * shared) / (word.length + term.word.length - 2);
}

/** How often each two letters stand side by side in the word. */
function pairsOf(word: string): ReadonlyMap<string, number> {
  const pairs = new Map<string, number>();
  for (let index = 0; index < word.length - 1; index += 1) {
    const pair = word.slice(index, index + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}
