/** The catalogue as a CSV file: one product a line, under a fixed header. */
import { z } from 'zod';
import type { CatalogueProduct } from '../domain/knowledge.js';

const REQUIRED_COLUMNS = ['sku', 'name_es', 'name_en', 'family', 'unit', 'price_eur', 'stock'] as const;

const text = z.string().trim();
const optionalText = text.transform((value) => (value === '' ? null : value)).optional();
const optionalNumber = text
  .transform((value) => (value === '' ? null : Number(value)))
  .pipe(z.number().positive().nullable())
  .optional();

const rowSchema = z
  .object({
    sku: text.min(1),
    name_es: text.min(1),
    name_en: text.min(1),
    family: text.min(1),
    thickness_mm: optionalNumber,
    width_mm: optionalNumber,
    length_mm: optionalNumber,
    colour_es: optionalText,
    colour_en: optionalText,
    unit: text.min(1),
    price_eur: text.min(1).transform(Number).pipe(z.number().nonnegative()),
    stock: text.min(1).transform(Number).pipe(z.number().nonnegative()),
    synonyms: text.default(''),
  })
  .transform((row): CatalogueProduct => ({
    sku: row.sku,
    nameEs: row.name_es,
    nameEn: row.name_en,
    family: row.family,
    thicknessMm: row.thickness_mm ?? null,
    widthMm: row.width_mm ?? null,
    lengthMm: row.length_mm ?? null,
    colourEs: row.colour_es ?? null,
    colourEn: row.colour_en ?? null,
    unit: row.unit,
    priceEur: row.price_eur,
    stock: row.stock,
    synonyms: row.synonyms
      .split(';')
      .map((synonym) => synonym.trim())
      .filter(Boolean),
  }));

/** The catalogue has errors; the message names the first few lines and what is wrong with them. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

/** True when the first line names the catalogue's columns. */
export function isCatalogue(content: string): boolean {
  const header = (content.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '').split(',').map((name) => name.trim());
  return REQUIRED_COLUMNS.every((column) => header.includes(column));
}

/** All products, or a CatalogueError: half a catalogue is worse than the one before. */
export async function parseCatalogue(content: string): Promise<CatalogueProduct[]> {
  const { parse } = await import('csv-parse/sync');
  const rows: unknown[] = parse(content, { bom: true, columns: true, skip_empty_lines: true, trim: true });
  const products: CatalogueProduct[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const parsed = rowSchema.safeParse(row);
    const line = index + 2;
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      problems.push(`line ${line}, ${issue?.path.join('.') ?? 'row'}: ${issue?.message ?? 'invalid'}`);
    } else if (seen.has(parsed.data.sku)) {
      problems.push(`line ${line}: the SKU ${parsed.data.sku} is there twice`);
    } else {
      seen.add(parsed.data.sku);
      products.push(parsed.data);
    }
  });
  if (problems.length > 0) throw new CatalogueError(`The catalogue has ${problems.length} errors: ${problems.slice(0, 3).join('; ')}.`);
  return products;
}
