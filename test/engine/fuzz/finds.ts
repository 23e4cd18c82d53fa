// Random reads: find with sorts, projections, skips and limits, count, distinct.
import fc from 'fast-check';
import { F, L, type Plain } from '../differential/case.js';
import { condition, filter } from './filters.js';
import { COLLECTION, type Generator, type Probe } from './probe.js';
import { field, optional, path, scalar, seldom, value } from './values.js';

/** Keys of a sort; `_id` last makes the order of equal documents known. */
export const sort: fc.Arbitrary<Plain> = fc.oneof(
  {
    arbitrary: fc
      .array(fc.tuple(path, fc.constantFrom<unknown>(1, -1, 1, -1, F(1), L(-1))), { minLength: 1, maxLength: 2 })
      .map((keys): Plain => new Map<string, unknown>([...keys, ['_id', 1]])),
    weight: 20,
  },
  fc.constantFrom<Plain>(
    {},
    { a: 0 },
    { a: 2 },
    { a: 'x' },
    { a: F(1.5), _id: 1 },
    { a: null },
    { a: true },
    { $a: 1 },
    { 'a..b': 1 },
    { a: { $meta: 1 } },
  ),
);

const slice = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 3 }), weight: 3 },
  { arbitrary: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 1, max: 3 })), weight: 3 },
  fc.constantFrom<unknown>([1], [1, 0], 'a', F(1.5), L(2), [1, 2, 3], [F(-1), L(1)]),
);
const computed = fc.oneof(
  path.map((name): unknown => `$${name}`),
  value.map(($literal): unknown => ({ $literal })),
  fc.tuple(path, path).map(([one, two]): unknown => ({ $ifNull: [`$${one}`, `$${two}`, 'none'] })),
  fc.constantFrom<unknown>('text', [1, '$a'], { b: '$a', c: 1 }, null, ''),
);
const special = fc.oneof(
  slice.map(($slice): unknown => ({ $slice })),
  condition.map(($elemMatch): unknown => ({ $elemMatch })),
);
const yes = fc.constantFrom<unknown>(1, true, F(0.5), L(1), F(NaN), -1);
const no = fc.constantFrom<unknown>(0, false, F(0), L(0), F(-0));

/** Projections of every form: inclusions, exclusions, computed fields, $slice, $elemMatch, positional, and wrong mixes. */
export const projection: fc.Arbitrary<Plain> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.array(fc.tuple(path, yes), { minLength: 1, maxLength: 3 }), weight: 4 },
      { arbitrary: fc.array(fc.tuple(path, no), { minLength: 1, maxLength: 3 }), weight: 4 },
      { arbitrary: fc.array(fc.tuple(path, fc.oneof(yes, computed)), { minLength: 1, maxLength: 3 }), weight: 3 },
      { arbitrary: fc.tuple(field, slice).map(([name, $slice]) => [[name, { $slice }] as [string, unknown]]), weight: 2 },
      { arbitrary: fc.tuple(path, slice, path, yes).map(([name, $slice, other, one]) => [[name, { $slice }], [other, one]] as [string, unknown][]), weight: 1 }, // prettier-ignore
      { arbitrary: fc.tuple(path, slice, path, no).map(([name, $slice, other, none]) => [[name, { $slice }], [other, none]] as [string, unknown][]), weight: 1 }, // prettier-ignore
      { arbitrary: fc.tuple(field, condition).map(([name, $elemMatch]) => [[name, { $elemMatch }] as [string, unknown]]), weight: 2 },
      { arbitrary: fc.tuple(field, filter).map(([name, $elemMatch]) => [[name, { $elemMatch }] as [string, unknown]]), weight: 1 },
      { arbitrary: fc.tuple(path, yes).map(([name, one]) => [[`${name}.$`, one] as [string, unknown]]), weight: 2 },
      { arbitrary: fc.tuple(path, optional({ a: fc.oneof(yes, no), b: fc.oneof(yes, no, computed) })).map(([name, inner]) => [[name, inner] as [string, unknown]]), weight: 2 }, // prettier-ignore
      { arbitrary: fc.array(fc.tuple(path, fc.oneof(yes, no, computed)), { maxLength: 3 }), weight: 1 },
      { arbitrary: fc.array(fc.tuple(fc.oneof(field, field, path), fc.oneof(yes, no, computed, special, special)), { minLength: 2, maxLength: 4 }), weight: 2 }, // prettier-ignore
      fc.constantFrom<[string, unknown][]>([['', 1]], [['a.', 1]], [['$a', 1]], [['a..b', 0]], [['a', { $unknown: 1 }]], [['a', {}]], [['a.$.b', 1]], [['a.$', 1], ['b.$', 1]], [['a.$', 0]]), // prettier-ignore
    ),
    seldom(fc.constantFrom<unknown>(0, 1, false, true, '$a'), 3),
  )
  .map(([fields, _id]): Plain => new Map<string, unknown>([...fields, ...(_id === null ? [] : [['_id', _id] as [string, unknown]])]));

const limits = {
  skip: fc.constantFrom<unknown>(0, 1, 2, L(1), F(1), 100),
  limit: fc.constantFrom<unknown>(0, 1, 2, L(1), F(2)),
};

function find(fields: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Probe> {
  return fields.map((given): Probe => ({ kind: 'find', command: { find: COLLECTION, ...given, batchSize: 1000 } }));
}

/** A filter whose field a positional projection names, so that such projections are not all errors. */
const positional = fc
  .tuple(path, condition, fc.option(field))
  .map(([name, test, inner]) => ({ filter: { [name]: test }, projection: { [`${inner ?? name.split('.')[0] ?? name}.$`]: 1 } }));

const finds = fc.oneof(
  { arbitrary: find(fc.record({ filter })), weight: 5 },
  { arbitrary: find(fc.record({ sort })), weight: 2 },
  { arbitrary: find(fc.record({ projection })), weight: 5 },
  { arbitrary: find(positional), weight: 1 },
  { arbitrary: find(fc.tuple(fc.record({ filter, sort }), optional({ projection, ...limits })).map(([one, two]) => ({ ...one, ...two }))), weight: 3 }, // prettier-ignore
);

const counts = fc
  .tuple(filter, optional(limits))
  .map(([query, rest]): Probe => ({ kind: 'count', command: { count: COLLECTION, query, ...rest } }));

const distincts = fc
  .tuple(fc.oneof({ arbitrary: path, weight: 20 }, scalar), fc.option(filter))
  .map(([key, query]): Probe => ({ kind: 'distinct', command: { distinct: COLLECTION, key, ...(query === null ? {} : { query }) } }));

export const FIND_GENERATORS: readonly Generator[] = [
  { kind: 'find', weight: 10, probes: finds },
  { kind: 'count', weight: 1, probes: counts },
  { kind: 'distinct', weight: 1, probes: distincts },
];
