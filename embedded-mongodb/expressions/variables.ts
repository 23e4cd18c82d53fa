// Expressions that bind variables ($let, $map, $filter, $reduce), and $literal.
import { type Doc, isArray, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { namedArguments, optionalExpression } from './build.js';
import { checkVariableName } from './field-path.js';
import { isTruthy } from './truth.js';
import { type Cell, constant, dynamic, type Expr, type Parse, parseExpression, type Scope } from './types.js';

function withVariables(scope: Scope, cells: Iterable<readonly [string, Cell]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...cells]) };
}

const letOperator: Parse = (operand, scope) => {
  const named = namedArguments('$let', operand, ['vars', 'in'], [], { notObject: 16874, unknown: 16875, missing: 0 });
  const vars = named.get('vars');
  const body = named.get('in');
  if (vars === undefined) throw new MongoError(16876, "Missing 'vars' parameter to $let");
  if (body === undefined) throw new MongoError(16877, "Missing 'in' parameter to $let");
  if (!isDoc(vars)) throw new MongoError('TypeMismatch', 'invalid parameter: expected an object (vars)');
  const bindings = [...vars].map(([name, value]) => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    return { name, cell, expr: parseExpression(value, scope) };
  });
  const inner = parseExpression(
    body,
    withVariables(
      scope,
      bindings.map(({ name, cell }) => [name, cell] as const),
    ),
  );
  return dynamic((root) => {
    const values = bindings.map(({ expr }) => expr.run(root));
    bindings.forEach(({ cell }, index) => {
      cell.value = values[index];
    });
    return inner.run(root);
  });
};

/** The name in `as`, `this` when absent. */
function elementName(named: Doc): string {
  const as = named.get('as') ?? 'this';
  if (typeof as !== 'string') throw new MongoError('TypeMismatch', "'as' must be a string");
  checkVariableName(as);
  return as;
}

function inputArray(expr: Expr, root: Doc, code: number, words: string): Value[] | null {
  const value = expr.run(root);
  if (value == null) return null;
  if (!isArray(value)) throw new MongoError(code, `${words} ${typeOf(value)}`);
  return value;
}

const map: Parse = (operand, scope) => {
  const named = namedArguments('$map', operand, ['input', 'as', 'in'], [], { notObject: 16878, unknown: 16879, missing: 0 });
  const input = required(named, 'input', 16880, '$map', scope);
  const cell: Cell = { value: undefined };
  const body = required(named, 'in', 16882, '$map', withVariables(scope, [[elementName(named), cell]]));
  return dynamic((root) => {
    const array = inputArray(input, root, 16883, 'input to $map must be an array not');
    if (!array) return null;
    return array.map((item) => {
      cell.value = item;
      return body.run(root) ?? null;
    });
  });
};

function required(named: Doc, key: string, code: number, name: string, scope: Scope): Expr {
  const value = named.get(key);
  if (value === undefined) throw new MongoError(code, `Missing '${key}' parameter to ${name}`);
  return parseExpression(value, scope);
}

const filter: Parse = (operand, scope) => {
  const named = namedArguments('$filter', operand, ['input', 'as', 'cond', 'limit'], [], { notObject: 28646, unknown: 28647, missing: 0 });
  const input = required(named, 'input', 28648, '$filter', scope);
  const cell: Cell = { value: undefined };
  const condition = required(named, 'cond', 28650, '$filter', withVariables(scope, [[elementName(named), cell]]));
  const limit = optionalExpression(named, 'limit', scope);
  return dynamic((root) => {
    const array = inputArray(input, root, 28651, 'input to $filter must be an array not');
    if (!array) return null;
    const most = limitOf(limit?.run(root));
    const kept: Value[] = [];
    for (const item of array) {
      cell.value = item;
      if (isTruthy(condition.run(root))) kept.push(item);
      if (kept.length === most) break;
    }
    return kept;
  });
};

function limitOf(value: Value | undefined): number {
  if (value == null) return Infinity;
  const limit = wholeNumber(value);
  if (limit === undefined) throw new MongoError(327391, '$filter: limit must be represented as a 32-bit integral value');
  if (limit <= 0) throw new MongoError(327392, `$filter: limit must be greater than 0: ${limit}`);
  return limit;
}

const reduce: Parse = (operand, scope) => {
  const named = namedArguments('$reduce', operand, ['input', 'initialValue', 'in'], [], { notObject: 40075, unknown: 40076, missing: 0 });
  const input = required(named, 'input', 40077, '$reduce', scope);
  const initial = required(named, 'initialValue', 40078, '$reduce', scope);
  const element: Cell = { value: undefined };
  const sum: Cell = { value: undefined };
  const body = required(
    named,
    'in',
    40079,
    '$reduce',
    withVariables(scope, [
      ['this', element],
      ['value', sum],
    ]),
  );
  return dynamic((root) => {
    const array = inputArray(input, root, 40080, "$reduce requires that 'input' be an array, found:");
    if (!array) return null;
    let total = initial.run(root);
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
  return dynamic((root) => scope.score(root));
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
