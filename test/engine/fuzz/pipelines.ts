// Random pipelines over the declared stages, and the probes made of them and of single expressions.
import fc from 'fast-check';
import { type Plain } from '../differential/case.js';
import { expression, expressionOf } from './expressions.js';
import { named } from './expressions-shape.js';
import { documents, FIELDS, LITERALS, small } from './expressions-values.js';
import { grouping } from './pipelines-accumulators.js';
import { COLLECTION, type Generator, OTHER } from './probe.js';

const field = fc.constantFrom(...Object.values(FIELDS));
const path = fc.oneof(
  { arbitrary: field, weight: 4 },
  { arbitrary: fc.constantFrom('o.n', 'o.a', 'os.n', 'os.k', 'o.v.n', 'a.n', 'x.n', 'new', 'o.new', 'os.new', '_id', 'a.0'), weight: 4 },
  { arbitrary: fc.constantFrom('', 'a.', '.a', '$a', 'a..b', 'a.$b'), weight: 1 },
);
const value = fc.oneof(expressionOf('any'), fc.constantFrom('$n', '$o.n', '$os.n', '$$REMOVE', '$missing'), expressionOf('number'));

const flags = fc.constantFrom<unknown>(1, true, 0, false);

function fields(content: fc.Arbitrary<unknown>, most = 3): fc.Arbitrary<Plain> {
  return fc.array(fc.tuple(path, content), { minLength: 1, maxLength: most }).map((entries) => new Map(entries));
}

// MongoDB may write the fields of a computed document in the order of their names when it moves a $match before it, so they are in that order.
const nested = fc.record({ k: value, n: value }, { requiredKeys: [] });
const projection = fc.oneof(
  fields(fc.constantFrom<unknown>(1, true)),
  fields(fc.constantFrom<unknown>(0, false)),
  fields(fc.oneof(fc.constant(1), value)),
  fields(fc.oneof(flags, value, nested)),
);

const comparison = fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne');
const condition: fc.Arbitrary<Plain> = fc.oneof(
  fc
    .tuple(fc.constantFrom('n', 'i', 'a', 'o.n', 'os.n', 'x'), comparison, LITERALS.number)
    .map(([name, op, to]): Plain => ({ [name]: { [op]: to } })),
  fc.constantFrom<Plain>({ s: { $regex: '^a' } }, { missing: null }, { x: { $exists: true } }, { b: true }, { 'os.k': { $ne: 'a' } }),
  // MongoDB may evaluate conditions earlier than they are written, so these do not fail; those that do are in the kind 'condition'.
  fc
    .tuple(comparison, fc.constantFrom('$n', '$i', '$o.n', '$missing', '$s'), fc.oneof(LITERALS.number, LITERALS.text))
    .map(([op, one, to]): Plain => ({ $expr: { [op]: [one, { $literal: to }] } })),
);
const conditional: fc.Arbitrary<Plain[]> = expressionOf('flag').map(($expr): Plain[] => [{ $match: { $expr } }, { $project: { _id: 1 } }]);

const sort = fc
  .array(fc.tuple(fc.constantFrom('n', 's', 'i', 'd', 'x', 'o.n', 'os.n', 'a', 'missing'), fc.constantFrom<unknown>(1, -1)), {
    minLength: 1,
    maxLength: 2,
  }) // prettier-ignore
  .map((keys): Plain => ({ $sort: new Map<string, unknown>([...keys, ['_id', 1]]) }));

const unwind = fc.oneof(
  path.map((name): unknown => `$${name}`),
  named(
    { path: path.map((name) => `$${name}`) },
    { preserveNullAndEmptyArrays: fc.boolean(), includeArrayIndex: fc.constantFrom('at', 'o.at', 'a', '$x', '') },
  ),
);

/** Mostly documents. */
const root = fc.oneof(
  { arbitrary: nested, weight: 2 },
  { arbitrary: nested.map((fields): unknown => ({ $mergeObjects: ['$$ROOT', fields] })), weight: 3 },
  {
    arbitrary: expressionOf('object').map((given): unknown => ({ $cond: [{ $eq: [{ $type: given }, 'object'] }, given, '$$ROOT'] })),
    weight: 3,
  },
  { arbitrary: fc.oneof(expressionOf('object'), value), weight: 1 },
);

const simple: fc.Arbitrary<Plain> = fc.oneof(
  { arbitrary: projection.map(($project): Plain => ({ $project })), weight: 5 },
  { arbitrary: fields(fc.oneof(value, nested)).map(($addFields): Plain => ({ $addFields })), weight: 3 },
  { arbitrary: fields(fc.oneof(value, nested)).map(($set): Plain => ({ $set })), weight: 2 },
  {
    arbitrary: fc
      .oneof(path as fc.Arbitrary<unknown>, fc.array(path, { maxLength: 3 }), fc.constant(5))
      .map(($unset): Plain => ({ $unset })),
    weight: 2,
  },
  { arbitrary: root.map((newRoot): Plain => ({ $replaceRoot: { newRoot } })), weight: 2 },
  { arbitrary: root.map(($replaceWith): Plain => ({ $replaceWith })), weight: 1 },
  { arbitrary: unwind.map(($unwind): Plain => ({ $unwind })), weight: 4 },
  { arbitrary: condition.map(($match): Plain => ({ $match })), weight: 3 },
  { arbitrary: sort, weight: 2 },
  { arbitrary: fc.oneof(fc.nat(5), small).map(($limit): Plain => ({ $limit })), weight: 1 },
  { arbitrary: fc.oneof(fc.nat(3), small).map(($skip): Plain => ({ $skip })), weight: 1 },
);

const short = fc.array(simple, { maxLength: 2 });
const inner = fc.oneof(short, grouping);

const lookup = fc.oneof(
  { arbitrary: named({ from: fc.constant(OTHER), localField: path, foreignField: path, as: fc.constantFrom('j', 'o.j', 'a') }), weight: 4 },
  {
    arbitrary: named(
      {
        from: fc.constantFrom(OTHER, OTHER, OTHER, 'none'),
        let: fc.record({ v: fc.constantFrom<unknown>('$o.n', '$s', '$$ROOT', '$$REMOVE', 'x', { $size: '$a' }, { $size: 5 }), w: fc.constantFrom('$n', '$i', '$missing') }, { requiredKeys: [] }), // prettier-ignore
        pipeline: fc.oneof(
          short,
          fc.tuple(fc.constantFrom<unknown>({ $eq: ['$i', '$$w'] }, { $gt: ['$n', '$$w'] }), short).map(([$expr, rest]): Plain[] => [{ $match: { $expr } }, ...rest]), // prettier-ignore
        ),
        as: fc.constant('j'),
      },
      { localField: fc.constantFrom('i', 'n', 's'), foreignField: fc.constantFrom('i', 'n', 's') },
    ),
    weight: 3,
  },
);

const wide: fc.Arbitrary<Plain[]> = fc.oneof(
  lookup.map(($lookup): Plain[] => [{ $lookup }]),
  fc
    .oneof(fc.constant<unknown>(OTHER), named({ coll: fc.constant(OTHER) }, { pipeline: inner }))
    .map(($unionWith): Plain[] => [{ $unionWith }]),
  fc.tuple(inner, inner).map(([one, two]): Plain[] => [{ $facet: { one, two } }]),
);

const anyStages: fc.Arbitrary<Plain[]> = fc.oneof(
  { arbitrary: simple.map((stage) => [stage]), weight: 6 },
  { arbitrary: grouping, weight: 2 },
  { arbitrary: wide, weight: 2 },
);

/** Pipelines of one to four stages. */
export const pipeline: fc.Arbitrary<Plain[]> = fc
  .array(anyStages, { minLength: 1, maxLength: 3, size: 'max' })
  .map((parts) => parts.flat());

const fromDocuments: fc.Arbitrary<Plain[]> = fc
  .tuple(fc.oneof({ arbitrary: LITERALS.objects, weight: 6 }, { arbitrary: expressionOf('any'), weight: 1 }), short)
  .map(([$documents, rest]) => [{ $documents }, ...rest]);

/** Where MongoDB computes no constants before it sees documents. */
function unfolded(q: unknown): unknown[] {
  return [{ $setField: { field: 'q', input: {}, value: q } }, { $getField: { field: 'q', input: { q } } }];
}

function probes(kind: string, weight: number, stages: fc.Arbitrary<Plain[]>, target: unknown = COLLECTION): Generator {
  const asked = stages.map((given) => ({ kind, command: { aggregate: target, pipeline: given, cursor: { batchSize: 1000 } } }));
  return { kind, weight, probes: asked, documents };
}

export const PIPELINE_GENERATORS: readonly Generator[] = [
  probes(
    'expression',
    30,
    expression.map((r): Plain[] => [{ $project: { _id: 1, r } }]),
  ),
  probes(
    'unfolded',
    4,
    expression.chain((value) => fc.constantFrom(...unfolded(value))).map((r): Plain[] => [{ $project: { _id: 1, r } }]),
  ),
  probes('condition', 3, conditional),
  probes('accumulator', 10, grouping),
  probes('pipeline', 15, pipeline),
  probes('documents', 1, fromDocuments, 1),
];
