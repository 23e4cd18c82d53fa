// Expressions that bind variables ($let, $map, $filter, $reduce), and $literal.
import { type Doc, isArray, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { namedArguments, namedBackwards } from './build.js';
import { checkVariableName } from './field-path.js';
import { int32Of } from './integers.js';
import { isTruthy } from './truth.js';
import { type Cell, constant, constantValue, dynamic, type Expr, type Parse, parseExpression, type Scope } from './types.js';

function withVariables(scope: Scope, cells: Iterable<readonly [string, Cell]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...cells]) };
}

const letOperator: Parse = (operand, scope) => {
  if (!isDoc(operand)) throw new MongoError(16874, '$let only supports an object as its argument');
  for (const key of operand.keys())
    if (key !== 'vars' && key !== 'in') throw new MongoError(16875, `Unrecognized parameter to $let: ${key}`);
  const vars = operand.get('vars');
  const body = operand.get('in');
  if (vars === undefined) throw new MongoError(16876, "Missing 'vars' parameter to $let");
  if (body === undefined) throw new MongoError(16877, "Missing 'in' parameter to $let");
  const named = isArray(vars) ? Object.entries(vars) : isDoc(vars) ? [...vars] : undefined;
  if (!named) throw new MongoError(10065, 'invalid parameter: expected an object (vars)');
  const parsed = named.map(([name, value]) => ({ name, expr: parseExpression(value, scope) }));
  const bindings = parsed.map(({ name, expr }) => {
    checkVariableName(name);
    const cell: Cell = expr.constant ? { value: constantValue(expr), constant: true } : { value: undefined };
    return { name, cell, expr };
  });
  const inner = parseExpression(
    body,
    withVariables(
      scope,
      bindings.map(({ name, cell }) => [name, cell] as const),
    ),
  );
  const used = bindings.filter(({ cell }) => cell.constant !== true && (cell.used === true || !scope.folds)); // MongoDB does not evaluate the others
  if (used.length === 0) return inner;
  return dynamic((root) => {
    const values = used.map(({ expr }) => expr.run(root));
    used.forEach(({ cell }, index) => {
      cell.value = values[index];
    });
    return inner.run(root);
  });
};

/** The name in `as`, `this` when absent; what is no string counts as empty. */
function elementName(named: Doc): string {
  const as = named.get('as') ?? 'this';
  const name = typeof as === 'string' ? as : '';
  checkVariableName(name);
  return name;
}

function inputArray(value: Value | undefined, code: number, words: string): Value[] | null {
  if (value == null) return null;
  if (!isArray(value)) throw new MongoError(code, `${words} ${typeOf(value)}`);
  return value;
}

const NOT_PARSED = (): Expr => constant(undefined);

const MAP_PARTS = [['input', 16880], ['in', 16882], ['as']] as const; // prettier-ignore

const map: Parse = (operand, scope) => {
  const codes = { notObject: 16878, unknown: 16879 };
  const cell: Cell = { value: undefined };
  const name = elementName(namedArguments('$map', operand, MAP_PARTS, codes));
  const { input, in: body } = namedBackwards('$map', operand, MAP_PARTS, codes, scope, {
    as: NOT_PARSED,
    in: (value, outer) => parseExpression(value, withVariables(outer, [[name, cell]])),
  });
  return dynamic((root) => {
    const array = inputArray(input.run(root), 16883, 'input to $map must be an array not');
    if (!array) return null;
    return array.map((item) => {
      cell.value = item;
      return body.run(root) ?? null;
    });
  });
};

const FILTER_PARTS = [['input', 28648], ['cond', 28650], ['limit'], ['as']] as const; // prettier-ignore

const filter: Parse = (operand, scope) => {
  const codes = { notObject: 28646, unknown: 28647 };
  const cell: Cell = { value: undefined };
  const name = elementName(namedArguments('$filter', operand, FILTER_PARTS, codes));
  const { input, cond, limit } = namedBackwards('$filter', operand, FILTER_PARTS, codes, scope, {
    as: NOT_PARSED,
    cond: (value, outer) => parseExpression(value, withVariables(outer, [[name, cell]])),
  });
  return dynamic((root) => {
    const array = inputArray(input.run(root), 28651, 'input to $filter must be an array not');
    if (!array || array.length === 0) return array;
    const most = limit ? limitOf(limit.run(root)) : Infinity;
    const kept: Value[] = [];
    for (const item of array) {
      cell.value = item;
      if (isTruthy(cond.run(root))) kept.push(item);
      if (kept.length === most) break;
    }
    return kept;
  });
};

function limitOf(value: Value | undefined): number {
  if (value == null) return Infinity;
  const limit = int32Of(value);
  if (limit === undefined) throw new MongoError(327391, '$filter: limit must be represented as a 32-bit integral value');
  if (limit <= 0) throw new MongoError(327392, `$filter: limit must be greater than 0: ${limit}`);
  return limit;
}

const REDUCE_PARTS = [['input', 40077], ['initialValue', 40078], ['in', 40079]] as const; // prettier-ignore

const reduce: Parse = (operand, scope) => {
  const element: Cell = { value: undefined };
  const sum: Cell = { value: undefined };
  const variables = [['this', element], ['value', sum]] as const; // prettier-ignore
  const codes = { notObject: 40075, unknown: 40076 };
  const parts = namedBackwards('$reduce', operand, REDUCE_PARTS, codes, scope, {
    in: (value, outer) => parseExpression(value, withVariables(outer, variables)),
  });
  const { input, initialValue, in: body } = parts;
  return dynamic((root) => {
    const array = inputArray(input.run(root), 40080, "$reduce requires that 'input' be an array, found:");
    if (!array) return null;
    let total = initialValue.run(root);
    for (const item of array) {
      element.value = item;
      sum.value = total;
      total = body.run(root);
    }
    return total;
  });
};

const literal: Parse = (operand) => constant(operand);

const meta: Parse = (operand, scope) => {
  if (operand !== 'vectorSearchScore') {
    throw new MongoError(
      17308,
      'Unsupported argument to $meta: the embedded engine has vectorSearchScore only; set MONGODB_URI to a MongoDB server for more',
    );
  }
  return dynamic((root) => {
    const score = scope.score(root);
    if (score === undefined) throw new MongoError(40218, 'query requires $vectorSearch score metadata, but it is not available');
    return score;
  });
};

export const VARIABLES = {
  $const: literal,
  $filter: filter,
  $let: letOperator,
  $literal: literal,
  $map: map,
  $meta: meta,
  $reduce: reduce,
} satisfies Record<string, Parse>;
