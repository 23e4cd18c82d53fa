/**
 * Finds catalogue products in a message: misspelt, in the plural, without accents, split in two, in the middle of a longer sentence, by a synonym
 * or by its code. First the label that explains most of the message's product words, then, among its variants, those that the measures, figures and
 * colours beside it speak for.
 */
import type { CatalogueProduct } from '../../domain/knowledge.js';
import { fold, isFunctionWord, isNumber } from '../../text/words.js';
import type { Claims, Token } from '../tokens.js';
import { buildLabelIndex, type LabelIndex, type ProductLabel } from './product-labels.js';
import { createVariantResolver, type Mention, type ResolveVariants } from './product-variants.js';

export interface ProductIndex {
  readonly catalogue: readonly CatalogueProduct[];
  isCode(code: string): boolean;
  /** Whether any product is that thick. */
  hasThickness(mm: number): boolean;
  /** Claims the words of what it finds. `isOrdinary` words are never taken for misspelt product words. */
  findMentions(folded: string, tokens: readonly Token[], claims: Claims, isOrdinary: (form: string) => boolean): Mention[];
  /** The variants meant, see product-variants. */
  resolve: ResolveVariants;
}

/** A label counts when this share of its weight was said; less is enough where two of its words were. */
const LEAST_COVERAGE = 0.45;
const LEAST_COVERAGE_OF_TWO = 0.34;
const LEAST_COVERAGE_OF_THREE = 0.25;
/** Beside another product in the same breath a second one must be said plainly: `rock wool boards` is one. */
const LEAST_COVERAGE_BESIDE = 0.75;
const FULL_COVERAGE = 0.9;
/** Unmatched words that may stand inside a mention. */
const MOST_GAP = 2;
/** Looking up misspelt words is what costs: the start of a very long message is enough. */
const MAX_TOKENS = 150;
/** Only well-spelt words of this length may be read as one when written apart. */
const LEAST_JOINED = 7;
const LEAST_JOINED_CODE = 4;

/** A word of the message that is, or may be, a catalogue word. */
interface Hit {
  readonly firstToken: number;
  readonly lastToken: number;
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly { readonly id: number; readonly similarity: number }[];
}

export function createProductIndex(catalogue: readonly CatalogueProduct[]): ProductIndex {
  const index = buildLabelIndex(catalogue);
  const thicknesses = new Set(catalogue.map((product) => product.thicknessMm));
  const byCode = new Map(catalogue.map((product, at) => [fold(product.sku), at]));
  return {
    catalogue,
    isCode: (code) => byCode.has(fold(code)),
    hasThickness: (mm) => thicknesses.has(mm),
    findMentions(folded, tokens, claims, isOrdinary) {
      const byCodes = findCodes(folded, byCode, claims);
      const hits = findHits(index, tokens, claims, isOrdinary);
      const named = segmentsOf(hits, folded, tokens).flatMap((segment) => readSegment(index, segment));
      for (const mention of named) claims.claim(mention.start, mention.end);
      return [...byCodes, ...named].sort((a, b) => a.start - b.start);
    },
    resolve: createVariantResolver(index, catalogue),
  };
}

function findCodes(folded: string, byCode: ReadonlyMap<string, number>, claims: Claims): Mention[] {
  const found: Mention[] = [];
  for (const match of folded.matchAll(/(?<![\p{L}\p{N}-])[\p{L}\p{N}]{1,20}(?:[-./][\p{L}\p{N}]{1,20}){1,5}(?![\p{L}\p{N}])/gu)) {
    const product = byCode.get(match[0]);
    const end = match.index + match[0].length;
    if (product === undefined || !claims.isFree(match.index, end)) continue;
    claims.claim(match.index, end);
    found.push({ start: match.index, end, score: 1, products: [product], wordIds: new Set() });
  }
  return found;
}

function findHits(index: LabelIndex, tokens: readonly Token[], claims: Claims, isOrdinary: (form: string) => boolean): Hit[] {
  const hits: Hit[] = [];
  const read = tokens.slice(0, MAX_TOKENS);
  for (let at = 0; at < read.length; at += 1) {
    const token = read[at];
    if (token === undefined || isNumber(token.form) || isFunctionWord(token.form) || !claims.isFree(token.start, token.end)) continue;
    const exact = index.words.resolveExactly(token.form);
    const next = read[at + 1];
    if (exact === null && next !== undefined && next.start === token.end + 1) {
      const whole = token.form + next.form;
      const joined = whole.length >= (/\d/.test(whole) ? LEAST_JOINED_CODE : LEAST_JOINED) ? index.words.resolveExactly(whole) : null;
      if (joined !== null && claims.isFree(next.start, next.end)) {
        hits.push({ firstToken: at, lastToken: at + 1, start: token.start, end: next.end, candidates: [{ id: joined, similarity: 0.95 }] });
        at += 1;
        continue;
      }
    }
    const candidates = exact !== null ? [{ id: exact, similarity: 1 }] : isOrdinary(token.form) ? [] : index.words.resolve(token.form);
    if (candidates.length > 0) hits.push({ firstToken: at, lastToken: at, start: token.start, end: token.end, candidates });
  }
  return hits;
}

const LIST_WORD = /(?<!\p{L})(?:y|e|o|u|and|or|vs|versus|ni)(?!\p{L})|[,;.?!\n]/u;

/** Runs of hits that may be one mention: lists (`lana de roca y panel PIR`) and far words are cut apart. */
function segmentsOf(hits: readonly Hit[], folded: string, tokens: readonly Token[]): Hit[][] {
  const segments: Hit[][] = [];
  for (const hit of hits) {
    const segment = segments.at(-1);
    const last = segment?.at(-1);
    const between = last === undefined ? '' : folded.slice(last.end, hit.start);
    const strangers =
      last === undefined ? 0 : tokens.slice(last.lastToken + 1, hit.firstToken).filter((token) => !isFunctionWord(token.form)).length;
    if (segment !== undefined && last !== undefined && strangers <= MOST_GAP && !LIST_WORD.test(between)) segment.push(hit);
    else segments.push([hit]);
  }
  return segments;
}

/** The best mention, then what the rest of the segment names beside it (`silicona para policarbonato`). */
function readSegment(index: LabelIndex, segment: readonly Hit[], leastCoverage = LEAST_COVERAGE): Mention[] {
  const best = bestLabels(index, segment, leastCoverage);
  if (best === null) return [];
  const used = segment.filter((hit) => hit.candidates.some(({ id }) => best.wordIds.has(id)));
  const start = Math.min(...used.map((hit) => hit.start));
  const end = Math.max(...used.map((hit) => hit.end));
  const wordIds = new Set(segment.flatMap((hit) => hit.candidates.slice(0, 1).map(({ id }) => id)));
  const mention: Mention = { start, end, score: best.score, products: best.products, wordIds };
  const before = segment.filter((hit) => hit.end <= start);
  const after = segment.filter((hit) => hit.start >= end);
  return [...readSegment(index, before, LEAST_COVERAGE_BESIDE), mention, ...readSegment(index, after, LEAST_COVERAGE_BESIDE)];
}

interface BestLabels {
  readonly wordIds: ReadonlySet<number>;
  readonly score: number;
  readonly products: readonly number[];
}

function bestLabels(index: LabelIndex, hits: readonly Hit[], leastCoverage: number): BestLabels | null {
  if (hits.every(({ candidates }) => candidates.every(({ id }) => index.vagueIds.has(id)))) return null;
  const said = saidByLabel(index, hits);
  const fitting: { label: ProductLabel; weight: number; coverage: number }[] = [];
  for (const [at, { weight, count }] of said) {
    const label = index.labels[at];
    if (label === undefined) continue;
    const coverage = weight / label.weight;
    if (coverage >= leastCoverage * easeOf(count)) fitting.push({ label, weight, coverage });
  }
  const mostSaid = Math.max(...fitting.map(({ weight }) => weight));
  const equal = fitting.filter(({ weight }) => weight >= mostSaid * 0.999);
  const bestCoverage = Math.max(...equal.map(({ coverage }) => coverage));
  // A label said in full is what was meant; short of that every label that explains the words equally well may be.
  const winners = bestCoverage < FULL_COVERAGE ? equal : equal.filter(({ coverage }) => coverage >= bestCoverage * 0.999);
  if (winners.length === 0) return null;
  return {
    wordIds: new Set(winners.flatMap(({ label }) => label.wordIds)),
    score: Math.min(1, bestCoverage),
    products: [...new Set(winners.flatMap(({ label }) => label.products))].sort((a, b) => a - b),
  };
}

/** The more words of a label were said, the less of its weight they need to be. */
const easeOf = (count: number): number =>
  (count >= 3 ? LEAST_COVERAGE_OF_THREE : count === 2 ? LEAST_COVERAGE_OF_TWO : LEAST_COVERAGE) / LEAST_COVERAGE;

/** How much of each label the hits say: the weights of its words, by how well they were spelt. */
function saidByLabel(index: LabelIndex, hits: readonly Hit[]): Map<number, { weight: number; count: number }> {
  const spelt = new Map<number, number>();
  for (const { candidates } of hits) for (const { id, similarity } of candidates) spelt.set(id, Math.max(spelt.get(id) ?? 0, similarity));
  const said = new Map<number, { weight: number; count: number }>();
  for (const [id, similarity] of spelt) {
    const weight = similarity * index.weightOf(id);
    for (const label of index.byWord.get(id) ?? []) {
      const sofar = said.get(label);
      if (sofar === undefined) said.set(label, { weight, count: 1 });
      else {
        sofar.weight += weight;
        sofar.count += 1;
      }
    }
  }
  return said;
}
