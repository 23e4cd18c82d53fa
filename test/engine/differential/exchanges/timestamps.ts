// Empty timestamps, which an insert fills in.
import * as bson from 'bson';
import type { Exchange } from '../exchange.js';

const EMPTY = new bson.Timestamp({ t: 0, i: 0 });
const DOCUMENT = { _id: 1, a: EMPTY, b: { c: EMPTY }, d: [EMPTY], e: new bson.Timestamp({ t: 0, i: 1 }), f: EMPTY };
const FIND = { find: 'c' };

export const TIMESTAMP_EXCHANGES: readonly Exchange[] = [
  { name: 'an insert', steps: [{ insert: 'c', documents: [DOCUMENT] }, FIND] },
  { name: 'in _id', steps: [{ insert: 'c', documents: [{ _id: EMPTY, a: EMPTY }] }, FIND] },
  { name: 'kept on demand', steps: [{ insert: 'c', documents: [DOCUMENT], bypassEmptyTsReplacement: true }, FIND] },
  {
    name: 'by bulkWrite',
    steps: [{ ask: { bulkWrite: 1, ops: [{ insert: 0, document: DOCUMENT }], nsInfo: [{ ns: 'exchange.c' }] }, db: 'admin' }, FIND],
  },
  {
    name: 'by $set',
    given: [{ insert: 'c', documents: [{ _id: 1 }] }],
    steps: [{ update: 'c', updates: [{ q: {}, u: { $set: { a: EMPTY } } }] }, FIND],
  },
];
