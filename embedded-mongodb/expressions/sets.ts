// Set expressions: arrays without order or repetition. Results are in BSON order, as MongoDB gives them.
import { compare, hashKey, isArray, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { binary, parseArguments, unary, variadic } from './build.js';
import { isTruthy } from './truth.js';
import { derived, type Parse } from './types.js';

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

function isSubset(left: Item, right: Item): Item {
  const part = requireArray(left, 17046, 'both operands of $setIsSubset must be arrays. First argument is of type');
  const whole = setOf(requireArray(right, 17042, 'both operands of $setIsSubset must be arrays. Second argument is of type'));
  return part.every((value) => whole.has(hashKey(value)));
}

const setEquals: Parse = (operand, scope) => {
  const exprs = parseArguments(operand, scope);
  if (exprs.length < 2) throw new MongoError(17045, `$setEquals needs at least two arguments had: ${exprs.length}`);
  return derived(exprs, (root) => {
    const sets = exprs.map((expr) =>
      setOf(requireArray(expr.run(root), 17044, 'All operands of $setEquals must be arrays. One is of type')),
    );
    const [first, ...rest] = sets as [ValueSet, ...ValueSet[]];
    return rest.every((set) => set.size === first.size && [...set.keys()].every((key) => first.has(key)));
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
  $setIntersection: variadic(intersection),
  $setIsSubset: binary('$setIsSubset', isSubset),
  $setUnion: variadic(union),
} satisfies Record<string, Parse>;
