// Limits of MongoDB: statements of a command, bytes of a result. Documents that are too large are among those found by fuzzing.
import type { Exchange } from '../exchange.js';

const MANY = 100_001;
const many = <T>(of: (_id: number) => T): T[] => Array.from({ length: MANY }, (_, _id) => of(_id));

const ADMIN = 'admin';
const NS_INFO = [{ ns: 'exchange.c' }];

/** Large commands are made when they are sent. Two of these are 2,000 bytes more than a document may have, which a result may be; three are too many. */
const half = (): string => 'x'.repeat(8_389_600);

export const LIMIT_EXCHANGES: readonly Exchange[] = [
  {
    name: 'no statements',
    steps: [
      { insert: 'c', documents: [] },
      { update: 'c', updates: [] },
      { delete: 'c', deletes: [] },
      { ask: { bulkWrite: 1, ops: [], nsInfo: NS_INFO }, db: ADMIN },
    ],
  },
  {
    name: 'one statement too many',
    steps: [
      { ask: () => ({ insert: 'c', documents: many((_id) => ({ _id })) }) },
      { ask: () => ({ update: 'c', updates: many((_id) => ({ q: { _id }, u: { $set: { a: 1 } } })) }) },
      { ask: () => ({ delete: 'c', deletes: many((_id) => ({ q: { _id }, limit: 1 })) }) },
      { ask: () => ({ bulkWrite: 1, ops: many((_id) => ({ insert: 0, document: { _id } })), nsInfo: NS_INFO }), db: ADMIN },
      { count: 'c' },
    ],
  },
  {
    name: 'results of many bytes',
    steps: [
      { ask: () => ({ insert: 'c', documents: [{ _id: 1, a: half() }] }) },
      { ask: { aggregate: 'c', pipeline: [{ $project: { b: '$a', c: '$a' } }], cursor: {} }, only: ['ok'] },
      { ask: { find: 'c', projection: { b: '$a', c: '$a' } }, only: ['ok'] },
      { ask: { aggregate: 'c', pipeline: [{ $project: { b: '$a', c: '$a', d: '$a' } }], cursor: {} }, only: ['ok'] },
      { ask: { find: 'c', projection: { b: '$a', c: '$a', d: '$a' } }, only: ['ok'] },
      { ask: { aggregate: 'c', pipeline: [{ $project: { b: ['$a', '$a', '$a'] } }, { $count: 'n' }], cursor: {} }, only: ['cursor'] },
    ],
  },
  {
    name: 'a distinct of many bytes',
    steps: [
      { ask: () => ({ insert: 'c', documents: [{ _id: 1, a: half() }] }) },
      { ask: () => ({ insert: 'c', documents: [{ _id: 2, a: `y${half()}` }] }) },
      { ask: { distinct: 'c', key: 'a', query: { _id: 1 } }, only: ['ok'] },
      { ask: { distinct: 'c', key: 'a' }, only: ['ok'] },
    ],
  },
];
