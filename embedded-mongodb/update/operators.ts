// The update operators on single values, as leaves of the update tree.
import { addExactly, asInteger, fitsInt32, isInteger, multiply, multiplyExactly } from '../bson/arithmetic.js';
import { identical } from '../bson/identical.js';
import {
  compare,
  compareNumbers,
  Decimal128,
  type Doc,
  Int32,
  int32,
  isDoc,
  isNumber,
  type NumberValue,
  Timestamp,
  typeOf,
  type Value,
} from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { type Leaf } from './tree.js';

/** Makes the leaf of an operator from its operand for one path. */
export type MakeLeaf = (operand: Value, path: string) => Leaf;

function leaf(apply: Leaf['apply']): Leaf {
  return { kind: 'leaf', lenient: () => false, apply };
}

function replaced(current: Value | undefined, next: Value): Value {
  return current !== undefined && identical(current, next) ? current : next;
}

export const set: MakeLeaf = (operand) => leaf((current) => replaced(current, operand));

export const setOnInsert: MakeLeaf = (operand) => ({
  kind: 'leaf',
  lenient: ({ isInsert }) => !isInsert,
  apply: (current, { isInsert }) => (isInsert ? replaced(current, operand) : current),
});

export const unset: MakeLeaf = () => ({ kind: 'leaf', lenient: () => true, apply: () => undefined });

function arithmetic(
  name: string,
  verb: string,
  combine: (a: NumberValue, b: NumberValue) => NumberValue | undefined,
  initial: (operand: NumberValue) => NumberValue,
): MakeLeaf {
  return (operand, path) => {
    if (!isNumber(operand)) throw new MongoError('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${path}}`);
    return leaf((current) => {
      if (current === undefined) return initial(operand);
      if (!isNumber(current)) {
        throw new MongoError(
          'TypeMismatch',
          `Cannot apply ${name} to a value of non-numeric type: '${path}' is of type ${typeOf(current)}`,
        );
      }
      const result = combine(current, operand);
      if (result === undefined)
        throw new MongoError('BadValue', `Failed to apply ${name} operations to current value: int64 overflow at '${path}'`);
      if (Number.isNaN(current) && Number.isNaN(result))
        throw refusal('BadValue', `${name} on NaN (a change to MongoDB, and no change of bytes)`);
      return sameNumber(result, current) ? current : result;
    });
  };
}

/** Whether MongoDB sees no change: 1.0 stays when it would become 1.00, but a decimal NaN is never the same. */
function sameNumber(a: NumberValue, b: NumberValue): boolean {
  if (typeOf(a) !== typeOf(b) || (a instanceof Decimal128 && a.toString() === 'NaN')) return false;
  return compareNumbers(a, b) === 0;
}

export const inc = arithmetic('$inc', 'increment', addExactly, (operand) => operand);
export const mul = arithmetic('$mul', 'multiply', multiplyExactly, (operand) => multiply(int32(0), operand));

function extreme(wins: (order: number) => boolean): MakeLeaf {
  return (operand) => leaf((current) => (current === undefined || wins(compare(operand, current)) ? operand : current));
}

export const min = extreme((order) => order < 0);
export const max = extreme((order) => order > 0);

export const currentDate: MakeLeaf = (operand, path) => {
  const type = currentDateType(operand, path);
  return leaf((_current, { now }) => (type === 'date' ? now : new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 })));
};

function currentDateType(operand: Value, path: string): 'date' | 'timestamp' {
  if (typeof operand === 'boolean') return 'date';
  if (!isDoc(operand)) {
    throw new MongoError(
      'BadValue',
      `${typeOf(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression`,
    );
  }
  const type = operand.get('$type');
  if (operand.size !== 1 || type === undefined) throw new MongoError('BadValue', `Unrecognized $currentDate option at '${path}'`);
  if (type !== 'date' && type !== 'timestamp') {
    throw new MongoError(
      'BadValue',
      `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}`,
    );
  }
  return type;
}

const BIT_OPERATIONS: ReadonlyMap<string, (a: bigint, b: bigint) => bigint> = new Map([
  ['and', (a, b) => a & b],
  ['or', (a, b) => a | b],
  ['xor', (a, b) => a ^ b],
]);

export const bit: MakeLeaf = (operand, path) => {
  if (!isDoc(operand))
    throw new MongoError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeOf(operand)}. You must pass in an embedded document`,
    );
  if (operand.size === 0)
    throw new MongoError('BadValue', 'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}');
  const steps = bitSteps(operand);
  return leaf((current) => {
    let value: Value = current === undefined ? int32(0) : current;
    if (!isNumber(value) || !isInteger(value)) {
      throw new MongoError('BadValue', `Cannot apply $bit to a value of non-integral type: '${path}' is of type ${typeOf(value)}`);
    }
    for (const step of steps) value = step(value);
    return current === undefined ? value : replaced(current, value);
  });
};

type BitStep = (value: Int32 | bigint) => Int32 | bigint;

function bitSteps(operand: Doc): BitStep[] {
  return [...operand].map(([name, mask]) => {
    const operation = BIT_OPERATIONS.get(name);
    if (!operation)
      throw new MongoError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator`,
      );
    if (!isNumber(mask) || !isInteger(mask)) {
      throw new MongoError('BadValue', `The $bit modifier field must be an Integer(32/64 bit); a '${typeOf(mask)}' is not supported here`);
    }
    return (value) => {
      const result = operation(asInteger(value), asInteger(mask));
      return value instanceof Int32 && mask instanceof Int32 && fitsInt32(result) ? int32(Number(result)) : result;
    };
  });
}
