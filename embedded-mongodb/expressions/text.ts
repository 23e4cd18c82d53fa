// The text that MongoDB makes of values where a string is wanted ($toLower, $substr, …).
import { Code, Decimal128, Int32, Timestamp, type Value, typeOf } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { formatBriefly } from './format-number.js';

/** Text of a scalar; null and missing are ''. Error 16007 for other types. */
export function textOf(value: Value | undefined): string {
  if (value == null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Int32 || typeof value === 'bigint' || value instanceof Decimal128) return value.toString();
  if (typeof value === 'number') return formatBriefly(value);
  if (value instanceof Date) return isoText(value);
  if (value instanceof Timestamp) throw refusal(16007, 'The text of a timestamp');
  if (value instanceof Code) return value.code;
  throw new MongoError(16007, `can't convert from BSON type ${typeOf(value)} to String`);
}

/** A date as ISO 8601 text. Error 18537 outside the years 0 to 9999. */
function isoText(date: Date): string {
  const year = date.getUTCFullYear();
  if (year < 0 || year > 9999)
    throw new MongoError(18537, 'Could not convert date to string: date component was outside the supported range of 0-9999');
  return date.toISOString();
}
