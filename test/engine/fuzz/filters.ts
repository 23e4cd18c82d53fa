// Random filters over every declared query operator, valid mostly and wrong sometimes.
import * as bson from 'bson';
import fc from 'fast-check';
import { F, L, type Plain } from '../differential/case.js';
import { number, objectId, op, path, scalar, seldom, value } from './values.js';

const patterns = fc.constantFrom(
  'a',
  '^a',
  'b$',
  '^ñ$',
  'A|b',
  '^$',
  '.',
  '[ab]+',
  '^a.*',
  'a(?=b)',
  '\\d',
  '\\$a',

  '(?i)A',
  'a{2}',
);
const flags = fc.constantFrom('', 'i', 'm', 's', 'x', 'im', 'si');
const regex = fc.tuple(patterns, flags).map(([pattern, options]): unknown => new bson.BSONRegExp(pattern, options));

const TYPE_NAMES = ['double', 'string', 'object', 'array', 'binData', 'objectId', 'bool', 'date', 'null', 'regex', 'javascript', 'int', 'timestamp', 'long', 'decimal', 'minKey', 'maxKey', 'number', 'undefined', 'symbol', 'dbPointer', 'javascriptWithScope']; // prettier-ignore
const typeName = fc.oneof(
  {
    arbitrary: fc.constantFrom<unknown>(...TYPE_NAMES, 1, 2, 3, 4, 5, 8, 9, 10, 16, 18, 19, F(16), L(18), -1, 127, 6, 12, 14, 15),
    weight: 12,
  },
  { arbitrary: fc.constantFrom<unknown>('nothing', 0, F(1.5), 20, null, 'missing'), weight: 1 },
);
const size = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(0, 1, 2, 3, F(2), L(1)), weight: 6 },
  fc.constantFrom<unknown>(-1, F(1.5), '1', null),
);
const mod = fc.oneof(
  {
    arbitrary: fc.constantFrom<unknown>(
      [2, 1],
      [2, 0],
      [L(3), 0],
      [F(2), F(1)],
      [F(2.5), 0],
      [-2, -1],
      [2, F(1.9)],
      [L('9007199254740993'), 1],
    ),
    weight: 6,
  },
  fc.constantFrom<unknown>([0, 1], [2], [2, 1, 1], 2, ['a', 1], [F(NaN), 1], [2, F(Infinity)]),
);

const comparisons = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] as const;

const { condition, filter } = fc.letrec<{ condition: Plain; filter: Plain; operator: Plain; expression: unknown }>((tie) => ({
  operator: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: fc.oneof(...comparisons.map((name) => op(name, value))), weight: 6 },
    { arbitrary: op('$in', fc.array(fc.oneof({ arbitrary: value, weight: 6 }, regex), { maxLength: 3 })), weight: 2 },
    op('$nin', fc.array(fc.oneof({ arbitrary: value, weight: 6 }, regex), { maxLength: 3 })),
    op('$eq', regex),
    op('$exists', fc.oneof({ arbitrary: fc.boolean(), weight: 4 }, scalar)),
    op('$type', fc.oneof({ arbitrary: typeName, weight: 3 }, fc.array(typeName, { maxLength: 3 }))),
    op('$size', size),
    op('$all', fc.array(fc.oneof({ arbitrary: value, weight: 6 }, regex), { maxLength: 3 })),
    op('$all', fc.array(op('$elemMatch', tie('condition')), { minLength: 1, maxLength: 2 })),
    op('$mod', mod),
    { arbitrary: op('$not', fc.oneof({ arbitrary: tie('condition'), weight: 4 }, regex)), weight: 2 },
    { arbitrary: op('$elemMatch', tie('condition')), weight: 2 },
    { arbitrary: op('$elemMatch', tie('filter')), weight: 2 },
    fc.tuple(patterns, fc.option(flags)).map(([$regex, $options]): Plain => ({ $regex, ...($options === null ? {} : { $options }) })),
    op('$regex', regex),
  ),
  condition: fc.tuple(tie('operator'), seldom(tie('operator'), 4)).map(([one, other]): Plain => Object.assign({}, one, other ?? {})),
  expression: fc.oneof(
    fc
      .tuple(fc.constantFrom(...comparisons), path, fc.oneof(value, path))
      .map(([name, left, right]): unknown => ({ [name]: [`$${left}`, typeof right === 'string' ? right : { $literal: right }] })),
    path.map((name): unknown => `$${name}`),
  ),
  filter: fc.oneof(
    { depthSize: 'small' },
    {
      arbitrary: fc
        .tuple(path, fc.oneof(value, tie('condition'), tie('condition'), regex))
        .map(([name, test]): Plain => ({ [name]: test })),
      weight: 6,
    },
    {
      arbitrary: fc
        .tuple(path, path, tie('condition'), tie('condition'))
        .map(([one, two, first, second]): Plain => ({ [one]: first, [two]: second })),
      weight: 2,
    },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
        .map(([name, list]): Plain => ({ [name]: list })),
      weight: 3,
    },
    fc.tuple(tie('filter'), scalar).map(([inner, $comment]): Plain => ({ ...plainOf(inner), $comment })),
    op('$expr', tie('expression')),
    fc.tuple(fc.constantFrom('_id'), fc.oneof(number, objectId, tie('condition'))).map(([name, test]): Plain => ({ [name]: test })),
    fc.constantFrom<Plain>({}, { $and: [] }, { $or: {} }, { $nor: [1] }, { a: { $unknown: 1 } }, { $unknown: 1 }, { a: { $gt: 1, b: 2 } }, { a: { b: 2, $gt: 1 } }, { a: { $in: 1 } }, { a: { $not: 1 } }, { a: { $not: {} } }, { a: { $elemMatch: 1 } }, { a: { $all: 1 } }, { a: { $options: 'i' } }, { a: { $in: [{ $gt: 1 }] } }, { '': 1 }, { 'a.': 1 }, { '.a': 1 }, { 'a..b': null }), // prettier-ignore
  ),
}));

function plainOf(plain: Plain): Record<string, unknown> {
  return plain instanceof Map ? Object.fromEntries(plain) : plain;
}

export { condition, filter };
