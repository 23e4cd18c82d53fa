// `arrayFilters`: the conditions that `$[identifier]` of an update path stands for.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../match/filter.js';
import { type ElementFilters } from './apply.js';

/** Compiles the array filters by identifier. Errors: FailedToParse, BadValue as MongoDB. */
export function compileArrayFilters(filters: readonly Doc[]): ElementFilters {
  const compiled = new Map<string, (element: Value) => boolean>();
  for (const filter of filters) {
    const { matches } = compileFilter(filter, { noExpressions: true });
    const identifier = identifierOf(filter);
    if (compiled.has(identifier)) {
      throw new MongoError('FailedToParse', `Found multiple array filters with the same top-level field name ${identifier}`);
    }
    compiled.set(identifier, (element) => matches(new Map([[identifier, element]])));
  }
  return compiled;
}

function identifierOf(filter: Doc): string {
  const names = new Set(topNames(filter));
  const [name, other] = names;
  if (name === undefined) throw new MongoError('FailedToParse', 'Cannot use an expression without a top-level field name in arrayFilters');
  if (other !== undefined) {
    throw new MongoError(
      'FailedToParse',
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${other}'`,
    );
  }
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw new MongoError(
      'BadValue',
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    );
  }
  return name;
}

function topNames(filter: Doc): string[] {
  return [...filter].flatMap(([key, value]) => {
    if (!key.startsWith('$')) return saysNothing(value) ? [] : [key.split('.')[0] ?? ''];
    return isArray(value) ? value.flatMap((item) => (isDoc(item) ? topNames(item) : [])) : [];
  });
}

/** `$all: []` is "never" to MongoDB from the start, and so no condition on a field. */
function saysNothing(condition: Value): boolean {
  if (!isDoc(condition) || condition.size === 0) return false;
  return [...condition].every(
    ([operator, operand]) =>
      (operator === '$all' && isArray(operand) && operand.length === 0) || (operator === '$not' && saysNothing(operand)),
  );
}
