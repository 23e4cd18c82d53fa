// Exact arithmetic on Decimal128 (IEEE 754-2008, 34 digits, round half to even) on BigInt coefficients; the bson package only stores
// the type.
import { Decimal128 } from './types.js';

/** A decimal number: coefficient x 10^exponent, or a special value. `negative` is kept apart so that -0 survives. */
export interface Decimal {
  readonly kind: 'finite' | 'infinite' | 'nan';
  readonly negative: boolean;
  /** Never negative; 0 for special values. */
  readonly coefficient: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 34;
const MIN_EXPONENT = -6176;
const MAX_EXPONENT = 6111;
const MAX_COEFFICIENT = 10n ** 34n - 1n;

export const DECIMAL_NAN: Decimal = { kind: 'nan', negative: false, coefficient: 0n, exponent: 0 };

export function decimalInfinity(negative: boolean): Decimal {
  return { kind: 'infinite', negative, coefficient: 0n, exponent: 0 };
}

export function finite(negative: boolean, coefficient: bigint, exponent: number): Decimal {
  return { kind: 'finite', negative, coefficient, exponent };
}

export function digitsOf(coefficient: bigint): number {
  return coefficient === 0n ? 1 : coefficient.toString().length;
}

/** Reads the 16 little-endian bytes; non-canonical coefficients count as 0, as the standard says. */
export function unpack(value: Decimal128): Decimal {
  const view = new DataView(value.bytes.buffer, value.bytes.byteOffset, 16);
  const low = view.getBigUint64(0, true);
  const high = view.getBigUint64(8, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 31) return { ...DECIMAL_NAN, negative };
  if (combination === 30) return decimalInfinity(negative);
  if (combination >> 3 === 3) return finite(negative, 0n, Number((high >> 47n) & 0x3fffn) + MIN_EXPONENT);
  const coefficient = ((high & 0x1ffffffffffffn) << 64n) | low;
  return finite(negative, coefficient > MAX_COEFFICIENT ? 0n : coefficient, Number((high >> 49n) & 0x3fffn) + MIN_EXPONENT);
}

/** Rounds to 34 digits and the exponent range, half to even, and stores. */
export function pack(value: Decimal): Decimal128 {
  const rounded = round(value);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const sign = rounded.negative ? 1n << 63n : 0n;
  if (rounded.kind === 'finite') {
    view.setBigUint64(0, rounded.coefficient & 0xffffffffffffffffn, true);
    view.setBigUint64(8, sign | (BigInt(rounded.exponent - MIN_EXPONENT) << 49n) | (rounded.coefficient >> 64n), true);
  } else {
    view.setBigUint64(8, sign | ((rounded.kind === 'infinite' ? 30n : 31n) << 58n), true);
  }
  return new Decimal128(bytes);
}

/** The nearest value that Decimal128 can hold. */
export function round(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  let { coefficient, exponent } = value;
  const excess = Math.max(digitsOf(coefficient) - MAX_DIGITS, MIN_EXPONENT - exponent);
  if (excess > 0) {
    coefficient = divideHalfEven(coefficient, 10n ** BigInt(excess));
    exponent += excess;
    if (coefficient > MAX_COEFFICIENT) {
      coefficient /= 10n;
      exponent += 1;
    }
  }
  if (coefficient === 0n) return finite(value.negative, 0n, Math.min(MAX_EXPONENT, Math.max(MIN_EXPONENT, exponent)));
  if (exponent > MAX_EXPONENT) {
    const pad = exponent - MAX_EXPONENT;
    if (digitsOf(coefficient) + pad > MAX_DIGITS) return decimalInfinity(value.negative);
    return finite(value.negative, coefficient * 10n ** BigInt(pad), MAX_EXPONENT);
  }
  return finite(value.negative, coefficient, exponent);
}

/** Quotient of two non-negative integers, rounded half to even. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return DECIMAL_NAN;
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.negative !== b.negative ? DECIMAL_NAN : a;
  if (b.kind === 'infinite') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = signed(a) * scale(a, exponent) + signed(b) * scale(b, exponent);
  const negative = sum < 0n || (sum === 0n && a.negative && b.negative);
  return round(finite(negative, sum < 0n ? -sum : sum, exponent));
}

function scale(value: Decimal, exponent: number): bigint {
  return 10n ** BigInt(value.exponent - exponent);
}

function signed(value: Decimal): bigint {
  return value.negative ? -value.coefficient : value.coefficient;
}

export function negate(value: Decimal): Decimal {
  return { ...value, negative: !value.negative };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return DECIMAL_NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') return isZero(a) || isZero(b) ? DECIMAL_NAN : decimalInfinity(negative);
  return round(finite(negative, a.coefficient * b.coefficient, a.exponent + b.exponent));
}

/** Quotient to 34 digits; exact quotients keep the exponent closest to the ideal one, as the standard says. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return DECIMAL_NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? DECIMAL_NAN : decimalInfinity(negative);
  if (b.kind === 'infinite') return finite(negative, 0n, MIN_EXPONENT);
  if (isZero(b)) return isZero(a) ? DECIMAL_NAN : decimalInfinity(negative);
  const ideal = a.exponent - b.exponent;
  if (isZero(a)) return round(finite(negative, 0n, ideal));
  const shift = Math.max(0, MAX_DIGITS + 2 + digitsOf(b.coefficient) - digitsOf(a.coefficient));
  const dividend = a.coefficient * 10n ** BigInt(shift);
  let coefficient = dividend / b.coefficient;
  let exponent = ideal - shift;
  if (dividend % b.coefficient !== 0n) return round(finite(negative, coefficient * 10n + 1n, exponent - 1));
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  return round(finite(negative, coefficient, exponent));
}

/** Remainder with the sign of the dividend (truncating division). */
export function remainder(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan' || isZero(b)) return DECIMAL_NAN;
  if (b.kind === 'infinite') return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const rest = (a.coefficient * scale(a, exponent)) % (b.coefficient * scale(b, exponent));
  return round(finite(a.negative, rest, exponent));
}

export function isZero(value: Decimal): boolean {
  return value.kind === 'finite' && value.coefficient === 0n;
}

/** Numeric order; NaN is below everything and equal to itself. Exact for any operands. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.kind === 'nan' || b.kind === 'nan') return Number(b.kind === 'nan') - Number(a.kind === 'nan');
  const signA = signOf(a);
  const signB = signOf(b);
  if (signA !== signB) return signA < signB ? -1 : 1;
  if (signA === 0) return 0;
  return signA * compareMagnitudes(a, b);
}

function signOf(value: Decimal): number {
  if (isZero(value)) return 0;
  return value.negative ? -1 : 1;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.kind === 'infinite' || b.kind === 'infinite') return Number(a.kind === 'infinite') - Number(b.kind === 'infinite');
  const order = digitsOf(a.coefficient) + a.exponent - (digitsOf(b.coefficient) + b.exponent);
  if (order !== 0) return order < 0 ? -1 : 1;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * scale(a, exponent);
  const right = b.coefficient * scale(b, exponent);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
