// Comparison, boolean and conditional expressions. Branches that are not taken are not evaluated.
import { compare, int32, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { exactArguments, foldArguments, namedExpressions, parseArguments, rightFirst, unary, UNFOLDED } from './build.js';
import { isTruthy } from './truth.js';
import { constant, constantValue, derived, dynamic, type Expr, type Parse, parseExpression, prepared, type Scope } from './types.js';

function ordering(name: string, result: (order: number) => Value): Parse {
  return rightFirst(name, (left, right) => result(compare(left, right)));
}

/**
 * `$and` (stops at false) and `$or` (stops at true). Constants are gathered at the end: one that decides the result makes it constant, one that
 * does not is left out.
 */
function connective(name: '$and' | '$or', stopsAt: boolean): Parse {
  const apply = (values: Iterable<Value | undefined>): Value => {
    for (const value of values) if (isTruthy(value) === stopsAt) return stopsAt;
    return !stopsAt;
  };
  return (operand, scope) => {
    const exprs = parseArguments(operand, scope);
    if (!scope.folds) return foldArguments(name, exprs, apply, UNFOLDED);
    const folded = foldArguments(name, exprs, apply, { associative: 'full', commutative: true });
    const last = folded.flat?.operands.at(-1);
    if (!last?.constant || folded.fault) return folded;
    if (isTruthy(constantValue(last)) === stopsAt) return constant(stopsAt);
    return folded.flat ? foldArguments(name, folded.flat.operands.slice(0, -1), apply, { associative: 'full', commutative: true }) : folded;
  };
}

const CONDITION_PARTS = [['if', 17080], ['then', 17081], ['else', 17082]] as const; // prettier-ignore

const cond: Parse = (operand, scope) => {
  const codes = { notObject: 17080, unknown: 17083 };
  const named = isDoc(operand) ? namedExpressions('$cond', operand, CONDITION_PARTS, codes, scope) : undefined;
  const exprs = named ? [named.if, named.then, named.else] : exactArguments('$cond', 3, operand, scope);
  const [test, yes, no] = exprs as [Expr, Expr, Expr];
  if (test.constant) return isTruthy(constantValue(test)) ? yes : no;
  return dynamic((root) => (isTruthy(test.run(root)) ? yes : no).run(root));
};

/** Constants that are null are left out, and what comes behind any other constant. */
const ifNull: Parse = (operand, scope) => {
  const exprs = parseArguments(operand, scope);
  if (exprs.length < 2) throw new MongoError(1257300, `$ifNull needs at least two arguments, had: ${exprs.length}`);
  const last = exprs.at(-1) as Expr;
  const left = exprs.filter((expr) => expr === last || !expr.constant || constantValue(expr) != null);
  if (left[0]?.constant) return left[0];
  return derived(left, (root) => {
    for (const expr of left) {
      const value = expr.run(root);
      if (value != null || expr === last) return value;
    }
    return undefined;
  });
};

interface Branch {
  readonly when: Expr;
  readonly then: Expr;
  /** Faults of the two, which count only when the branch can be reached. */
  readonly scope: Scope;
}

const switchOperator: Parse = (operand, scope) => {
  if (!isDoc(operand)) throw new MongoError(40060, '$switch requires an object as an argument');
  let branches: Branch[] = [];
  let otherwise: Expr | undefined;
  const last: Scope = { ...scope, faults: [] };
  for (const [key, value] of operand) {
    if (key === 'branches') branches = parseBranches(value, scope);
    else if (key === 'default') otherwise = parseExpression(value, last);
    else throw new MongoError(40067, `$switch found an unknown argument: ${key}`);
  }
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  scope.faults.push(...last.faults);
  return reachable(branches, otherwise, scope);
};

/** Leaves out the branches whose condition is constantly false and what comes behind one that is constantly true. */
function reachable(branches: readonly Branch[], otherwise: Expr | undefined, scope: Scope): Expr {
  const left: Branch[] = [];
  let final = otherwise;
  for (const branch of branches) {
    if (branch.when.constant && !isTruthy(constantValue(branch.when))) continue;
    scope.faults.push(...branch.scope.faults);
    if (branch.when.constant) {
      final = branch.then;
      break;
    }
    left.push(branch);
  }
  if (left.length === 0 && scope.folds) return final ?? prepared(noBranch);
  return dynamic((root) => {
    const chosen = left.find(({ when }) => isTruthy(when.run(root)))?.then ?? final;
    if (!chosen) throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
    return chosen.run(root);
  });
}

function noBranch(): never {
  throw new MongoError(40069, 'Cannot execute a switch statement where all the cases evaluate to false without a default.');
}

const BRANCH_PARTS = [['case', 40064], ['then', 40065]] as const; // prettier-ignore

function parseBranches(value: Value, outer: Scope): Branch[] {
  if (!isArray(value)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  return value.map((branch) => {
    const scope: Scope = { ...outer, faults: [] };
    const codes = { notObject: 40062, unknown: 40063 };
    const parts = namedExpressions('a branch of $switch', branch, BRANCH_PARTS, codes, scope);
    return { when: parts.case, then: parts.then, scope };
  });
}

export const LOGIC = {
  $and: connective('$and', false),
  $cmp: ordering('$cmp', (order) => int32(Math.sign(order))),
  $cond: cond,
  $eq: ordering('$eq', (order) => order === 0),
  $gt: ordering('$gt', (order) => order > 0),
  $gte: ordering('$gte', (order) => order >= 0),
  $ifNull: ifNull,
  $lt: ordering('$lt', (order) => order < 0),
  $lte: ordering('$lte', (order) => order <= 0),
  $ne: ordering('$ne', (order) => order !== 0),
  $not: unary('$not', (value) => !isTruthy(value)),
  $or: connective('$or', true),
  $switch: switchOperator,
} satisfies Record<string, Parse>;
