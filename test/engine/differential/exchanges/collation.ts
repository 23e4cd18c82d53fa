// Collations: equality by strength 1 and 2 over Latin and other scripts, unique indexes, and everything else that compares texts. Left out is the
// `keyValue` of a duplicate under a collation, where MongoDB shows ICU's sort key.
import { source } from '../../fuzz/source.js';
import type { Plain } from '../case.js';
import { each, type Exchange, refusedHere, type Step } from '../exchange.js';

const TEXTS = [
  ...['', 'a', 'A', 'á', 'Á', 'à', 'ä', 'Ä', 'a\u0308', 'å', 'Å', '\u212b', 'æ', 'Æ', 'ae', 'AE', 'ǽ', 'b', 'B', 'ab', 'aB', 'Ab'],
  ...['ß', 'ẞ', 'ss', 'SS', 'Ss', 'straße', 'STRASSE', 'Strasse', 'i', 'I', 'İ', 'ı', 'i\u0307', 'İSTANBUL', 'istanbul', 'Istanbul'],
  ...['ｆｕｌｌ', 'full', 'FULL', 'Ｆｕｌｌ', 'ﬁ', 'fi', 'FI', 'ﬀ', 'ff', 'ø', 'Ø', 'o', 'ö', 'Ö', 'oe', 'œ', 'Œ', 'đ', 'Đ', 'd', 'ð', 'Ð'],
  ...[
    'ł',
    'Ł',
    'l',
    'ñ',
    'Ñ',
    'n',
    'ń',
    'ŉ',
    'ç',
    'Ç',
    'c',
    'ž',
    'Ž',
    'z',
    'ſ',
    's',
    'S',
    'ǆ',
    'ǅ',
    'Ǆ',
    'dž',
    'DŽ',
    'ĳ',
    'ij',
    'IJ',
    'þ',
    'Þ',
    'th',
  ],
  ...[
    'é',
    'e\u0301',
    'ê',
    'ế',
    'ệ',
    'e',
    'E',
    'ü',
    'Ü',
    'u',
    'ű',
    'ŷ',
    'y',
    'Ω',
    'ω',
    '\u2126',
    'ό',
    'ς',
    'σ',
    'Σ',
    'я',
    'Я',
    'й',
    'и',
    'ё',
    'е',
  ],
  ...[
    '1',
    '１',
    '¹',
    '①',
    '½',
    '10',
    '2',
    ' ',
    '\u00a0',
    '\t',
    '-',
    '\u00ad',
    '_',
    '.',
    ',',
    '!',
    '@',
    'a-b',
    'a b',
    'co-op',
    'coop',
    'CO-OP',
  ],
  ...[
    'a@b.c',
    'A@B.C',
    'Ana@Example.com',
    'ana@example.com',
    'josé@x.com',
    'jose@x.com',
    'JOSÉ@X.COM',
    '\u200b',
    'a\u200bb',
    'a\u0000b',
    '\u0301',
  ],
  ...[
    '日本',
    '日',
    '한',
    '가',
    '\u1112\u1161\u11ab',
    'ﾊ',
    'ハ',
    'は',
    'バ',
    'א',
    'ש',
    'ع',
    '🙂',
    '☕',
    '™',
    'tm',
    '€',
    '$',
    'º',
    'ª',
    'K',
    '\u212a',
    'k',
    'μ',
    'µ',
    'ǲ',
    'ŀ',
    'ʼn',
    '℡',
    'tel',
    'TEL',
  ],
];

const GIVEN = [{ insert: 'c', documents: TEXTS.map((s, _id) => ({ _id, s })) }];

const SHOWN = { s: 0 };

function equals(collation: Record<string, unknown>): readonly Step[] {
  return TEXTS.map((s) => ({ ask: { find: 'c', filter: { s }, projection: SHOWN, sort: { _id: 1 }, collation, batchSize: 1000 } }));
}

/** Sorts, and ranges that end at some of the texts. */
function order(collation: Record<string, unknown>): readonly Step[] {
  const ends = ['a', 'AE', 'ß', 'ı', 'ö', 'ǅ', 'ő', '1', '-', 'co-op', '한', '🙂', ''];
  return [
    { ask: { find: 'c', sort: { s: 1, _id: 1 }, projection: SHOWN, collation, batchSize: 1000 } },
    { ask: { distinct: 'c', key: 's', collation } },
    ...ends.map((s) => ({
      ask: { find: 'c', filter: { s: { $gt: s } }, projection: SHOWN, sort: { _id: 1 }, collation, batchSize: 1000 },
    })),
  ];
}

const PEOPLE = [
  {
    insert: 'c',
    documents: [
      { _id: 1, s: 'Ana', t: ['x', 'Y'], o: { k: 'A' }, n: 1 },
      { _id: 2, s: 'ana', t: ['X'], o: { k: 'a' }, n: 2 },
      { _id: 3, s: 'ANÁ', t: [], o: { k: 'b' }, n: 3 },
      { _id: 4, s: 'Bob', t: 'y', o: {}, n: 4 },
      { _id: 5, s: 'bob', n: 5 },
      { _id: 6, s: null },
      { _id: 7, s: 5 },
    ],
  },
];

const TWO = { locale: 'en', strength: 2 };
const ONE = { locale: 'en', strength: 1 };
const THREE = { locale: 'en' };

const READS = [
  { find: 'c', filter: { s: { $in: ['ANA', 'none'] } } },
  { find: 'c', filter: { s: { $ne: 'ANA' } } },
  { find: 'c', filter: { s: { $nin: ['ANA', 'BOB'] } } },
  { find: 'c', filter: { s: { $not: { $eq: 'BOB' } } } },
  { find: 'c', filter: { s: { $gt: 'ana' } } },
  { find: 'c', filter: { s: { $gte: 'ANA', $lt: 'BOB' } } },
  { find: 'c', filter: { s: { $lte: 'ANA' } } },
  { find: 'c', filter: { t: 'Y' } },
  { find: 'c', filter: { t: ['x', 'y'] } },
  { find: 'c', filter: { t: { $all: ['X'] } } },
  { find: 'c', filter: { t: { $elemMatch: { $eq: 'y' } } } },
  { find: 'c', filter: { o: { k: 'a' } } },
  { find: 'c', filter: { 'o.k': 'B' } },
  { find: 'c', filter: { s: { $regex: '^a' } } },
  { find: 'c', filter: { $expr: { $eq: ['$s', 'ANA'] } } },
  { find: 'c', filter: { $expr: { $in: ['$s', ['ANA', 'x']] } } },
  { find: 'c', sort: { s: 1, _id: 1 } },
  { find: 'c', sort: { s: -1, _id: 1 } },
  { find: 'c', projection: { t: { $elemMatch: { $eq: 'X' } } } },
  { find: 'c', projection: { r: { $eq: ['$s', 'ana'] } } },
  { count: 'c', query: { s: 'ANA' } },
  { distinct: 'c', key: 's' },
  { distinct: 'c', key: 's', query: { s: 'ANA' } },
  { distinct: 'c', key: 't' },
  { aggregate: 'c', pipeline: [{ $match: { s: 'ANA' } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $group: { _id: '$s', n: { $sum: 1 } } }, { $sort: { n: 1, _id: 1 } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $group: { _id: null, s: { $addToSet: '$s' } } }, { $project: { n: { $size: '$s' } } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $group: { _id: null, least: { $min: '$s' }, most: { $max: '$s' } } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $sort: { s: 1, _id: 1 } }, { $project: { s: 1 } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $project: { r: { $cmp: ['$s', 'ANA'] }, u: { $setUnion: ['$t', ['X']] } } }], cursor: {} },
  {
    aggregate: 'c',
    pipeline: [{ $lookup: { from: 'c', localField: 's', foreignField: 's', as: 'same' } }, { $project: { n: { $size: '$same' } } }],
    cursor: {},
  },
  { aggregate: 'c', pipeline: [{ $sortByCount: '$s' }, { $group: { _id: '$count', n: { $sum: 1 } } }, { $sort: { _id: 1 } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $limit: 3 }, { $match: { s: 'ANA' } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $project: { r: { $indexOfArray: ['$t', 'X'] } } }, { $match: { r: { $gte: 0 } } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $facet: { a: [{ $match: { s: 'ANA' } }, { $count: 'n' }] } }], cursor: {} },
  { aggregate: 'c', pipeline: [{ $bucket: { groupBy: '$s', boundaries: ['a', 'b', 'c'], default: 'other' } }], cursor: {} },
];

const COMPUTED = /\$expr|\$elemMatch: \{ \$eq: "X"|projection: \{ r|\$group|\$cmp|\$lookup|\$sortByCount|\$indexOfArray|\$facet|\$bucket/;
const COMPARING = /\$addToSet|\$pull|\$max|\$min|arrayFilters|u: \[|\$sort/;

/** What is computed, by bytes in the embedded engine, is refused under a collation. */
function read(ask: Plain): Step {
  return COMPUTED.test(source(ask)) ? { ask, refused: true } : { ask };
}

function write(ask: Plain): Exchange {
  const refused = COMPARING.test(source(ask));
  return { name: `writes ${source(ask)}`, given: PEOPLE, steps: refused ? refusedHere(ask) : [ask, EVERYONE] };
}

const WRITES = [
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: { $inc: { n: 10 } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: { $addToSet: { t: 'X' } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: { $pull: { t: 'X' } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: { $max: { s: 'anb' } }, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: { $min: { s: 'ANA' } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { t: 'X' }, u: { $set: { 't.$': 'z' } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: {}, u: { $set: { 't.$[e]': 'z' } }, arrayFilters: [{ e: 'X' }], multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: {}, u: { $pullAll: { t: ['X'] } }, multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'NEW' }, u: { $set: { n: 1 } }, upsert: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { s: 'ANA' }, u: [{ $set: { same: { $eq: ['$s', 'ANA'] } } }], multi: true, collation: TWO }] },
  { update: 'c', updates: [{ q: { _id: 1 }, u: { $push: { t: { $each: ['b', 'B', 'a'], $sort: 1 } } }, collation: TWO }] },
  { delete: 'c', deletes: [{ q: { s: 'ANA' }, limit: 0, collation: TWO }] },
  { findAndModify: 'c', query: { s: 'BOB' }, sort: { _id: -1 }, update: { $set: { n: 0 } }, new: true, collation: TWO },
  { findAndModify: 'c', query: { s: { $gt: 'a' } }, sort: { s: -1, _id: 1 }, remove: true, collation: TWO },
];

const EVERYONE = { find: 'c', sort: { _id: 1 } };
const UNIQUE = { createIndexes: 'u', indexes: [{ key: { e: 1 }, name: 'e_1', unique: true, collation: TWO }] };

const DUPLICATE = ['n', 'writeErrors.0.index', 'writeErrors.0.code', 'writeErrors.0.keyPattern'];

export const COLLATION_EXCHANGES: readonly Exchange[] = [
  ...[TWO, ONE].flatMap((collation) => [
    { name: `equality of strength ${collation.strength}`, given: GIVEN, steps: equals(collation) },
    {
      name: `equality of strength ${collation.strength} through an index`,
      given: [{ createIndexes: 'c', indexes: [{ key: { s: 1 }, name: 's_1', collation }] }, ...GIVEN],
      steps: equals(collation),
    },
    { name: `order of strength ${collation.strength}`, given: GIVEN, steps: order(collation) },
  ]),
  ...each(
    'strength 2',
    PEOPLE,
    READS.map((ask) => read({ ...ask, collation: TWO })),
  ),
  ...each(
    'strength 1',
    PEOPLE,
    READS.map((ask) => read({ ...ask, collation: ONE })),
  ),
  ...each('strength 3', PEOPLE, refusedHere(...READS.slice(0, 8).map((ask) => ({ ...ask, collation: THREE })))),
  ...WRITES.map(write),
  {
    name: 'a unique e-mail',
    given: [UNIQUE, { insert: 'u', documents: [{ _id: 1, e: 'Ana@Example.com' }] }],
    steps: [
      { ask: { insert: 'u', documents: [{ _id: 2, e: 'ana@example.COM' }] }, only: DUPLICATE },
      { insert: 'u', documents: [{ _id: 3, e: 'aná@example.com' }] },
      { ask: { insert: 'u', documents: [{ _id: 4, e: 'ＡＮＡ@example.com' }] }, only: DUPLICATE },
      { ask: { update: 'u', updates: [{ q: { _id: 3 }, u: { $set: { e: 'ANA@EXAMPLE.COM' } } }] }, only: DUPLICATE },
      { update: 'u', updates: [{ q: { _id: 1 }, u: { $set: { e: 'ANA@EXAMPLE.COM' } } }] },
      { find: 'u', filter: { e: 'ana@example.com' } },
      { find: 'u', filter: { e: 'ana@example.com' }, collation: TWO },
      { findAndModify: 'u', query: { e: 'ANA@example.com' }, update: { $set: { x: 1 } }, upsert: true, collation: TWO, new: true },
      { listIndexes: 'u' },
    ],
  },
  ...each(
    'specifications',
    PEOPLE,
    [
      ...[
        { locale: 'simple' },
        { locale: 'odd' },
        { locale: 1 },
        {},
        { strength: 2 },
        { locale: 'en', strength: 0 },
        { locale: 'en', strength: 6 },
      ],
      ...[
        { locale: 'en', strength: 'x' },
        { locale: 'en', strength: 2, odd: 1 },
        { locale: 'en', caseLevel: 'x' },
        { locale: '' },
        { locale: 'en', alternate: 'odd' },
      ],
    ].map((collation) => ({ find: 'c', filter: { s: 'ANA' }, collation })),
  ),
  ...each(
    'specifications that are refused',
    PEOPLE,
    refusedHere(
      ...[
        { locale: 'en', strength: 2, caseLevel: true },
        { locale: 'en', strength: 2, alternate: 'shifted' },
        { locale: 'tr', strength: 2 },
      ].map((collation) => ({
        find: 'c',
        filter: { s: 'ANA' },
        collation,
      })),
      { create: 'd', collation: TWO },
      { createIndexes: 'c', indexes: [{ key: { s: 1 }, name: 's_1', collation: THREE }] },
    ),
  ),
];
