// Array expressions that read, cut and combine arrays. Those that bind a variable for each element are in variables.ts.
import { compare, deepEqual, type Doc, int32, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { compileSortKeys, sortDocs } from '../sort.js';
import { binary, namedArguments, ranged, unary, variadic } from './build.js';
import { derived, type Parse, parseExpression } from './types.js';

type Item = Value | undefined;

function typeName(value: Item): string {
  return value === undefined ? 'missing' : typeOf(value);
}

function requireArray(value: Item, code: number, words: string): Value[] {
  if (!isArray(value)) throw new MongoError(code, `${words}: ${typeName(value)}`);
  return value;
}

/** A whole number in the int32 range. */
function intArgument(value: Item, codes: { notNumber: number; notInt: number }, what: string): number {
  if (!isNumber(value)) throw new MongoError(codes.notNumber, `${what} must be a numeric value, but is of type: ${typeName(value)}`);
  const number = wholeNumber(value);
  if (number === undefined || Math.abs(number) > 2 ** 31)
    throw new MongoError(codes.notInt, `${what} can't be represented as a 32-bit integer`);
  return number;
}

function slice(value: Item, second: Item, third?: Item): Item {
  if (value == null || second == null || third === null) return null;
  const array = requireArray(value, 28724, 'First argument to $slice must be an array, but is of type');
  const from = intArgument(second, { notNumber: 28725, notInt: 28726 }, 'Second argument to $slice');
  if (third === undefined) return from >= 0 ? array.slice(0, from) : array.slice(from);
  const count = intArgument(third, { notNumber: 28727, notInt: 28728 }, 'Third argument to $slice');
  if (count <= 0) throw new MongoError(28729, `Third argument to $slice must be positive: ${count}`);
  const start = from >= 0 ? from : Math.max(0, array.length + from);
  return array.slice(start, start + count);
}

function elementAt(name: string, value: Item, position: Item): Item {
  if (value == null || position == null) return null;
  if (!isArray(value)) throw new MongoError(28689, `${name}'s first argument must be an array, but is ${typeName(value)}`);
  return value.at(intArgument(position, { notNumber: 28690, notInt: 28691 }, `${name}'s second argument`));
}

function concatArrays(values: Iterable<Item>): Item {
  const result: Value[] = [];
  for (const value of values) {
    if (value == null) return null;
    result.push(...requireArray(value, 28664, '$concatArrays only supports arrays, not'));
  }
  return result;
}

function range(from: Item, to: Item, by: Item = int32(1)): Item {
  const start = intArgument(from, { notNumber: 34443, notInt: 34444 }, '$range requires a starting value that');
  const end = intArgument(to, { notNumber: 34445, notInt: 34446 }, '$range requires an ending value that');
  const step = intArgument(by, { notNumber: 34447, notInt: 34448 }, '$range requires a step value that');
  if (step === 0) throw new MongoError(34449, '$range requires a non-zero step value');
  const size = Math.max(0, Math.ceil((end - start) / step));
  if (size > 1_000_000) throw new MongoError('QueryExceededMemoryLimitNoDiskUseAllowed', '$range would use too much memory');
  return Array.from({ length: size }, (_, index) => int32(start + index * step));
}

function indexOfArray(value: Item, sought: Item, from: Item = int32(0), to?: Item): Item {
  if (value == null) return null;
  const array = requireArray(value, 40090, '$indexOfArray requires an array as a first argument, found');
  const start = positionArgument(from, 'starting');
  const end = to === undefined ? array.length : Math.min(array.length, positionArgument(to, 'ending'));
  for (let at = start; at < end; at += 1) if (deepEqual(array[at], sought)) return int32(at);
  return int32(-1);
}

function positionArgument(value: Item, what: string): number {
  const number = wholeNumber(value);
  if (number === undefined) throw new MongoError(40096, `$indexOfArray requires an integral ${what} index`);
  if (number < 0) throw new MongoError(9711601, `$indexOfArray requires a nonnegative ${what} index, found: ${number}`);
  return number;
}

const sortArray: Parse = (operand, scope) => {
  const codes = { notObject: 2942500, unknown: 2942501, missing: 2942502 };
  const named = namedArguments('$sortArray', operand, ['input', 'sortBy'], ['input'], codes);
  const sortBy = named.get('sortBy');
  if (sortBy === undefined) throw new MongoError(2942503, "$sortArray requires 'sortBy' to be specified");
  const order = arrayOrder(sortBy);
  const input = parseExpression(named.get('input') ?? null, scope);
  return derived([input], (root) => {
    const value = input.run(root);
    return value == null ? null : order(requireArray(value, 2942504, 'The input argument to $sortArray must be an array, but was of type'));
  });
};

function arrayOrder(sortBy: Value): (array: Value[]) => Value[] {
  if (isDoc(sortBy)) {
    for (const direction of sortBy.values()) {
      const sign = wholeNumber(direction);
      if (sign !== 1 && sign !== -1) throw new MongoError(2942505, 'The sort element value must be either 1 or -1');
    }
    const sort = compileSortKeys(sortBy);
    return (array) => sortDocs(array.map(wrapForSort), sort).map((doc) => ORIGINALS.get(doc) ?? doc);
  }
  const sign = wholeNumber(sortBy);
  if (sign !== 1 && sign !== -1) throw new MongoError(2942506, 'The $sort element value must be either 1 or -1');
  return (array) => [...array].sort((a, b) => sign * compare(a, b));
}

const ORIGINALS = new WeakMap<Doc, Value>();

/** Elements that are not documents sort as if they had none of the fields. */
function wrapForSort(value: Value): Doc {
  if (isDoc(value)) return value;
  const empty: Doc = new Map();
  ORIGINALS.set(empty, value);
  return empty;
}

const zip: Parse = (operand, scope) => {
  const codes = { notObject: 34460, unknown: 34464, missing: 34465 };
  const named = namedArguments('$zip', operand, ['inputs', 'defaults', 'useLongestLength'], ['inputs'], codes);
  const inputsValue = named.get('inputs');
  const defaultsValue = named.get('defaults');
  const longest = named.get('useLongestLength') ?? false;
  if (!isArray(inputsValue)) throw new MongoError(34461, 'inputs must be an array of expressions');
  if (inputsValue.length === 0) throw new MongoError(34465, '$zip requires at least one input array');
  if (typeof longest !== 'boolean') throw new MongoError(34463, 'useLongestLength must be a bool');
  if (defaultsValue !== undefined && !isArray(defaultsValue)) throw new MongoError(34462, 'defaults must be an array of expressions');
  if (defaultsValue && !longest) throw new MongoError(34466, 'cannot specify defaults unless useLongestLength is true');
  if (defaultsValue && defaultsValue.length !== inputsValue.length)
    throw new MongoError(34467, 'defaults and inputs must have the same length');
  const inputs = inputsValue.map((value) => parseExpression(value, scope));
  const defaults = (defaultsValue ?? []).map((value) => parseExpression(value, scope));
  return derived([...inputs, ...defaults], (root) => {
    const values = inputs.map((input) => input.run(root));
    if (values.some((value) => value == null)) return null;
    const arrays = values.map((value) => requireArray(value, 34468, '$zip found a non-array expression in input'));
    const lengths = arrays.map((array) => array.length);
    const size = longest ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length: size }, (_, at) => arrays.map((array, index) => array[at] ?? defaults[index]?.run(root) ?? null));
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
  $concatArrays: variadic(concatArrays),
  $first: unary('$first', (value) => elementAt('$first', value, int32(0))),
  $in: inArray,
  $indexOfArray: ranged('$indexOfArray', 2, 4, indexOfArray),
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
