// Differences that random cases found, kept so that they stay put right.
import { type Case, D, F, family } from '../case.js';

export const FOUND_CASES: Case[] = [
  ...family(
    'found update',
    [{ _id: 0, b: 5, a: [{}], n: F(NaN) }],
    [
      { update: { $mul: { x: D('0.1'), y: F(-1) } } },
      { update: { $pullAll: { x: [] }, $setOnInsert: { 'b.a': 1 } } },
      { update: { $rename: { 'b.0': 'a.c' } } },
      { update: { $rename: { 'a.0.c': 'z' } } },
      { update: { $rename: { 'a.0': 'z' } } },
      { update: { $set: { n: F(NaN) } } },
    ],
  ),
  ...family(
    'found pipeline',
    [
      { _id: 0, a: [] },
      { _id: 1, a: null },
      { _id: 2, c: F(1.5) },
      { _id: 3, c: D('1'), d: [[new Date(0)]] },
      { _id: 4, d: [[]] },
    ],
    [
      { aggregate: [{ $project: { _id: '$a' } }, { $sort: { _id: 1 } }] },
      { aggregate: [{ $group: { _id: null, s: { $sum: '$c' }, a: { $avg: '$c' } } }] },
      { aggregate: [{ $project: { r: { $multiply: ['$x', { $first: [{ $sum: '$c' }] }] } } }] },
      { aggregate: [{ $project: { r: { $or: [{ $round: ['text'] }, true] } } }] },
      { find: {}, sort: { 'd.0': 1, _id: 1 } },
    ],
  ),
  ...family(
    'found sort',
    [{ _id: 0, a: [[]] }, { _id: 1, a: [[], 1] }, { _id: 2, a: [] }, { _id: 3, a: [null] }, { _id: 4 }, { _id: 5, a: [{ a: 1 }] }],
    [
      { find: {}, sort: { a: 1, 'a.0.a': 1, _id: 1 } },
      { find: {}, sort: { a: -1, 'a.0.a': -1, _id: 1 } },
      { find: {}, sort: { 'a.a': 1, 'a.0.a': 1, _id: 1 } },
    ],
  ),
];
