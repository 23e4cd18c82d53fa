// Accumulators that keep several values by order of arrival, of value, or of a sort ($firstN, $maxN, $topN and their kin).
import { identical } from '../bson/identical.js';
import { compare, type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { namedExpressions } from '../expressions/build.js';
import { valueAt } from '../expressions/field-path.js';
import { int64Of } from '../expressions/integers.js';
import { constantValue, type Expr, parseExpression, type Scope } from '../expressions/types.js';
import { compileSortKeys, type Sort } from '../sort.js';
import { refuseArray, type ParseAccumulator } from './types.js';

/** The constant `n` of an operator: only looked at when a group begins, so that no documents make no error. */
function counted(n: Expr): () => number {
  if (!n.constant && !n.fault) throw refusal(5787902, "An accumulator's 'n' that depends on the group");
  return () => {
    const value = n.run(new Map());
    if (value === undefined || !isNumber(value)) throw new MongoError(5787902, "Value for 'n' must be of integral type");
    const count = int64Of(value);
    if (count === undefined) throw new MongoError(5787903, "Value for 'n' must be of integral type");
    if (count <= 0n) throw new MongoError(5787908, `'n' must be greater than 0, found ${count}`);
    return Number(count);
  };
}

const N_PARTS = [['n', 5787906], ['input', 5787907]] as const; // prettier-ignore

function inputAndCount(name: string, notObject: number, operand: Value, scope: Scope): { input: Expr; n: Expr } {
  refuseArray(name, operand);
  return namedExpressions(name, operand, N_PARTS, { notObject, unknown: 5787901 }, scope);
}

/** The first or last `n` values as they come; missing ones count as null. */
export function arrivals(name: string, which: 'first' | 'last'): ParseAccumulator {
  return (operand, scope) => {
    const { input, n } = inputAndCount(name, 5787801, operand, scope);
    checkSingle(operand, n);
    const size = counted(n);
    return () => {
      const count = size();
      const values: Value[] = [];
      let full = false; // MongoDB notices it at the first value too many, and looks at no input from then on
      return {
        add: (doc) => {
          if (full) return;
          const value = input.run(doc) ?? null;
          full = which === 'first' && values.length === count;
          if (full) return;
          values.push(value);
          if (values.length > count) values.shift();
        },
        result: () => values,
      };
    };
  };
}

/** MongoDB may write one value as `$first` or `$last`, which evaluate less and take no lists; fields are the same to both. */
function checkSingle(operand: Value, n: Expr): void {
  const count = checkWhole(n);
  if (count === 1n && isDoc(operand) && typeof operand.get('input') !== 'string') throw refusal(40237, 'One value of what is no field');
}

/** A constant number; MongoDB takes some fractions for whole. */
function checkWhole(n: Expr): bigint | undefined {
  const value = n.constant ? constantValue(n) : undefined;
  if (value === undefined || !isNumber(value)) return undefined;
  const count = int64Of(value);
  if (count === undefined) throw refusal(5787903, "An 'n' that is not a whole number");
  return count;
}

/** The `n` largest (sign -1) or smallest (1) values; null and missing do not count. */
export function extremes(name: string, sign: 1 | -1): ParseAccumulator {
  return (operand, scope) => {
    const { input, n } = inputAndCount(name, 5787900, operand, scope);
    const size = counted(n);
    return () => {
      const count = size();
      const values: Value[] = [];
      return {
        add: (doc) => {
          const value = input.run(doc);
          if (value != null) values.push(value);
        },
        result: () => {
          values.sort((a, b) => sign * compare(a, b));
          checkTies(name, values, count);
          return values.slice(0, count);
        },
      };
    };
  };
}

/** Which of several equal numbers of different types comes first, or is left out, follows from MongoDB's heap. */
function checkTies(name: string, ordered: readonly Value[], count: number): void {
  for (let at = 1; at <= Math.min(count, ordered.length - 1); at += 1) {
    const [one, other] = [ordered[at - 1], ordered[at]];
    if (compare(one, other) === 0 && !identical(one, other)) throw refusal(5787903, `${name} of equal values of different types`);
  }
}

interface TopParts {
  readonly n: Expr | undefined;
  readonly output: Expr;
  readonly sort: Sort;
}

function topParts(name: string, many: boolean, operand: Value, scope: Scope): TopParts {
  refuseArray(name, operand);
  if (!isDoc(operand)) throw new MongoError(5788001, `specification must be an object; found ${name}`);
  let n: Expr | undefined;
  for (const [key, value] of operand) {
    if (key === 'n' && many) n = parseExpression(value, scope);
    else if (key !== 'output' && key !== 'sortBy') throw new MongoError(5788002, `Unknown argument to ${name} '${key}'`);
  }
  const output = operand.get('output');
  const sortBy = operand.get('sortBy');
  if (many && !n) throw new MongoError(5788003, "Missing value for 'n'");
  if (output === undefined) throw new MongoError(5788004, "Missing value for 'output'");
  if (sortBy === undefined) throw new MongoError(5788005, "Missing value for 'sortBy'");
  if (!isDoc(sortBy)) throw new MongoError(10065, 'invalid parameter: expected an object (sortBy)');
  if (sortBy.size === 0) throw new MongoError(9657900, "Value for 'sortBy' must be a non-empty object");
  compileSortKeys(sortBy); // checks it
  return { n, output: parseExpression(output, scope), sort: sortOfValues(sortBy) };
}

/** A sort by the values that expressions see at the paths: unlike other sorts it leaves out what is missing in the documents of an array. */
function sortOfValues(sortBy: Doc): Sort {
  const paths = [...sortBy.keys()].map((path, index) => ({ name: `${index}`, parts: path.split('.') }));
  const { keyOf, compareKeys } = compileSortKeys(new Map([...sortBy.values()].map((direction, index) => [`${index}`, direction])));
  const picked = (doc: Doc): Doc => {
    const values: Doc = new Map();
    for (const { name, parts } of paths) {
      const value = valueAt(doc, parts, 0);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  };
  return { keyOf: (doc) => keyOf(picked(doc)), compareKeys };
}

/** The outputs of the first or last documents by a sort of their own; `many` for the N forms. */
export function sorted(name: string, end: 'top' | 'bottom', many: boolean): ParseAccumulator {
  return (operand, scope) => {
    const { n, output, sort } = topParts(name, many, operand, scope);
    if (n) checkWhole(n);
    const size = n ? counted(n) : () => 1;
    return () => {
      const count = size();
      const rows: { key: ReturnType<Sort['keyOf']>; output: Value; at: number }[] = [];
      return {
        add: (doc) => {
          const value = output.run(doc) ?? null;
          rows.push({ key: sort.keyOf(doc), output: value, at: rows.length });
        },
        result: () => {
          // Of equal keys the earlier documents are kept, at either end.
          const sign = end === 'top' ? 1 : -1;
          const kept = rows.sort((a, b) => sign * sort.compareKeys(a.key, b.key) || a.at - b.at).slice(0, count);
          kept.sort((a, b) => sort.compareKeys(a.key, b.key) || a.at - b.at);
          return many ? kept.map((row) => row.output) : kept[0]?.output;
        },
      };
    };
  };
}
