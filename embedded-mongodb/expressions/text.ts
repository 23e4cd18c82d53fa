// The text that MongoDB makes of values where a string is wanted ($toLower, $substr, …).
import { Int32, type Value, typeOf } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { formatDouble } from './format-number.js';

/** Text of a scalar; null and missing are ''. Error 16007 for other types. */
export function textOf(value: Value | undefined): string {
  if (value == null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Int32 || typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return formatDouble(value);
  if (value instanceof Date) return value.toISOString();
  throw new MongoError(16007, `can't convert from BSON type ${typeOf(value)} to String`);
}
