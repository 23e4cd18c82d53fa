// The values of the engine in memory: one JavaScript representation for each BSON type, so that nothing is lost between bytes.
import { Binary, BSONRegExp, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';

export { Binary, BSONRegExp, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp };

/** A document: ordered, and safe for keys such as `__proto__` or `1`, which plain objects reorder or swallow. */
export type Doc = Map<string, Value>;

/**
 * A BSON value: double = `number`, int32 = `Int32`, int64 = `bigint`, UTC date = `Date`; the rest as the bson package has them.
 * A missing field is JavaScript's `undefined` and never stored.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Int32
  | Decimal128
  | ObjectId
  | Binary
  | Timestamp
  | BSONRegExp
  | Code
  | MinKey
  | MaxKey
  | Value[]
  | Doc;

/** MongoDB's type aliases as `$type` takes and gives them. */
export type TypeAlias =
  | 'double'
  | 'string'
  | 'object'
  | 'array'
  | 'binData'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'null'
  | 'regex'
  | 'javascript'
  | 'javascriptWithScope'
  | 'int'
  | 'timestamp'
  | 'long'
  | 'decimal'
  | 'minKey'
  | 'maxKey';

/** BSON type byte of each alias (minKey is -1 as a signed byte, as `$type` writes it). */
export const TYPE_NUMBERS: Readonly<Record<TypeAlias, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  javascript: 13,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const SMALL_INTS: readonly Int32[] = Array.from({ length: 1280 }, (_, index) => new Int32(index - 256));

/** An int32 value; small ones are shared, so values must never be mutated. `value` must be in the int32 range. */
export function int32(value: number): Int32 {
  return SMALL_INTS[value + 256] ?? new Int32(value);
}

export function isDoc(value: Value | undefined): value is Doc {
  return value instanceof Map;
}

export function isArray(value: Value | undefined): value is Value[] {
  return Array.isArray(value);
}

/** Any of the four number types (double, int32, int64, decimal128). */
export type NumberValue = number | Int32 | bigint | Decimal128;

export function isNumber(value: Value | undefined): value is NumberValue {
  return typeof value === 'number' || value instanceof Int32 || typeof value === 'bigint' || value instanceof Decimal128;
}

/** The type alias of a value; `undefined` (missing) is not a type and must be handled before. */
export function typeOf(value: Value): TypeAlias {
  switch (typeof value) {
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    case 'bigint':
      return 'long';
    case 'boolean':
      return 'bool';
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: Exclude<Value, number | string | bigint | boolean>): TypeAlias {
  if (value === null) return 'null';
  if (value instanceof Map) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Int32) return 'int';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Date) return 'date';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof Code) return value.scope === null ? 'javascript' : 'javascriptWithScope';
  return value instanceof MinKey ? 'minKey' : 'maxKey';
}
