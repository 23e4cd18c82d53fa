// Arithmetic on BSON numbers with MongoDB's result types: the widest operand wins (int < long < double < decimal), int results that overflow become
// long, and what happens when long overflows is the caller's choice.
import * as decimal from './decimal.js';
import { toDecimal, toDouble } from './decimal-convert.js';
import { Decimal128, Int32, int32, type NumberValue } from './types.js';

/** What to do with an int64 result out of range: aggregation widens to double, updates fail (`undefined`). */
export type OnOverflow = 'double' | 'fail';

export function fitsInt32(value: bigint): boolean {
  return BigInt.asIntN(32, value) === value;
}

export function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** An integer as double, int or long as JavaScript and BSON represent it: the double of any number, rounded to nearest. */
export function asDouble(value: NumberValue): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  return typeof value === 'bigint' ? Number(value) : toDouble(decimal.unpack(value));
}

export function asInteger(value: Int32 | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(value.value);
}

export function isInteger(value: NumberValue): value is Int32 | bigint {
  return typeof value === 'bigint' || value instanceof Int32;
}

/** The result of an integer operation in the narrowest type that its operands allow. */
function integerResult(result: bigint, bothInt: boolean): NumberValue | undefined {
  if (bothInt && fitsInt32(result)) return int32(Number(result));
  return fitsInt64(result) ? result : undefined;
}

interface Operation {
  readonly small: (a: number, b: number) => number;
  readonly integers: (a: bigint, b: bigint) => bigint;
  readonly decimals: (a: decimal.Decimal, b: decimal.Decimal) => decimal.Decimal;
}

function apply(operation: Operation, a: NumberValue, b: NumberValue, onOverflow: OnOverflow): NumberValue | undefined {
  if (a instanceof Int32 && b instanceof Int32) {
    const result = operation.small(a.value, b.value);
    if ((result | 0) === result) return int32(result | 0);
  }
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimal.pack(operation.decimals(toDecimal(a), toDecimal(b)));
  if (typeof a === 'number' || typeof b === 'number') return operation.small(asDouble(a), asDouble(b));
  const exact = integerResult(operation.integers(asInteger(a), asInteger(b)), a instanceof Int32 && b instanceof Int32);
  return exact ?? (onOverflow === 'double' ? operation.small(asDouble(a), asDouble(b)) : undefined);
}

const ADD: Operation = { small: (a, b) => a + b, integers: (a, b) => a + b, decimals: decimal.add };
const MULTIPLY: Operation = { small: (a, b) => a * b, integers: (a, b) => a * b, decimals: decimal.multiply };
const SUBTRACT: Operation = {
  small: (a, b) => a - b,
  integers: (a, b) => a - b,
  decimals: (a, b) => decimal.add(a, decimal.negate(b)),
};

export function add(a: NumberValue, b: NumberValue): NumberValue {
  return apply(ADD, a, b, 'double') as NumberValue;
}

export function subtract(a: NumberValue, b: NumberValue): NumberValue {
  return apply(SUBTRACT, a, b, 'double') as NumberValue;
}

export function multiply(a: NumberValue, b: NumberValue): NumberValue {
  return apply(MULTIPLY, a, b, 'double') as NumberValue;
}

/** As `add`, for `$inc`: `undefined` when an int64 overflows. */
export function addExactly(a: NumberValue, b: NumberValue): NumberValue | undefined {
  return apply(ADD, a, b, 'fail');
}

/** As `multiply`, for `$mul`: `undefined` when an int64 overflows. */
export function multiplyExactly(a: NumberValue, b: NumberValue): NumberValue | undefined {
  return apply(MULTIPLY, a, b, 'fail');
}

export function isZero(value: NumberValue): boolean {
  if (value instanceof Decimal128) return decimal.isZero(decimal.unpack(value));
  return asDouble(value) === 0;
}

/** Division is always in doubles, or decimals when one operand is. The divisor must not be zero. */
export function divide(a: NumberValue, b: NumberValue): NumberValue {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimal.pack(decimal.divide(toDecimal(a), toDecimal(b)));
  return asDouble(a) / asDouble(b);
}

/** Truncating remainder; the divisor must not be zero. */
export function remainder(a: NumberValue, b: NumberValue): NumberValue {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimal.pack(decimal.remainder(toDecimal(a), toDecimal(b)));
  if (isInteger(a) && isInteger(b)) {
    const result = asInteger(a) % asInteger(b);
    return a instanceof Int32 && b instanceof Int32 ? int32(Number(result)) : result;
  }
  return asDouble(a) % asDouble(b);
}
