// Differences that random filters, updates and projections found, kept so that they stay put right. Those of whole commands are in
// exchanges/found.ts.
import * as bson from 'bson';
import { type Case, type Command, D, F, family, filters } from '../case.js';

const regex = new bson.BSONRegExp('a');

/** The position that a filter gives to `$`, seen as the name of a new field. */
function positions(name: string, doc: Record<string, unknown>, list: readonly Record<string, unknown>[]): Case[] {
  return family(
    `position ${name}`,
    [{ _id: 0, ...doc }],
    list.map((filter): Command => ({ filter, update: { $set: { 'p.$': 1 } } })),
  );
}

/** Upserts on a collection where nothing matches. */
function upserts(
  list: readonly (readonly [filter: Record<string, unknown>, update: Record<string, unknown> | Record<string, unknown>[]])[],
): Case[] {
  return family(
    'upsert',
    [{ _id: 0 }],
    list.map(([filter, update]): Command => ({ filter, update, upsert: true })),
  );
}

function pipelines(doc: Record<string, unknown>, list: readonly Record<string, unknown>[][]): Case[] {
  return family(
    'places of fields',
    [doc],
    list.flatMap((update): Command[] => [{ update }, { aggregate: update }]),
  );
}

export const FOUND_WRITE_CASES: Case[] = [
  ...filters(
    'nothing in an array that an index entered',
    [
      { _id: 0, c: [[]] },
      { _id: 1, c: [[1, 2]] },
      { _id: 2, c: [[[1]]] },
      { _id: 3, c: [[{ b: 1 }]] },
      { _id: 4, c: [[{ x: [[]] }]] },
      { _id: 5, c: [1, []] },
      { _id: 6, c: [] },
      { _id: 7, c: [[], 3] },
    ],
    [
      { 'c.0.x': null },
      { 'c.0.x': { $exists: false } },
      { 'c.0.x': { $ne: null } },
      { 'c.0.x': { $lte: null } },
      { 'c.0.x': { $in: [null] } },
      { 'c.0.5': null },
      { 'c.0.0.x': null },
      { 'c.0.x.0.y': null },
      { 'c.1.x': null },
    ],
  ),
  ...positions('by index', { c: [5, { a: 6 }, [7, 8]] }, [
    { 'c.0': 5 },
    { 'c.0': { $exists: true } },
    { 'c.1.a': 6 },
    { 'c.1.a': { $exists: true } },
    { 'c.2': [7, 8] },
    { 'c.2': { $size: 2 } },
    { 'c.2.1': 8 },
    { 'c.2': { $elemMatch: { $gt: 7 } } },
    { 'c.0': { $exists: true }, c: 5 },
    { 'c.0.b': null },
  ]),
  ...positions('of an array in what an index names', { c: [[{ a: 2 }, { a: 1 }], { a: [1, 2] }, { a: [7, [{ b: 2 }]] }] }, [
    { 'c.0.a': 1 },
    { 'c.1.a': 2 },
    { 'c.a.1': 2 },
    { 'c.2.a.1.b': 2 },
    { 'c.a.1.b': 2 },
  ]),
  ...positions('of what misses a field', { c: [4, { b: 1 }], d: [{ x: { y: 8 } }, 7], e: [{ x: { y: 8 } }, { x: 7 }], f: { g: [1, 2] } }, [
    { 'c.x': null },
    { 'd.x.y': null },
    { 'e.x.y': null },
    { 'f.g.1': 2 },
  ]),
  ...family('order of names in an update', [{ _id: 0 }], [
    { update: { $set: { 'c.1': 1, 'c.-1': 2 } } },
    { update: { $set: { 'c.1': 1, 'c.01': 2 } } },
    { update: { $set: { 'c.1': 1, 'c.$a': 2 } } },
    { update: { $set: { 'c.10': 1, 'c.9': 2, 'c.a': 3, 'c.A': 4 } } },
  ]), // prettier-ignore
  ...upserts([
    [{ $and: [{ $expr: '$a' }, { a: { $gte: regex } }] }, { $set: { a: 1 } }],
    [{ $and: [{ a: { $gte: regex } }, { $expr: '$a' }] }, { $set: { a: 1 } }],
    [{ _id: [] }, {}],
    [{ _id: [], a: '' }, { b: 1 }],
    [{ _id: [1] }, { _id: [1] }],
    [{ _id: { $eq: [] } }, [{ $unset: '_id' }]],
    [{ _id: [1] }, [{ $unset: 'c' }]],
    [{ a: 1 }, { $set: { _id: [1] } }],
    [{ a: 1 }, { $push: { _id: 1 } }],
    [{ a: 1 }, { $addToSet: { _id: 1 } }],
    [{ a: 1 }, { $addToSet: { _id: { $each: [] } } }],
    [{ a: 1 }, { $push: { _id: 1 }, $set: { 'b.$': 1 } }],
    [{ b: 1 }, { $rename: { b: '_id' } }],
    [{ b: [1] }, { $rename: { b: '_id' } }],
    [{ _id: 3, b: 1 }, { $rename: { b: '_id' } }],
    [{ a: 0, b: { $elemMatch: { $nor: [{}, { c: 1 }] } } }, { $set: { _id: 5 } }],
    [{ a: 0, b: { $elemMatch: { $and: [{ c: { $elemMatch: { $in: [] } } }] } } }, { $set: { _id: 5 } }],
    [{ a: 0, b: { $all: [{ $elemMatch: { $elemMatch: { $and: [{ c: { $all: [] } }] } } }] } }, { $set: { _id: 5 } }],
  ]),
  ...pipelines({ _id: 0, a: 1, z: 3 }, [
    [{ $unset: 'a' }, { $set: { w: 1 } }, { $set: { a: 2 } }],
    [{ $set: { w: 1 } }, { $unset: 'a' }, { $set: { v: 1 } }, { $set: { a: 2 } }],
    [{ $set: { b: '$q' } }, { $project: { a: 0 } }, { $set: { c: 1 } }, { $set: { a: 5 } }, { $set: { b: 6 } }],
    [{ $set: { y: { k: 1, l: 2 } } }, { $unset: 'y.k' }, { $set: { 'y.k': 5 } }],
    [{ $project: { 'a.b': 1, z: 1 } }, { $set: { a: 6 } }],
    [{ $project: { 'a.b': 1, c: '$z' } }, { $set: { a: 6 } }],
    [{ $project: { 'q.b': 1, c: '$z' } }, { $set: { d: 1 } }, { $set: { q: 6 } }],
    [{ $set: { b: '$q' } }, { $project: { a: 1, b: 1 } }, { $set: { c: 1 } }, { $set: { b: 6 } }],
    [{ $replaceWith: { $mergeObjects: ['$$ROOT', { r: 1 }] } }, { $project: { a: 0 } }, { $set: { c: 1, a: 2 } }],
    [{ $replaceWith: { $setField: { field: 'b', input: '$$ROOT', value: '$$REMOVE' } } }, { $unset: 'a' }, { $set: { c: 1, a: 2, b: 1 } }],
    [{ $replaceWith: { $arrayToObject: { $objectToArray: '$$ROOT' } } }, { $unset: 'a' }, { $set: { c: 1, a: 2 } }],
  ]),
  ...pipelines({ _id: 0, a: [{ c: 4 }, { b: 1, c: 3 }, 5], y: { b: 1, c: 4 } }, [
    [{ $project: { 'a.b.d': 1, 'a.c': 1, d: '$b' } }, { $set: { 'a.b': 6 } }],
    [{ $project: { 'y.b.d': 1, 'y.c': 1, 'y.d': '$_id' } }, { $set: { 'y.b': 6 } }],
  ]),
  ...family(
    'places of fields in groups',
    [{ _id: 0, a: 1 }],
    [
      { aggregate: [{ $group: { _id: '$a', k: { $sum: 1 }, l: { $sum: 1 } } }, { $project: { k: 0 } }, { $set: { c: 1, k: 2 } }] },
      { aggregate: [{ $sortByCount: '$a' }, { $project: { _id: 0 } }, { $set: { c: 1, _id: 2 } }] },
    ],
  ),
  ...family(
    'no change of a number',
    [
      { _id: 0, c: D('1.0') },
      { _id: 1, c: D('-0') },
      { _id: 2, c: D('NaN') },
      { _id: 3, c: F(-0) },
      { _id: 4, c: F(1) },
      { _id: 5, c: 1 },
    ],
    [
      { update: { $inc: { c: F(5e-324) } }, multi: true },
      { update: { $inc: { c: D('0.00') } }, multi: true },
      { update: { $inc: { c: 0 } }, multi: true },
      { update: { $mul: { c: D('1.00') } }, multi: true },
      { update: { $mul: { c: F(1) } }, multi: true },
      { update: { $set: { c: D('1.00') } }, multi: true },
    ],
  ),
  ...family(
    'a push that leaves an array equal',
    [
      { _id: 0, c: [1, 2] },
      { _id: 1, c: [] },
      { _id: 2, c: [{ a: 1 }, { a: 2 }] },
    ],
    [
      { update: { $push: { c: { $each: [] } } }, multi: true },
      { update: { $push: { c: { $each: [], $sort: 1 } } }, multi: true },
      { update: { $push: { c: { $each: [], $sort: { a: 1 } } } }, multi: true },
      { update: { $push: { c: { $each: [], $slice: 5 } } }, multi: true },
      { update: { $push: { c: { $each: [9], $slice: 2 } } }, multi: true },
      { update: { $push: { c: { $each: [9], $slice: 0 } } }, multi: true },
      { update: { $push: { c: { $each: [0], $position: 0, $slice: -2 } } }, multi: true },
      { update: { $addToSet: { c: { $each: [] } } }, multi: true },
    ],
  ),
  ...family(
    'a document replaced by its like',
    [{ _id: 0, b: { a: 1 } }],
    [
      ...[{ b: { a: 1 } }, { _id: 0, b: { a: 1 } }, { b: { a: 1 }, _id: 0 }, { _id: F(0), b: { a: 1 } }, {}].flatMap((u) => [
        { update: u },
        { update: [{ $replaceWith: { $literal: u } }] },
      ]),
      { update: [{ $set: { _id: F(0) } }] },
      { update: [{ $set: { _id: F(0.5) } }] },
      { update: { $set: { _id: F(0) } } },
    ],
  ),
  ...family(
    'fields written before they are read',
    [{ _id: 0, c: 1, a: 1 }],
    [
      { update: [{ $set: { b: 5, a: 0 } }, { $project: { a: 1, b: 1 } }] },
      { filter: { _id: 7, a: 7 }, update: [{ $set: { b: 5, a: 0 } }, { $project: { a: 1, b: 1 } }], upsert: true },
    ],
  ),
  ...family('an empty document replaced', [{ _id: 0 }], [{ update: {} }, { update: { _id: 0 } }, { update: [{ $replaceWith: {} }] }]),
  ...family('an _id equal in another type', [{ _id: { a: 1 }, b: 1 }], [{ update: [{ $set: { '_id.a': F(1) } }] }, { update: { $set: { '_id.a': F(1) } } }]), // prettier-ignore
  ...family('bits of null', [{ _id: 0, a: null }], [{ update: { $bit: { a: { and: 1 } } } }, { update: { $bit: { b: { or: 5 } } } }]),
  ...family(
    'projection',
    [{ _id: 0, z: 9, b: [1, 2], y: [8, 7], a: 5 }],
    [
      { find: {}, projection: { b: { $elemMatch: { $gt: 1 } }, _id: '$a' } },
      { find: {}, projection: { c: '$a', b: { $elemMatch: { $gt: 1 } } } },
      { find: {}, projection: { b: { $elemMatch: { $gt: 1 } }, c: '$a', z: 1 } },
      { find: {}, projection: { b: { $elemMatch: { $gt: 1 } }, z: 0 } },
      { find: {}, projection: { b: { $elemMatch: { $gt: 1 } }, y: { $slice: 1 } } },
      { find: {}, projection: { b: 1, 'b.a': { $slice: 0 } } },
      { find: {}, projection: { b: 0, 'b.a': { $slice: [0, 1] } } },
      { find: {}, projection: { b: 1, 'b.a': { $slice: [0, 1] } } },
      { find: {}, projection: { b: { $slice: 1 }, 'b.a': { $slice: [0, 1] } } },
    ],
  ),
];
