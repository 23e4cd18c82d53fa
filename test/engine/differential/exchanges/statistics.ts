// Counts and sizes: the stage $collStats and the commands collStats and dbStats. Compared are counts, the sizes of documents, and errors; what files take is
// each server's own.
import { F, L, type Plain } from '../case.js';
import { each, type Exchange, refusedHere, type Step } from '../exchange.js';

const GIVEN = [
  { insert: 'c', documents: [{ _id: 1, a: 'x' }, { _id: 2, a: 'xyz' }, { _id: 3 }] }, // prettier-ignore
  {
    createIndexes: 'c',
    indexes: [
      { key: { a: 1 }, name: 'a_1' },
      { key: { b: -1 }, name: 'b_-1' },
    ],
  },
];
const FIRST = 'cursor.firstBatch.0';
const SIZES = ['size', 'count', 'avgObjSize', 'numOrphanDocs', 'capped', 'nindexes', 'scaleFactor'];
const STAGE_FIELDS = ['cursor.id', 'cursor.ns', `${FIRST}.ns`, `${FIRST}.count`, ...SIZES.map((name) => `${FIRST}.storageStats.${name}`)];
const DATABASE_FIELDS = ['db', 'collections', 'views', 'objects', 'avgObjSize', 'dataSize', 'indexes', 'scaleFactor'];

const aggregate = (pipeline: readonly unknown[], on: unknown = 'c'): Plain => ({ aggregate: on, pipeline, cursor: {} });
const stage = (operand: unknown, on: unknown = 'c'): Step => ({ ask: aggregate([{ $collStats: operand }], on), only: STAGE_FIELDS });
const collection = (command: Plain): Step => ({ ask: command, only: ['ns', ...SIZES] });
const database = (command: Plain): Step => ({ ask: command, only: DATABASE_FIELDS });

const SCALES = [1, 1024, F(10), L(3), F(2.5), 0, -1, 'x', null, true, {}];

const MALFORMED = [
  ...[1, 'x', null, [], true],
  ...[{ count: 1 }, { count: { a: 1 } }, { count: null }, { odd: {} }, { storageStats: 1 }, { storageStats: { odd: 1 } }],
  ...[{ storageStats: null }, { storageStats: { scale: 'x' } }, { count: [] }, { storageStats: [] }],
];

/** Their order is that of the reply. */
const IN_ORDER = Object.fromEntries(SIZES.map((name) => [`storageStats.${name}`, 1]));

const COUNT = { $collStats: { count: {} } };

export const STATISTICS_EXCHANGES: readonly Exchange[] = [
  ...each('of a collection', GIVEN, [
    ...[{}, { count: {} }, { storageStats: {} }, { count: {}, storageStats: {} }].map((operand) => stage(operand)),
    ...SCALES.map((scale) => stage({ storageStats: { scale } })),
    aggregate([COUNT, { $group: { _id: null, n: { $sum: '$count' } } }]),
    aggregate([COUNT, { $project: { ns: 1, count: 1 } }]),
    aggregate([{ $collStats: { storageStats: {} } }, { $project: { n: '$storageStats.nindexes' } }]),
    aggregate([COUNT, { $match: { count: { $gt: 3 } } }]),
    aggregate([{ $collStats: { count: {}, storageStats: {} } }, { $project: { ...IN_ORDER, count: 1 } }]),
  ]),
  ...each('of an empty collection', [{ create: 'e' }], [stage({ count: {} }, 'e'), stage({ storageStats: {} }, 'e')]),
  ...each('of none', GIVEN, [stage({}, 'none'), stage({ count: {} }, 'none'), stage({ storageStats: {} }, 'none')]),
  ...each(
    'malformed',
    GIVEN,
    MALFORMED.map((operand) => stage(operand)),
  ),
  ...each('misplaced', GIVEN, [
    aggregate([{ $match: {} }, COUNT]),
    aggregate([COUNT, COUNT]),
    aggregate([{ $limit: 1 }, { $collStats: 1 }]),
    aggregate([COUNT], 1),
  ]),
  {
    name: 'what is refused',
    given: GIVEN,
    steps: refusedHere(
      aggregate([{ $collStats: { latencyStats: {} } }]),
      aggregate([{ $collStats: { latencyStats: { histograms: true } } }]),
      aggregate([{ $collStats: { queryExecStats: {} } }]),
      aggregate([{ $unionWith: { coll: 'c', pipeline: [COUNT] } }]),
      aggregate([{ $facet: { x: [COUNT] } }]),
    ).map((step) => ({ ...step, only: [] })),
  },
  ...each('collStats', GIVEN, [
    collection({ collStats: 'c' }),
    collection({ collstats: 'c' }),
    collection({ collStats: 'none' }),
    ...SCALES.map((scale) => collection({ collStats: 'c', scale })),
  ]),
  ...each('dbStats', GIVEN, [
    database({ dbStats: 1 }),
    database({ dbstats: 1 }),
    ...SCALES.map((scale) => database({ dbStats: 1, scale })),
  ]),
  ...each('dbStats of nothing', [], [database({ dbStats: 1 })]),
];
