// Which filters have the same result for every document. MongoDB simplifies them before it looks at anything else, which shows in the document an
// upsert makes and in what an array filter may be.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { firstKey, isOperatorName, matchesValues } from './tests.js';

/** The result of a (well-formed) filter where no document can change it; `undefined` for all others. */
export function fixedResult(filter: Doc): boolean | undefined {
  return allOf([...filter].map(([key, value]) => (key.startsWith('$') ? fixedTopLevel(key, value) : fixedField(value))));
}

function allOf(results: readonly (boolean | undefined)[]): boolean | undefined {
  if (results.includes(false)) return false;
  return results.every((result) => result === true) ? true : undefined;
}

function not(result: boolean | undefined): boolean | undefined {
  return result === undefined ? undefined : !result;
}

function anyOf(results: readonly (boolean | undefined)[]): boolean | undefined {
  return not(allOf(results.map(not)));
}

function fixedTopLevel(key: string, value: Value): boolean | undefined {
  if (key === '$comment') return true;
  if (!isArray(value)) return undefined;
  const results = value.map((item) => (isDoc(item) ? fixedResult(item) : undefined));
  if (key === '$and') return allOf(results);
  if (key === '$or') return anyOf(results);
  return key === '$nor' ? not(anyOf(results)) : undefined;
}

function fixedField(condition: Value): boolean | undefined {
  if (!isDoc(condition) || !isOperatorName(firstKey(condition))) return undefined;
  return allOf([...condition].map(([operator, operand]) => fixedOperator(operator, operand)));
}

function fixedOperator(operator: string, operand: Value): boolean | undefined {
  switch (operator) {
    case '$in':
      return isArray(operand) && operand.length === 0 ? false : undefined;
    case '$nin':
      return isArray(operand) && operand.length === 0 ? true : undefined;
    case '$all':
      if (!isArray(operand)) return undefined;
      return operand.length === 0 || operand.some((item) => fixedField(item) === false) ? false : undefined;
    case '$elemMatch':
      if (!isDoc(operand)) return undefined;
      return (matchesValues(operand) ? fixedField(operand) : fixedResult(operand)) === false ? false : undefined;
    case '$not':
      return not(fixedField(operand));
    default:
      return undefined;
  }
}
