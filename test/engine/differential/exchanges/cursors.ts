// Cursors: batches, ends, other connections, what becomes of them when their collection goes. Left out is what MongoDB does not promise: whether a
// cursor whose last batch was just full is still open, and whether it sees what was written since its batch was prepared.
import { L } from '../case.js';
import type { Ask, Exchange, Step } from '../exchange.js';

const GIVEN = [{ insert: 'c', documents: Array.from({ length: 10 }, (_, _id) => ({ _id, n: 9 - _id })) }];

const more =
  (option: Record<string, unknown> = {}): Ask =>
  (cursor) => ({ getMore: cursor, collection: 'c', ...option });
const beside = (ask: Ask): Step => ({ ask, beside: true });
const kill: Ask = (cursor) => ({ killCursors: 'c', cursors: [cursor] });
const open = { find: 'c', batchSize: 2 };

export const CURSOR_EXCHANGES: readonly Exchange[] = [
  { name: 'batches to the end', given: GIVEN, steps: [open, { ask: more({ batchSize: 3 }) }, { ask: more() }, { ask: more() }] },
  {
    name: 'batchSize 0',
    given: GIVEN,
    steps: [
      { find: 'c', batchSize: 0 },
      { ask: more({ batchSize: 0 }) },
      { find: 'c', batchSize: 0, limit: 3 },
      { ask: more({ batchSize: 2 }) },
      { ask: more() },
    ],
  },
  { name: 'batchSize 0 of an empty result', given: GIVEN, steps: [{ find: 'c', filter: { _id: 99 }, batchSize: 0 }, { ask: more() }] },
  { name: 'batchSize 0 of no collection', given: GIVEN, steps: [{ find: 'none', batchSize: 0 }] },
  {
    name: 'batchSize 1 of one',
    given: GIVEN,
    steps: [{ find: 'c', filter: { _id: 1 }, batchSize: 1 }],
  },
  {
    name: 'a limit',
    given: GIVEN,
    steps: [
      { find: 'c', batchSize: 2, limit: 4 },
      { ask: more({ batchSize: 2 }) },
      { find: 'c', batchSize: 2, limit: 2 },
      { find: 'c', batchSize: 5, limit: 3 },
    ],
  },
  {
    name: 'singleBatch',
    given: GIVEN,
    steps: [
      { find: 'c', batchSize: 2, singleBatch: true },
      { find: 'c', batchSize: 0, singleBatch: true },
      { find: 'c', limit: 3, singleBatch: true },
    ],
  },
  {
    name: 'a sort in batches',
    given: GIVEN,
    steps: [{ find: 'c', sort: { n: 1 }, batchSize: 4 }, { ask: more({ batchSize: 4 }) }, { ask: more({ batchSize: 4 }) }],
  },
  {
    name: 'another connection goes on',
    given: GIVEN,
    steps: [open, beside(more({ batchSize: 2 })), { ask: more({ batchSize: 2 }) }, beside(more())],
  },
  { name: 'another connection kills', given: GIVEN, steps: [open, beside(kill), { ask: more() }, { ask: kill }] },
  { name: 'killed', given: GIVEN, steps: [open, { ask: kill }, { ask: kill }, { ask: more() }] },
  {
    name: 'kills of nothing',
    given: GIVEN,
    steps: [
      { killCursors: 'c', cursors: [L(1), L(2)] },
      { killCursors: 'c', cursors: [] },
      { killCursors: 'c' },
      { killCursors: 'c', cursors: 1 },
      { killCursors: 'c', cursors: [1] },
      { killCursors: 1, cursors: [L(1)] },
      { killCursors: '', cursors: [L(1)] },
    ],
  },
  {
    name: 'killed under another name',
    given: GIVEN,
    steps: [open, { ask: (cursor) => ({ killCursors: 'other', cursors: [cursor] }) }, { ask: more() }],
  },
  {
    name: 'an unknown cursor',
    given: GIVEN,
    steps: [
      { getMore: L(12345), collection: 'c' },
      { getMore: L(0), collection: 'c' },
      { getMore: 5, collection: 'c' },
      { getMore: 'x', collection: 'c' },
      { getMore: L(5) },
      { getMore: L(5), collection: 1 },
      { getMore: L(5), collection: '' },
      { getMore: L(5), collection: 'c', batchSize: -1 },
      { getMore: L(5), collection: 'c', batchSize: 'x' },
    ],
  },
  {
    name: 'of another collection',
    given: GIVEN,
    steps: [open, { ask: (cursor) => ({ getMore: cursor, collection: 'other' }) }, { ask: more({ batchSize: 1 }) }],
  },
  { name: 'a dropped collection', given: GIVEN, steps: [open, { drop: 'c' }, { ask: more() }, { ask: more() }] },
  { name: 'a dropped collection, batchSize 0', given: GIVEN, steps: [{ find: 'c', batchSize: 0 }, { drop: 'c' }, { ask: more() }] },
  {
    name: 'a dropped and made collection',
    given: GIVEN,
    steps: [open, { drop: 'c' }, { insert: 'c', documents: [{ _id: 1 }] }, { ask: more() }],
  },
  { name: 'a dropped database', given: GIVEN, steps: [open, { ask: { dropDatabase: 1 }, only: [] }, { ask: more() }] },
  {
    name: 'a renamed collection',
    given: GIVEN,
    steps: [
      open,
      { ask: { renameCollection: 'exchange.c', to: 'exchange.d' }, db: 'admin' },
      { ask: more() },
      { ask: (cursor) => ({ getMore: cursor, collection: 'd' }) },
    ],
  },
  {
    name: 'a dropped index',
    given: [...GIVEN, { createIndexes: 'c', indexes: [{ key: { n: 1 }, name: 'n_1' }] }],
    steps: [{ find: 'c', filter: { n: { $gt: 2 } }, hint: 'n_1', batchSize: 2 }, { dropIndexes: 'c', index: 'n_1' }, { ask: more() }],
  },
  { name: 'noCursorTimeout', given: GIVEN, steps: [{ find: 'c', batchSize: 2, noCursorTimeout: true }, { ask: more() }] },
  {
    name: 'maxTimeMS of a getMore',
    given: GIVEN,
    steps: [open, { ask: more({ maxTimeMS: 1000 }) }, { find: 'c', batchSize: 2, maxTimeMS: 100_000 }, { ask: more() }],
  },
  {
    name: 'aggregate in batches',
    given: GIVEN,
    steps: [
      { aggregate: 'c', pipeline: [{ $match: { n: { $gt: 2 } } }], cursor: { batchSize: 2 } },
      { ask: more({ batchSize: 2 }) },
      { ask: more() },
    ],
  },
  {
    name: 'aggregate, batchSize 0',
    given: GIVEN,
    steps: [{ aggregate: 'c', pipeline: [{ $group: { _id: null, n: { $sum: '$n' } } }], cursor: { batchSize: 0 } }, { ask: more() }],
  },
  {
    name: 'aggregate, batchSize 0 of nothing',
    given: GIVEN,
    steps: [
      { aggregate: 'none', pipeline: [], cursor: { batchSize: 0 } },
      { aggregate: 'none', pipeline: [{ $match: { a: 1 } }], cursor: {} },
    ],
  },
  {
    name: 'aggregate of a dropped collection',
    given: GIVEN,
    steps: [{ aggregate: 'c', pipeline: [{ $project: { n: 1 } }], cursor: { batchSize: 2 } }, { drop: 'c' }, { ask: more() }],
  },
  {
    name: 'an error in a later batch',
    given: GIVEN,
    steps: [
      { aggregate: 'c', pipeline: [{ $project: { r: { $divide: [1, { $subtract: ['$n', 5] }] } } }], cursor: { batchSize: 2 } },
      { ask: more() },
      { ask: more() },
    ],
  },
  {
    name: 'a cursor of a list of collections',
    given: [{ create: 'a' }, { create: 'b' }, { create: 'd' }],
    steps: [
      { ask: { listCollections: 1, nameOnly: true, cursor: { batchSize: 0 } } },
      { ask: (cursor) => ({ getMore: cursor, collection: '$cmd.listCollections', batchSize: 9 }), only: ['cursor.id', 'cursor.ns'] },
    ],
  },
  {
    name: 'a cursor of a list of indexes',
    given: [
      ...GIVEN,
      {
        createIndexes: 'c',
        indexes: [
          { key: { n: 1 }, name: 'n_1' },
          { key: { m: 1 }, name: 'm_1' },
        ],
      },
    ],
    steps: [{ listIndexes: 'c', cursor: { batchSize: 1 } }, { ask: more({ batchSize: 1 }) }, { ask: more() }],
  },
];
