// Sums and averages with MongoDB's precision: integers exact, doubles compensated, decimals apart, and the result in the widest type that came in.
import { add, asDouble, asInteger, fitsInt32, fitsInt64 } from '../bson/arithmetic.js';
import * as decimal from '../bson/decimal.js';
import { exactFromDouble, toDecimal } from '../bson/decimal-convert.js';
import { Decimal128, Int32, int32, isNumber, type NumberValue, type Value } from '../bson/index.js';
import { constantValue } from '../expressions/types.js';
import { type Fold, foldOf, type ParseAccumulator, singleInput } from './types.js';

/** A running total of numbers of any types. */
export interface Total {
  readonly add: (value: NumberValue) => void;
  /** The sum, 0 (int) when nothing was added. */
  readonly sum: () => NumberValue;
  /** The sum divided by a count, as double or decimal. */
  readonly average: (count: number) => NumberValue;
}

/** A double with the error of its sum, as MongoDB's DoubleDoubleSummation: the error only shows where a decimal takes it up. */
interface Compensated {
  readonly add: (value: number) => void;
  readonly value: () => number;
  readonly exact: () => decimal.Decimal;
}

/** Sum of two doubles and its rounding error (Knuth). */
function twoSum(a: number, b: number): [number, number] {
  const sum = a + b;
  const virtual = sum - b;
  return [sum, a - virtual + (b - (sum - virtual))];
}

/** As `twoSum` where `b` is the smaller (Dekker); MongoDB uses it also where it is not. */
function fastTwoSum(a: number, b: number): [number, number] {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

function compensated(): Compensated {
  let sum = 0;
  let error = 0;
  let plain = 0;
  return {
    add: (value) => {
      plain += value;
      const [corrected, rest] = fastTwoSum(value, error);
      let lost: number;
      [sum, lost] = twoSum(sum, corrected);
      error = rest + lost;
    },
    value: () => (Number.isNaN(sum) ? plain : sum),
    exact: () => {
      if (!Number.isFinite(sum)) return exactFromDouble(plain);
      return decimal.add(decimal.round(exactFromDouble(sum)), decimal.round(exactFromDouble(error)));
    },
  };
}

const HALF = 2n ** 32n;

/** A running total: whole numbers exact, all others with their rounding error, decimals apart. */
function createTotal(): Total {
  const doubles = compensated();
  let integers = 0n;
  let decimals: decimal.Decimal | undefined;
  let widest: 'int' | 'long' | 'double' = 'int';

  const asDecimal = (extra: decimal.Decimal): decimal.Decimal => {
    const whole = widest === 'double' ? doubles.exact() : decimal.finite(integers < 0n, integers < 0n ? -integers : integers, 0);
    return decimal.add(decimal.round(whole), extra);
  };
  const addInteger = (value: bigint | Int32): void => {
    const integer = asInteger(value);
    integers += integer;
    if (typeof value !== 'bigint') return doubles.add(Number(integer));
    // MongoDB adds an int64 in two halves, also where the upper one is 0, which shows in how the error of the sum is rounded.
    if (widest === 'int') widest = 'long';
    const high = (integer / HALF) * HALF;
    doubles.add(Number(integer - high));
    doubles.add(Number(high));
  };
  return {
    add: (value) => {
      if (value instanceof Decimal128) decimals = decimal.add(decimals ?? decimal.finite(false, 0n, 0), toDecimal(value));
      else if (typeof value === 'number') {
        widest = 'double';
        doubles.add(value);
      } else addInteger(value);
    },
    sum: () => {
      if (decimals) return decimal.pack(asDecimal(decimals));
      if (widest === 'double') return doubles.value();
      if (widest === 'int' && fitsInt32(integers)) return int32(Number(integers));
      return fitsInt64(integers) ? integers : doubles.value();
    },
    average: (count) => {
      if (decimals) return decimal.pack(decimal.divide(asDecimal(decimals), decimal.finite(false, BigInt(count), 0)));
      return doubles.value() / count;
    },
  };
}

export function sumFold(): Fold {
  const total = createTotal();
  return {
    add: (value) => {
      if (isNumber(value)) total.add(value);
    },
    result: total.sum,
  };
}

/** The sum of a constant, which MongoDB adds up plainly: as int, then as long, then as double without its rounding errors. */
export const sum: ParseAccumulator = (operand, scope) => {
  const input = singleInput('$sum', operand, scope);
  const value = input.constant ? constantValue(input) : undefined;
  if (value === undefined || !isNumber(value) || value instanceof Decimal128) return foldOf(input, sumFold);
  return () => {
    let total: NumberValue = typeof value === 'number' ? 0 : typeof value === 'bigint' ? 0n : int32(0);
    return {
      add: () => {
        total = add(total, value);
      },
      result: () => total,
    };
  };
};

export function averageFold(): Fold {
  const total = createTotal();
  let count = 0;
  return {
    add: (value) => {
      if (!isNumber(value)) return;
      total.add(value);
      count += 1;
    },
    result: () => (count === 0 ? null : total.average(count)),
  };
}

/** Standard deviation by Welford's method, as MongoDB: of the population, or of a sample. */
export function deviationFold(sample: boolean): Fold {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      if (!isNumber(value)) return;
      const number = asDouble(value);
      count += 1;
      const delta = number - mean;
      if (delta === 0) return;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    result: () => {
      const divisor = sample ? count - 1 : count;
      return divisor <= 0 ? null : Math.sqrt(squares / divisor);
    },
  };
}

export function countFold(): Fold {
  let count = 0n;
  return {
    add: () => {
      count += 1n;
    },
    result: (): Value => (fitsInt32(count) ? new Int32(Number(count)) : count),
  };
}
