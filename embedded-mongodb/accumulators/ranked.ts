// Accumulators that keep several values by order of arrival, of value, or of a sort ($firstN, $maxN, $topN and their kin).
import { compare, type Doc, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type Expr, parseExpression, type Scope } from '../expressions/types.js';
import { wholeNumber } from '../match/tests.js';
import { compileSortKeys, sortDocs } from '../sort.js';
import { namedInputs, type ParseAccumulator } from './types.js';

function parseCount(operand: Doc, scope: Scope): number {
  const expr = parseExpression(operand.get('n') ?? null, scope);
  if (!expr.constant)
    throw new MongoError(
      5787902,
      "The value of 'n' must be a constant in the embedded engine; set MONGODB_URI to a MongoDB server for more",
    );
  const value = expr.run(new Map());
  const count = wholeNumber(value);
  if (count === undefined) throw new MongoError(5787902, "Value for 'n' must be of integral type");
  if (count <= 0) throw new MongoError(5787908, `'n' must be greater than 0, found ${count}`);
  return count;
}

/** The first or last `n` values as they come; missing ones count as null. */
export function arrivals(name: string, which: 'first' | 'last'): ParseAccumulator {
  return (operand, scope) => {
    const inputs = namedInputs(name, operand, ['input', 'n']);
    const input = parseExpression(inputs.get('input') ?? null, scope);
    const count = parseCount(inputs, scope);
    return () => {
      const values: Value[] = [];
      return {
        add: (doc) => {
          if (which === 'first' && values.length === count) return;
          values.push(input.run(doc) ?? null);
          if (values.length > count) values.shift();
        },
        result: () => values,
      };
    };
  };
}

/** The `n` largest (sign -1) or smallest (1) values; null and missing do not count. */
export function extremes(name: string, sign: 1 | -1): ParseAccumulator {
  return (operand, scope) => {
    const inputs = namedInputs(name, operand, ['input', 'n']);
    const input = parseExpression(inputs.get('input') ?? null, scope);
    const count = parseCount(inputs, scope);
    return () => {
      const values: Value[] = [];
      return {
        add: (doc) => {
          const value = input.run(doc);
          if (value != null) values.push(value);
        },
        result: () => values.sort((a, b) => sign * compare(a, b)).slice(0, count),
      };
    };
  };
}

/** The outputs of the first or last documents by a sort of their own; `many` for the N forms. */
export function sorted(name: string, end: 'top' | 'bottom', many: boolean): ParseAccumulator {
  return (operand, scope) => {
    const inputs = namedInputs(name, operand, many ? ['n', 'sortBy', 'output'] : ['sortBy', 'output']);
    const sortBy = inputs.get('sortBy');
    if (!isDoc(sortBy)) throw new MongoError(10065, "expected 'sortBy' to already be an object");
    const sort = compileSortKeys(sortBy);
    const output: Expr = parseExpression(inputs.get('output') ?? null, scope);
    const count = many ? parseCount(inputs, scope) : 1;
    return () => {
      const docs: Doc[] = [];
      return {
        add: (doc) => {
          docs.push(doc);
        },
        result: () => {
          const ordered = sortDocs(docs, sort);
          const kept = end === 'top' ? ordered.slice(0, count) : ordered.slice(-count);
          const values = kept.map((doc) => output.run(doc) ?? null);
          return many ? values : values[0];
        },
      };
    };
  };
}
