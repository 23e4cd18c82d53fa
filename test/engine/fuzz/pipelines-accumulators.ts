// Random $group stages, and the stages made of it: for every declared accumulator its well-formed operands, now and then spoilt.
import fc from 'fast-check';
import { ACCUMULATORS, type AccumulatorName } from '../../../embedded-mongodb/surface.js';
import { F, L, type Plain } from '../differential/case.js';
import { expressionOf } from './expressions.js';
import { named } from './expressions-shape.js';
import { LITERALS } from './expressions-values.js';

const count = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(1, 2, 3, 5, F(2), L(1)), weight: 20 },
  { arbitrary: fc.constantFrom<unknown>(0, -1, F(1.5), null, 'x', '$n'), weight: 1 },
);
const sortBy = fc
  .array(fc.tuple(fc.constantFrom('n', 's', 'o.n', 'a', 'i', 'os.n', '_id'), fc.constantFrom<unknown>(1, -1)), {
    minLength: 1,
    maxLength: 2,
  })
  .map((keys) => new Map<string, unknown>([...keys, ['_id', 1]]));

const numbers = expressionOf('number');
const anything = fc.oneof(
  fc.constantFrom('$n', '$s', '$a', '$x', '$missing', '$o.n', '$os.n', '$i', '$$ROOT', '$$REMOVE'),
  expressionOf('any'),
);

const OPERANDS: Readonly<Record<AccumulatorName, fc.Arbitrary<unknown>>> = {
  $addToSet: anything,
  $avg: numbers,
  $bottom: named({ sortBy, output: anything }),
  $bottomN: named({ n: count, sortBy, output: anything }),
  $count: fc.constant({}),
  $first: anything,
  $firstN: named({ input: anything, n: count }),
  $last: anything,
  $lastN: named({ input: anything, n: count }),
  $max: anything,
  $maxN: named({ input: anything, n: count }),
  $mergeObjects: expressionOf('object'),
  $min: anything,
  $minN: named({ input: anything, n: count }),
  $push: anything,
  $stdDevPop: numbers,
  $stdDevSamp: numbers,
  $sum: fc.oneof(numbers, fc.constant(1), anything),
  $top: named({ sortBy, output: anything }),
  $topN: named({ n: count, sortBy, output: anything }),
};

function accumulator(name: AccumulatorName): fc.Arbitrary<Plain> {
  return fc
    .oneof({ arbitrary: OPERANDS[name], weight: 40 }, { arbitrary: fc.oneof(LITERALS.any, fc.constant([])), weight: 1 })
    .map((operand): Plain => ({ [name]: operand }));
}

const outputs = fc
  .array(fc.oneof(...ACCUMULATORS.map((name) => accumulator(name))), { minLength: 1, maxLength: 3 })
  .map((list) => Object.fromEntries(list.map((value, index) => [`f${index}`, value])));

const key = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>('$n', '$i', '$s', '$b', '$x', '$a', '$o', '$missing', '$o.n'), weight: 6 },
  { arbitrary: fc.constantFrom<unknown>(null, 1, 'x'), weight: 2 },
  { arbitrary: fc.record({ k: fc.constantFrom('$n', '$i', '$missing', '$x'), v: expressionOf('any') }, { requiredKeys: [] }), weight: 3 },
  { arbitrary: expressionOf('any'), weight: 3 },
);

/** The sets of $addToSet have no order of their own. */
function settled(fields: Record<string, Plain>): Plain[] {
  const sets = Object.entries(fields).filter(([, value]) => '$addToSet' in value);
  return sets.length === 0
    ? []
    : [{ $set: Object.fromEntries(sets.map(([name]) => [name, { $sortArray: { input: `$${name}`, sortBy: 1 } }])) }];
}

/** $group and its kin, each with what gives its answer an order. */
export const grouping: fc.Arbitrary<Plain[]> = fc.oneof(
  {
    arbitrary: fc
      .tuple(key, outputs)
      .map(([_id, fields]): Plain[] => [{ $group: { _id, ...fields } }, ...settled(fields), { $sort: { _id: 1 } }]),
    weight: 10,
  },
  { arbitrary: key.map((given): Plain[] => [{ $sortByCount: given }, { $sort: { _id: 1 } }]), weight: 1 },
  { arbitrary: fc.constantFrom<unknown>('c', 'x', '', '$a', 'a.b', 5).map(($count): Plain[] => [{ $count }]), weight: 1 },
  {
    arbitrary: fc
      .tuple(
        fc.oneof(fc.constantFrom('$n', '$i', '$s', '$missing'), numbers),
        fc.oneof(fc.constantFrom<unknown[]>([0, 2, 5], [-10, 0, F(2.5), 100], ['a', 'b', 'c'], [0, 'a'], [2, 1], [1], [F(-Infinity), 0, F(Infinity)]), fc.array(LITERALS.small, { maxLength: 3 })), // prettier-ignore
        fc.record({ default: fc.constantFrom<unknown>('other', null, -100, 1, 1000), output: outputs }, { requiredKeys: [] }),
      )
      .map(([groupBy, boundaries, options]): Plain[] => [
        { $bucket: { groupBy, boundaries, ...options } },
        ...settled(options.output ?? {}),
      ]),
    weight: 2,
  },
);
