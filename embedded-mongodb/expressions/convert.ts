// Type conversion: $convert and its shorthands. Failures are MongoDB's ConversionFailure, which onError replaces; what the engine cannot convert as
// MongoDB does is refused outright and never replaced.
import { asDouble, asInteger, fitsInt32, fitsInt64, isInteger, isZero } from '../bson/arithmetic.js';
import { fromInteger, parseDecimal, toDecimal, toDouble, toExactDecimal, toInteger } from '../bson/decimal-convert.js';
import { type Decimal, pack, unpack } from '../bson/decimal.js';
import {
  Binary,
  Decimal128,
  int32,
  isDoc,
  isNumber,
  ObjectId,
  Timestamp,
  TYPE_NUMBERS,
  type TypeAlias,
  typeOf,
  type Value,
} from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { given, namedExpressions, parseArguments } from './build.js';
import { formatDouble } from './format-number.js';
import { parseDate } from './parse-date.js';
import { derived, type Expr, type Parse } from './types.js';

/** Signals a value that has no counterpart in the target type. */
class ConversionError extends MongoError {
  constructor(message: string) {
    super('ConversionFailure', `${message} in $convert with no onError value`);
  }
}

type Convert = (value: Value) => Value;

function unsupportedPair(value: Value, target: string): ConversionError {
  return new ConversionError(`Unsupported conversion from ${typeOf(value)} to ${target}`);
}

function toIntegerType(target: 'int' | 'long'): Convert {
  const make = (integer: bigint | undefined): Value => {
    if (integer === undefined || !(target === 'int' ? fitsInt32(integer) : fitsInt64(integer))) {
      throw new ConversionError('Conversion would overflow target type');
    }
    return target === 'int' ? int32(Number(integer)) : integer;
  };
  return (value) => {
    if (isNumber(value)) return make(isInteger(value) ? asInteger(value) : toInteger(toExactDecimal(value), 'truncate'));
    if (typeof value === 'boolean') return make(value ? 1n : 0n);
    if (value instanceof Date && target === 'long') return BigInt(value.getTime());
    if (typeof value !== 'string') throw unsupportedPair(value, target);
    if (!/^[+-]?\d+$/.test(value)) throw new ConversionError(`Failed to parse number '${value}'`);
    return make(BigInt(value.replace('+', '')));
  };
}

const toDoubleType: Convert = (value) => {
  if (isNumber(value)) {
    const number = asDouble(value);
    if (value instanceof Decimal128 && isOutOfRange(unpack(value), number)) {
      throw new ConversionError('Conversion would overflow target type');
    }
    return number;
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string') throw unsupportedPair(value, 'double');
  if (/^[+-]?0x/i.test(value)) throw new ConversionError(`Illegal hexadecimal input in $convert: ${value}`);
  const parsed = numeral(value);
  const number = parsed.kind === 'finite' ? Number(value) : toDouble(parsed);
  const outside = !Number.isFinite(number) || (number === 0 && parsed.kind === 'finite' && parsed.coefficient !== 0n);
  if (outside && parsed.kind === 'finite') throw new ConversionError(`Failed to parse number '${value}': Out of range`);
  return number;
};

const SMALLEST_NORMAL = 2 ** -1022;

/** Whether a finite decimal is too large or, not being zero, too small for a double. */
function isOutOfRange(value: Decimal, number: number): boolean {
  return value.kind === 'finite' && (!Number.isFinite(number) || (Math.abs(number) < SMALLEST_NORMAL && value.coefficient !== 0n));
}

const toDecimalType: Convert = (value) => {
  if (isNumber(value)) return pack(toDecimal(value));
  if (typeof value === 'boolean') return pack(fromInteger(value ? 1n : 0n));
  if (value instanceof Date) return pack(fromInteger(BigInt(value.getTime())));
  if (typeof value !== 'string') throw unsupportedPair(value, 'decimal');
  const parsed = numeral(value);
  if (parsed.kind === 'infinite' && /\d/.test(value)) throw new ConversionError(`Failed to parse number '${value}': would overflow`);
  return pack(parsed);
};

function numeral(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === 'underflow')
    throw new ConversionError(`Failed to parse number '${text}': Conversion from string to decimal would underflow`);
  if (!parsed) throw new ConversionError(`Failed to parse number '${text}'`);
  return parsed;
}

const toBoolType: Convert = (value) => {
  if (typeof value === 'boolean') return value;
  return !isNumber(value) || !isZero(value);
};

const MAX_DATE_MS = 8.64e15;

const toDateType: Convert = (value) => {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (typeof value === 'string') {
    const ms = parseDate(value);
    if (ms === undefined) throw new ConversionError(`Error parsing date string '${value}'`);
    return new Date(ms);
  }
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal128) {
    const ms = toInteger(toExactDecimal(value), 'truncate');
    if (ms === undefined || !fitsInt64(ms)) throw new ConversionError('Conversion would overflow target type');
    if (Math.abs(Number(ms)) > MAX_DATE_MS) throw refusal('ConversionFailure', 'A date more than 100,000,000 days away from 1970');
    return new Date(Number(ms));
  }
  throw unsupportedPair(value, 'date');
};

const toStringType: Convert = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatDouble(value);
  if (isNumber(value)) return value.toString();
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) {
    if (value.getUTCFullYear() < 0 || value.getUTCFullYear() > 9999) throw refusal('ConversionFailure', 'Text of a year outside 0-9999');
    return value.toISOString();
  }
  throw refusal('ConversionFailure', `Conversion from ${typeOf(value)} to string`);
};

const toObjectIdType: Convert = (value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupportedPair(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value)) throw new ConversionError(`Failed to parse objectId '${value}'`);
  return new ObjectId(value);
};

const TARGETS: Readonly<Partial<Record<TypeAlias, Convert>>> = {
  bool: toBoolType,
  date: toDateType,
  decimal: toDecimalType,
  double: toDoubleType,
  int: toIntegerType('int'),
  long: toIntegerType('long'),
  objectId: toObjectIdType,
  string: toStringType,
};

function shorthand(target: TypeAlias): Parse {
  return (operand, scope) => {
    const exprs = parseArguments(operand, scope);
    const [input] = exprs;
    if (!input || exprs.length > 1) throw new MongoError(50723, `a conversion to ${target} requires a single argument`);
    return derived([input], (root) => {
      const value = input.run(root);
      return value == null ? null : convertTo(value, target);
    });
  };
}

const CONVERT_PARTS = [['input', 9], ['to', 9], ['onError'], ['onNull']] as const; // prettier-ignore

const convertOperator: Parse = (operand, scope) => {
  if (isDoc(operand)) {
    const other = [...operand.keys()].find((key) => CONVERT_OPTIONS.includes(key));
    if (other !== undefined) throw refusal('FailedToParse', `$convert with '${other}'`);
  }
  const { input, to, onError, onNull } = namedExpressions('$convert', operand, CONVERT_PARTS, { notObject: 9, unknown: 9 }, scope);
  return derived(given(input, to, onError, onNull), (root) => {
    const targetValue = to.run(root);
    const value = input.run(root);
    const target = targetOf(targetValue);
    if (value == null) return onNull ? onNull.run(root) : null;
    if (target === undefined) return null;
    return withFallback(
      () => convertTo(value, target),
      onError,
      (expr) => expr.run(root),
    );
  });
};

/** What newer versions of MongoDB take as well. */
const CONVERT_OPTIONS = ['format', 'byteOrder', 'base'];

function withFallback(attempt: () => Value, onError: Expr | undefined, run: (expr: Expr) => Value | undefined): Value | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!onError || !(error instanceof ConversionError)) throw error;
    return run(onError);
  }
}

function convertTo(value: Value, target: TypeAlias): Value {
  if (value instanceof Binary && target !== 'bool') throw refusal('ConversionFailure', 'Conversion from binData');
  const convert = TARGETS[target];
  if (convert) return convert(value);
  throw refusal('ConversionFailure', `Conversion to ${target}`);
}

function targetOf(to: Value | undefined): TypeAlias | undefined {
  if (to == null) return undefined;
  if (typeof to === 'string') {
    if (Object.hasOwn(TYPE_NUMBERS, to)) return to as TypeAlias;
    throw new MongoError('BadValue', `Unknown type name: ${to}`);
  }
  const number = wholeNumber(to);
  if (number === undefined) throw new MongoError('FailedToParse', "In $convert, numeric 'to' argument is not an integer");
  const [alias] = Object.entries(TYPE_NUMBERS).find(([, type]) => type === number) ?? [];
  if (alias === undefined)
    throw new MongoError('FailedToParse', `In $convert, numeric value for 'to' does not correspond to a BSON type: ${number}`);
  return alias as TypeAlias;
}

export const CONVERSIONS = {
  $convert: convertOperator,
  $toBool: shorthand('bool'),
  $toDate: shorthand('date'),
  $toDecimal: shorthand('decimal'),
  $toDouble: shorthand('double'),
  $toInt: shorthand('int'),
  $toLong: shorthand('long'),
  $toObjectId: shorthand('objectId'),
  $toString: shorthand('string'),
} satisfies Record<string, Parse>;
