// What counts as true in MongoDB's expressions and flags.
import { isZero } from '../bson/arithmetic.js';
import { isNumber, type Value } from '../bson/index.js';

/** Everything but missing, null, false and numeric zero (NaN is true). */
export function isTruthy(value: Value | undefined): boolean {
  if (value == null || value === false) return false;
  return !(isNumber(value) && isZero(value));
}
