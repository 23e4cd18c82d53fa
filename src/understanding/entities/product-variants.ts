/**
 * Tells which variants of a product are meant: those that the measures, figures, colours and other words beside its name speak for.
 */
import type { CatalogueProduct } from '../../domain/knowledge.js';
import type { AttributeEntity, MeasureEntity, ProductEntity } from '../../domain/understanding.js';
import { words } from '../../text/words.js';
import type { LabelIndex, ProductTraits } from './product-labels.js';

/** Where a product is named, with every variant that fits best. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  /** 0 to 1: how much of the label was said, and how well it was spelt. */
  readonly score: number;
  /** Indices into the catalogue. */
  readonly products: readonly number[];
  /** Words of the message that belong to it. */
  readonly wordIds: ReadonlySet<number>;
}

/** What stands beside the mentions. */
export interface Particulars {
  readonly measures: readonly MeasureEntity[];
  /** Numbers without a unit: `5,5 x 38`, `PIR 50`. */
  readonly figures: readonly { readonly value: number; readonly start: number; readonly end: number }[];
  readonly attributes: readonly AttributeEntity[];
}

/** The variants meant. Where the message fits several equally well they share span and score (at most five a mention). */
export type ResolveVariants = (text: string, folded: string, mentions: readonly Mention[], particulars: Particulars) => ProductEntity[];

const MAX_VARIANTS = 5;
/** Characters over which a size looks ahead for its product: `50 mm de panel PIR`. */
const MOST_REACH = 24;
/** Inches and feet name metric sizes by the nearest round number: 4 in is 100 mm. */
const IMPERIAL_TOLERANCE = 0.02;
/** A stated thickness outweighs another size, that a colour, and that a bare figure. */
const POINTS = { thickness: 3, size: 2, figure: 1, attribute: 1, word: 0.75, bareThickness: 0.5, bareFigure: 0.25 } as const;

export function createVariantResolver(index: LabelIndex, catalogue: readonly CatalogueProduct[]): ResolveVariants {
  return (text, folded, mentions, particulars) =>
    mentions.flatMap((mention) => {
      const isMine = (entity: { start: number; end: number }) => ownerOf(folded, mentions, entity) === mention;
      const mine: Particulars = {
        measures: particulars.measures.filter(isMine),
        figures: particulars.figures.filter(isMine),
        attributes: particulars.attributes.filter(isMine),
      };
      const { start, end, score } = mention;
      return bestVariants(index, catalogue, mention, mine).map(({ sku, nameEs }) => ({
        ...{ text: text.slice(start, end), start, end, sku, name: nameEs },
        score: Number(score.toFixed(3)),
      }));
    });
}

const CONJUNCTION = /(?<!\p{L})(?:y|e|o|u|and|or|vs|versus|ni)(?!\p{L})|[;?!\n]/u;

/** What is said of sizes and colours belongs to the product named before it, unless a conjunction has closed that; then to the next. */
function ownerOf(folded: string, mentions: readonly Mention[], { start, end }: { start: number; end: number }): Mention | undefined {
  const before = mentions.findLast((mention) => mention.end <= start);
  const next = mentions.find((mention) => mention.end > start);
  if (before === undefined || next === undefined) return before ?? next;
  return CONJUNCTION.test(folded.slice(before.end, start)) && next.start <= end + MOST_REACH ? next : before;
}

/** Of those with equal points the one with the plainest name comes first: what was left unsaid of it is least. */
function bestVariants(index: LabelIndex, catalogue: readonly CatalogueProduct[], mention: Mention, mine: Particulars): CatalogueProduct[] {
  const scored = mention.products.flatMap((at) => {
    const product = catalogue[at];
    const traits = index.traits[at];
    if (product === undefined || traits === undefined) return [];
    return [{ product, points: pointsFor(index, traits, product, mention, mine), size: traits.wordIds.size + traits.figures.size }];
  });
  const most = Math.max(...scored.map(({ points }) => points));
  return scored
    .filter(({ points }) => points === most)
    .sort((a, b) => a.size - b.size)
    .slice(0, MAX_VARIANTS)
    .map(({ product }) => product);
}

/** Points for everything said beside the mention that is true of the product. */
function pointsFor(
  index: LabelIndex,
  traits: ProductTraits,
  product: CatalogueProduct,
  mention: Mention,
  { measures, figures, attributes }: Particulars,
): number {
  let points = 0;
  for (const { dimension, role, value, unit, normalisedValue } of measures) {
    if (dimension !== 'length') points += traits.figures.has(value) ? POINTS.figure : 0;
    else if (role !== 'width' && role !== 'length' && isThickness(product, normalisedValue, unit)) points += POINTS.thickness;
    else if (role !== 'thickness' && traits.figures.has(normalisedValue)) points += POINTS.size;
  }
  for (const { value } of figures)
    points += value === product.thicknessMm ? POINTS.bareThickness : traits.figures.has(value) ? POINTS.bareFigure : 0;
  for (const { attribute, value } of attributes) {
    const fits = attribute === 'family' ? value === product.family : words(value).every((form) => hasWord(index, traits.colourIds, form));
    points += fits ? POINTS.attribute : 0;
  }
  for (const id of mention.wordIds) points += traits.wordIds.has(id) ? POINTS.word : 0;
  return points;
}

function isThickness({ thicknessMm }: CatalogueProduct, mm: number, unit: string): boolean {
  const tolerance = unit === 'in' || unit === 'ft' ? IMPERIAL_TOLERANCE : 0;
  return thicknessMm !== null && Math.abs(thicknessMm - mm) <= tolerance * thicknessMm;
}

function hasWord(index: LabelIndex, ids: ReadonlySet<number>, form: string): boolean {
  const id = index.words.resolveExactly(form);
  return id !== null && ids.has(id);
}
