// Random expressions: for every declared operator its well-formed operands (mostly of the kinds it wants), nested, and now and then spoilt.
import fc from 'fast-check';
import { EXPRESSIONS, type ExpressionName } from '../../../embedded-mongodb/surface.js';
import { DATE_SHAPES } from './expressions-dates.js';
import { type Give, named, type Shape, type Shapes } from './expressions-shape.js';
import { FIELDS, type Kind, LITERALS, small } from './expressions-values.js';
import { TEXT_SHAPES } from './expressions-texts.js';

const every =
  (kind: Kind, least = 0, most = 3): Shape['operand'] =>
  (give) =>
    fc.array(give(kind), { minLength: least, maxLength: most });
const two =
  (one: Kind, other: Kind): Shape['operand'] =>
  (give) =>
    fc.tuple(give(one), give(other));
const one =
  (kind: Kind): Shape['operand'] =>
  (give) =>
    fc.oneof({ arbitrary: give(kind), weight: 3 }, { arbitrary: give(kind).map((value): unknown => [value]), weight: 1 });
const withPlaces: Shape['operand'] = (give) =>
  fc.oneof(
    give('number').map((value): unknown => [value]),
    fc.tuple(give('number'), fc.oneof(small, fc.integer({ min: -22, max: 40 }))),
  );
const positions =
  (array: Kind, sought: Kind): Shape['operand'] =>
  (give) =>
    fc
      .tuple(give(array), give(sought), fc.array(give('small'), { maxLength: 2 }))
      .map(([value, part, ends]): unknown => [value, part, ...ends]);
const totals: Shape['operand'] = (give) =>
  fc.oneof(give('numbers'), fc.array(give('number'), { maxLength: 4 }), fc.array(give('list'), { minLength: 1, maxLength: 1 }));

const direction = fc.constantFrom<unknown>(1, -1, 1, -1, 0);

const SHAPES: Shapes<ExpressionName> = {
  ...TEXT_SHAPES,
  ...DATE_SHAPES,
  $abs: { gives: 'number', operand: one('number') },
  $add: { gives: 'number', operand: (give) => fc.oneof(every('number')(give), fc.tuple(give('date'), give('number'))) },
  $allElementsTrue: { gives: 'flag', operand: (give) => fc.tuple(give('list')) },
  $and: { gives: 'flag', operand: every('flag') },
  $anyElementTrue: { gives: 'flag', operand: (give) => fc.tuple(give('list')) },
  $arrayElemAt: { gives: 'any', operand: two('list', 'small') },
  $arrayToObject: {
    gives: 'object',
    operand: (give) =>
      fc.oneof(
        fc.tuple(give('objects')),
        fc.tuple(fc.array(fc.tuple(give('text'), give('any')), { maxLength: 3 })),
        fc.tuple(fc.array(fc.record({ k: give('text'), v: give('any') }), { maxLength: 3 })),
      ),
  },
  $avg: { gives: 'number', operand: totals },
  $ceil: { gives: 'number', operand: one('number') },
  $cmp: { gives: 'small', operand: two('any', 'any') },
  $concatArrays: { gives: 'list', operand: every('list') },
  $cond: {
    gives: 'any',
    operand: (give) =>
      fc.oneof(fc.tuple(give('flag'), give('any'), give('any')), named({ if: give('flag'), then: give('any'), else: give('any') })),
  },
  $const: { gives: 'any', operand: () => LITERALS.any },
  $divide: { gives: 'number', operand: two('number', 'number') },
  $eq: { gives: 'flag', operand: two('any', 'any') },
  $filter: {
    gives: 'list',
    operand: (give) =>
      fc.oneof(
        named({ input: give('list'), cond: give('flag') }, { limit: give('small') }),
        named({ input: give('numbers'), cond: fc.tuple(fc.constantFrom('$gt', '$lte'), give('number')).map(([name, to]) => ({ [name]: ['$$this', to] })) }), // prettier-ignore
        named({ input: give('list'), as: fc.constant('v'), cond: fc.constantFrom('$$v', '$$v.n', '$$this') }),
      ),
  },
  $first: { gives: 'any', operand: one('list') },
  $floor: { gives: 'number', operand: one('number') },
  $getField: {
    gives: 'any',
    operand: (give) =>
      fc.oneof(
        fc.constantFrom<unknown>('n', 's', 'o', 'o.n', { $const: '$a' }, { $literal: 'a.b' }),
        named({ field: fc.oneof(fc.constantFrom<unknown>('n', 'a.b', { $literal: '$a' }), give('text')), input: give('object') }),
      ),
  },
  $gt: { gives: 'flag', operand: two('any', 'any') },
  $gte: { gives: 'flag', operand: two('number', 'number') },
  $ifNull: { gives: 'any', operand: every('any', 1, 3) },
  $in: { gives: 'flag', operand: two('any', 'list') },
  $indexOfArray: { gives: 'small', operand: positions('list', 'any') },
  $isArray: { gives: 'flag', operand: one('any') },
  $isNumber: { gives: 'flag', operand: one('any') },
  $last: { gives: 'any', operand: one('list') },
  $let: {
    gives: 'any',
    operand: (give) =>
      named({
        vars: fc.record({ v: give('any'), w: give('any') }, { requiredKeys: [] }),
        in: fc.oneof(give('any'), fc.constantFrom<unknown>('$$v', '$$w.n', ['$$v', '$$w'], '$$ROOT.n', '$$CURRENT.s', '$n')),
      }),
  },
  $literal: { gives: 'any', operand: () => LITERALS.any },
  $lt: { gives: 'flag', operand: two('any', 'any') },
  $lte: { gives: 'flag', operand: two('number', 'number') },
  $map: {
    gives: 'list',
    operand: (give) =>
      named({
        input: give('list'),
        in: fc.oneof(give('any'), fc.constantFrom<unknown>('$$this', { v: '$$this' }, { $type: '$$this' }, { $ifNull: ['$$this.n', '$$this'] }, '$$ROOT.s')), // prettier-ignore
      }),
  },
  $max: { gives: 'any', operand: totals },
  $mergeObjects: { gives: 'object', operand: (give) => fc.oneof(every('object')(give), give('objects')) },
  $min: { gives: 'any', operand: totals },
  $meta: { gives: 'any', operand: () => fc.constant('vectorSearchScore') },
  $mod: { gives: 'number', operand: two('number', 'number') },
  $multiply: { gives: 'number', operand: every('number') },
  $ne: { gives: 'flag', operand: two('any', 'any') },
  $not: { gives: 'flag', operand: (give) => fc.tuple(give('any')) },
  $objectToArray: { gives: 'objects', operand: one('object') },
  $or: { gives: 'flag', operand: every('flag') },
  $range: {
    gives: 'numbers',
    operand: (give) => fc.tuple(give('small'), give('small'), fc.array(give('small'), { maxLength: 1 })).map(([from, to, by]): unknown => [from, to, ...by]), // prettier-ignore
  },
  $reduce: {
    gives: 'any',
    operand: (give) =>
      named({
        input: fc.oneof(give('list'), give('numbers'), give('texts')),
        initialValue: give('any'),
        in: fc.oneof(give('any'), fc.constantFrom<unknown>({ $add: ['$$value', '$$this'] }, { $concat: ['$$value', '$$this'] }, ['$$value', '$$this'], '$$this', { $concatArrays: [{ $cond: [{ $isArray: '$$value' }, '$$value', []] }, ['$$this']] })), // prettier-ignore
      }),
  },
  $reverseArray: { gives: 'list', operand: one('list') },
  $round: { gives: 'number', operand: withPlaces },
  $setDifference: { gives: 'list', operand: two('list', 'list') },
  $setEquals: { gives: 'flag', operand: every('list', 1, 3) },
  $setField: {
    gives: 'object',
    operand: (give) =>
      named({
        field: fc.constantFrom<unknown>('n', 's', 'a.b', { $literal: '$a' }, { $const: 'z' }, ''),
        input: give('object'),
        value: fc.oneof(give('any'), fc.constant('$$REMOVE')),
      }),
  },
  $setIntersection: { gives: 'list', operand: every('list') },
  $setIsSubset: { gives: 'flag', operand: two('list', 'list') },
  $setUnion: { gives: 'list', operand: every('list') },
  $size: { gives: 'small', operand: one('list') },
  $slice: {
    gives: 'list',
    operand: (give) => fc.tuple(give('list'), give('small'), fc.array(give('small'), { maxLength: 1 })).map(([list, from, count]): unknown => [list, from, ...count]), // prettier-ignore
  },
  $sortArray: {
    gives: 'list',
    operand: (give) =>
      fc.oneof(
        named({ input: give('list'), sortBy: direction }),
        named({ input: give('objects'), sortBy: fc.dictionary(fc.constantFrom('n', 's', 'v', 'v.n', 'a'), direction, { minKeys: 1, maxKeys: 2 }) }), // prettier-ignore
      ),
  },
  $sqrt: { gives: 'number', operand: one('number') },
  $subtract: {
    gives: 'number',
    operand: (give) => fc.oneof(two('number', 'number')(give), two('date', 'date')(give), two('date', 'number')(give)),
  },
  $sum: { gives: 'number', operand: totals },
  $switch: {
    gives: 'any',
    operand: (give) =>
      named(
        { branches: fc.array(named({ case: give('flag'), then: give('any') }), { minLength: 1, maxLength: 3 }) },
        { default: give('any') },
      ),
  },
  $trunc: { gives: 'number', operand: withPlaces },
  $type: { gives: 'text', operand: one('any') },
  $unsetField: {
    gives: 'object',
    operand: (give) => named({ field: fc.constantFrom<unknown>('n', 'a.b', { $literal: '$a' }), input: give('object') }),
  },
  $zip: {
    gives: 'list',
    operand: (give) =>
      fc.oneof(
        named({ inputs: every('list', 1, 3)(give) }, { useLongestLength: fc.boolean() }),
        named({
          inputs: fc.tuple(give('list'), give('list')),
          defaults: fc.tuple(give('any'), give('any')),
          useLongestLength: fc.constantFrom(true, true, false),
        }),
      ),
  },
};

/** One fault in an operand: an argument too many or too few, a parameter that is absent or unknown, something else altogether. */
function spoilt(operand: unknown, fault: number, odd: unknown): unknown {
  if (Array.isArray(operand)) {
    const items = operand as unknown[];
    return [[...items, odd], items.slice(1), odd, [odd, ...items.slice(1)]][fault % 4];
  }
  if (typeof operand !== 'object' || operand === null || Object.getPrototypeOf(operand) !== Object.prototype) return odd;
  const entries = Object.entries(operand);
  const at = Math.floor(fault / 4) % Math.max(1, entries.length);
  if (fault % 4 === 0) return Object.fromEntries(entries.filter((_entry, index) => index !== at));
  if (fault % 4 === 1) return { ...operand, unknown: odd };
  return fault % 4 === 2 ? Object.fromEntries(entries.map(([key, value], index) => [key, index === at ? odd : value])) : odd;
}

function operation(name: ExpressionName, give: Give): fc.Arbitrary<unknown> {
  const operand = SHAPES[name].operand(give);
  const faulty = fc.tuple(operand, fc.nat(63), LITERALS.any).map(([value, fault, odd]) => spoilt(value, fault, odd));
  return fc.oneof({ arbitrary: operand, weight: 40 }, { arbitrary: faulty, weight: 1 }).map((value): unknown => ({ [name]: value }));
}

const VARIABLES = ['$$ROOT', '$$CURRENT', '$$REMOVE', '$$ROOT.n', '$$CURRENT.o.n', '$$this', '$$value', '$$v', '$$unknown'];
const OTHER_PATHS = ['$missing', '$o.n', '$o.a', '$os.n', '$os.a', '$a.n', '$o.v.n', '$x.n', '$_id', '$a.0', '$o.missing', '$$ROOT'];
const WRONG_PATHS = ['$', '$$', '$a.', '$a..b', '$.a', '$a.$b', '$$A', '$$this.'];

function leaf(kind: Kind): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: fc.constant(`$${FIELDS[kind]}`), weight: 8 },
    { arbitrary: LITERALS[kind].map((value) => literal(value)), weight: 8 },
    { arbitrary: fc.constantFrom(...OTHER_PATHS), weight: 2 },
    { arbitrary: fc.constantFrom(...VARIABLES.slice(0, 5)), weight: 1 },
    ...(kind === 'any' ? [{ arbitrary: fc.constantFrom(...VARIABLES, ...WRONG_PATHS), weight: 1 }] : []),
  );
}

/** Values that an expression would take for something else are written with $literal. */
function literal(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? value : { $literal: value };
}

/** $meta needs a search. */
const NAMES = EXPRESSIONS.filter((name) => name !== '$meta');
const KINDS = Object.keys(FIELDS) as Kind[];
const GIVERS = new Map(KINDS.map((kind) => [kind, NAMES.filter((name) => SHAPES[name].gives === kind)]));

const tied = fc.letrec<Record<Kind, unknown>>((tie) => {
  const give: Give = (kind) => tie(kind);
  const ofKind = (kind: Kind): fc.Arbitrary<unknown> => {
    const names = kind === 'any' ? NAMES : [...(GIVERS.get(kind) ?? []), ...(kind === 'number' ? (GIVERS.get('small') ?? []) : [])];
    return fc.oneof(
      { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
      { arbitrary: leaf(kind), weight: 2 * Math.max(6, names.length) },
      ...names.map((name) => ({ arbitrary: operation(name, give), weight: 1 })),
      ...(kind === 'any' ? [{ arbitrary: fc.array(tie('any'), { maxLength: 2 }) as fc.Arbitrary<unknown>, weight: 4 }] : []),
      ...(kind === 'any'
        ? [{ arbitrary: fc.record({ r: tie('any'), t: tie('any') }, { requiredKeys: [] }) as fc.Arbitrary<unknown>, weight: 4 }]
        : []),
      ...(kind === 'any' ? [] : [{ arbitrary: tie('any'), weight: 2 }]),
    );
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, ofKind(kind)])) as Record<Kind, fc.Arbitrary<unknown>>;
});

/** Any expression; a given operator at its top. */
export const expression: fc.Arbitrary<unknown> = fc.oneof(...NAMES.map((name) => operation(name, (kind) => tied[kind])));

/** An expression that mostly gives one kind. */
export const expressionOf: Give = (kind) => tied[kind];
