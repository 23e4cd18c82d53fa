/** How a product of the catalogue reads as a passage that can be searched, quoted and cited. */
import { derivedId } from './ids.js';
import type { CatalogueProduct, Chunk } from './knowledge.js';
import type { Language } from './understanding.js';

/** What passages of the catalogue name as their source. */
export const CATALOGUE_SOURCE = 'catalogue';

/** Units of prices in words, one and many. A code that is not here is shown as it is. */
const UNITS: Readonly<Record<string, Record<Language, readonly [one: string, many: string]>>> = {
  m2: { es: ['m²', 'm²'], en: ['m²', 'm²'] },
  ml: { es: ['metro lineal', 'metros lineales'], en: ['linear metre', 'linear metres'] },
  ud: { es: ['unidad', 'unidades'], en: ['unit', 'units'] },
  placa: { es: ['placa', 'placas'], en: ['board', 'boards'] },
  caja: { es: ['caja', 'cajas'], en: ['box', 'boxes'] },
  bolsa: { es: ['bolsa', 'bolsas'], en: ['bag', 'bags'] },
  saco: { es: ['saco', 'sacos'], en: ['sack', 'sacks'] },
  rollo: { es: ['rollo', 'rollos'], en: ['roll', 'rolls'] },
  paquete: { es: ['paquete', 'paquetes'], en: ['pack', 'packs'] },
  bote: { es: ['bote', 'botes'], en: ['can', 'cans'] },
  cartucho: { es: ['cartucho', 'cartuchos'], en: ['cartridge', 'cartridges'] },
  cubo: { es: ['cubo', 'cubos'], en: ['bucket', 'buckets'] },
  lata: { es: ['lata', 'latas'], en: ['tin', 'tins'] },
  par: { es: ['par', 'pares'], en: ['pair', 'pairs'] },
};

/** The unit of a price in words, for so many of it: `m²`, `caja` or `cajas`, `box` or `boxes`. */
export const unitName = (unit: string, language: Language, count = 1): string => UNITS[unit]?.[language][count === 1 ? 0 : 1] ?? unit;

export const productName = (product: CatalogueProduct, language: Language): string => (language === 'es' ? product.nameEs : product.nameEn);

/** `1.234,50 €` in Spanish, `€1,234.50` in English. */
export function formatEuros(amount: number, language: Language): string {
  // Spanish leaves numbers of four digits ungrouped by default; prices are grouped here in both languages.
  const digits = new Intl.NumberFormat(language === 'es' ? 'es-ES' : 'en-GB', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    useGrouping: 'always',
  });
  return language === 'es' ? `${digits.format(amount)} €` : `€${digits.format(amount)}`;
}

export function productChunk(product: CatalogueProduct, language: Language): Chunk {
  const colour = language === 'es' ? product.colourEs : product.colourEn;
  const size = [product.lengthMm, product.widthMm, product.thicknessMm].filter((side) => side !== null).join(' x ');
  const price = `${formatEuros(product.priceEur, language)} / ${unitName(product.unit, language)}`;
  const words =
    language === 'es'
      ? { sku: 'Referencia', colour: 'Color', size: 'Medidas', price: 'Precio sin IVA', stock: 'En stock' }
      : { sku: 'SKU', colour: 'Colour', size: 'Size', price: 'Price without VAT', stock: 'In stock' };
  const facts = [
    `${words.sku}: ${product.sku}`,
    ...(size === '' ? [] : [`${words.size}: ${size} mm`]),
    ...(colour === null ? [] : [`${words.colour}: ${colour}`]),
    `${words.price}: ${price}`,
    `${words.stock}: ${product.stock}`,
  ];
  return {
    id: derivedId('chunk', CATALOGUE_SOURCE, product.sku, language),
    documentId: derivedId('doc', CATALOGUE_SOURCE),
    position: 0,
    text: `${productName(product, language)}. ${facts.join('; ')}`,
    headings: [],
    page: null,
    source: CATALOGUE_SOURCE,
    title: productName(product, language),
    url: null,
    language,
  };
}
