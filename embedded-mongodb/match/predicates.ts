// What a filter tells a query planner: conditions on single paths that every matching document fulfils. Deliberately incomplete: a condition that
// an index cannot serve exactly is left out and costs only speed.
import { BSONRegExp, type Doc, isArray, isDoc, isIndex, MaxKey, MinKey, type Value } from '../bson/index.js';
import { isTruthy } from '../expressions/truth.js';
import { literalPrefix } from './regex.js';
import { firstKey, isOperatorName } from './tests.js';

/**
 * A condition on one path; all of a filter's hold together. `eq`/`in` with null mean null or missing. A `range` is bounded by the type bracket of
 * its bound (a bound below or above is absent, not infinite), and two ranges on one path must not be intersected on a multikey index.
 */
export type IndexPredicate =
  | { readonly kind: 'eq'; readonly path: string; readonly value: Value }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Value[] }
  | {
      readonly kind: 'range';
      readonly path: string;
      readonly lower?: Value;
      readonly upper?: Value;
      readonly lowerInclusive: boolean;
      readonly upperInclusive: boolean;
    }
  /** Texts that begin with `prefix`, and the stored regular expression `regex` itself. */
  | { readonly kind: 'prefix'; readonly path: string; readonly prefix: string; readonly regex: BSONRegExp }
  | { readonly kind: 'exists'; readonly path: string; readonly exists: boolean };

/** The conditions of the top level and of the members of its `$and`s. The filter must have compiled. */
export function predicatesOf(filter: Doc): IndexPredicate[] {
  return [...filter].flatMap(([key, value]) => {
    if (key === '$and' && isArray(value)) return value.flatMap((item) => (isDoc(item) ? predicatesOf(item) : []));
    if (key.startsWith('$') || key.split('.').some(isIndex)) return [];
    return fieldPredicates(key, value);
  });
}

function fieldPredicates(path: string, value: Value): IndexPredicate[] {
  if (value instanceof BSONRegExp) return prefixPredicate(path, value.pattern, value.options);
  if (!isDoc(value) || !isOperatorName(firstKey(value))) return isScalar(value) ? [{ kind: 'eq', path, value }] : [];
  return [...value].flatMap(([operator, operand]) => operatorPredicates(path, operator, operand, value));
}

function operatorPredicates(path: string, operator: string, operand: Value, operators: Doc): IndexPredicate[] {
  switch (operator) {
    case '$eq':
      return isScalar(operand) ? [{ kind: 'eq', path, value: operand }] : [];
    case '$in':
      return isArray(operand) && operand.every(isScalar) ? [{ kind: 'in', path, values: operand }] : [];
    case '$gt':
    case '$gte':
      return isRangeBound(operand)
        ? [{ kind: 'range', path, lower: operand, lowerInclusive: operator === '$gte', upperInclusive: true }]
        : [];
    case '$lt':
    case '$lte':
      return isRangeBound(operand)
        ? [{ kind: 'range', path, upper: operand, upperInclusive: operator === '$lte', lowerInclusive: true }]
        : [];
    case '$exists':
      return [{ kind: 'exists', path, exists: isTruthy(operand) }];
    case '$regex':
      return regexPredicate(path, operand, operators.get('$options'));
    default:
      return [];
  }
}

function regexPredicate(path: string, operand: Value, options: Value | undefined): IndexPredicate[] {
  const flags = typeof options === 'string' ? options : '';
  if (typeof operand === 'string') return prefixPredicate(path, operand, flags);
  return operand instanceof BSONRegExp ? prefixPredicate(path, operand.pattern, operand.options + flags) : [];
}

function prefixPredicate(path: string, pattern: string, options: string): IndexPredicate[] {
  const prefix = literalPrefix(pattern, options);
  return prefix === undefined ? [] : [{ kind: 'prefix', path, prefix, regex: new BSONRegExp(pattern, options) }];
}

function isScalar(value: Value): boolean {
  return !isArray(value) && !(value instanceof BSONRegExp);
}

/** Bounds with rules of their own (arrays, null, NaN, MinKey, MaxKey) are left to the filter. */
function isRangeBound(value: Value): boolean {
  if (value === null || isArray(value) || isDoc(value) || Number.isNaN(value)) return false;
  return !(value instanceof MinKey || value instanceof MaxKey || value instanceof BSONRegExp);
}
