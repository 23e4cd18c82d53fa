/**
 * What only the catalogue can tell of a size: that 50 mm is a thickness, because the product that was named (or, where none was, anything in the
 * catalogue) has it, and that the 50 in `panel PIR de 50` is one at all.
 */
import type { MeasureEntity, QuantityEntity } from '../../domain/understanding.js';
import type { Mention } from './product-variants.js';
import type { ProductIndex } from './products.js';

export interface Sizes {
  readonly measures: readonly MeasureEntity[];
  readonly quantities: readonly QuantityEntity[];
}

/** Letters between the product and a bare figure that belongs to it: ` de 50`, ` 50`. */
const ATTACHED = /^ ?(?:de |of |en |in |a )?$/;

export function readThicknesses(folded: string, index: ProductIndex, mentions: readonly Mention[], sizes: Sizes): Sizes {
  const named = new Set(mentions.flatMap((mention) => mention.products.map((at) => index.catalogue[at]?.thicknessMm ?? 0)));
  const isThickness = (mm: number): boolean => (mentions.length > 0 ? named.has(mm) : index.hasThickness(mm));
  const measures = sizes.measures.map((measure) =>
    measure.dimension === 'length' && measure.role === null && isThickness(measure.normalisedValue)
      ? { ...measure, role: 'thickness' as const }
      : measure,
  );
  const quantities: QuantityEntity[] = [];
  for (const quantity of sizes.quantities) {
    const attached = mentions.some((mention) => mention.end <= quantity.start && ATTACHED.test(folded.slice(mention.end, quantity.start)));
    if (quantity.noun === null && attached && named.has(quantity.value)) measures.push(thicknessOf(quantity));
    else quantities.push(quantity);
  }
  return { measures: measures.sort((a, b) => a.start - b.start), quantities };
}

const thicknessOf = ({ text, start, end, value }: QuantityEntity): MeasureEntity => ({
  ...{ text, start, end, value, unit: 'mm', dimension: 'length', role: 'thickness' },
  normalisedValue: value,
  normalisedUnit: 'mm',
});
