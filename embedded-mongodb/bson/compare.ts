// BSON's total order over values of any types, and the equalities built on it. Everything that sorts, matches or groups uses this
// one file, so that no two parts can disagree.
import { compareDecimals } from './decimal.js';
import { toDouble, toExactDecimal } from './decimal-convert.js';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  type Doc,
  Int32,
  MinKey,
  type NumberValue,
  ObjectId,
  Timestamp,
  type Value,
} from './types.js';

/** Compares two strings; the default is by code point, a collation gives another. */
export type StringOrder = (a: string, b: string) => number;

/** Rank of a value's type in the cross-type order; numbers share one rank, missing (`undefined`) ranks below null. */
export function typeRank(value: Value | undefined): number {
  switch (typeof value) {
    case 'undefined':
      return 0;
    case 'number':
    case 'bigint':
      return 10;
    case 'string':
      return 15;
    case 'boolean':
      return 40;
    default:
      return objectRank(value);
  }
}

function objectRank(value: Exclude<Value, number | bigint | string | boolean>): number {
  if (value === null) return 5;
  if (value instanceof Int32 || value instanceof Decimal128) return 10;
  if (value instanceof Map) return 20;
  if (Array.isArray(value)) return 25;
  if (value instanceof ObjectId) return 35;
  if (value instanceof Date) return 45;
  if (value instanceof Binary) return 30;
  if (value instanceof Timestamp) return 47;
  if (value instanceof BSONRegExp) return 50;
  if (value instanceof Code) return 60;
  return value instanceof MinKey ? -1 : 127;
}

/** Negative, 0 or positive: BSON order of two values. `undefined` is missing. Field order matters in documents. */
export function compare(a: Value | undefined, b: Value | undefined, strings: StringOrder = compareStrings): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) return difference;
  return compareSameRank(a as Value, b as Value, rank, strings);
}

function compareSameRank(a: Value, b: Value, rank: number, strings: StringOrder): number {
  switch (rank) {
    case 10:
      return compareNumbers(a as NumberValue, b as NumberValue);
    case 15:
      return strings(a as string, b as string);
    case 20:
      return compareDocs(a as Doc, b as Doc, strings);
    case 25:
      return compareArrays(a as Value[], b as Value[], strings);
    case 30:
      return compareBinaries(a as Binary, b as Binary);
    case 35:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case 40:
      return Number(a) - Number(b);
    case 45:
      return (a as Date).getTime() - (b as Date).getTime();
    case 47:
      return (a as Timestamp).t - (b as Timestamp).t || (a as Timestamp).i - (b as Timestamp).i;
    case 50:
      return compareRegexes(a as BSONRegExp, b as BSONRegExp);
    case 60:
      return compareStrings((a as Code).code, (b as Code).code);
    default:
      return 0;
  }
}

/** Order of UTF-8 bytes, which is code point order; UTF-16 units differ from it only where surrogates meet U+E000 and above. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    if (left >= 0xd800 && right >= 0xd800) return surrogateLast(left) - surrogateLast(right);
    return left - right;
  }
  return a.length - b.length;
}

function surrogateLast(unit: number): number {
  return unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Numeric order across the four number types, exact; NaN is below all numbers and equal to NaN. */
export function compareNumbers(a: NumberValue, b: NumberValue): number {
  if (a instanceof Decimal128 || b instanceof Decimal128) return compareDecimals(toExactDecimal(a), toExactDecimal(b));
  return compareDoubles(a instanceof Int32 ? a.value : a, b instanceof Int32 ? b.value : b);
}

function compareDoubles(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareDocs(a: Doc, b: Doc, strings: StringOrder): number {
  const right = b.entries();
  for (const [name, value] of a) {
    const next = right.next();
    if (next.done) return 1;
    const [otherName, otherValue] = next.value;
    const order = typeRank(value) - typeRank(otherValue) || compareStrings(name, otherName) || compare(value, otherValue, strings);
    if (order !== 0) return order;
  }
  return right.next().done ? 0 : -1;
}

function compareArrays(a: readonly Value[], b: readonly Value[], strings: StringOrder): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const order = compare(a[index], b[index], strings);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareBinaries(a: Binary, b: Binary): number {
  return (
    a.length() - b.length() || a.sub_type - b.sub_type || Buffer.compare(a.buffer.subarray(0, a.length()), b.buffer.subarray(0, b.length()))
  );
}

function compareRegexes(a: BSONRegExp, b: BSONRegExp): number {
  return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
}

/** Equality as MongoDB's `$eq`: numbers across types, field order significant. */
export function deepEqual(a: Value | undefined, b: Value | undefined, strings: StringOrder = compareStrings): boolean {
  return compare(a, b, strings) === 0;
}

/** A text that two values share exactly when `deepEqual` holds: the key of groups and sets. */
export function hashKey(value: Value | undefined): string {
  switch (typeof value) {
    case 'undefined':
      return 'u';
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return doubleKey(value);
    case 'bigint':
      return `n${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return objectKey(value);
  }
}

function doubleKey(value: number): string {
  if (Number.isSafeInteger(value)) return `n${value === 0 ? 0 : value};`;
  return Number.isInteger(value) ? `n${BigInt(value)};` : `n${value};`;
}

function objectKey(value: Exclude<Value, number | bigint | string | boolean>): string {
  if (value === null) return 'z';
  if (value instanceof Int32) return `n${value.value};`;
  if (value instanceof Map) {
    let key = '{';
    for (const [name, item] of value) key += `${name.length}:${name}${hashKey(item)}`;
    return `${key}}`;
  }
  if (Array.isArray(value)) return `[${value.map(hashKey).join('')}]`;
  if (value instanceof ObjectId) return `o${value.toHexString()}`;
  if (value instanceof Date) return `d${value.getTime()};`;
  if (value instanceof Decimal128) return decimalKey(value);
  if (value instanceof Binary) return `b${value.sub_type}:${Buffer.from(value.buffer.subarray(0, value.length())).toString('base64')};`;
  if (value instanceof Timestamp) return `T${value.t}:${value.i};`;
  if (value instanceof BSONRegExp) return `r${value.pattern.length}:${value.pattern}${value.options};`;
  if (value instanceof Code) return `c${value.code.length}:${value.code}`;
  return value instanceof MinKey ? '<' : '>';
}

function decimalKey(value: Decimal128): string {
  const exact = toExactDecimal(value);
  const double = toDouble(exact);
  if (compareDecimals(exact, toExactDecimal(double)) === 0) return doubleKey(double);
  let { coefficient, exponent } = exact;
  while (coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  if (exponent >= 0 && exponent < 20) return `n${exact.negative ? '-' : ''}${coefficient * 10n ** BigInt(exponent)};`;
  return `n${exact.negative ? '-' : ''}${coefficient}E${exponent};`;
}
