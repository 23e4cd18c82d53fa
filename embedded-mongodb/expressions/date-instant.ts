// What counts as an instant in date expressions, and the arguments beside it that have a meaning of their own (a zone, a unit), read once when
// they are constant.
import { ObjectId, Timestamp, typeOf, type Doc, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { UTC, type Zone, zoneOf } from './timezone.js';
import { constantValue, type Expr } from './types.js';

/** Milliseconds of dates, and of the time in timestamps and object ids. Error 16006, or the one given. */
export function dateMs(value: Value, refuse?: (found: string) => MongoError): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return value.t * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  throw refuse?.(typeOf(value)) ?? new MongoError(16006, `can't convert from BSON type ${typeOf(value)} to Date`);
}

/** What dates of JavaScript reach; MongoDB's reach further. */
const MAX_DATE_MS = 8.64e15;

/** The date of an instant. Refuses what is more than 100,000,000 days from 1970. */
export function dateAt(ms: number): Date {
  if (!(Math.abs(ms) <= MAX_DATE_MS)) throw refusal('Overflow', 'A date more than 100,000,000 days away from 1970');
  return new Date(ms);
}

/** An argument with a meaning: `read` gives undefined for null and missing. */
export interface Meaning<T> {
  /** Constantly null or missing. */
  readonly isNull: boolean;
  readonly read: (root: Doc) => T | undefined;
}

/** The meaning of an optional argument. A constant one is read at once if `eager`: what is wrong with it is wrong before any document is seen. */
export function meaningOf<T>(expr: Expr | undefined, absent: T, eager: boolean, mean: (value: Value) => T): Meaning<T> {
  if (!expr) return { isNull: false, read: () => absent };
  const read = (root: Doc): T | undefined => {
    const value = expr.run(root);
    return value == null ? undefined : mean(value);
  };
  if (!eager || !expr.constant) return { isNull: false, read };
  const value = constantValue(expr);
  if (value == null) return { isNull: true, read: () => undefined };
  const fixed = mean(value);
  return { isNull: false, read: () => fixed };
}

/** The zone of an optional argument: UTC when it was not written. */
export function zoneMeaning(expr: Expr | undefined, eager: boolean): Meaning<Zone> {
  return meaningOf(expr, UTC, eager, zoneOf);
}
