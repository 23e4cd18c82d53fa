/**
 * The names by which products are asked for. Variants of one product (thicknesses, colours, lengths) share a label, `panel pir aluminio`: which of
 * them is meant is told by the measures and colours beside it.
 */
import type { CatalogueProduct } from '../../domain/knowledge.js';
import { fold, isFunctionWord, isNumber, words } from '../../text/words.js';
import { append, createProductWords, type ProductWords } from './product-words.js';

export interface ProductLabel {
  readonly wordIds: readonly number[];
  /** Sum of the weights of its words. */
  readonly weight: number;
  /** Indices into the catalogue, in its order. */
  readonly products: readonly number[];
}

/** What tells a variant from its siblings. */
export interface ProductTraits {
  /** Every word of its names, synonyms and colours. */
  readonly wordIds: ReadonlySet<number>;
  readonly colourIds: ReadonlySet<number>;
  /** Every figure in its names, beside its dimensions in mm. */
  readonly figures: ReadonlySet<number>;
}

export interface LabelIndex {
  readonly words: ProductWords;
  readonly labels: readonly ProductLabel[];
  readonly traits: readonly ProductTraits[];
  /** Words that name no product by themselves: colours and shapes (`board`, `placa`). */
  readonly vagueIds: ReadonlySet<number>;
  /** Labels that have the word. */
  readonly byWord: ReadonlyMap<number, readonly number[]>;
  /** Rare words say more: inverse document frequency over labels. */
  weightOf(wordId: number): number;
}

/** Units and packing say nothing of what a thing is. */
const NO_NAME_WORDS = new Set(
  'mm cm m m2 m3 kg g l ml kpa x n ud uds caja cajas bolsa bolsas box bag pack paquete de of unidades pcs w mk por con para the with for and y'.split(
    ' ',
  ),
);

const SHAPES = 'panel placa plancha lamina rollo pieza tablero bote saco board sheet roll piece can tube'.split(' ');

export function buildLabelIndex(catalogue: readonly CatalogueProduct[]): LabelIndex {
  const productWords = createProductWords();
  const byKey = new Map<string, { wordIds: number[]; products: number[] }>();
  const traits = catalogue.map((product, index) => {
    const colourForms = new Set([product.colourEs, product.colourEn].flatMap((colour) => words(colour ?? '')));
    const allForms = new Set(colourForms);
    for (const name of [product.nameEs, product.nameEn, ...product.synonyms]) {
      const forms = nameForms(name);
      for (const form of forms) allForms.add(form);
      const plain = forms.filter((form) => !colourForms.has(form));
      const wordIds = [...new Set((plain.length >= 2 ? plain : forms).map((form) => productWords.add(form)))];
      if (wordIds.length === 0) continue;
      const key = [...wordIds].sort((a, b) => a - b).join(' ');
      const label = byKey.get(key) ?? { wordIds, products: [] };
      if (label.products.at(-1) !== index) label.products.push(index);
      byKey.set(key, label);
    }
    const idsOf = (forms: ReadonlySet<string>) => new Set([...forms].map((form) => productWords.add(form)));
    return { wordIds: idsOf(allForms), colourIds: idsOf(colourForms), figures: figuresOf(product) };
  });
  return weigh(productWords, [...byKey.values()], traits);
}

function weigh(
  productWords: ProductWords,
  labels: readonly { wordIds: number[]; products: number[] }[],
  traits: readonly ProductTraits[],
): LabelIndex {
  const byWord = new Map<number, number[]>();
  labels.forEach(({ wordIds }, index) => {
    for (const id of wordIds) append(byWord, id, index);
  });
  const weightOf = (id: number): number => Math.log(1 + labels.length / (1 + (byWord.get(id)?.length ?? 0)));
  return {
    words: productWords,
    labels: labels.map((label) => ({ ...label, weight: label.wordIds.reduce((sum, id) => sum + weightOf(id), 0) })),
    traits,
    vagueIds: new Set([
      ...traits.flatMap((trait) => [...trait.colourIds]),
      ...SHAPES.flatMap((form) => productWords.resolveExactly(form) ?? []),
    ]),
    byWord,
    weightOf,
  };
}

const CODE = /(?<![\p{L}\p{N}])(?=[\p{L}/.-]*\p{N})(?=[\p{N}/.-]*\p{L})[\p{L}\p{N}]+(?:[/.-][\p{L}\p{N}]+)+/gu;

/** The words of a name without figures, units and what stands in brackets, which is how it is packed. Model numbers are one word: `kx-20b`. */
const nameForms = (name: string): string[] =>
  words(name.replace(/\([^)]*\)/g, ' ').replace(CODE, (code) => code.replace(/[/.-]/g, ''))).filter(
    (form) => !isNumber(form) && !NO_NAME_WORDS.has(form) && !isFunctionWord(form),
  );

function figuresOf({ nameEs, nameEn, thicknessMm, widthMm, lengthMm }: CatalogueProduct): Set<number> {
  const written = [nameEs, nameEn]
    .flatMap((name) => fold(name).match(/\d+(?:[.,]\d+)?/g) ?? [])
    .map((figure) => Number(figure.replace(',', '.')));
  return new Set([...written, ...[thicknessMm, widthMm, lengthMm].filter((size) => size !== null)]);
}
