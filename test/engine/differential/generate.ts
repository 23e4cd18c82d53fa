// Random documents, filters, updates, sorts, projections and pipelines over a few field names, so that paths meet values often.
import * as bson from 'bson';
import fc from 'fast-check';
import { type Case, type Command, D, F, L, type Plain } from './case.js';

const FIELDS = ['a', 'b', 'c', '0', '1'];

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    1,
    2,
    -1,
    5,
    F(0),
    F(1),
    F(1.5),
    F(-0),
    F(NaN),
    F(Infinity),
    L(1),
    L('9007199254740993'),
    L('9223372036854775807'),
    D('1'),
    D('1.50'),
    D('NaN'),
    D('-0'),
  ),
  fc.constantFrom<unknown>('', 'a', 'b', 'ab', 'ñ', null, true, false, new Date(0), new Date('2024-03-10T07:30:00Z')),
  fc.constantFrom<unknown>(
    new bson.MinKey(),
    new bson.MaxKey(),
    new bson.ObjectId('65f000000000000000000000'),
    new bson.Timestamp({ t: 1, i: 1 }),
    new bson.Binary(Buffer.from('a')),
  ),
);

const field = fc.constantFrom('a', 'b', 'c');
const anyField = fc.constantFrom(...FIELDS);

/** Documents as maps, because plain objects reorder integer-like keys. */
function documentOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Map<string, unknown>> {
  return fc.array(fc.tuple(anyField, value), { maxLength: 3 }).map((entries) => new Map(entries));
}

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
    { arbitrary: documentOf(tie('value')), weight: 2 },
  ),
}));

const path = fc
  .array(anyField, { minLength: 1, maxLength: 3 })
  .map((parts) => [parts[0] === '0' || parts[0] === '1' ? 'a' : (parts[0] ?? 'a'), ...parts.slice(1)].join('.'));

const docs = fc
  .array(documentOf(value), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((doc, _id): Plain => new Map<string, unknown>([['_id', _id], ...doc])));

const op = (name: string, operand: fc.Arbitrary<unknown>): fc.Arbitrary<Plain> => operand.map((given) => ({ [name]: given }));

const { condition, filter } = fc.letrec<{ condition: Plain; filter: Plain }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'].map((name) => op(name, value)),
    op('$in', fc.array(value, { maxLength: 3 })),
    op('$nin', fc.array(value, { maxLength: 3 })),
    op('$exists', fc.boolean()),
    op('$type', fc.constantFrom<unknown>('array', 'null', 'number', 'object', 'int', 'string')),
    op('$size', fc.nat(3)),
    op('$all', fc.array(value, { maxLength: 2 })),
    op('$mod', fc.constantFrom<unknown>([2, 1], [2, 0], [L(3), 0])),
    op('$not', tie('condition')),
    op('$elemMatch', tie('condition')),
    op('$elemMatch', tie('filter')),
    op('$regex', fc.constantFrom('a', '^a', 'b$', '^ñ$')),
  ),
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(path, fc.oneof(value, tie('condition'))).map(([name, test]): Plain => ({ [name]: test })),
    fc.tuple(path, path, tie('condition'), tie('condition')).map(([one, two, first, second]): Plain => ({ [one]: first, [two]: second })),
    fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('filter'), { minLength: 1, maxLength: 2 }))
      .map(([name, list]): Plain => ({ [name]: list })),
  ),
}));

const updatePath = fc.oneof(
  path,
  fc
    .tuple(field, fc.constantFrom('$', '$[]', '0', '1'), fc.option(field))
    .map(([first, middle, last]) => [first, middle, ...(last === null ? [] : [last])].join('.')),
);
const number = fc.constantFrom<unknown>(1, -1, F(1.5), L(2), L('9223372036854775807'), D('0.1'));
const update: fc.Arbitrary<Plain> = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom('$set', '$min', '$max', '$push', '$addToSet', '$pull', '$setOnInsert'), updatePath, value),
      fc.tuple(fc.constantFrom('$inc', '$mul'), updatePath, number),
      fc.tuple(fc.constantFrom('$unset', '$pop'), updatePath, fc.constantFrom<unknown>(1, -1)),
      fc.tuple(fc.constant('$rename'), updatePath, path as fc.Arbitrary<unknown>),
      fc.tuple(fc.constant('$pull'), updatePath, condition as fc.Arbitrary<unknown>),
      fc.tuple(fc.constant('$pullAll'), updatePath, fc.array(value, { maxLength: 2 }) as fc.Arbitrary<unknown>),
      fc.tuple(
        fc.constant('$push'),
        updatePath,
        fc
          .tuple(fc.array(value, { maxLength: 2 }), fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
          .map(([$each, $slice, $position]): unknown => ({ $each, $slice, $position })),
      ),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((changes) => {
    const result: Record<string, Record<string, unknown>> = {};
    for (const [name, target, operand] of changes) result[name] = { ...result[name], [target]: operand };
    return result;
  });

const sort = fc
  .array(fc.tuple(path, fc.constantFrom(1, -1)), { minLength: 1, maxLength: 2 })
  .map((keys): Plain => new Map<string, unknown>([...keys, ['_id', 1]]));
const projection = fc.oneof(
  fc
    .array(fc.tuple(path, fc.constantFrom<unknown>(1, true)), { minLength: 1, maxLength: 3 })
    .map((keys): Plain => new Map<string, unknown>(keys)),
  fc
    .array(fc.tuple(path, fc.constantFrom<unknown>(0, false)), { minLength: 1, maxLength: 3 })
    .map((keys): Plain => new Map<string, unknown>(keys)),
  fc.tuple(path, path).map(([target, source]): Plain => ({ [target]: `$${source}` })),
  fc.tuple(field, fc.integer({ min: -3, max: 3 })).map(([target, $slice]): Plain => ({ [target]: { $slice } })),
  fc.tuple(field, condition).map(([target, $elemMatch]): Plain => ({ [target]: { $elemMatch } })),
);

const expressionPath = path.map((text) => `$${text}`);
const { expression } = fc.letrec<{ expression: unknown }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    expressionPath,
    value.map((given): unknown => ({ $literal: given })),
    fc
      .tuple(
        fc.constantFrom('$add', '$multiply', '$concatArrays', '$ifNull', '$and', '$or', '$max', '$min', '$sum', '$avg'),
        fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
      )
      .map(([name, list]): unknown => ({ [name]: list })),
    fc
      .tuple(
        fc.constantFrom(
          '$subtract',
          '$divide',
          '$mod',
          '$cmp',
          '$eq',
          '$lt',
          '$gte',
          '$ne',
          '$in',
          '$arrayElemAt',
          '$setUnion',
          '$setDifference',
          '$setIsSubset',
          '$split',
          '$indexOfArray',
        ),
        tie('expression'),
        tie('expression'),
      )
      .map(([name, one, two]): unknown => ({ [name]: [one, two] })),
    fc
      .tuple(
        fc.constantFrom(
          '$abs',
          '$ceil',
          '$floor',
          '$round',
          '$not',
          '$size',
          '$isArray',
          '$type',
          '$isNumber',
          '$reverseArray',
          '$first',
          '$last',
          '$toString',
          '$toInt',
          '$toDouble',
          '$toBool',
          '$toDecimal',
          '$toLower',
          '$strLenCP',
          '$objectToArray',
          '$year',
          '$sum',
          '$max',
        ),
        tie('expression'),
      )
      .map(([name, one]): unknown => ({ [name]: [one] })),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(($cond): unknown => ({ $cond })),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([input, body]): unknown => ({ $map: { input, in: { $ifNull: ['$$this', body] } } })),
    fc
      .tuple(tie('expression'), fc.constantFrom('$gt', '$lt', '$eq'), scalar)
      .map(([input, name, given]): unknown => ({ $filter: { input, cond: { [name]: ['$$this', { $literal: given }] } } })),
    fc.tuple(field, tie('expression')).map(([name, one]): unknown => ({ [name]: one })),
  ),
}));

const ordered: Plain = { $sort: { _id: 1 } };
const pipeline = fc.oneof(
  expression.map((r): Plain[] => [{ $project: { _id: 1, r } }]),
  fc.tuple(path, expression).map(([name, given]): Plain[] => [{ $addFields: { [name]: given } }]),
  fc
    .tuple(path, fc.boolean())
    .map(([name, preserveNullAndEmptyArrays]): Plain[] => [
      { $unwind: { path: `$${name}`, preserveNullAndEmptyArrays, includeArrayIndex: 'i' } },
    ]),
  fc.tuple(expressionPath, expressionPath).map(([_id, given]): Plain[] => [
    {
      $group: {
        _id,
        s: { $sum: given },
        a: { $avg: given },
        m: { $max: given },
        n: { $min: given },
        p: { $push: given },
        f: { $first: given },
        l: { $last: given },
      },
    },
    ordered,
  ]),
  fc
    .tuple(path, path)
    .map(([localField, foreignField]): Plain[] => [
      { $lookup: { from: 'c', localField, foreignField, as: 'x' } },
      { $project: { x: '$x._id' } },
    ]),
  fc.tuple(filter, sort).map(([$match, $sort]): Plain[] => [{ $match }, { $sort }]),
  path.map((name): Plain[] => [{ $unset: name }]),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  filter.map((find): Command => ({ find, sort: { _id: 1 } })),
  sort.map((keys): Command => ({ find: {}, sort: keys })),
  projection.map((given): Command => ({ find: {}, projection: given })),
  fc.tuple(update, filter).map(([change, matching]): Command => ({ update: change, filter: matching, multi: false })),
  update.map((change): Command => ({ update: change, filter: {}, multi: true })),
  pipeline.map((aggregate): Command => ({ aggregate })),
);

/** Random cases. */
export const anyCase: fc.Arbitrary<Case> = fc.record({ name: fc.constant('random'), docs, run: command });
