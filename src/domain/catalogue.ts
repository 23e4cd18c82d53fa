/** How a product of the catalogue reads as a passage that can be searched, quoted and cited. */
import { derivedId } from './ids.js';
import type { CatalogueProduct, Chunk } from './knowledge.js';
import type { Language } from './understanding.js';

/** What passages of the catalogue name as their source. */
export const CATALOGUE_SOURCE = 'catalogue';

const UNITS: Record<Language, Readonly<Record<string, string>>> = {
  es: { m2: 'm²', ml: 'metro lineal' },
  en: {
    m2: 'm²',
    ml: 'linear metre',
    ud: 'unit',
    placa: 'board',
    panel: 'panel',
    caja: 'box',
    bolsa: 'bag',
    saco: 'sack',
    rollo: 'roll',
    paquete: 'pack',
    bote: 'can',
    cartucho: 'cartridge',
    cubo: 'bucket',
    bidon: 'drum',
    lata: 'tin',
    plancha: 'sheet',
    barra: 'bar',
    par: 'pair',
    juego: 'set',
    pale: 'pallet',
  },
};

/** The unit of a price in words (`m²`, `caja` / `box`); a code that is not known stays as it is. */
export const unitName = (unit: string, language: Language): string => UNITS[language][unit] ?? unit;

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
