// Arithmetic expressions. Types and errors follow MongoDB: null or missing gives null, dates take part in $add and $subtract.
import {
  add,
  asDouble,
  asInteger,
  divide,
  fitsInt32,
  fitsInt64,
  isInteger,
  isZero,
  multiply,
  remainder,
  subtract,
} from '../bson/arithmetic.js';
import * as decimal from '../bson/decimal.js';
import { exactFromDouble, toDecimal, toDouble, toInteger } from '../bson/decimal-convert.js';
import { Decimal128, Int32, int32, isNumber, type NumberValue, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { ranged, rightFirst, unary, variadic } from './build.js';
import { dateAt } from './date-instant.js';
import { int32Of, toInt64 } from './integers.js';
import { type Parse } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function notNumeric(name: string, value: Item, code: number | 'TypeMismatch' = 'TypeMismatch'): MongoError {
  return new MongoError(code, `${name} only supports numeric types, not ${typeName(value)}`);
}

/** What whole numbers came to, in the narrowest type if none of them was a long: in between, MongoDB computes with int64. */
function narrowed(result: NumberValue, onlyInts: boolean): NumberValue {
  return onlyInts && typeof result === 'bigint' && fitsInt32(result) ? int32(Number(result)) : result;
}

/** As MongoDB adds: whole numbers exactly until a double or an overflow widens the sum. What comes after a date is rounded before it is added. */
function addAll(values: Iterable<Item>): Item {
  let sum: NumberValue = int32(0);
  let onlyInts = true;
  let date: bigint | undefined;
  for (const value of values) {
    if (value == null) return null;
    if (value instanceof Date) {
      if (date !== undefined) throw new MongoError(16612, 'only one date allowed in an $add expression');
      date = checkedMs(BigInt(value.getTime()) + wholeMs(sum));
    } else if (!isNumber(value)) throw new MongoError('TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    else if (date !== undefined) date = checkedMs(date + wholeMs(value));
    else {
      onlyInts &&= value instanceof Int32;
      sum = add(sum, value);
    }
  }
  return date === undefined ? narrowed(sum, onlyInts) : dateAt(Number(date));
}

/** Milliseconds of a date. Error: Overflow beyond int64. */
function checkedMs(ms: bigint): bigint {
  if (!fitsInt64(ms)) throw new MongoError('Overflow', 'date overflow');
  return ms;
}

/** Fractions round, half away from zero for doubles and half to even for decimals. Error: Overflow where there is no such number of milliseconds. */
function wholeMs(value: NumberValue): bigint {
  if (isInteger(value)) return asInteger(value);
  if (value instanceof Decimal128) return checkedMs(toInteger(decimal.unpack(value), 'halfEven') ?? 2n ** 63n);
  const whole = Math.trunc(value);
  if (!Number.isFinite(whole)) throw new MongoError('Overflow', 'date overflow');
  return checkedMs(BigInt(Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole));
}

function subtractValues(left: Item, right: Item): Item {
  if (left == null || right == null) return null;
  if (isNumber(left) && isNumber(right)) return subtract(left, right);
  if (left instanceof Date) {
    if (right instanceof Date) return BigInt(left.getTime() - right.getTime());
    if (isNumber(right)) return dateAt(Number(checkedMs(BigInt(left.getTime()) - wholeMs(right))));
  }
  throw new MongoError('TypeMismatch', `can't $subtract ${typeName(right)} from ${typeName(left)}`);
}

/** As MongoDB multiplies: a product of doubles runs beside the exact one of whole numbers, and is taken where that overflows or a double comes in. */
function multiplyAll(values: Iterable<Item>): Item {
  let product: NumberValue = int32(1);
  let doubles = 1;
  let onlyInts = true;
  for (const value of values) {
    if (value == null) return null;
    if (!isNumber(value)) throw notNumeric('$multiply', value);
    onlyInts &&= value instanceof Int32;
    product = multiply(product, value);
    if (product instanceof Decimal128) continue;
    doubles *= asDouble(value);
    if (typeof product === 'number') product = doubles;
  }
  return narrowed(product, onlyInts);
}

function divideValues(left: Item, right: Item): Item {
  if (isNumber(left) && isNumber(right)) {
    if (isZero(right)) throw new MongoError('BadValue', "can't $divide by zero");
    return divide(left, right);
  }
  if (left == null || right == null) return null;
  throw new MongoError('TypeMismatch', `$divide only supports numeric types, not ${typeName(left)} and ${typeName(right)}`);
}

function modValues(left: Item, right: Item): Item {
  if (isNumber(left) && isNumber(right)) {
    const decimals = left instanceof Decimal128 || right instanceof Decimal128;
    if (isZero(right)) throw new MongoError(decimals ? 5733415 : 16610, "can't $mod by zero");
    return remainder(left, right);
  }
  if (left == null || right == null) return null;
  throw new MongoError(16611, `$mod only supports numeric types, not ${typeName(left)} and ${typeName(right)}`);
}

function numericOrNull(name: string, apply: (value: NumberValue) => Value): (value: Item) => Item {
  return (value) => {
    if (value == null) return null;
    if (!isNumber(value)) throw notNumeric(name, value, 28765);
    return apply(value);
  };
}

function absolute(value: NumberValue): Value {
  if (value instanceof Decimal128) return decimal.pack({ ...decimal.unpack(value), negative: false });
  if (!isInteger(value)) return Math.abs(value);
  const integer = asInteger(value);
  const magnitude = integer < 0n ? -integer : integer;
  if (!fitsInt64(magnitude)) throw new MongoError(28680, "can't take $abs of long long min");
  return value instanceof Int32 && fitsInt32(magnitude) ? int32(Number(magnitude)) : magnitude;
}

type Rounding = 'truncate' | 'floor' | 'ceil' | 'halfEven';

/** Rounds a finite decimal to the digit of value 10^exponent. */
function quantize(value: decimal.Decimal, exponent: number, mode: Rounding): decimal.Decimal {
  if (value.kind !== 'finite' || value.exponent >= exponent) return value;
  const shifted = toInteger(decimal.finite(value.negative, value.coefficient, value.exponent - exponent), mode) ?? 0n;
  return decimal.finite(value.negative, shifted < 0n ? -shifted : shifted, exponent);
}

/** A decimal with digits down to 10^exponent, where it has room for them. */
function padded(value: decimal.Decimal, exponent: number): decimal.Decimal {
  if (value.kind !== 'finite' || value.exponent <= exponent) return value;
  if (value.coefficient === 0n) return { ...value, exponent };
  const digits = Math.min(value.exponent - exponent, 34 - decimal.digitsOf(value.coefficient));
  return decimal.finite(value.negative, value.coefficient * 10n ** BigInt(digits), value.exponent - digits);
}

/** Rounds to `places` decimal digits; negative places round to tens, hundreds, … */
function roundTo(value: NumberValue, places: number, mode: Rounding): Value {
  if (value instanceof Decimal128) return decimal.pack(padded(quantize(decimal.unpack(value), -places, mode), -places));
  if (typeof value === 'number') {
    const rounded = toDouble(quantize(decimal.round(exactFromDouble(value)), -places, mode));
    return Number.isFinite(value) ? rounded : value;
  }
  if (places >= 0) return value;
  const exact = quantize(toDecimal(value), -places, mode);
  const result = (exact.negative ? -1n : 1n) * exact.coefficient * 10n ** BigInt(exact.exponent);
  if (!fitsInt64(result)) throw new MongoError(51080, 'invalid conversion from Decimal128 result in rounding: out of range of long');
  if (value instanceof Int32 && result < -(2n ** 31n)) throw refusal(51080, 'Rounding an int below the least int');
  return value instanceof Int32 && fitsInt32(result) ? int32(Number(result)) : result;
}

/** Rounds to a whole number. A decimal that has no digits down to the units becomes NaN. */
function roundWhole(value: NumberValue, mode: Rounding): Value {
  if (!(value instanceof Decimal128)) return roundTo(value, 0, mode);
  const rounded = padded(quantize(decimal.unpack(value), 0, mode), 0);
  return decimal.pack(rounded.kind === 'finite' && rounded.exponent === 0 ? rounded : decimal.DECIMAL_NAN);
}

function rounding(name: string, mode: Rounding): Parse {
  return ranged(name, 1, 2, (first, second) => {
    const value = first();
    const places = second ? second() : int32(0);
    if (value == null) return null;
    if (!isNumber(value)) throw notNumeric(name, value, 51081);
    if (places == null) return null;
    toInt64(places);
    const digits = int32Of(places);
    if (digits === undefined) throw new MongoError(51082, `precision argument to ${name} must be a integral value`);
    if (digits < -20 || digits > 100)
      throw new MongoError(51083, `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`);
    return roundTo(value, digits, mode);
  });
}

function squareRoot(value: NumberValue): Value {
  const number = asDouble(value);
  if (number < 0) throw new MongoError(28714, "$sqrt's argument must be greater than or equal to 0");
  if (value instanceof Decimal128) return decimal.pack(decimalRoot(decimal.unpack(value)));
  return Math.sqrt(number);
}

/** Root to 34 digits by Newton's method on integers. */
function decimalRoot(value: decimal.Decimal): decimal.Decimal {
  if (value.kind !== 'finite' || value.coefficient === 0n) {
    return value.kind === 'finite' ? decimal.finite(value.negative, 0n, Math.floor(value.exponent / 2)) : value;
  }
  const shift = 72 + (Math.abs(value.exponent) % 2);
  const scaled = value.coefficient * 10n ** BigInt(shift);
  const root = integerRoot(scaled);
  let coefficient = root;
  let exponent = (value.exponent - shift) / 2;
  if (root * root !== scaled) return decimal.round(decimal.finite(false, root * 10n + 1n, exponent - 1));
  const ideal = Math.floor(value.exponent / 2);
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  return decimal.round(decimal.finite(false, coefficient, exponent));
}

function integerRoot(value: bigint): bigint {
  let guess = 10n ** BigInt(Math.ceil(value.toString().length / 2));
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}

export const ARITHMETIC = {
  $abs: unary('$abs', numericOrNull('$abs', absolute)),
  $add: variadic('$add', addAll, { associative: 'left' }),
  $ceil: unary(
    '$ceil',
    numericOrNull('$ceil', (value) => roundWhole(value, 'ceil')),
  ),
  $divide: rightFirst('$divide', divideValues),
  $floor: unary(
    '$floor',
    numericOrNull('$floor', (value) => roundWhole(value, 'floor')),
  ),
  $mod: rightFirst('$mod', modValues),
  $multiply: variadic('$multiply', multiplyAll, { associative: 'left' }),
  $round: rounding('$round', 'halfEven'),
  $sqrt: unary('$sqrt', numericOrNull('$sqrt', squareRoot)),
  $subtract: rightFirst('$subtract', subtractValues),
  $trunc: rounding('$trunc', 'truncate'),
} satisfies Record<string, Parse>;
