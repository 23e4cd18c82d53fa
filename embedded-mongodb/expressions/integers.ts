// Arguments that must be whole numbers of a size, whatever number type they come in.
import { asInteger, fitsInt32, fitsInt64, isInteger } from '../bson/arithmetic.js';
import { fromInteger, toExactDecimal, toInteger } from '../bson/decimal-convert.js';
import { compareDecimals } from '../bson/decimal.js';
import { isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';

/** The 64-bit integer that a number is, or `undefined`. */
export function int64Of(value: Value | undefined): bigint | undefined {
  if (value === undefined || !isNumber(value)) return undefined;
  if (isInteger(value)) return asInteger(value);
  const exact = toExactDecimal(value);
  const integer = toInteger(exact, 'truncate');
  if (integer === undefined || !fitsInt64(integer)) return undefined;
  return compareDecimals(fromInteger(integer), exact) === 0 ? integer : undefined;
}

/** The 32-bit integer that a number is, or `undefined`. */
export function int32Of(value: Value | undefined): number | undefined {
  const integer = int64Of(value);
  return integer === undefined || !fitsInt32(integer) ? undefined : Number(integer);
}

/** A 32-bit integer, with an error of its own for what is no number at all. */
export function int32Argument(value: Value | undefined, codes: { notNumber: number; notInt: number }, what: string): number {
  if (value === undefined || !isNumber(value)) throw new MongoError(codes.notNumber, `${what} must be a numeric value`);
  const integer = int32Of(value);
  if (integer === undefined) throw new MongoError(codes.notInt, `${what} can't be represented as a 32-bit integer`);
  return integer;
}

/** A 32-bit integer that is not negative. */
export function indexArgument(value: Value | undefined, codes: { notInt: number; negative: number }, what: string): number {
  const integer = int32Of(value);
  if (integer === undefined) throw new MongoError(codes.notInt, `${what} must be an integer`);
  if (integer < 0) throw new MongoError(codes.negative, `${what} must not be negative, found: ${integer}`);
  return integer;
}

/** Any number as a 64-bit integer: doubles without their fraction, decimals rounded. Errors 16004 for what is no number, 31109 for what does not fit. */
export function toInt64(value: Value): bigint {
  if (!isNumber(value)) throw new MongoError(16004, `can't convert from BSON type ${typeOf(value)} to long`);
  const integer = isInteger(value)
    ? asInteger(value)
    : toInteger(toExactDecimal(value), typeof value === 'number' ? 'truncate' : 'halfEven');
  if (integer === undefined || !fitsInt64(integer)) throw new MongoError(31109, "Can't coerce out of range value to long");
  return integer;
}
