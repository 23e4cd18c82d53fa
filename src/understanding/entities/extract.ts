/** Runs the entity readers in order of certainty: what one has read, the next leaves alone, so that no span is read twice. */
import type { CatalogueProduct } from '../../domain/knowledge.js';
import type { Entities, Language } from '../../domain/understanding.js';
import { createClaims, foldInPlace, tokenize } from '../tokens.js';
import { createAttributeIndex } from './attributes.js';
import { findDates } from './dates.js';
import { findMeasures } from './measures.js';
import { findMoney } from './money.js';
import { findNumbers } from './numbers.js';
import { createProductIndex } from './products.js';
import { findQuantities } from './quantities.js';
import { findReferences } from './references.js';
import { readThicknesses } from './thickness.js';

export type ExtractEntities = (text: string, language: Language) => Entities;

export interface ExtractorOptions {
  readonly catalogue: readonly CatalogueProduct[];
  /** True for everyday words, which are never taken for misspelt product words. */
  readonly isOrdinary: (form: string) => boolean;
  readonly now: () => Date;
}

export function createEntityExtractor({ catalogue, isOrdinary, now }: ExtractorOptions): ExtractEntities {
  const products = createProductIndex(catalogue);
  const attributeIndex = createAttributeIndex(catalogue);
  return (text, language) => {
    const folded = foldInPlace(text);
    const tokens = tokenize(folded);
    const claims = createClaims(text.length);
    const references = findReferences(text, folded, claims, (code) => products.isCode(code));
    const dates = findDates(text, folded, now, claims);
    const numbers = findNumbers(folded, language);
    const money = findMoney(text, folded, numbers, claims);
    const found = findMeasures(text, folded, numbers, claims);
    const figures = numbers.filter((number) => claims.isFree(number.start, number.end));
    const counted = findQuantities(text, folded, numbers, claims);
    const mentions = products.findMentions(folded, tokens, claims, isOrdinary);
    const attributes = attributeIndex.find(text, tokens, claims);
    const { measures, quantities } = readThicknesses(folded, products, mentions, { measures: found, quantities: counted });
    return {
      products: products.resolve(text, folded, mentions, { measures, figures, attributes }),
      measures,
      quantities,
      money,
      dates,
      references,
      attributes,
    };
  };
}
