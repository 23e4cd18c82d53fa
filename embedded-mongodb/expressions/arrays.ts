// Array expressions that read, cut and combine arrays. Those that bind a variable for each element are in variables.ts.
import { compare, deepEqual, type Doc, int32, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { isIndex } from '../bson/paths.js';
import { allConstant, type Argument, binary, namedExpressions, ranged, rangedArguments, unary, variadic } from './build.js';
import { indexArgument, int32Argument } from './integers.js';
import { constant, constantValue, derived, dynamic, type Expr, type Parse, parseExpression, prepared, type Scope } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function requireArray(value: Item, code: number, words: string): Value[] {
  if (!isArray(value)) throw new MongoError(code, `${words}: ${typeName(value)}`);
  return value;
}

function slice(first: Argument, second: Argument, third?: Argument): Item {
  const value = first();
  const position = second();
  if (value == null || position == null) return null;
  const array = requireArray(value, 28724, 'First argument to $slice must be an array, but is of type');
  const from = int32Argument(position, { notNumber: 28725, notInt: 28726 }, 'Second argument to $slice');
  if (!third) return from >= 0 ? array.slice(0, from) : array.slice(from);
  const size = third();
  if (size == null) return null;
  const count = int32Argument(size, { notNumber: 28727, notInt: 28728 }, 'Third argument to $slice');
  if (count <= 0) throw new MongoError(28729, `Third argument to $slice must be positive: ${count}`);
  const start = from >= 0 ? from : Math.max(0, array.length + from);
  return array.slice(start, start + count);
}

function elementAt(name: string, value: Item, position: Item): Item {
  if (value == null || position == null) return null;
  if (!isArray(value)) throw new MongoError(28689, `${name}'s first argument must be an array, but is ${typeName(value)}`);
  return value.at(int32Argument(position, { notNumber: 28690, notInt: 28691 }, `${name}'s second argument`));
}

function concatArrays(values: Iterable<Item>): Item {
  const result: Value[] = [];
  for (const value of values) {
    if (value == null) return null;
    result.push(...requireArray(value, 28664, '$concatArrays only supports arrays, not'));
  }
  return result;
}

const MAX_RANGE = 1_000_000;

function range(first: Argument, second: Argument, third?: Argument): Item {
  const [from, to] = [first(), second()];
  const start = int32Argument(from, { notNumber: 34443, notInt: 34444 }, '$range: the starting value');
  const end = int32Argument(to, { notNumber: 34445, notInt: 34446 }, '$range: the ending value');
  const step = third ? int32Argument(third(), { notNumber: 34447, notInt: 34448 }, '$range: the step value') : 1;
  if (step === 0) throw new MongoError(34449, '$range requires a non-zero step value');
  const size = Math.max(0, Math.ceil((end - start) / step));
  if (size > MAX_RANGE) throw refusal('QueryExceededMemoryLimitNoDiskUseAllowed', `A $range of more than ${MAX_RANGE} numbers`);
  return Array.from({ length: size }, (_, index) => int32(start + index * step));
}

const POSITION = { notInt: 9711600, negative: 9711601 };

/** The positions are looked at before what is sought; a constant array before any document. */
const indexOfArray: Parse = (operand, scope) => {
  const exprs = rangedArguments('$indexOfArray', 2, 4, operand, scope);
  const [input, sought, from, to] = exprs as [Expr, Expr, Expr?, Expr?];
  return prepared(() => {
    if (scope.folds && input.constant && !allConstant(exprs)) {
      const value = constantValue(input);
      if (value == null) return constant(null);
      requireArray(value, 50809, 'First operand of $indexOfArray must be an array. First argument is of type');
    }
    return derived(exprs, (root) => {
      const value = input.run(root);
      if (value == null) return null;
      const array = requireArray(value, 40090, '$indexOfArray requires an array as a first argument, found');
      const start = from ? indexArgument(from.run(root), POSITION, '$indexOfArray: the starting index') : 0;
      const end = to ? Math.min(array.length, indexArgument(to.run(root), POSITION, '$indexOfArray: the ending index')) : array.length;
      const wanted = sought.run(root);
      for (let at = start; at < end; at += 1) if (deepEqual(array[at], wanted)) return int32(at);
      return int32(-1);
    });
  });
};

/** Not computed beforehand. */
const sortArray: Parse = (operand, scope) => {
  let order: ((array: Value[]) => Value[]) | undefined;
  const own = {
    sortBy: (value: Value): Expr => {
      order = arrayOrder(value);
      return constant(undefined);
    },
  };
  const parameters = [['input', 2942502], ['sortBy', 2942503]] as const; // prettier-ignore
  const { input } = namedExpressions('$sortArray', operand, parameters, { notObject: 2942500, unknown: 2942501 }, scope, own);
  return dynamic((root) => {
    const value = input?.run(root);
    if (value == null) return null;
    const array = requireArray(value, 2942504, 'The input argument to $sortArray must be an array, but was of type');
    return array.length < 2 || !order ? array : order(array);
  });
};

function arrayOrder(sortBy: Value): (array: Value[]) => Value[] {
  if (isDoc(sortBy)) {
    if (sortBy.size === 0) throw new MongoError(2942505, 'The sort pattern is empty when it should be a set of fields.');
    for (const direction of sortBy.values()) {
      const sign = wholeNumber(direction);
      if (sign !== 1 && sign !== -1) throw new MongoError(2942505, 'The sort element value must be either 1 or -1');
    }
    return (array) => sortedBy(array, sortBy);
  }
  if (!isNumber(sortBy)) throw new MongoError(2942507, 'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1}');
  const sign = wholeNumber(sortBy);
  if (sign !== 1 && sign !== -1) throw new MongoError(2942506, 'The $sort element value must be either 1 or -1');
  return (array) => [...array].sort((a, b) => sign * compare(a, b));
}

/** Unlike other sorts this one takes arrays as they are; elements that are not documents sort as if they had none of the fields. */
function sortedBy(array: readonly Value[], sortBy: Doc): Value[] {
  const paths = [...sortBy].map(([path, direction]) => ({ parts: path.split('.'), sign: wholeNumber(direction) ?? 1 }));
  const keyed = array.map((value) => ({ value, key: paths.map(({ parts }) => namedElement(value, parts) ?? null) }));
  const order = (a: readonly Value[], b: readonly Value[]): number => {
    for (const [index, { sign }] of paths.entries()) {
      const difference = sign * compare(a[index], b[index]);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ value }) => value);
}

/** The value at a path through documents and, by position, arrays. */
function namedElement(value: Value, parts: readonly string[]): Value | undefined {
  let current: Value | undefined = isDoc(value) ? value : undefined;
  for (const part of parts) {
    if (isDoc(current)) current = current.get(part);
    else current = isArray(current) && isIndex(part) ? current[Number(part)] : undefined;
  }
  return current;
}

/** Not computed beforehand. */
const zip: Parse = (operand, scope) => {
  let inputs: Expr[] = [];
  let defaults: Expr[] = [];
  let longest = false;
  const late: Scope = { ...scope, faults: [] }; // faults of the defaults come after those of the inputs
  const expressions = (value: Value, code: number, what: string): Expr[] => {
    if (!isArray(value)) throw new MongoError(code, `${what} must be an array of expressions`);
    return value.map((item) => parseExpression(item, what === 'inputs' ? scope : late));
  };
  if (!isDoc(operand)) throw new MongoError(34460, '$zip only supports an object as an argument');
  for (const [key, value] of operand) {
    if (key === 'inputs') inputs = expressions(value, 34461, key);
    else if (key === 'defaults') {
      if (!isArray(value)) throw refusal(34462, "An expression as the 'defaults' of $zip"); // came after MongoDB 8
      defaults = expressions(value, 34462, key);
    } else if (key === 'useLongestLength') {
      if (typeof value !== 'boolean') throw new MongoError(34463, 'useLongestLength must be a bool');
      longest = value;
    } else throw new MongoError(34464, `$zip found an unknown argument: ${key}`);
  }
  scope.faults.push(...late.faults);
  if (inputs.length === 0) throw new MongoError(34465, '$zip requires at least one input array');
  if (defaults.length > 0 && !longest) throw new MongoError(34466, 'cannot specify defaults unless useLongestLength is true');
  if (defaults.length > 0 && defaults.length !== inputs.length)
    throw new MongoError(34467, 'defaults and inputs must have the same length');
  return dynamic((root) => {
    const arrays: Value[][] = [];
    for (const input of inputs) {
      const value = input.run(root);
      if (value == null) return null;
      arrays.push(requireArray(value, 34468, '$zip found a non-array expression in input'));
    }
    const lengths = arrays.map((array) => array.length);
    const size = longest ? Math.max(...lengths) : Math.min(...lengths);
    const spare = lengths.some((length) => length < size) ? defaults.map((expr) => expr.run(root) ?? null) : [];
    const at = (array: readonly Value[], row: number, column: number): Value => (row < array.length ? array[row] : spare[column]) ?? null;
    return Array.from({ length: size }, (_, row) => arrays.map((array, column) => at(array, row, column)));
  });
};

const size: Parse = unary('$size', (value) =>
  int32(requireArray(value, 17124, 'The argument to $size must be an array, but was of type').length),
);

const inArray: Parse = binary('$in', (value, array) =>
  requireArray(array, 40081, '$in requires an array as a second argument, found').some((item) => deepEqual(item, value)),
);

export const ARRAYS = {
  $arrayElemAt: binary('$arrayElemAt', (value, position) => elementAt('$arrayElemAt', value, position)),
  $concatArrays: variadic('$concatArrays', concatArrays, { associative: 'full' }),
  $first: unary('$first', (value) => elementAt('$first', value, int32(0))),
  $in: inArray,
  $indexOfArray: indexOfArray,
  $isArray: unary('$isArray', (value) => isArray(value)),
  $last: unary('$last', (value) => elementAt('$last', value, int32(-1))),
  $range: ranged('$range', 2, 3, range),
  $reverseArray: unary('$reverseArray', (value) =>
    value == null ? null : [...requireArray(value, 34435, 'The argument to $reverseArray must be an array, but was of type')].reverse(),
  ),
  $size: size,
  $slice: ranged('$slice', 2, 3, slice),
  $sortArray: sortArray,
  $zip: zip,
} satisfies Record<string, Parse>;
