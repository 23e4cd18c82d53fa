/** Units of length, area, volume and mass as people write them, with what they come to in mm, m2, l and kg. Folded: no accents, lower case. */
import type { MeasureDimension, MeasureEntity } from '../../domain/understanding.js';

export interface Unit {
  /** The usual symbol: what an entity carries as its unit. */
  readonly symbol: string;
  readonly dimension: MeasureDimension;
  /** How much of the normalised unit one of it is; inch, foot, mile, pound and gallon as defined internationally (US liquid gallon). */
  readonly factor: number;
}

export const NORMALISED_UNIT = { length: 'mm', area: 'm2', volume: 'l', mass: 'kg' } as const satisfies Record<
  MeasureDimension,
  MeasureEntity['normalisedUnit']
>;

const table: readonly (readonly [symbol: string, dimension: MeasureDimension, factor: number, spellings: string])[] = [
  ['mm', 'length', 1, 'mm|mms|milimetro|milimetros|millimetre|millimetres|millimeter|millimeters'],
  ['cm', 'length', 10, 'cm|cms|centimetro|centimetros|centimetre|centimetres|centimeter|centimeters'],
  ['dm', 'length', 100, 'dm|decimetro|decimetros|decimetre|decimetres|decimeter|decimeters'],
  [
    'm',
    'length',
    1000,
    'm|mt|mts|mtr|mtrs|metro|metros|metre|metres|meter|meters|metro lineal|metros lineales|m lineales|linear metre|linear metres|linear meters',
  ],
  ['km', 'length', 1e6, 'km|kms|kilometro|kilometros|kilometre|kilometres|kilometer|kilometers'],
  ['in', 'length', 25.4, "in|inch|inches|pulgada|pulgadas|pulg|pulgs|\"|″|”|''"],
  ['ft', 'length', 304.8, 'ft|foot|feet|pie|pies'],
  ['yd', 'length', 914.4, 'yd|yds|yard|yards|yarda|yardas'],
  ['mi', 'length', 1_609_344, 'mi|mile|miles|milla|millas'],
  ['um', 'length', 0.001, 'µm|μm|um|micra|micras|micron|microns|micrometro|micrometros'],
  ['mm2', 'area', 1e-6, 'mm2|mm²'],
  ['cm2', 'area', 1e-4, 'cm2|cm²|centimetros cuadrados|centimetro cuadrado|square centimetres|square centimeters'],
  [
    'm2',
    'area',
    1,
    'm2|m²|m\\^2|mts2|metro cuadrado|metros cuadrados|metros2|sq m|sqm|square metre|square metres|square meter|square meters',
  ],
  ['km2', 'area', 1e6, 'km2|km²|kilometros cuadrados|square kilometres|square kilometers'],
  ['ha', 'area', 1e4, 'ha|hectarea|hectareas|hectare|hectares'],
  ['ft2', 'area', 0.09290304, 'ft2|ft²|sq ft|sqft|square foot|square feet|pies cuadrados|pie cuadrado'],
  ['ml', 'volume', 0.001, 'ml|mililitro|mililitros|millilitre|millilitres|milliliter|milliliters'],
  ['cl', 'volume', 0.01, 'cl|centilitro|centilitros'],
  ['l', 'volume', 1, 'l|lt|lts|ltr|litro|litros|litre|litres|liter|liters'],
  ['cm3', 'volume', 0.001, 'cm3|cm³|cc|centimetros cubicos|centimetro cubico|cubic centimetres|cubic centimeters'],
  ['m3', 'volume', 1000, 'm3|m³|m\\^3|metro cubico|metros cubicos|cubic metre|cubic metres|cubic meter|cubic meters'],
  ['gal', 'volume', 3.785411784, 'gal|galon|galones|gallon|gallons'],
  ['mg', 'mass', 1e-6, 'mg|miligramo|miligramos|milligram|milligrams'],
  ['g', 'mass', 0.001, 'g|gr|grs|gramo|gramos|gram|grams|gramme|grammes'],
  ['kg', 'mass', 1, 'kg|kgs|kilo|kilos|kilogramo|kilogramos|kilogram|kilograms|kilogramme|kilogrammes'],
  ['t', 'mass', 1000, 't|tn|tonelada|toneladas|tonelada metrica|toneladas metricas|ton|tons|tonne|tonnes|metric tons'],
  ['oz', 'mass', 0.028349523125, 'oz|onza|onzas|ounce|ounces'],
  ['lb', 'mass', 0.45359237, 'lb|lbs|libra|libras|pound|pounds'],
];

const bySpelling = new Map<string, Unit>();
for (const [symbol, dimension, factor, spellings] of table) {
  for (const spelling of spellings.split('|')) bySpelling.set(spelling.replace('\\', ''), { symbol, dimension, factor });
}

const escaped = [...bySpelling.keys()].sort((a, b) => b.length - a.length).map((spelling) => spelling.replace(/\^/g, '\\^'));

/** A unit right behind a number: `50mm`, `5 cm`, `3-inch`, `3/4 de pulgada`, `half an inch`. Sticky: set `lastIndex` to the end of the number. */
const UNIT_AFTER = new RegExp(`(?: |-| de | of an? | an? )?(${escaped.join('|')})(?![\\p{L}\\p{N}²³^])`, 'uy');

/** The unit that begins at `at`, where one does. */
export function unitAt(folded: string, at: number): { readonly unit: Unit; readonly written: string; readonly end: number } | null {
  UNIT_AFTER.lastIndex = at;
  const match = UNIT_AFTER.exec(folded);
  const written = match?.[1];
  const unit = written === undefined ? undefined : bySpelling.get(written);
  return match === null || written === undefined || unit === undefined ? null : { unit, written, end: at + match[0].length };
}
