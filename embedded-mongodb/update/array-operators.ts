// The update operators on arrays ($push, $addToSet, $pop, $pull, $pullAll), as leaves of the update tree.
import { identical } from '../bson/identical.js';
import { BSONRegExp, compare, deepEqual, type Doc, isArray, isDoc, isIndex, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../match/filter.js';
import { firstKey, wholeNumber } from '../match/tests.js';
import { QUERY_OPERATORS } from '../surface.js';
import { type MakeLeaf } from './operators.js';
import { type Leaf } from './tree.js';

const NONE: Value[] = [];

/** `counts`: whether it is a change even where the array stays equal. */
function arrayLeaf(
  apply: (current: Value[], existed: boolean) => Value[] | undefined,
  notArray: (current: Value) => MongoError,
  counts: (current: Value[]) => boolean = () => false,
): Leaf {
  return {
    kind: 'leaf',
    lenient: () => false,
    apply: (current) => {
      if (current === undefined) return apply(NONE, false);
      if (!isArray(current)) throw notArray(current);
      const next = apply(current, true);
      return next !== undefined && !counts(current) && identical(next, current) ? current : next;
    },
  };
}

interface PushModifiers {
  readonly each: readonly Value[];
  readonly slice?: number;
  readonly position?: number;
  readonly order?: (a: Value, b: Value) => number;
}

export const push: MakeLeaf = (operand, path) => {
  const { each, slice, position, order } = isDoc(operand) && operand.has('$each') ? pushModifiers(operand) : { each: [operand] };
  const apply = (current: Value[]): Value[] => {
    const next = [...current];
    if (position === undefined) next.push(...each);
    else next.splice(position, 0, ...each);
    if (order) next.sort(order);
    if (slice === undefined) return next;
    return slice >= 0 ? next.slice(0, slice) : next.slice(slice);
  };
  return arrayLeaf(
    apply,
    (current) => new MongoError('BadValue', `The field '${path}' must be an array but is of type ${typeOf(current)}`),
    (current) => each.length > 0 || (order !== undefined && current.length > 0),
  );
};

function pushModifiers(operand: Doc): PushModifiers {
  const each = operand.get('$each');
  if (!isArray(each)) throw new MongoError('BadValue', 'The argument to $each in $push must be an array');
  let modifiers: PushModifiers = { each };
  for (const [name, value] of operand) {
    if (name === '$each') continue;
    if (name === '$slice') modifiers = { ...modifiers, slice: integerModifier(name, value) };
    else if (name === '$position') modifiers = { ...modifiers, position: integerModifier(name, value) };
    else if (name === '$sort') modifiers = { ...modifiers, order: pushOrder(value) };
    else throw new MongoError('BadValue', `Unrecognized clause in $push: ${name}`);
  }
  return modifiers;
}

function integerModifier(name: string, value: Value): number {
  const number = wholeNumber(value);
  if (number === undefined)
    throw new MongoError('BadValue', `The value for ${name} must be an integer value but was given type: ${typeOf(value)}`);
  return number;
}

function direction(value: Value, message: string): number {
  const number = wholeNumber(value);
  if (number !== 1 && number !== -1) throw new MongoError('BadValue', message);
  return number;
}

/** The order of `$sort` in `$push`: of whole elements, or of embedded fields (arrays on the way are taken by index only). */
function pushOrder(spec: Value): (a: Value, b: Value) => number {
  if (isNumber(spec)) {
    const sign = direction(spec, 'The $sort element value must be either 1 or -1');
    return (a, b) => sign * compare(a, b);
  }
  if (!isDoc(spec)) {
    throw new MongoError('BadValue', 'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  if (spec.size === 0) throw new MongoError('BadValue', 'The sort pattern is empty when it should be a set of fields.');
  const keys = [...spec].map(([path, value]) => {
    if (path === '' || path.split('.').includes(''))
      throw new MongoError('BadValue', 'The $sort field is a dotted field but has an empty part');
    return { parts: path.split('.'), sign: direction(value, 'The sort element value must be either 1 or -1') };
  });
  return (a, b) => keys.reduce((order, { parts, sign }) => order || sign * compare(embedded(a, parts), embedded(b, parts)), 0);
}

function embedded(element: Value, parts: readonly string[]): Value {
  let value: Value | undefined = element;
  for (const part of parts) {
    if (isDoc(value)) value = value.get(part);
    else value = isArray(value) && value !== element && isIndex(part) ? value[Number(part)] : undefined;
  }
  return value ?? null;
}

export const addToSet: MakeLeaf = (operand, path) => {
  const items = addToSetItems(operand);
  const apply = (current: Value[]): Value[] => {
    const next = [...current];
    for (const item of items) if (!next.some((other) => deepEqual(other, item))) next.push(item);
    return next;
  };
  return arrayLeaf(
    apply,
    (current) =>
      new MongoError('BadValue', `Cannot apply $addToSet to non-array field. Field named '${path}' has non-array type ${typeOf(current)}`),
  );
};

function addToSetItems(operand: Value): readonly Value[] {
  if (!isDoc(operand) || firstKey(operand) !== '$each') return [operand];
  const each = operand.get('$each');
  if (!isArray(each)) throw new MongoError('TypeMismatch', 'The argument to $each in $addToSet must be an array');
  if (operand.size > 1) throw new MongoError('BadValue', 'Found unexpected fields after $each in $addToSet');
  return each;
}

export const pop: MakeLeaf = (operand, path) => {
  if (!isNumber(operand)) throw new MongoError('FailedToParse', `Expected a number in: ${path}`);
  const end = wholeNumber(operand);
  if (end !== 1 && end !== -1) throw new MongoError('FailedToParse', `$pop expects 1 or -1, found: ${String(operand)}`);
  return arrayLeaf(
    (current, existed) => (existed ? (end === 1 ? current.slice(0, -1) : current.slice(1)) : undefined),
    (current) => new MongoError('TypeMismatch', `Path '${path}' contains an element of non-array type '${typeOf(current)}'`),
  );
};

function removing(unwanted: (element: Value) => boolean): Leaf {
  return arrayLeaf(
    (current, existed) => (existed ? current.filter((element) => !unwanted(element)) : undefined),
    () => new MongoError('BadValue', 'Cannot apply $pull to a non-array value'),
  );
}

/** Operators that make the operand of `$pull` a condition on the element itself. */
const VALUE_OPERATORS = new Set<string>(QUERY_OPERATORS.filter((operator) => operator !== '$not'));

export const pull: MakeLeaf = (operand) => {
  if (isDoc(operand) && !VALUE_OPERATORS.has(firstKey(operand) ?? '')) {
    const { matches } = compileFilter(operand, { noExpressions: true });
    return removing((element) => isDoc(element) && matches(element));
  }
  if (isDoc(operand) || operand instanceof BSONRegExp) {
    const { matches } = compileFilter(new Map([['', operand]]), { noExpressions: true });
    return removing((element) => matches(new Map([['', element]])));
  }
  return removing((element) => deepEqual(element, operand));
};

export const pullAll: MakeLeaf = (operand) => {
  if (!isArray(operand)) throw new MongoError('BadValue', `$pullAll requires an array argument but was given a ${typeOf(operand)}`);
  return removing((element) => operand.some((item) => deepEqual(element, item)));
};
