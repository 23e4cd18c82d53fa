// Arithmetic over many rows of numbers in one comparison: numbers of all types at the limits of their types, where sums and products change their type,
// and how rounding errors add up.
import fc from 'fast-check';
import { D, F, L, type Plain } from '../differential/case.js';
import { number, small } from './expressions-values.js';
import { COLLECTION, type Generator } from './probe.js';

const near = (limits: readonly bigint[]): fc.Arbitrary<bigint> =>
  fc.tuple(fc.constantFrom(...limits), fc.bigInt({ min: -3n, max: 3n })).map(([limit, by]) => limit + by);
const LIMITS_OF_LONG = [2n ** 31n, -(2n ** 31n), 2n ** 32n, 2n ** 53n, -(2n ** 53n), 2n ** 62n, 3037000500n];

const cell: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: number, weight: 5 },
  { arbitrary: small, weight: 3 },
  { arbitrary: near(LIMITS_OF_LONG).map((value) => L(String(value))), weight: 2 },
  { arbitrary: near(LIMITS_OF_LONG).map((value) => F(Number(value))), weight: 1 },
  { arbitrary: fc.constantFrom(46340, 46341, -46341, 65536, 2147483646), weight: 2 },
  { arbitrary: fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 4 })).map(([n, p]) => F(n / 10 ** p)), weight: 4 },
  { arbitrary: fc.constant(null), weight: 1 },
);

/** Milliseconds that can be added to the dates, with fractions that round. */
const shift: fc.Arbitrary<unknown> = fc
  .tuple(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.constantFrom('int', 'long', 'double', 'decimal'))
  .map(([n, type]) => (type === 'int' ? n % 2 ** 31 : type === 'long' ? L(n) : type === 'double' ? F(n / 2) : D(`${n}E-1`)));

/** `a` to `c` are numbers, `d` is a date, `k` what can be added to it. */
const documents: fc.Arbitrary<Plain[]> = fc
  .array(fc.tuple(cell, cell, cell, fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), shift), { minLength: 1, maxLength: 40, size: 'max' })
  .map((rows) => rows.map(([a, b, c, ms, k], _id): Plain => ({ _id, a, b, c, d: new Date(ms), k, w: [a, b, c] })));

const literal = cell.map(($literal): unknown => ({ $literal }));
const term = fc.oneof({ arbitrary: fc.constantFrom<unknown>('$a', '$b', '$c'), weight: 6 }, { arbitrary: literal, weight: 1 });
const terms = fc.array(term, { minLength: 1, maxLength: 4 });
const onList = fc.oneof({ arbitrary: terms, weight: 3 }, fc.constant<unknown>('$w'));

function applied(names: readonly string[], operand: fc.Arbitrary<unknown>): fc.Arbitrary<Plain> {
  return fc.tuple(fc.constantFrom(...names), operand).map(([name, given]) => ({ [name]: given }));
}

const flat: fc.Arbitrary<Plain> = fc.oneof(
  { arbitrary: applied(['$add', '$multiply'], terms), weight: 5 },
  { arbitrary: applied(['$subtract', '$divide', '$mod', '$cmp'], fc.tuple(term, term)), weight: 4 },
  { arbitrary: applied(['$sum', '$avg', '$min', '$max'], onList), weight: 5 },
  { arbitrary: applied(['$abs', '$ceil', '$floor', '$sqrt', '$toInt', '$toLong', '$toDouble', '$toDecimal', '$toBool'], term), weight: 4 },
  { arbitrary: applied(['$round', '$trunc'], fc.oneof(fc.tuple(term), fc.tuple(term, fc.integer({ min: -20, max: 20 })))), weight: 3 },
  { arbitrary: applied(['$add'], fc.shuffledSubarray<unknown>(['$d', '$k', '$k'], { minLength: 2 })), weight: 1 },
  { arbitrary: applied(['$subtract'], fc.constant<unknown>(['$d', '$k'])), weight: 1 },
  { arbitrary: applied(['$eq', '$lt', '$gte'], fc.tuple(term, term)), weight: 1 },
);
const nested = fc
  .tuple(fc.constantFrom('$add', '$multiply', '$subtract', '$divide'), flat, term)
  .map(([name, one, two]): Plain => ({ [name]: [one, two] }));

const projected = fc.oneof({ arbitrary: flat, weight: 3 }, { arbitrary: nested, weight: 1 }).map((r): Plain[] => [{ $project: { r } }]);

const accumulated = fc
  .tuple(
    applied(['$sum', '$avg', '$min', '$max', '$stdDevPop', '$stdDevSamp'], term),
    fc.constantFrom<unknown>(null, { $mod: ['$_id', 3] }),
  )
  .map(([f, _id]): Plain[] => [{ $group: { _id, f } }, { $sort: { _id: 1 } }]);

const probes = fc
  .oneof({ arbitrary: projected, weight: 4 }, { arbitrary: accumulated, weight: 1 })
  .map((pipeline) => ({ kind: 'numbers', command: { aggregate: COLLECTION, pipeline, cursor: { batchSize: 1000 } } }));

/** Each comparison is of up to 40 rows. */
export const NUMBER_GENERATORS: readonly Generator[] = [{ kind: 'numbers', weight: 6, probes, documents }];
