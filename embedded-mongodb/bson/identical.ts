// Equality of bytes, stricter than the equality of values: what decides whether an update changed anything.
import { compare } from './compare.js';
import { Decimal128, isArray, isDoc, typeOf, type Value } from './types.js';

/** Whether two values would be stored as the same bytes: the int 1 and the double 1 are not. */
export function identical(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (typeof a === 'number') return Object.is(a, b);
  if (isDoc(a)) return isDoc(b) && a.size === b.size && identicalDocs([...a], [...b]);
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, index) => identical(item, b[index]));
  if (a instanceof Decimal128) return b instanceof Decimal128 && Buffer.compare(a.bytes, b.bytes) === 0;
  return typeOf(a) === typeOf(b) && compare(a, b) === 0;
}

function identicalDocs(a: readonly [string, Value][], b: readonly [string, Value][]): boolean {
  return a.every(([name, value], index) => {
    const other = b[index];
    return other !== undefined && other[0] === name && identical(value, other[1]);
  });
}
