// Differences that random pipelines and expressions found, kept so that they stay put right.
import * as bson from 'bson';
import { type Case, D, F, family, L, type Plain, T } from '../case.js';

const projected = (list: readonly unknown[]): { aggregate: Plain[] }[] => list.map((r) => ({ aggregate: [{ $project: { r } }] }));
const pipelines = (list: readonly Plain[][]): { aggregate: Plain[] }[] => list.map((aggregate) => ({ aggregate }));

/** An hour that comes twice, seen from summer and from winter; a change within a quarter of an hour; the last millisecond before one. */
const zoned = [
  ...['America/Havana', 'America/New_York', 'Europe/Madrid', 'Australia/Lord_Howe'].flatMap((timezone) => [
    ...[-1, 0, 1].flatMap((amount) => ['day', 'month', 'year'].map((unit) => ({ $dateAdd: { startDate: '$d', unit, amount, timezone } }))),
    ...['day', 'week', 'month'].map((unit) => ({ $dateTrunc: { date: '$d', unit, timezone } })),
    { $dateToString: { date: '$d', format: '%Y-%m-%dT%H:%M:%S.%L%z', timezone } },
  ]),
  { $dateTrunc: { date: '$d', unit: 'day', timezone: 'America/Sao_Paulo' } },
  { $dateToString: { date: '$d', format: '%H:%M:%S.%L %z', timezone: 'America/Sao_Paulo' } },
];
const instants = [
  '2020-11-01T04:30:00Z',
  '2020-11-01T05:30:00Z',
  '2020-11-01T06:30:00Z',
  '2020-10-31T05:30:00Z',
  '2020-11-02T06:30:00Z',
  '2019-11-01T05:30:00Z',
  '2020-10-25T00:30:00Z',
  '2020-10-25T01:30:00Z',
  '2020-10-24T00:30:00Z',
  '2020-10-26T01:30:00Z',
  '2020-04-04T14:45:00Z',
  '2020-04-04T15:15:00Z',
  '2020-04-05T15:15:00Z',
  '2018-02-18T01:30:00Z',
  '2018-02-18T02:30:00Z',
];
const past = [
  '1950-04-16T02:30:00Z',
  '1950-04-16T03:00:00Z',
  '1914-01-01T03:06:27.500Z',
  '1914-01-01T03:07:00Z',
  '1969-10-26T05:59:59.999Z',
];

export const FOUND_PIPELINE_CASES: Case[] = [
  ...family(
    'found of nothing',
    [],
    [
      ...projected([
        { $mergeObjects: ['$missing', { $toInt: [{ $literal: F(0) }] }, { $literal: {} }] },
        { $mergeObjects: [{ $toInt: [{ $literal: F(0) }] }, { $literal: {} }] },
        ...[[], [1], ['$'], 5, { '1a': 1 }, { '1a': 1, b: '$' }].map((vars) => ({ $let: { vars, in: '$n' } })),
        { $dateAdd: { startDate: '$.a', unit: 'day', amount: 1, unknown: 1 } },
        { $dateAdd: { unknown: 1, startDate: '$.a', unit: 'day', amount: 1 } },
        { $dateSubtract: { amount: '$', unit: 'day', startDate: '$.a' } },
        { $dateSubtract: { timezone: '$', startDate: '$x', unit: 'day' } },
        ...[[], 'a', null].flatMap((value) => [{ $round: [value, null] }, { $trunc: [value, '$missing'] }]),
      ]),
      ...pipelines([
        [{ $sortByCount: '$' }],
        [{ $sortByCount: '$$' }],
        [{ $documents: '$x' }],
        [{ $documents: '$x' }, { $unwind: '$' }],
        [{ $documents: '$x' }, { $project: { n: 1, os: 0 } }],
        [{ $documents: { $foo: 1 } }],
        [{ $documents: {} }],
        [{ $documents: { a: 1 } }],
        [{ $documents: [{ a: 1 }, 5] }],
        [{ $documents: [{ a: 1 }, 5] }, { $limit: 1 }],
        [{ $documents: [{ a: '$$NOW.x', b: '$$ROOT', c: ['$x'] }] }],
      ]),
    ],
  ),
  ...family(
    'found',
    [{ _id: 1, n: L(3), a: [], os: [], s: 'x', d: D('0') }],
    [
      ...projected([
        { $setEquals: ['$a', { $setDifference: ['$missing', '$a'] }, { $literal: [D('2')] }] },
        { $setEquals: ['$a', [5, 6], '$missing'] },
        { $zip: { inputs: [[1], [1, 2]], defaults: { $literal: [7, 8] }, useLongestLength: true } },
        { $split: [{ $literal: '2024-03-10' }, new bson.BSONRegExp('^a', 'i')] },
      ]),
      ...pipelines([
        [{ $match: { $expr: { $setEquals: ['$a', { $setDifference: ['$missing', '$a'] }, { $literal: [D('2')] }] } } }],
        [{ $match: { $expr: { $setEquals: ['$a', [5, 6], '$missing'] } } }],
        [{ $unwind: { path: '$o.n' } }, { $sort: { a: 1, 'os.n': 1, _id: 1 } }, { $project: { n: 0 } }],
        [{ $unwind: '$o.n' }, { $sort: { a: 1, os: 1, 'o.n': 1 } }],
        [{ $unwind: '$o.n' }, { $sort: { a: 1, os: 1, 'o.m': 1 } }, { $limit: 1 }],
        [{ $unwind: { path: '$o.n', includeArrayIndex: 'a' } }, { $sort: { a: 1, os: 1 } }],
        [{ $bucket: { groupBy: { $literal: 0 }, boundaries: [0, 2], output: { f: { $bottom: { sortBy: { _id: 1 }, output: '$n' } }, g: { $bottom: { sortBy: { _id: 1 }, output: '$n' } } } } }], // prettier-ignore
      ]),
    ],
  ),
  ...family(
    'found sum',
    [{ _id: 0, w: [F(0.001), F(-2.5), 2], l: [F(0.001), F(-2.5), L(2)] }],
    [
      ...projected(['w', 'l'].flatMap((name) => [{ $sum: `$${name}` }, { $avg: `$${name}` }])),
      ...pipelines(
        ['w', 'l'].map((name) => [
          { $unwind: `$${name}` },
          { $group: { _id: null, sum: { $sum: `$${name}` }, average: { $avg: `$${name}` } } },
        ]),
      ),
    ],
  ),
  ...family(
    'found arithmetic',
    [{ _id: 0, n: 2147483647, l: L('9007199254740993'), h: F(10.5), z: D('10.3'), d: T('1970-01-01T00:00:01Z') }],
    projected([
      ...[
        ['$n', '$n', 0],
        [0, '$n', '$n'],
        ['$n', '$n', 2],
        ['$n', '$n', L(0)],
        ['$l', 3, F(1)],
        ['$l', '$l', '$l'],
      ].map(($multiply) => ({ $multiply })),
      ...[
        ['$n', '$n', -2147483647],
        ['$n', '$n', '$n', L(-2147483647)],
        ['$h', '$h', '$d'],
        ['$h', '$d', '$h'],
        ['$d', '$h', '$h'],
        ['$z', '$d', '$z'],
        ['$z', '$h', '$d'],
        ['$d', F(NaN)],
        ['$d', L('9223372036854775807')],
      ].map(($add) => ({ $add })),
      ...[
        [{ $literal: new Date(8640000000000000) }, L('9007199254740993')],
        ['$d', '$h'],
        ['$d', F(1e19)],
      ].map(($subtract) => ({ $subtract })),
    ]),
  ),
  ...family(
    'found unfolded',
    [{ _id: 0, n: 0, a: 'x', list: [1, 2] }],
    projected(
      [
        { $and: [{ $add: ['$a', 1] }, false] },
        { $or: [{ $add: ['$a', 1] }, true] },
        { $switch: { branches: [{ case: false, then: 1 }] } },
        { $indexOfArray: ['x', '$n'] },
        { $setEquals: [[1], '$list', null] },
        { $setEquals: ['$a', null] },
        { $setIsSubset: ['$missing', '$$REMOVE'] },
        { $let: { vars: { x: { $add: ['x'] } }, in: 1 } },
        { $setUnion: ['$list', null, { $add: ['$a', 1] }] },
        { $multiply: [{ $add: ['$a', 1] }, { $add: ['x'] }] },
        { $max: ['$n', { $add: ['x'] }] },
        { $regexMatch: { input: { $rtrim: { input: '$$ROOT' } }, regex: new bson.BSONRegExp('a', 'i'), options: '' } },
      ].map((value) => ({ $setField: { field: 'q', input: {}, value } })),
    ),
  ),
  ...family(
    'found first',
    [
      { _id: 0, i: [1] },
      { _id: 1, i: [2] },
      { _id: 2, i: 3 },
    ],
    pipelines([
      [{ $group: { _id: null, f: { $firstN: { input: { $slice: ['$i', 1] }, n: 2 } } } }],
      [{ $group: { _id: null, f: { $firstN: { input: { $slice: ['$i', 1] }, n: 3 } } } }],
      [{ $group: { _id: null, f: { $lastN: { input: { $slice: ['$i', 1] }, n: 2 } } } }],
      [{ $group: { _id: null, f: { $first: { $slice: ['$i', 1] } } } }],
    ]),
  ),
  ...family(
    'found union',
    [{ _id: 0, n: 1, i: [{ n: 1 }], x: [] }],
    [
      [{ $addFields: { _id: '$n' } }, { $unionWith: 'o' }, { $project: { 'i.n': 1 } }],
      [{ $addFields: { _id: '$n' } }, { $unionWith: 'o' }, { $limit: 5 }, { $project: { 'i.n': 1 } }],
      [{ $addFields: { n: 5 } }, { $unionWith: 'o' }, { $match: { x: { $gt: 0 } } }, { $project: { x: 1, n: 1 } }],
      [{ $addFields: { n: 5 } }, { $unionWith: { coll: 'o', pipeline: [{ $addFields: { _id: 9 } }] } }, { $project: { x: 1, n: 1 } }],
      [{ $unionWith: 'o' }, { $addFields: { n: 5 } }, { $project: { x: 1, n: 1 } }],
      [{ $unionWith: 'o' }, { $limit: 5 }, { $addFields: { n: 5 } }, { $project: { x: 1, n: 1 } }],
    ].map((aggregate) => ({ aggregate, others: { o: [{ _id: 7, n: 3, i: [{ n: 1 }], x: 1 }] } })),
  ),
  ...family(
    'found stage',
    [
      { _id: 0, n: 1, i: [], x: [] },
      { _id: 1, n: 1, i: 2, x: 1 },
    ],
    pipelines([
      [{ $sort: { i: 1, x: 1, _id: 1 } }, { $sort: { n: 1, _id: 1 } }],
      [{ $sort: { i: 1, x: 1, _id: 1 } }, { $sort: { n: 1, _id: 1 } }, { $group: { _id: '$n', ids: { $push: '$_id' } } }],
      [{ $limit: 2 }, { $sort: { i: 1, x: 1, _id: 1 } }, { $sort: { n: 1, _id: -1 } }],
      [{ $sort: { i: 2 } }, { $sort: { n: 1, _id: 1 } }],
      [{ $sort: { n: 1, _id: -1 } }, { $limit: 1 }, { $sort: { n: 1, _id: 1 } }],
      ...[
        [null, { $add: ['x'] }],
        [{ $add: ['x'] }, null],
        [[1], { $add: ['x'] }],
        ['$i', null, { $add: ['x'] }],
        ['$i', { $divide: [1, 0] }, 'x'],
        [{ $literal: 5 }, { $setIntersection: [''] }],
      ].map(($setEquals) => [{ $project: { r: { $setEquals } } }]),
      ...[{}, { x: 1 }, { x: '$n', y: 1 }, { $x: 1 }, { $literal: 1 }].flatMap((groupBy) =>
        [[], [0, 5]].map((boundaries) => [{ $bucket: { groupBy, boundaries } }]),
      ),
    ]),
  ),
  ...family(
    'found date',
    instants.map((iso, _id) => ({ _id, d: T(iso) })),
    projected(zoned),
  ),
  ...family(
    'found past',
    past.map((iso, _id) => ({ _id, d: T(iso) })),
    projected([
      ...zoned.slice(-2),
      { $dateToString: { date: '$d', format: '%H:%M:%S.%L %z', timezone: 'America/New_York' } },
      { $dateFromParts: { year: 1950, month: 4, day: 16, minute: '$_id', timezone: 'America/Sao_Paulo' } },
    ]),
  ),
];
