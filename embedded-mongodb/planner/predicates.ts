// The conditions of a filter that an index can serve: those that must all hold, each on one path. What else the filter says is left to
// the matcher, which sees every document in the end.
import { BSONRegExp, type Doc, isArray, isDoc, isIndex, type TypeAlias, type Value } from '../bson/index.js';
import { literalPrefix } from '../match/regex.js';
import { firstKey, isOperatorName } from '../match/tests.js';

/** A condition on one path. With an array at the path, one element (or the array itself) must meet it. */
export type Predicate =
  | { readonly kind: 'points'; readonly path: string; readonly values: readonly Value[] }
  | { readonly kind: 'above' | 'below'; readonly path: string; readonly value: Value; readonly inclusive: boolean }
  /** Texts that begin with `prefix`, and the stored regular expression `regex` itself. */
  | { readonly kind: 'prefix'; readonly path: string; readonly prefix: string; readonly regex: BSONRegExp }
  | { readonly kind: 'exists'; readonly path: string }
  | { readonly kind: 'type'; readonly path: string; readonly types: readonly TypeAlias[] };

export interface Predicates {
  readonly list: readonly Predicate[];
  /** The filter says nothing beyond the list. */
  readonly complete: boolean;
}

/** The conditions of a filter. Malformed parts are left out: the matcher refuses them. */
export function predicatesOf(filter: Doc): Predicates {
  const list: Predicate[] = [];
  let complete = true;
  for (const [name, value] of filter) {
    if (name === '$comment') continue;
    if (name === '$and' && isArray(value)) {
      for (const part of value) {
        const inner = isDoc(part) ? predicatesOf(part) : { list: [], complete: false };
        list.push(...inner.list);
        complete &&= inner.complete;
      }
    } else if (name.startsWith('$') || name.split('.').some(isIndex)) {
      complete = false; // `a.0` may name an element or a field: not worth the cases
    } else {
      complete = addPath(list, name, value) && complete;
    }
  }
  return { list, complete };
}

/** Adds what is usable of `{ path: condition }`; false when something of it was not. */
function addPath(list: Predicate[], path: string, condition: Value): boolean {
  if (condition instanceof BSONRegExp) {
    addRegex(list, path, condition.pattern, condition.options);
    return false;
  }
  if (!isOperators(condition)) return addPoint(list, path, condition);
  let complete = true;
  for (const [operator, operand] of condition) complete = addOperator(list, path, operator, operand, condition) && complete;
  return complete;
}

/** True for `{ $gt: 1 }`, false for a document to be equal to. */
export function isOperators(condition: Value): condition is Doc {
  return isDoc(condition) && isOperatorName(firstKey(condition));
}

function addOperator(list: Predicate[], path: string, operator: string, operand: Value, all: Doc): boolean {
  switch (operator) {
    case '$eq':
      return addPoint(list, path, operand);
    case '$in':
      if (!isArray(operand) || operand.some((value) => value instanceof BSONRegExp)) return false;
      list.push({ kind: 'points', path, values: operand });
      return operand.every(isScalar);
    case '$gt':
    case '$gte':
      list.push({ kind: 'above', path, value: operand, inclusive: operator === '$gte' });
      return isScalar(operand);
    case '$lt':
    case '$lte':
      list.push({ kind: 'below', path, value: operand, inclusive: operator === '$lte' });
      return isScalar(operand);
    case '$exists':
      if (operand === false) list.push({ kind: 'points', path, values: [null] });
      else if (operand === true) list.push({ kind: 'exists', path });
      return false;
    case '$type':
      addType(list, path, operand);
      return false;
    case '$all':
      addAll(list, path, operand);
      return false;
    case '$regex':
      addRegexOperator(list, path, operand, all.get('$options'));
      return false;
    default:
      return false;
  }
}

function addPoint(list: Predicate[], path: string, value: Value): boolean {
  list.push({ kind: 'points', path, values: [value] });
  return isScalar(value);
}

function isScalar(value: Value): boolean {
  return !isDoc(value) && !isArray(value);
}

function addType(list: Predicate[], path: string, operand: Value): void {
  const types = isArray(operand) ? operand : [operand];
  const names = types.filter((type): type is TypeAlias => typeof type === 'string' && type !== 'number');
  if (names.length === types.length) list.push({ kind: 'type', path, types: names });
}

/** Of `$all` the first element is enough: every match holds it. */
function addAll(list: Predicate[], path: string, operand: Value): void {
  const first = isArray(operand) ? operand[0] : undefined;
  if (first !== undefined && !(first instanceof BSONRegExp) && !isOperators(first)) list.push({ kind: 'points', path, values: [first] });
}

function addRegexOperator(list: Predicate[], path: string, operand: Value, options: Value | undefined): void {
  const flags = typeof options === 'string' ? options : '';
  if (typeof operand === 'string') addRegex(list, path, operand, flags);
  else if (operand instanceof BSONRegExp) addRegex(list, path, operand.pattern, options === undefined ? operand.options : flags);
}

/** A pattern such as `^abc` bounds strings from both sides. */
function addRegex(list: Predicate[], path: string, pattern: string, options: string): void {
  const prefix = literalPrefix(pattern, options);
  if (prefix !== undefined) list.push({ kind: 'prefix', path, prefix, regex: new BSONRegExp(pattern, options) });
}
