// Counts and sizes: the stage $collStats and the commands collStats, dbStats and dataSize; how often indexes were used; and commands of daily use beside them. Compared are counts, the sizes of documents, and errors; what files take is
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

const DATABASE = 'exchange';
const size = (command: Plain): Step => ({ ask: command, only: ['size', 'numObjects', 'estimate'] });

const USED = [
  { insert: 'c', documents: Array.from({ length: 20 }, (_, id) => ({ _id: id, a: id % 4, b: id, u: `u${id}`, l: [id, id + 1] })) },
  {
    createIndexes: 'c',
    indexes: [{ key: { a: 1, b: 1 }, name: 'ab' }, { key: { b: 1 }, name: 'b' }, { key: { u: 1 }, name: 'u', unique: true }, { key: { l: 1 }, name: 'l' }], // prettier-ignore
  },
];
const INDEX_USES = [{ $indexStats: {} }, { $sort: { name: 1 } }, { $project: { name: 1, key: 1, n: '$accesses.ops' } }];
const find = (filter: Plain, rest: object = {}): Plain => ({ find: 'c', filter, ...rest });

/** Each uses what MongoDB's planner cannot but use too. */
const USES: readonly Plain[] = [
  find({ _id: 1 }),
  find({ _id: 100 }),
  find({ _id: { $gt: 15 } }),
  find({ u: 'u3' }),
  find({ u: { $regex: '^u1' } }),
  find({ a: 1 }, { sort: { b: 1 }, limit: 3 }),
  find({}, { sort: { b: 1 }, hint: 'b' }),
  find({ $or: [{ a: 1 }, { b: 2 }] }),
  find({ a: { $in: [1, 2] } }, { sort: { b: 1 }, hint: 'ab' }),
  find({ b: { $in: [] } }),
  find({ l: 5 }),
  find({ z: 1 }),
  { count: 'c', query: { b: { $gt: 3 } } },
  { count: 'c' },
  { distinct: 'c', key: 'b' },
  { distinct: 'c', key: 'a', query: { b: 3 } },
  aggregate([{ $match: { b: 3 } }, { $group: { _id: null, n: { $sum: 1 } } }]),
  { explain: find({ u: 'u3' }), verbosity: 'queryPlanner' },
  { explain: find({ u: 'u3' }), verbosity: 'executionStats' },
];
const USES_BESIDE_A_WRITE: readonly Plain[] = [
  { update: 'c', updates: [{ q: { _id: 3 }, u: { $set: { z: 1 } } }] },
  { update: 'c', updates: [{ q: { u: 'none' }, u: { $set: { z: 1 } } }] },
  { update: 'c', updates: [{ q: { l: { $gt: 12 } }, u: { $set: { z: 1 } }, multi: true }] },
  { findAndModify: 'c', query: { a: 1 }, sort: { b: 1 }, update: { $set: { z: 1 } } },
  { delete: 'c', deletes: [{ q: { u: 'u9' }, limit: 1 }] },
  { delete: 'c', deletes: [{ q: { l: { $gt: 17 } }, limit: 0 }] },
  { insert: 'c', documents: [{ _id: 'x', u: 'u1' }] },
];

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
  ...each('dataSize', GIVEN, [
    ...[`${DATABASE}.c`, `${DATABASE}.none`, 'none.c', 'c', '.c', 'c.', '', 1, null].map((dataSize) => size({ dataSize })),
    ...[true, false, 1, null, 'x'].map((estimate) => size({ dataSize: `${DATABASE}.c`, estimate })),
    size({ datasize: `${DATABASE}.c` }),
    size({ dataSize: `${DATABASE}.c`, odd: 1 }),
  ]),
  { name: 'dataSize of a range', given: GIVEN, steps: [{ ask: { dataSize: `${DATABASE}.c`, keyPattern: { _id: 1 }, min: { _id: 1 }, max: { _id: 2 } }, only: [], refused: true }] }, // prettier-ignore
  {
    name: 'the uses of indexes',
    given: USED,
    steps: [...USES, ...USES_BESIDE_A_WRITE].flatMap((ask) => [
      { ask, only: ['ok'] },
      { ask: aggregate(INDEX_USES), only: ['cursor.firstBatch'] },
    ]),
  },
  ...each('fsync', [], [{ ask: { fsync: 1 }, db: 'admin' }, { ask: { fsync: 1, lock: false }, db: 'admin' }, { ask: { fsync: 1, odd: 1 }, db: 'admin' }]), // prettier-ignore
  { name: 'fsync elsewhere', steps: [{ fsync: 1 }] },
  { name: 'fsync with a lock', steps: [{ ask: { fsync: 1, lock: true }, db: 'admin', refused: true }, { ask: { fsyncUnlock: 1 }, db: 'admin', refused: true }] }, // prettier-ignore
  {
    name: 'what is under way',
    steps: [{ currentOp: 1 }, { killOp: 1, op: 1 }, aggregate([{ $currentOp: {} }], 1)].map((ask) => ({ ask, db: 'admin', only: [], refused: true })), // prettier-ignore
  },
];
