// Differences of whole commands that the fuzz found, kept so that they stay put right.
import * as bson from 'bson';
import { each, type Exchange, refusedHere } from '../exchange.js';

const GIVEN = [{ insert: 'c', documents: [{ _id: 0, a: 'a' }] }];
const UNSORTABLE = [{ insert: 'c', documents: [{ _id: 0, a: [1, 2], c: [1, 2] }, { _id: 1 }] }];
const WRONG_SORT = { a: true };
const LONG = 'x'.repeat(9_000_000);

/** Faults that are told even where there is nothing to read. */
const FAULTY_STAGES: readonly object[] = [
  { $match: { $expr: { $allElementsTrue: ['$a', []] } } },
  { $match: { a: { $unknown: 1 } } },
  { $match: 1 },
  { $sort: { a: 2 } },
  { $sort: {} },
  { $limit: 0 },
  { $skip: -1 },
];

const update = (q: object, u: unknown, rest: object = {}): Record<string, unknown> => ({ update: 'c', updates: [{ q, u, ...rest }] });

export const FOUND_EXCHANGES: readonly Exchange[] = [
  ...each('a malformed sort beside', GIVEN, [
    { findAndModify: 'c', query: { _id: 0 }, sort: WRONG_SORT, remove: true },
    { findAndModify: 'c', query: { _id: { $eq: 1 } }, sort: { 'a..b': 1 }, update: { $set: { b: 1 } } },
    { findAndModify: 'c', query: { _id: null }, sort: WRONG_SORT, remove: true },
    { findAndModify: 'c', query: { _id: new bson.BSONRegExp('a') }, sort: WRONG_SORT, remove: true },
    { findAndModify: 'c', query: { _id: 0, a: 'a' }, sort: WRONG_SORT, remove: true },
    { findAndModify: 'c', query: { _id: 0 }, sort: WRONG_SORT, remove: true, fields: { a: 1 } },
    { findAndModify: 'c', query: { _id: 0 }, sort: WRONG_SORT, update: { $set: { 'b.$': 1 } } },
    update({ _id: 0 }, { $set: { b: 1 } }, { sort: WRONG_SORT }),
    { find: 'c', sort: WRONG_SORT, projection: { c: { $slice: [1, 2, 3] } } },
    { find: 'c', sort: { a: 1 }, projection: { c: { $slice: [1, 2, 3] } } },
  ]),
  ...[{ _id: 0 }, { _id: { $eq: 0 } }, { $and: [{ _id: 0 }] }, { _id: 0, b: null }, { _id: { $gte: 0, $lte: 0 } }].flatMap((filter) =>
    each('what cannot be sorted, alone', UNSORTABLE, [
      ...[{}, { skip: 1 }, { limit: 1 }, { hint: { _id: 1 } }, { collation: { locale: 'en' } }].map((rest) => ({ find: 'c', filter, sort: { a: 1, c: 1 }, ...rest })), // prettier-ignore
      ...[[], [{ $skip: 1 }], [{ $limit: 1 }]].map((rest) => ({ aggregate: 'c', pipeline: [{ $match: filter }, { $sort: { a: 1, c: 1 } }, ...rest], cursor: {} })), // prettier-ignore
    ]),
  ),
  ...each('faults of a pipeline beside', GIVEN, [
    { findAndModify: 'c', query: { a: 'a' }, update: [{}], arrayFilters: [{ x: 1 }] },
    { findAndModify: 'c', query: { a: 'a' }, update: [{}] },
  ]),
  ...each(
    'where nothing is',
    [],
    [
      ...FAULTY_STAGES.map((stage) => ({ aggregate: 'none', pipeline: [stage], cursor: {} })),
      ...FAULTY_STAGES.map((stage) => ({ aggregate: 'none', pipeline: [stage, { $project: { a: 1 } }], cursor: {} })),
      { aggregate: 'none', pipeline: [{ $match: {} }, { $group: { _id: null, n: { $sum: 1 } } }], cursor: {} },
      { aggregate: 'none', pipeline: [{ $match: { a: { $unknown: 1 } } }, { $group: { _id: null, n: { $sum: 1 } } }], cursor: {} },
      { aggregate: 'none', pipeline: [], hint: 'nothing', cursor: {} },
      { find: 'none', filter: { a: { $unknown: 1 } } },
      { find: 'none', sort: { a: 2 } },
      { find: 'none', projection: { a: { $unknown: 1 } } },
      { find: 'none', hint: 'nothing' },
      { count: 'none', query: { a: { $unknown: 1 } } },
      { distinct: 'none', key: 'a', query: { a: { $unknown: 1 } } },
      { update: 'none', updates: [{ q: { a: { $unknown: 1 } }, u: { $set: { a: 1 } } }] },
      { update: 'none', updates: [{ q: {}, u: { $unknown: { a: 1 } } }] },
      { update: 'none', updates: [{ q: {}, u: [{ $set: { a: { $allElementsTrue: [1, 2] } } }] }] },
      { delete: 'none', deletes: [{ q: { a: { $unknown: 1 } }, limit: 0 }] },
      { findAndModify: 'none', query: { a: { $unknown: 1 } }, remove: true },
      { findAndModify: 'none', query: {}, sort: { a: 2 }, remove: true },
      { findAndModify: 'none', query: {}, update: { $unknown: { a: 1 } } },
      { findAndModify: 'none', query: {}, remove: true, fields: { a: { $unknown: 1 } } },
    ],
  ),
  ...each('dollars in _id', GIVEN, [
    { insert: 'c', documents: [{ _id: { a: { $x: 1 } } }] },
    { insert: 'c', documents: [{ _id: { a: [[{ $x: 1 }]] } }] },
    update({ a: 1 }, { $push: { '_id.a': { $x: 1 } } }, { upsert: true }),
    update({ _id: { a: { $x: 1 } } }, { b: 1 }, { upsert: true }),
    update({ b: { a: { $eq: 5 } } }, { $rename: { b: '_id' } }, { upsert: true }),
  ]),
  {
    name: 'upserted behind errors',
    given: GIVEN,
    steps: [
      {
        update: 'c',
        updates: [
          { q: { _id: 7 }, u: { $set: { b: 1 } }, upsert: true },
          { q: { _id: 0 }, u: { $pull: { a: 1 } } },
        ],
        ordered: false,
      },
    ],
  },
  {
    name: 'what is refused',
    given: GIVEN,
    steps: refusedHere(
      { insert: 'c', documents: [{ _id: { $ref: 'a', $id: 1 } }] },
      { distinct: 'c', key: '' },
      { distinct: 'c', key: '$a', query: { a: 'a' } },
      { distinct: 'c', key: 'a\0b' },
    ),
  },
  {
    name: 'documents of many bytes',
    given: [{ insert: 'c', documents: [{ _id: 1, a: LONG }] }],
    steps: [
      { insert: 'c', documents: [{ _id: 2, a: 'x'.repeat(16_777_216 - 22) }] },
      { insert: 'c', documents: [{ _id: 3, a: 'x'.repeat(16_777_216 - 21) }] },
      update({ _id: 1 }, { $set: { b: LONG } }),
      update({ _id: 1 }, [{ $set: { b: '$a' } }]),
      { findAndModify: 'c', query: { _id: 1 }, update: [{ $set: { b: '$a' } }] },
      update({ _id: 1 }, { $rename: { a: 'b' } }),
      { find: 'c', filter: {}, projection: { _id: 1 } },
      { count: 'c', query: { b: LONG } },
    ],
  },
];
