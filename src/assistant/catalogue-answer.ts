/** Prices and stock from the catalogue, with the sum where a quantity or an area is given; asks back where several products fit equally well. */
import { formatEuros, productChunk, productName, unitName } from '../domain/catalogue.js';
import { toSource } from '../domain/citations.js';
import type { CatalogueProduct } from '../domain/knowledge.js';
import type { Answer } from '../domain/turn.js';
import type { Entities, Language, ProductEntity } from '../domain/understanding.js';
import { isInGlossary } from '../text/glossary.js';
import { fold, isFunctionWord, isNumber, words } from '../text/words.js';
import { ANSWER_TEXTS } from './texts.js';

export interface CatalogueQuestion {
  readonly text: string;
  readonly language: Language;
  readonly entities: Entities;
}

/** Words that ask for a price, stock or an offer; with a product they make a question about the catalogue. */
const ASKS_CATALOGUE =
  /^(preci\w*|cuest\w*|cost\w*|val(e|en|or)|cobra\w*|tarifas?|importe|stock|existencias|dispon\w*|qued[ao]\w*|hay|tene[mi]s?|teneis|tien\w*|vend\w*|presupuesto|cotiza\w*|compr\w*|necesit\w*|quier\w*|price\w*|much|charge|sell|available|availability|left|quote\w*|buy|order|need|want|got|euros?|total|cuant[oa]s?|unidad\w*|units?|m2|metros?|meters?|metres?|square|cuadrados|espesor\w*|grosor\w*|thick\w*|colou?r\w*|iva|vat)$/;
/** Of these, the ones that ask for nothing else. */
const ASKS_PRICE_OR_STOCK =
  /\b(preci\w*|cuest\w*|cost\w*|vale\w?|cobra\w*|tarifas?|importe|stock|existencias|dispon\w*|qued[ao]n?|presupuesto|cotiza\w*|price\w*|how much|charge|available|availability|left|quote\w*)\b/;
/** Words of courtesy around a question, which ask for nothing. */
const COURTESY =
  /^(hola|buen[oa]s|dias|tardes|noches|perfecto|vale|ok|okey|okay|genial|estupendo|claro|gracias|perdon|perdona|disculpa\w*|entonces|tambien|favor|hi|hello|hey|great|perfect|fine|nice|thanks|thank|please|sorry|also|then)$/;
/** How many are needed is a calculation, which documents explain. */
const ASKS_QUANTITY = /\bcuant[oa]s\b.*\b(falta|necesit\w*|llev\w*|entran|caben)\b|\bhow many\b.*\b(need\w*|required|fit)\b/;
/** Below this a product was hardly named. */
const LEAST_PRODUCT_SCORE = 0.6;
const MAX_VARIANTS = 5;

/** Null when the question is not one about prices or stock of products that are named in it. */
export function answerFromCatalogue(question: CatalogueQuestion, catalogue: readonly CatalogueProduct[]): Answer | null {
  const { entities, language } = question;
  const named = entities.products.filter((product) => product.score >= LEAST_PRODUCT_SCORE);
  if (named.length === 0 || !isAboutCatalogue(question, named)) return null;
  const bySku = new Map(catalogue.map((product) => [product.sku, product]));
  const mentions = [...new Set(named.map((product) => product.start))].map((start) => {
    const there = named.filter((product) => product.start === start);
    const score = Math.max(...there.map((product) => product.score));
    const best = there.filter((product) => product.score === score).slice(0, MAX_VARIANTS);
    return { score, products: best.flatMap((product) => bySku.get(product.sku) ?? []) };
  });
  const products = mentions.flatMap((mention) => mention.products);
  if (products.length === 0) return null;
  const open = mentions.some((mention) => mention.products.length > 1);
  const texts = ANSWER_TEXTS[language];
  const lines = products.map((product, index) => `${describe(product, language)} [${index + 1}]`);
  const sums = open ? [] : products.flatMap((product) => sumFor(product, question));
  const markdown = [lines.map((line) => `- ${line}`).join('\n'), ...sums, texts.withoutVat, ...(open ? [texts.whichProduct] : [])].join(
    '\n\n',
  );
  const confidence = 0.6 + 0.35 * Math.min(...mentions.map((mention) => mention.score));
  return {
    markdown,
    sources: products.map((product, index) => toSource(productChunk(product, language), 1, index + 1)),
    choices: open
      ? products.map((product) => ({ id: `product:${product.sku}`.slice(0, 60), label: productName(product, language).slice(0, 75) }))
      : [],
    confidence: Math.round(confidence * 100) / 100,
    outcome: open ? 'asked' : 'answered',
  };
}

/** Everything in the question is the product, its particulars or words about price and stock: a word for a service (cutting, delivery) is answered by the documents. */
function isAboutCatalogue({ text, entities }: CatalogueQuestion, named: readonly ProductEntity[]): boolean {
  const folded = fold(text);
  if (ASKS_QUANTITY.test(folded)) return false;
  const spans = [...named, ...entities.measures, ...entities.quantities, ...entities.attributes, ...entities.money];
  const explained = new Set(spans.flatMap((span) => words(span.text)));
  const rest = words(folded).filter(
    (word) => !explained.has(word) && !isNumber(word) && !isFunctionWord(word) && !ASKS_CATALOGUE.test(word) && !COURTESY.test(word),
  );
  if (rest.some(isInGlossary)) return false;
  return rest.length <= (ASKS_PRICE_OR_STOCK.test(folded) ? 1 : 0);
}

function describe(product: CatalogueProduct, language: Language): string {
  const texts = ANSWER_TEXTS[language];
  return texts.priceLine({
    name: productName(product, language),
    price: formatEuros(product.priceEur, language),
    unit: unitName(product.unit, language),
    stock:
      product.stock === 0
        ? texts.outOfStock
        : texts.stock(formatCount(product.stock, language), unitName(product.unit, language, product.stock)),
  });
}

/** Lines for the quantity or area asked for; none without one. */
function sumFor(product: CatalogueProduct, { entities, language }: CatalogueQuestion): string[] {
  const texts = ANSWER_TEXTS[language];
  const area = entities.measures.find((measure) => measure.dimension === 'area')?.normalisedValue;
  const unitArea = product.widthMm !== null && product.lengthMm !== null ? (product.widthMm * product.lengthMm) / 1e6 : null;
  const byArea = area === undefined ? null : product.unit === 'm2' ? area : unitArea === null ? null : Math.ceil(area / unitArea - 1e-9);
  const count = byArea ?? entities.quantities.find((quantity) => quantity.value > 0)?.value;
  if (count === undefined || count === 1) return [];
  const total = Math.round(count * product.priceEur * 100) / 100;
  const unit = (many: number) => unitName(product.unit, language, many);
  return [
    ...(area !== undefined && byArea !== null && product.unit !== 'm2'
      ? [texts.areaLine(formatCount(area, language), formatCount(count, language), unit(count))]
      : []),
    texts.totalLine(formatCount(count, language), formatEuros(product.priceEur, language), formatEuros(total, language)),
    ...(count > product.stock && product.stock > 0 ? [texts.notEnough(formatCount(product.stock, language), unit(product.stock))] : []),
  ];
}

const formatCount = (count: number, language: Language): string =>
  new Intl.NumberFormat(language === 'es' ? 'es-ES' : 'en-GB', { maximumFractionDigits: 2, useGrouping: 'always' }).format(count);
