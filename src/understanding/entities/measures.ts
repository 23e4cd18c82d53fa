/**
 * Measures with their units, normalised: `50mm`, `5 cm`, `espesor de 100`, `1/2 in`, `2x3 m`, `50-100 mm`, `entre 2 y 3 metros`. Numbers of a series
 * share the unit that stands behind the last of them.
 */
import type { MeasureEntity } from '../../domain/understanding.js';
import type { Claims } from '../tokens.js';
import type { NumberSpan } from './numbers.js';
import { NORMALISED_UNIT, unitAt, type Unit } from './units.js';

type Role = MeasureEntity['role'];

const MILLIMETRE: Unit = { symbol: 'mm', dimension: 'length', factor: 1 };

const ROLE_WORDS: readonly (readonly [Exclude<Role, null>, string])[] = [
  ['thickness', 'espesor|espesores|grosor|grueso|gruesa|gruesos|gordo|thickness|thicknesses|thick'],
  ['width', 'ancho|anchura|ancha|anchos|width|wide'],
  ['length', 'largo|larga|largos|longitud|length|long'],
];
const roleBefore = ROLE_WORDS.map(
  ([role, words]) => [role, new RegExp(`(?<!\\p{L})(?:${words})(?: de| of| es de| es| is|:| =)? *(?:unos |about )?$`, 'u')] as const,
);
const roleAfter = ROLE_WORDS.map(([role, words]) => [role, new RegExp(`^(?: | de | in |-)(?:${words})(?!\\p{L})`, 'u')] as const);

/** What may stand between numbers that share a unit; a comma only in front of a number that shares already. */
const SERIES = /^(?: ?[x×] ?| por | by | ?[-–—] ?| a | al | to | y | o | u | e | and | or | hasta | ?\/ ?)$/;
const SERIES_BY = /^(?: ?[x×] ?| por | by )$/;

/** A unit per something (`kg/m3`, `km/h`, `g per m2`) is no measure of size. */
const RATE =
  /^ ?(?:\/|(?:por|per) (?=(?:m|m2|m²|m3|m³|cm|l|kg|h|hora|hour|dia|day|metro|metre|meter|square|litro|litre|gramme|gram)(?!\p{L})))(?! ?\d)\p{L}/u;

/** `50 in stock`, `20 a la semana`: the letters of a unit that are a word here. */
const INCH_CONTEXT = /^(?: *$| *[.,;:!?)x×]| (?:thick|wide|long|x|by|de|board|panel|screw|pipe|nails?)\b)/;

interface Reading {
  readonly number: NumberSpan;
  readonly unit: Unit;
  readonly written: string;
  readonly value: number;
  readonly end: number;
}

/** Claims what it reads. `text` and `folded` are of the same length; claimed numbers are left alone. */
export function findMeasures(text: string, folded: string, numbers: readonly NumberSpan[], claims: Claims): MeasureEntity[] {
  const free = numbers.filter((number) => claims.isFree(number.start, number.end));
  const readings = free.map((number) => readUnit(folded, number));
  shareUnits(folded, free, readings);
  const found: MeasureEntity[] = [];
  readings.forEach((reading, index) => {
    const number = free[index];
    if (number === undefined) return;
    const named = reading ?? readThickness(folded, number);
    if (named === null) return;
    claims.claim(number.start, named.end);
    if (RATE.test(folded.slice(named.end, named.end + 16))) return;
    found.push(entityOf(text, folded, named));
  });
  return found;
}

function readUnit(folded: string, number: NumberSpan): Reading | null {
  const found = unitAt(folded, number.end);
  if (found === null) return null;
  const behind = folded.slice(found.end, found.end + 16);
  if (found.written === 'in' && !number.fraction && !INCH_CONTEXT.test(behind)) return null;
  const half = /^ y medi[oa](?!\p{L})/u.exec(behind);
  return {
    number,
    unit: found.unit,
    written: found.written,
    value: half === null ? number.value : number.value + 0.5,
    end: found.end + (half?.[0].length ?? 0),
  };
}

/** `2x3 m`, `50, 60 y 80 mm`: a bare number takes the unit of the number behind it in the series. */
function shareUnits(folded: string, numbers: readonly NumberSpan[], readings: (Reading | null)[]): void {
  let shared = false;
  for (let index = numbers.length - 2; index >= 0; index -= 1) {
    const number = numbers[index];
    const next = numbers[index + 1];
    const reading = readings[index + 1];
    const between = number === undefined || next === undefined ? '' : folded.slice(number.end, next.start);
    const joins = SERIES.test(between) || (shared && /^, ?$/.test(between));
    shared = false;
    if (number === undefined || number.article || readings[index] !== null || reading == null || !joins) continue;
    if (SERIES_BY.test(between) && reading.unit.dimension !== 'length') continue;
    readings[index] = { number, unit: reading.unit, written: reading.written, value: number.value, end: number.end };
    shared = true;
  }
}

/** `espesor de 100`, `50 de grosor`: a thickness without a unit is in millimetres, as the trade says it. */
function readThickness(folded: string, number: NumberSpan): Reading | null {
  if (number.article || roleOf(folded, number.start, number.end) !== 'thickness') return null;
  return { number, unit: MILLIMETRE, written: MILLIMETRE.symbol, value: number.value, end: number.end };
}

function roleOf(folded: string, start: number, end: number): Role {
  const before = folded.slice(Math.max(0, start - 32), start);
  const after = folded.slice(end, end + 16);
  return roleAfter.find(([, pattern]) => pattern.test(after))?.[0] ?? roleBefore.find(([, pattern]) => pattern.test(before))?.[0] ?? null;
}

function entityOf(text: string, folded: string, { number, unit, value, end }: Reading): MeasureEntity {
  return {
    text: text.slice(number.start, end),
    start: number.start,
    end,
    dimension: unit.dimension,
    value,
    unit: unit.symbol,
    normalisedValue: roundOff(value * unit.factor),
    normalisedUnit: NORMALISED_UNIT[unit.dimension],
    role: unit.dimension === 'length' ? roleOf(folded, number.start, end) : null,
  };
}

/** Takes the noise of binary fractions off: 1.1 m is 1100 mm, not 1100.0000000000002. */
const roundOff = (value: number): number => Number(value.toPrecision(12));
