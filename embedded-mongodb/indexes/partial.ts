// Partial indexes: which filters may define one, and when a query is sure to ask only for documents that such an index holds.
import { type Doc, isArray, isDoc, MaxKey, MinKey, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { encodePart, NAN_KEY, typeBracket } from '../keys.js';
import { isOperators, type Predicate, predicatesOf } from '../planner/predicates.js';
import { showValue } from '../show.js';

const OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$type', '$exists']);

/** Error: CannotCreateIndex for expressions that MongoDB does not take in a partial index. */
export function checkPartialFilter(filter: Doc): void {
  for (const [name, condition] of filter) {
    if (name === '$and' || name === '$or') {
      for (const part of isArray(condition) ? condition : []) if (isDoc(part)) checkPartialFilter(part);
    } else if (name.startsWith('$')) {
      throw unsupported(filter);
    } else if (isOperators(condition)) {
      for (const [operator, operand] of condition) {
        if (!OPERATORS.has(operator) || (operator === '$exists' && operand === false)) throw unsupported(filter);
      }
    }
  }
}

function unsupported(filter: Doc): MongoError {
  return new MongoError('CannotCreateIndex', `Expression not supported in partial index: ${showValue(filter)}`);
}

/** True when every document that meets `query` surely meets `partial`. False may also mean "not seen". */
export function impliesPartial(query: readonly Predicate[], partial: Doc): boolean {
  let needs = NEEDS.get(partial);
  if (!needs) NEEDS.set(partial, (needs = needsOf(partial)));
  return needs !== 'unclear' && needs.every((need) => query.some((have) => have.path === need.path && implies(have, need)));
}

/** What the filters of partial indexes ask for, found out once: each query of their collections looks at it. */
const NEEDS = new WeakMap<Doc, ReturnType<typeof needsOf>>();

/** The conditions that a partial filter comes to; `unclear` where it says more than they do. */
function needsOf(partial: Doc): readonly Predicate[] | 'unclear' {
  const { list } = predicatesOf(partial);
  const fromTypesAndExists = [...partial.values()].every((value) => !isOperators(value) || !value.has('$regex'));
  if (!fromTypesAndExists || [...partial.keys()].some((name) => name.startsWith('$') && name !== '$and')) return 'unclear';
  return conditionCount(partial) === list.length ? list : 'unclear';
}

/** Number of single conditions in a filter of paths and `$and`; each must have become a predicate. */
function conditionCount(filter: Doc): number {
  let count = 0;
  for (const [name, condition] of filter) {
    if (name === '$and') for (const part of isArray(condition) ? condition : []) count += isDoc(part) ? conditionCount(part) : 1;
    else count += isOperators(condition) ? condition.size : 1;
  }
  return count;
}

function implies(have: Predicate, need: Predicate): boolean {
  switch (need.kind) {
    case 'exists':
      return rulesOutMissing(have);
    case 'points':
      return have.kind === 'points' && have.values.every((value) => need.values.some((other) => sameKey(value, other)));
    case 'above':
    case 'below':
      return impliesSide(have, need);
    case 'type':
      return (
        (have.kind === 'points' && have.values.every((value) => need.types.includes(typeOf(value)))) ||
        (have.kind === 'type' && have.types.every((type) => need.types.includes(type)))
      );
    case 'prefix':
      return false;
  }
}

/** A document without the field cannot meet this predicate. */
export function rulesOutMissing(predicate: Predicate): boolean {
  if (predicate.kind === 'points') return !predicate.values.some((value) => value === null);
  if (predicate.kind === 'above' || predicate.kind === 'below') {
    return predicate.value !== null && !(predicate.value instanceof MinKey) && !(predicate.value instanceof MaxKey);
  }
  return predicate.kind !== 'type' || !predicate.types.includes('null');
}

function impliesSide(have: Predicate, need: Predicate & { kind: 'above' | 'below' }): boolean {
  const limit = encodePart(need.value);
  const above = need.kind === 'above';
  const inside = (value: Value, open: boolean): boolean => {
    if (isArray(value) || !typeBracket(value).start.equals(typeBracket(need.value).start)) return false;
    const key = encodePart(value);
    if (key.equals(NAN_KEY)) return false;
    const order = Buffer.compare(key, limit);
    return order === 0 ? need.inclusive || open : above === order > 0;
  };
  if (have.kind === 'points') return have.values.every((value) => inside(value, false));
  return have.kind === need.kind && inside(have.value, !have.inclusive);
}

function sameKey(a: Value, b: Value): boolean {
  return encodePart(a).equals(encodePart(b));
}
