// What counts as an instant in date expressions, and the optional time zone beside it.
import { ObjectId, Timestamp, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { UTC, type Zone, zoneOf } from './timezone.js';
import { type Expr } from './types.js';

/** Milliseconds of dates, and of the time in timestamps and object ids. Error 16006, or the one given. */
export function dateMs(value: Value, refuse?: (found: string) => MongoError): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return value.t * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  throw refuse?.(typeOf(value)) ?? new MongoError(16006, `can't convert from BSON type ${typeOf(value)} to Date`);
}

/** The zone of an optional argument: UTC when it was not written, undefined when it is null or missing. */
export function zoneFrom(expr: Expr | undefined, value: Value | undefined): Zone | undefined {
  if (!expr) return UTC;
  return value == null ? undefined : zoneOf(value);
}
