// Comparison, boolean and conditional expressions. Branches that are not taken are not evaluated.
import { compare, int32, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { binary, exactArguments, namedArguments, parseArguments, unary } from './build.js';
import { isTruthy } from './truth.js';
import { constant, constantValue, derived, type Expr, type Parse, parseExpression } from './types.js';

function ordering(name: string, holds: (order: number) => boolean): Parse {
  return binary(name, (left, right) => holds(compare(left, right)));
}

/** Whether a constant at the end decides the result: MongoDB then does not evaluate the others. */
function decidedBy(last: Expr | undefined, result: boolean): boolean {
  return last !== undefined && last.constant && isTruthy(constantValue(last)) === result;
}

const and: Parse = (operand, scope) => {
  const exprs = parseArguments(operand, scope);
  if (decidedBy(exprs.at(-1), false)) return constant(false);
  return derived(exprs, (root) => exprs.every((expr) => isTruthy(expr.run(root))));
};

const or: Parse = (operand, scope) => {
  const exprs = parseArguments(operand, scope);
  if (decidedBy(exprs.at(-1), true)) return constant(true);
  return derived(exprs, (root) => exprs.some((expr) => isTruthy(expr.run(root))));
};

const cond: Parse = (operand, scope) => {
  const codes = { notObject: 17080, unknown: 17083, missing: 17082 };
  const exprs = isDoc(operand)
    ? conditionParts(namedArguments('$cond', operand, ['if', 'then', 'else'], [], codes)).map((part) => parseExpression(part, scope))
    : exactArguments('$cond', 3, operand, scope);
  const [test, yes, no] = exprs as [Expr, Expr, Expr];
  return derived(exprs, (root) => (isTruthy(test.run(root)) ? yes : no).run(root));
};

function conditionParts(operand: ReadonlyMap<string, Value>): Value[] {
  return (['if', 'then', 'else'] as const).map((key, index) => {
    const part = operand.get(key);
    if (part === undefined) throw new MongoError(17080 + index, `Missing '${key}' parameter to $cond`);
    return part;
  });
}

const ifNull: Parse = (operand, scope) => {
  const exprs = parseArguments(operand, scope);
  if (exprs.length < 2) throw new MongoError(1257300, `$ifNull needs at least two arguments, had: ${exprs.length}`);
  const last = exprs.at(-1) as Expr;
  return derived(exprs, (root) => {
    for (const expr of exprs) {
      const value = expr.run(root);
      if (value != null || expr === last) return value;
    }
    return undefined;
  });
};

interface Branch {
  readonly when: Expr;
  readonly then: Expr;
}

const switchOperator: Parse = (operand, scope) => {
  if (!isDoc(operand)) throw new MongoError(40060, '$switch requires an object as an argument');
  let branches: Branch[] = [];
  let otherwise: Expr | undefined;
  for (const [key, value] of operand) {
    if (key === 'branches') branches = parseBranches(value, (part) => parseExpression(part, scope));
    else if (key === 'default') otherwise = parseExpression(value, scope);
    else throw new MongoError(40067, `$switch found an unknown argument: ${key}`);
  }
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  if (!otherwise && branches.every(({ when }) => when.constant && !isTruthy(constantValue(when)))) {
    throw new MongoError(40069, 'Cannot execute a switch statement where all the cases evaluate to false without a default.');
  }
  const exprs = [...branches.flatMap(({ when, then }) => [when, then]), ...(otherwise ? [otherwise] : [])];
  return derived(exprs, (root) => {
    const chosen = branches.find(({ when }) => isTruthy(when.run(root)))?.then ?? otherwise;
    if (!chosen) throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
    return chosen.run(root);
  });
};

function parseBranches(value: Value, parse: (part: Value) => Expr): Branch[] {
  if (!isArray(value)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  return value.map((branch) => {
    if (!isDoc(branch)) throw new MongoError(40062, '$switch expected each branch to be an object');
    for (const key of branch.keys()) {
      if (key !== 'case' && key !== 'then') throw new MongoError(40063, `$switch found an unknown argument to a branch: ${key}`);
    }
    const when = branch.get('case');
    const then = branch.get('then');
    if (when === undefined) throw new MongoError(40064, "$switch requires each branch have a 'case' expression");
    if (then === undefined) throw new MongoError(40065, "$switch requires each branch have a 'then' expression.");
    return { when: parse(when), then: parse(then) };
  });
}

export const LOGIC = {
  $and: and,
  $cmp: binary('$cmp', (left, right) => int32(Math.sign(compare(left, right)))),
  $cond: cond,
  $eq: ordering('$eq', (order) => order === 0),
  $gt: ordering('$gt', (order) => order > 0),
  $gte: ordering('$gte', (order) => order >= 0),
  $ifNull: ifNull,
  $lt: ordering('$lt', (order) => order < 0),
  $lte: ordering('$lte', (order) => order <= 0),
  $ne: ordering('$ne', (order) => order !== 0),
  $not: unary('$not', (value) => !isTruthy(value)),
  $or: or,
  $switch: switchOperator,
} satisfies Record<string, Parse>;
