// Set expressions: arrays without order or repetition. Results are in BSON order, as MongoDB gives them.
import { compare, type Doc, hashKey, isArray, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { binary, exactArguments, unary, variadic } from './build.js';
import { isTruthy } from './truth.js';
import { constantValue, derived, dynamic, type Expr, type Parse, parseExpression, prepared, type Scope } from './types.js';

type Item = Value | undefined;
type ValueSet = Map<string, Value>;

function requireArray(value: Item, code: number, words: string): Value[] {
  if (!isArray(value)) throw new MongoError(code, `${words}: ${value === undefined ? 'missing' : typeOf(value)}`);
  return value;
}

function setOf(values: readonly Value[]): ValueSet {
  const set: ValueSet = new Map();
  for (const value of values) {
    const key = hashKey(value);
    if (!set.has(key)) set.set(key, value);
  }
  return set;
}

function inOrder(set: ValueSet): Value[] {
  return [...set.values()].sort((a, b) => compare(a, b));
}

function union(values: Iterable<Item>): Item {
  const all: Value[] = [];
  for (const value of values) {
    if (value == null) return null;
    all.push(...requireArray(value, 17043, 'All operands of $setUnion must be arrays. One argument is of type'));
  }
  return inOrder(setOf(all));
}

function intersection(values: Iterable<Item>): Item {
  let current: ValueSet | undefined;
  for (const value of values) {
    if (value == null) return null;
    const next = setOf(requireArray(value, 17047, 'All operands of $setIntersection must be arrays. One argument is of type'));
    const [smaller, larger]: [ValueSet, ValueSet] = current && current.size <= next.size ? [current, next] : [next, current ?? next];
    current = new Map([...smaller].filter(([key]) => larger.has(key)));
  }
  return inOrder(current ?? setOf([]));
}

function difference(left: Item, right: Item): Item {
  if (left == null || right == null) return null;
  const kept = requireArray(left, 17048, 'both operands of $setDifference must be arrays. First argument is of type');
  const removed = setOf(requireArray(right, 17049, 'both operands of $setDifference must be arrays. Second argument is of type'));
  return [...setOf(kept)].filter(([key]) => !removed.has(key)).map(([, value]) => value);
}

/** A constant second set is looked at before any document. */
const setIsSubset: Parse = (operand, scope) => {
  const [left, right] = exactArguments('$setIsSubset', 2, operand, scope) as [Expr, Expr];
  return prepared(() => {
    if (scope.folds && right.constant && !left.constant)
      requireArray(constantValue(right), 17311, 'both operands of $setIsSubset must be arrays. Second argument is of type');
    return derived([left, right], (root) => {
      const part = requireArray(left.run(root), 17046, 'both operands of $setIsSubset must be arrays. First argument is of type');
      const whole = setOf(requireArray(right.run(root), 17042, 'both operands of $setIsSubset must be arrays. Second argument is of type'));
      return part.every((value) => whole.has(hashKey(value)));
    });
  });
};

/** A constant that is no set is a fault before those of the operands behind it. */
function parseSet(operand: Value, scope: Scope): Expr {
  const expr = parseExpression(operand, scope);
  const { fault } = prepared(() => {
    if (expr.constant && scope.folds) constantSet(expr);
    return expr;
  });
  if (fault && fault !== expr.fault) scope.faults.push(fault);
  return expr;
}

function constantSet(expr: Expr): Value[] {
  return requireArray(constantValue(expr), 5887502, 'All operands of $setEquals must be arrays. One is of type');
}

/** Not computed beforehand; the constant sets are looked at before any document, and outside of filters the first of them is compared with the others. */
const setEquals: Parse = (operand, scope) => {
  const exprs = (isArray(operand) ? operand : [operand]).map((item) => parseSet(item, scope));
  if (exprs.length < 2) throw new MongoError(17045, `$setEquals needs at least two arguments had: ${exprs.length}`);
  return prepared(() => {
    const constants = scope.folds ? exprs.filter((expr) => expr.constant) : [];
    constants.forEach(constantSet);
    const first = (scope.inFilter ? undefined : constants[0]) ?? exprs[0];
    const others = exprs.filter((expr) => expr !== first);
    const setFrom = (expr: Expr | undefined, root: Doc): ValueSet =>
      setOf(requireArray(expr?.run(root), 17044, 'All operands of $setEquals must be arrays. One is of type'));
    return dynamic((root) => {
      const left = setFrom(first, root);
      return others.every((expr) => {
        const right = setFrom(expr, root);
        return right.size === left.size && [...right.keys()].every((key) => left.has(key));
      });
    });
  });
};

export const SETS = {
  $allElementsTrue: unary('$allElementsTrue', (value) =>
    requireArray(value, 17040, "$allElementsTrue's argument must be an array, but is").every(isTruthy),
  ),
  $anyElementTrue: unary('$anyElementTrue', (value) =>
    requireArray(value, 17041, "$anyElementTrue's argument must be an array, but is").some(isTruthy),
  ),
  $setDifference: binary('$setDifference', difference),
  $setEquals: setEquals,
  $setIntersection: variadic('$setIntersection', intersection, { associative: 'full', commutative: true }),
  $setIsSubset: setIsSubset,
  $setUnion: variadic('$setUnion', union, { associative: 'full', commutative: true }),
} satisfies Record<string, Parse>;
