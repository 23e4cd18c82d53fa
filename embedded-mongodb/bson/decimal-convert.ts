// Decimal128 from and to the other number types and text, with the exactness that comparison needs and the 15 digits that MongoDB's
// arithmetic uses for doubles.
import { compareDecimals, type Decimal, DECIMAL_NAN, decimalInfinity, digitsOf, divideHalfEven, finite, round, unpack } from './decimal.js';
import { Decimal128, Int32, type NumberValue } from './types.js';

export function fromInteger(value: bigint): Decimal {
  return finite(value < 0n, value < 0n ? -value : value, 0);
}

const FLOAT = new DataView(new ArrayBuffer(8));

/** The exact value of a double, in as few digits as it takes (up to 767: not rounded to what Decimal128 holds). */
export function exactFromDouble(value: number): Decimal {
  if (Number.isNaN(value)) return DECIMAL_NAN;
  if (!Number.isFinite(value)) return decimalInfinity(value < 0);
  FLOAT.setFloat64(0, value);
  const bits = FLOAT.getBigUint64(0);
  const negative = bits >> 63n === 1n;
  const biased = Number((bits >> 52n) & 0x7ffn);
  let mantissa = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  let power = (biased === 0 ? 1 : biased) - 1075;
  while (power < 0 && mantissa % 2n === 0n && mantissa !== 0n) {
    mantissa /= 2n;
    power += 1;
  }
  if (mantissa === 0n) return finite(negative, 0n, 0);
  if (power >= 0) return finite(negative, mantissa << BigInt(power), 0);
  return finite(negative, mantissa * 5n ** BigInt(-power), power);
}

/** A double as decimal of 15 significant digits: what MongoDB computes with when a double meets a decimal. */
function fromDouble(value: number): Decimal {
  const exact = exactFromDouble(value);
  if (exact.kind !== 'finite') return exact;
  if (exact.coefficient === 0n) return finite(exact.negative, 0n, 0);
  const excess = digitsOf(exact.coefficient) - 15;
  if (excess <= 0) return padTo15(exact, -excess);
  const coefficient = divideHalfEven(exact.coefficient, 10n ** BigInt(excess));
  if (digitsOf(coefficient) > 15) return finite(exact.negative, coefficient / 10n, exact.exponent + excess + 1);
  return finite(exact.negative, coefficient, exact.exponent + excess);
}

function padTo15(value: Decimal, digits: number): Decimal {
  return finite(value.negative, value.coefficient * 10n ** BigInt(digits), value.exponent - digits);
}

/** Any number as the decimal that arithmetic uses. */
export function toDecimal(value: NumberValue): Decimal {
  if (value instanceof Decimal128) return unpack(value);
  if (value instanceof Int32) return fromInteger(BigInt(value.value));
  return typeof value === 'bigint' ? fromInteger(value) : fromDouble(value);
}

/** Any number as its exact decimal, for comparison. */
export function toExactDecimal(value: NumberValue): Decimal {
  return typeof value === 'number' ? exactFromDouble(value) : toDecimal(value);
}

const NUMERAL = /^([+-]?)(?:(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?)$/;

/**
 * Reads decimal text as MongoDB's `$toDecimal` does: digits beyond 34 are cut off. `undefined` when it is not a number, `'underflow'` when it is
 * too close to zero to be held exactly.
 */
export function parseDecimal(text: string): Decimal | 'underflow' | undefined {
  const special = /^([+-]?)(?:(inf(?:inity)?)|(nan))$/i.exec(text);
  if (special) return special[3] === undefined ? decimalInfinity(special[1] === '-') : DECIMAL_NAN;
  const match = NUMERAL.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || whole.length + fraction.length === 0) return undefined;
  const exponent = Number(match[4] ?? '0') - fraction.length;
  if (!Number.isSafeInteger(exponent)) return undefined;
  const coefficient = BigInt(whole + fraction);
  const excess = Math.max(0, digitsOf(coefficient) - 34);
  const exact = finite(match[1] === '-', coefficient / 10n ** BigInt(excess), clamp(exponent) + excess);
  const rounded = round(exact);
  return compareDecimals(rounded, exact) === 0 || rounded.kind === 'infinite' ? rounded : 'underflow';
}

/** Keeps BigInt powers small; beyond these the rounded result is 0 or infinity anyway. */
function clamp(exponent: number): number {
  return Math.max(-20_000, Math.min(20_000, exponent));
}

/** The nearest double. */
export function toDouble(value: Decimal): number {
  if (value.kind === 'nan') return Number.NaN;
  if (value.kind === 'infinite') return value.negative ? -Infinity : Infinity;
  return Number(`${value.negative ? '-' : ''}${value.coefficient}e${value.exponent}`);
}

/** The integer a decimal rounds to in `mode`, or `undefined` for NaN, infinity and numbers beyond 40 digits. */
export function toInteger(value: Decimal, mode: 'truncate' | 'floor' | 'ceil' | 'halfEven'): bigint | undefined {
  if (value.kind !== 'finite') return undefined;
  if (value.exponent >= 0) {
    if (value.coefficient !== 0n && value.exponent > 40) return undefined;
    const integer = value.coefficient === 0n ? 0n : value.coefficient * 10n ** BigInt(value.exponent);
    return value.negative ? -integer : integer;
  }
  const divisor = 10n ** BigInt(-value.exponent);
  let magnitude = mode === 'halfEven' ? divideHalfEven(value.coefficient, divisor) : value.coefficient / divisor;
  const inexact = magnitude * divisor !== value.coefficient;
  if (inexact && ((mode === 'floor' && value.negative) || (mode === 'ceil' && !value.negative))) magnitude += 1n;
  return value.negative ? -magnitude : magnitude;
}
