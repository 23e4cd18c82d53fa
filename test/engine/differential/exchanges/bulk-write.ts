// The bulkWrite command: results, counts, errors, where operations are malformed.
import type { Plain } from '../case.js';
import { type Ask, each, type Exchange, type Step } from '../exchange.js';

const GIVEN = [
  {
    insert: 'c',
    documents: [
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
      { _id: 3, a: 3 },
      { _id: 4, arr: [1, 2] },
    ],
  },
];

function bulk(ops: readonly unknown[], more: Record<string, unknown> = {}, namespaces: readonly string[] = ['exchange.c']): Step {
  return { ask: { bulkWrite: 1, ops, nsInfo: namespaces.map((ns) => ({ ns })), ...more }, db: 'admin' };
}

const insert = (id: unknown): Plain => ({ insert: 0, document: { _id: id } });
const update = (filter: unknown, updateMods: unknown, more: Record<string, unknown> = {}): Plain => ({
  update: 0,
  filter,
  updateMods,
  ...more,
});
const remove = (filter: unknown, more: Record<string, unknown> = {}): Plain => ({ delete: 0, filter, ...more });

const MORE: Ask = (cursor) => ({ getMore: cursor, collection: '$cmd.bulkWrite' });

const SINGLE: readonly (readonly unknown[])[] = [
  [insert(10), update({ _id: 1 }, { $set: { a: 9 } }), update({ a: { $gt: 0 } }, { $inc: { a: 1 } }, { multi: true }), remove({ _id: 10 })],
  [update({ _id: 77 }, { $set: { x: 1 } }, { upsert: true })],
  [update({ _id: 1 }, { $set: { a: 1 } })],
  [update({ _id: 9 }, { $set: { a: 1 } })],
  [insert(10), insert(10), insert(11)],
  [{ insert: 0, document: {} }],
  [],
  [{ insert: 1, document: {} }],
  [{ odd: 0 }],
  [{}],
  [1],
  [{ insert: 0 }],
  [{ insert: '0', document: {} }],
  [{ insert: -1, document: {} }],
  [{ insert: 0, document: 1 }],
  [{ insert: 0, document: {}, more: 1 }],
  [{ update: 0, filter: {} }],
  [{ update: 0, updateMods: {} }],
  [update({}, { $set: { a: 1 } }, { odd: 1 })],
  [{ delete: 0 }],
  [remove({}, { limit: 1 })],
  [update({}, { $odd: 1 })],
  [update({ _id: 1 }, { $set: { _id: 5 } })],
  [update({}, { a: 1 }, { multi: true })],
  [update({ _id: 1 }, [{ $set: { z: '$$v' } }], { constants: { v: 5 } })],
  [update({ _id: 1 }, { $set: { z: 1 } }, { constants: { v: 5 } })],
  [update({ _id: 2 }, { z: 1 })],
  [update({}, 1)],
  [update({ $odd: 1 }, { $set: { a: 1 } })],
  [insert([1]), insert(69)],
  [{ insert: 0, document: { _id: 71, $a: 1 } }],
  [update({}, { $inc: { q: 1 } }, { sort: { _id: -1 } })],
  [update({}, { $inc: { q: 1 } }, { sort: { _id: -1 }, multi: true })],
  [remove({ a: { $gt: 1 } })],
  [remove({ a: { $gt: 1 } }, { multi: true })],
  [remove({ zz: 1 }, { multi: true })],
  [update({ _id: 4 }, { $set: { 'arr.$[x]': 7 } }, { arrayFilters: [{ x: 1 }] })],
  [update({ _id: 1 }, { $set: { 'arr.$[x]': 7 } }, { arrayFilters: [{ x: 1 }] })],
  [update({ _id: 1 }, { $set: { a: 1 } }, { hint: 'none' })],
  [remove({}, { hint: 'none' })],
  [update({ _id: 1 }, { $set: { a: 7 } }, { hint: '_id_' })],
  [update({ _id: 1 }, { $set: { a: 7 } }, { collation: { locale: 'odd' } })],
  [update({ _id: 1 }, { $set: { a: 7 } }, { collation: 1 })],
  [update({ _id: 1 }, { $set: { a: 7 } }, { hint: 1 })],
];

const FOUND: Plain = { find: 'c', sort: { _id: 1 } };

export const BULK_WRITE_EXCHANGES: readonly Exchange[] = [
  ...each(
    'operations',
    GIVEN,
    SINGLE.map((ops) => bulk(ops)),
  ).map((exchange) => ({ ...exchange, steps: [...exchange.steps, FOUND] })),
  ...each('unordered', GIVEN, [
    bulk([insert(20), insert(20), insert(21)], { ordered: false }),
    bulk([insert(73), update({}, { $rename: { a: 'a' } }), insert(74)], { ordered: false }),
  ]),
  ...each('options', GIVEN, [
    bulk([insert(30), insert(30), update({ _id: 30 }, { $set: { a: 1 } })], { ordered: false, errorsOnly: true }),
    bulk([insert(40)], { errorsOnly: true }),
    bulk([insert(40)], { ordered: 'x' }),
    bulk([insert(40)], { ordered: 1 }),
    bulk([insert(40)], { let: 1 }),
    bulk([insert(40)], { surprise: 1 }),
    bulk([insert(40)], { cursor: {} }),
    bulk([insert(40)], { cursor: { batchSize: -1 } }),
    bulk([insert(40)], { cursor: { odd: 1 } }),
    bulk([update({ $expr: { $eq: ['$_id', '$$k'] } }, { $set: { kk: 1 } })], { let: { k: 2 } }),
  ]),
  ...each('namespaces', GIVEN, [
    bulk([insert(50), { insert: 1, document: { _id: 1 } }], {}, ['exchange.c', 'exchange.d']),
    bulk([insert(51)], {}, ['exchange.c', 'exchange.c']),
    ...[['nodot'], [], ['exchange.$odd'], ['exchange.'], ['.c'], ['']].map((namespaces) => bulk([insert(51)], {}, namespaces)),
    { ask: { bulkWrite: 1, ops: [insert(1)] }, db: 'admin' },
    { ask: { bulkWrite: 1, nsInfo: [{ ns: 'exchange.c' }] }, db: 'admin' },
    { ask: { bulkWrite: 'c', ops: [insert(60)], nsInfo: [{ ns: 'exchange.c' }] }, db: 'admin' },
    { bulkWrite: 1, ops: [insert(60)], nsInfo: [{ ns: 'exchange.c' }] },
    { ask: { bulkWrite: 1, ops: [insert(60)], nsInfo: [{ ns: 'exchange.c', odd: 1 }] }, db: 'admin' },
  ]),
  {
    name: 'results in several batches',
    given: GIVEN,
    steps: [bulk([insert(61), insert(62), insert(63)], { cursor: { batchSize: 1 } }), { ask: MORE, db: 'admin' }, FOUND],
  },
  {
    name: 'results later',
    given: GIVEN,
    steps: [bulk([insert(64), insert(65)], { cursor: { batchSize: 0 } }), { ask: MORE, db: 'admin' }],
  },
];
