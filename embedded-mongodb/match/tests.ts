// The conditions of a filter on one value ($eq, $gt, $in, $type, …), compiled to predicates. Arrays on the way to the value are not their business:
// see filter.ts.
import { MongoError } from '../errors.js';
import {
  BSONRegExp,
  compare,
  Decimal128,
  deepEqual,
  type Doc,
  hashKey,
  Int32,
  isArray,
  isDoc,
  isNumber,
  MaxKey,
  MinKey,
  type StringOrder,
  TYPE_NUMBERS,
  type TypeAlias,
  typeOf,
  typeRank,
  type Value,
} from '../bson/index.js';
import { toDecimal, toExactDecimal, toInteger } from '../bson/decimal-convert.js';
import { compileRegex } from './regex.js';

/** A condition on one value; `undefined` is a missing field. */
export type Test = (value: Value | undefined) => boolean;

export type Comparison = '$eq' | '$lt' | '$lte' | '$gt' | '$gte';

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  $eq: (order) => order === 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
};

/** Compares within the operand's type only; MinKey and MaxKey compare with everything; null and missing are one. */
export function comparison(operator: Comparison, operand: Value, strings: StringOrder): Test {
  const holds = HOLDS[operator];
  const orEqual = holds(0);
  if (operand === null) return (value) => orEqual && value == null;
  if (operator !== '$eq' && (operand instanceof MinKey || operand instanceof MaxKey)) {
    return (value) => holds(compare(value, operand));
  }
  if (isNaNValue(operand)) return (value) => orEqual && isNaNValue(value);
  const rank = typeRank(operand);
  if (rank === 10) return (value) => isNumber(value) && !isNaNValue(value) && holds(compare(value, operand));
  if (rank === 15 && operator === '$eq') return (value) => typeof value === 'string' && strings(value, operand as string) === 0;
  return (value) => typeRank(value) === rank && holds(compare(value, operand, strings));
}

function isNaNValue(value: Value | undefined): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  return value instanceof Decimal128 && toDecimal(value).kind === 'nan';
}

/** A list longer than this is looked up by hash instead of compared one by one. */
const LINEAR_IN = 8;

/** `$in`: equality with one of the values, or a match of one of the regular expressions among them. */
export function membership(operand: Value, strings: StringOrder, hashable: boolean): Test {
  if (!isArray(operand)) throw new MongoError('BadValue', '$in needs an array');
  const patterns: Test[] = [];
  const values: Value[] = [];
  for (const item of operand) {
    if (isDoc(item) && isOperatorName(firstKey(item))) throw new MongoError('BadValue', 'cannot nest $ under $in');
    if (item instanceof BSONRegExp) patterns.push(regexTest(item.pattern, item.options));
    else values.push(item);
  }
  const withNull = values.includes(null);
  const isListed = hashable && values.length > LINEAR_IN ? hashed(values) : linear(values, strings);
  return (value) => (value === undefined ? withNull : isListed(value)) || patterns.some((test) => test(value));
}

function linear(values: readonly Value[], strings: StringOrder): Test {
  return (value) => values.some((item) => deepEqual(item, value, strings));
}

function hashed(values: readonly Value[]): Test {
  const keys = new Set(values.map((value) => hashKey(value)));
  return (value) => keys.has(hashKey(value));
}

export function firstKey(doc: Doc): string | undefined {
  return doc.keys().next().value;
}

/** Whether an object that begins with this key holds operators; DBRef fields are data. */
export function isOperatorName(key: string | undefined): boolean {
  return key !== undefined && key.startsWith('$') && key !== '$ref' && key !== '$id' && key !== '$db';
}

/** Operators that an `$elemMatch` on documents may begin with. */
const LOGICAL = new Set(['$and', '$or', '$nor', '$where']);

/** Whether an `$elemMatch` has conditions on the elements themselves instead of a filter of documents. */
export function matchesValues(operand: Doc): boolean {
  const key = firstKey(operand) ?? '';
  return isOperatorName(key) && !LOGICAL.has(key);
}

/** `$regex`: texts that match, and stored expressions that are the same one. */
export function regexTest(pattern: string, options: string): Test {
  const matches = compileRegex(pattern, options);
  return (value) => {
    if (typeof value === 'string') return matches(value);
    return value instanceof BSONRegExp && value.pattern === pattern && value.options === options;
  };
}

/** The type numbers that a `$type` operand names; `number` is four of them. Errors: BadValue, TypeMismatch as MongoDB. */
export function typeSet(operand: Value): ReadonlySet<TypeAlias> {
  const items = isArray(operand) ? operand : [operand];
  if (items.length === 0) throw new MongoError('FailedToParse', '$type must match at least one type');
  return new Set(items.flatMap(typeAliases));
}

const ALIASES = new Map<number, TypeAlias>(Object.entries(TYPE_NUMBERS).map(([alias, type]) => [type, alias as TypeAlias]));

/** Types that MongoDB has given up and the engine does not store: asking for them is no error. */
const DEPRECATED_TYPES: ReadonlyMap<string, number> = new Map([
  ['undefined', 6],
  ['dbPointer', 12],
  ['symbol', 14],
]);

function typeAliases(item: Value): TypeAlias[] {
  if (typeof item === 'string') {
    if (DEPRECATED_TYPES.has(item)) return [];
    if (item === 'number') return ['double', 'int', 'long', 'decimal'];
    if (Object.hasOwn(TYPE_NUMBERS, item)) return [item as TypeAlias];
    throw new MongoError('BadValue', `Unknown type name alias: ${item}`);
  }
  if (!isNumber(item)) throw new MongoError('TypeMismatch', 'type must be represented as a number or a string');
  const type = wholeNumber(item);
  if (type !== undefined && [...DEPRECATED_TYPES.values()].includes(type)) return [];
  const alias = type === undefined ? undefined : ALIASES.get(type);
  if (alias === undefined) throw new MongoError('BadValue', `Invalid numerical type code: ${String(item)}`);
  return [alias];
}

export function typeTest(types: ReadonlySet<TypeAlias>): Test {
  return (value) => value !== undefined && types.has(typeOf(value));
}

/** The value of a whole number of any type in the safe range; `undefined` for everything else. */
export function wholeNumber(value: Value | undefined): number | undefined {
  if (value instanceof Int32) return value.value;
  if (!isNumber(value)) return undefined;
  const number = typeof value === 'number' ? value : Number(value instanceof Decimal128 ? value.toString() : value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** `$size` takes a non-negative whole number of any numeric type. */
export function sizeTest(operand: Value): Test {
  if (!isNumber(operand)) throw new MongoError('BadValue', 'Failed to parse $size. Expected a number');
  const size = wholeNumber(operand);
  if (size === undefined) throw new MongoError('BadValue', 'Failed to parse $size. Expected an integer');
  if (size < 0) throw new MongoError('BadValue', 'Failed to parse $size. Expected a non-negative number');
  return (value) => isArray(value) && value.length === size;
}

/** `$mod: [divisor, remainder]` on numbers truncated to integers. */
export function modTest(operand: Value): Test {
  if (!isArray(operand)) throw new MongoError('BadValue', 'malformed mod, needs to be an array');
  const [divisor, rest] = operand;
  if (operand.length < 2) throw new MongoError('BadValue', 'malformed mod, not enough elements');
  if (operand.length > 2) throw new MongoError('BadValue', 'malformed mod, too many elements');
  const by = integerOperand(divisor, 'divisor');
  const expected = integerOperand(rest, 'remainder');
  if (by === 0n) throw new MongoError('BadValue', 'divisor cannot be 0');
  return (value) => {
    const integer = isNumber(value) ? toInteger(toExactDecimal(value), 'truncate') : undefined;
    return integer !== undefined && fitsInt64(integer) && integer % by === expected;
  };
}

function integerOperand(value: Value | undefined, what: string): bigint {
  if (!isNumber(value)) throw new MongoError('BadValue', `malformed mod, ${what} not a number`);
  const integer = toInteger(toExactDecimal(value), 'truncate');
  if (integer === undefined || !fitsInt64(integer))
    throw new MongoError('BadValue', `malformed mod, ${what} is not representable as 64-bit integer`);
  return integer;
}

function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}
