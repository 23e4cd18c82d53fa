// The conditions of a filter that an index can serve: those that must all hold, each on one path, and the alternatives of `$or`. What
// else the filter says is left to the matcher, which sees every document in the end.
import { BSONRegExp, type Doc, isArray, isDoc, type TypeAlias, type Value } from '../bson/index.js';
import { literalPrefix } from '../match/regex.js';
import { firstKey, isOperatorName } from '../match/tests.js';

/** One `$elemMatch`: its conditions hold for the same element of the array at `at`. */
export interface Scope {
  readonly at: string;
  /** The `$elemMatch` around this one. */
  readonly outer: Scope | undefined;
}

interface Condition {
  readonly path: string;
  /** The innermost `$elemMatch` around the condition. */
  readonly scope?: Scope | undefined;
}

/** A condition on one path. With an array at the path, one element (or the array itself) must meet it. */
export type Predicate = Condition &
  (
    | { readonly kind: 'points'; readonly values: readonly Value[] }
    | { readonly kind: 'above' | 'below'; readonly value: Value; readonly inclusive: boolean }
    /** Texts that begin with `prefix`, and the stored regular expression `regex` itself. */
    | { readonly kind: 'prefix'; readonly prefix: string; readonly regex: BSONRegExp }
    | { readonly kind: 'exists' }
    | { readonly kind: 'type'; readonly types: readonly TypeAlias[] }
  );

export interface Predicates {
  readonly list: readonly Predicate[];
  /** The filter says nothing beyond the list. */
  readonly complete: boolean;
  /** For each `$or` of the filter, its branches. */
  readonly ors: readonly (readonly Doc[])[];
}

interface Collecting {
  readonly list: Predicate[];
  readonly ors: Doc[][];
  complete: boolean;
}

/** The conditions of a filter. Malformed parts are left out: the matcher refuses them. */
export function predicatesOf(filter: Doc): Predicates {
  const into: Collecting = { list: [], ors: [], complete: true };
  addFilter(into, filter, '', undefined);
  return into;
}

/** Paths with an empty component, or with a number: `a.0` may name an element or a field, which is not worth the cases. */
const ODD_PATH = /(?:^|\.)(?:0|[1-9]\d*)?(?:\.|$)/;

/** `prefix` is the path, with its dot, of the elements that `filter` is about. */
function addFilter(into: Collecting, filter: Doc, prefix: string, scope: Scope | undefined): void {
  for (const [name, value] of filter) {
    if (name === '$comment') continue;
    if (name === '$and' && isArray(value)) {
      for (const part of value) {
        if (isDoc(part)) addFilter(into, part, prefix, scope);
        else into.complete = false;
      }
    } else if (name.startsWith('$') || ODD_PATH.test(name)) {
      into.complete = false;
      if (name === '$or' && prefix === '' && isArray(value)) into.ors.push(value.filter(isDoc));
    } else {
      addPath(into, prefix + name, value, scope);
    }
  }
}

/** Adds what is usable of `{ path: condition }`. */
function addPath(into: Collecting, path: string, condition: Value, scope: Scope | undefined): void {
  if (condition instanceof BSONRegExp) addRegex(into, { path, scope }, condition.pattern, condition.options);
  else if (!isOperators(condition)) addPoints(into, { path, scope }, [condition]);
  else for (const [operator, operand] of condition) addOperator(into, { path, scope }, operator, operand, condition);
}

/** True for `{ $gt: 1 }`, false for a document to be equal to. */
export function isOperators(condition: Value): condition is Doc {
  return isDoc(condition) && isOperatorName(firstKey(condition));
}

function addOperator(into: Collecting, at: Condition, operator: string, operand: Value, all: Doc): void {
  switch (operator) {
    case '$eq':
      return addPoints(into, at, [operand]);
    case '$in':
      if (isArray(operand) && !operand.some((value) => value instanceof BSONRegExp)) return addPoints(into, at, operand);
      break;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      into.list.push({ ...at, kind: operator.startsWith('$g') ? 'above' : 'below', value: operand, inclusive: operator.endsWith('e') });
      into.complete &&= isScalar(operand);
      return;
    case '$exists':
      if (operand === false) into.list.push({ ...at, kind: 'points', values: [null] });
      else if (operand === true) into.list.push({ ...at, kind: 'exists' });
      break;
    case '$type':
      addType(into, at, operand);
      break;
    case '$all':
      addAll(into, at, operand);
      break;
    case '$elemMatch':
      addElemMatch(into, at, operand);
      break;
    case '$regex':
      return addRegexOperator(into, at, operand, all.get('$options'));
    default:
  }
  into.complete = false;
}

function addPoints(into: Collecting, at: Condition, values: readonly Value[]): void {
  into.list.push({ ...at, kind: 'points', values });
  into.complete &&= values.every(isScalar);
}

function isScalar(value: Value): boolean {
  return !isDoc(value) && !isArray(value);
}

function addType(into: Collecting, at: Condition, operand: Value): void {
  const types = isArray(operand) ? operand : [operand];
  const names = types.filter((type): type is TypeAlias => typeof type === 'string' && type !== 'number');
  if (names.length === types.length) into.list.push({ ...at, kind: 'type', types: names });
}

/** Every element of `$all` must be there; each is a condition of its own. */
function addAll(into: Collecting, at: Condition, operand: Value): void {
  for (const value of isArray(operand) ? operand : []) {
    if (isOperators(value)) {
      const inner = value.get('$elemMatch');
      if (inner !== undefined) addElemMatch(into, at, inner);
    } else if (!(value instanceof BSONRegExp)) into.list.push({ ...at, kind: 'points', values: [value] });
  }
}

function addElemMatch(into: Collecting, at: Condition, operand: Value): void {
  if (!isDoc(operand)) return;
  if (at.scope?.at === at.path) return; // elements of an array in an array: no index has them as keys
  const scope: Scope = { at: at.path, outer: at.scope };
  const name = firstKey(operand) ?? '';
  if (['$and', '$or', '$nor'].includes(name) || !name.startsWith('$')) addFilter(into, operand, `${at.path}.`, scope);
  else addPath(into, at.path, operand, scope);
}

function addRegexOperator(into: Collecting, at: Condition, operand: Value, options: Value | undefined): void {
  const flags = typeof options === 'string' ? options : '';
  if (typeof operand === 'string') addRegex(into, at, operand, flags);
  else if (operand instanceof BSONRegExp) addRegex(into, at, operand.pattern, options === undefined ? operand.options : flags);
  into.complete = false;
}

/** A pattern such as `^abc` bounds strings from both sides. */
function addRegex(into: Collecting, at: Condition, pattern: string, options: string): void {
  into.complete = false;
  const prefix = literalPrefix(pattern, options);
  if (prefix !== undefined) into.list.push({ ...at, kind: 'prefix', prefix, regex: new BSONRegExp(pattern, options) });
}
