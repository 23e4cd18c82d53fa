// Random writes: updates of every form (operators, replacement, pipeline, arrayFilters, positional, upsert), findAndModify, inserts and deletes.
import fc from 'fast-check';
import { F, L, type Plain } from '../differential/case.js';
import { condition, filter } from './filters.js';
import { projection, sort } from './finds.js';
import { COLLECTION, type Generator, type Probe } from './probe.js';
import { anyName, documentOf, documents, field, number, objectId, optional, path, scalar, seldom, value } from './values.js';

const updatePath: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: field, weight: 5 },
  { arbitrary: path, weight: 8 },
  {
    arbitrary: fc
      .tuple(field, fc.constantFrom('$', '$[]', '$[x]', '0', '1', '3'), fc.option(anyName), fc.option(fc.constantFrom('$[]', '$[y]', '0')))
      .map(([first, middle, last, deeper]) => [first, middle, ...(last ? [last] : []), ...(deeper && last ? [deeper] : [])].join('.')),
    weight: 5,
  },
  fc.constantFrom('_id', '_id.a', 'a.', '', '.a', '$a', 'a.$a', '$', '$[]', 'a.$[].$', 'a.$.$', '__proto__.a'),
);

const one = fc.constantFrom<unknown>(1, 1, -1, F(1), L(-1));
const whole = fc.oneof({ arbitrary: fc.integer({ min: -3, max: 3 }), weight: 8 }, fc.constantFrom<unknown>(F(1), L(2), F(1.5), 'a', null)); // prettier-ignore
const items = fc.oneof({ arbitrary: fc.array(value, { maxLength: 3 }), weight: 10 }, scalar);
const pushSort = fc.oneof(
  one,
  fc.tuple(path, one).map(([name, direction]): unknown => ({ [name]: direction })),
  fc.constantFrom<unknown>(0, 2, {}, { a: 0 }, 'a', { 'a.': 1 }),
);
const push = fc.oneof(
  value,
  fc.tuple(items, optional({ $slice: whole, $position: whole, $sort: pushSort })).map(([$each, rest]): unknown => ({ $each, ...rest })),
  fc.constantFrom<unknown>({ $slice: 1 }, { $each: [1], $unknown: 1 }, { $each: [1], a: 1 }, { a: 1, $each: [1] }),
);
const bits = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom('and', 'or', 'xor'), fc.constantFrom<unknown>(1, 5, -1, L(3), L('9223372036854775807')))
      .map(([name, operand]): unknown => ({ [name]: operand })),
    weight: 8,
  },
  fc.constantFrom<unknown>({ and: 1, or: 6 }, {}, { not: 1 }, { and: F(1) }, 1, { and: 'a' }),
);
const currentDate = fc.constantFrom<unknown>(true, { $type: 'date' }, { $type: 'timestamp' }, false, { $type: 'time' }, 1, {});

type Change = readonly [operator: string, target: string, operand: unknown];
const changing = (names: readonly string[], operand: fc.Arbitrary<unknown>, target = updatePath): fc.Arbitrary<Change> =>
  fc.tuple(fc.constantFrom(...names), target, operand);

const change: fc.Arbitrary<Change> = fc.oneof(
  { arbitrary: changing(['$set', '$set', '$min', '$max', '$setOnInsert'], value), weight: 6 },
  { arbitrary: changing(['$inc', '$mul'], fc.oneof({ arbitrary: number, weight: 10 }, scalar)), weight: 4 },
  { arbitrary: changing(['$unset'], scalar), weight: 2 },
  { arbitrary: changing(['$pop'], fc.oneof({ arbitrary: one, weight: 8 }, scalar)), weight: 1 },
  { arbitrary: changing(['$rename'], fc.oneof({ arbitrary: path, weight: 10 }, updatePath, scalar)), weight: 2 },
  { arbitrary: changing(['$push'], push), weight: 4 },
  { arbitrary: changing(['$addToSet'], fc.oneof(value, op('$each', items))), weight: 3 },
  { arbitrary: changing(['$pull'], fc.oneof(value, condition as fc.Arbitrary<unknown>, filter as fc.Arbitrary<unknown>)), weight: 3 },
  { arbitrary: changing(['$pullAll'], items), weight: 2 },
  { arbitrary: changing(['$bit'], bits), weight: 2 },
  { arbitrary: changing(['$currentDate'], currentDate), weight: 1 },
);

function op(name: string, operand: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return operand.map((given) => ({ [name]: given }));
}

/** Changes by operator, each operator's targets in the order they were given. */
function byOperator(changes: readonly Change[]): Plain {
  const result = new Map<string, Map<string, unknown>>();
  for (const [name, target, operand] of changes) {
    const fields = result.get(name) ?? new Map<string, unknown>();
    result.set(name, fields.set(target, operand));
  }
  return result;
}

/** One change mostly, so that faults of one do not hide the others. */
const operators: fc.Arbitrary<Plain> = fc
  .oneof({ arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }), weight: 3 }, fc.array(change, { minLength: 2, maxLength: 3 }))
  .map(byOperator);

const expression: fc.Arbitrary<unknown> = fc.oneof(
  path.map((name): unknown => `$${name}`),
  value.map(($literal): unknown => ({ $literal })),
  fc.tuple(path, number).map(([name, operand]): unknown => ({ $add: [`$${name}`, operand] })),
  fc.tuple(path, path).map(([left, right]): unknown => ({ $cond: [{ $gt: [`$${left}`, `$${right}`] }, `$${left}`, '$$REMOVE'] })),
  fc.constantFrom<unknown>('$$NOW', '$$ROOT', '$$REMOVE', { b: '$a', c: '$$REMOVE' }, ['$a', '$z']),
);
const setting = fc.array(fc.tuple(path, expression), { minLength: 1, maxLength: 2 }).map((fields): Plain => new Map(fields));
const stage: fc.Arbitrary<Plain> = fc.oneof(
  { arbitrary: fc.tuple(fc.constantFrom('$set', '$addFields'), setting).map(([name, fields]): Plain => ({ [name]: fields })), weight: 5 },
  fc.oneof(path as fc.Arbitrary<unknown>, fc.array(path, { minLength: 1, maxLength: 2 })).map(($unset): Plain => ({ $unset })),
  fc
    .array(fc.tuple(path, fc.constantFrom<unknown>(1, '$a', 1)), { minLength: 1, maxLength: 2 })
    .map((fields): Plain => ({ $project: new Map(fields) })),
  fc.array(fc.tuple(path, fc.constant<unknown>(0)), { minLength: 1, maxLength: 2 }).map((fields): Plain => ({ $project: new Map(fields) })),
  fc
    .tuple(fc.constantFrom('$replaceWith'), expression)
    .map(([name, given]): Plain => ({ [name]: { $mergeObjects: ['$$ROOT', { a: given }] } })),
  expression.map((newRoot): Plain => ({ $replaceRoot: { newRoot } })),
  fc.constantFrom<Plain>({ $match: {} }, { $unknown: 1 }, { $set: 1 }, { $set: { _id: 9 } }, { $unset: '_id' }, {}),
);
const pipeline = fc.array(stage, { minLength: 1, maxLength: 3 });
const replacement = fc
  .tuple(documentOf(value), fc.option(fc.constantFrom<unknown>(0, 1, F(1), null)))
  .map(([doc, _id]): Plain => new Map<string, unknown>([...doc, ...(_id === null ? [] : [['_id', _id] as [string, unknown]])]));

const update = fc.oneof(
  { arbitrary: operators, weight: 14 },
  { arbitrary: pipeline, weight: 4 },
  { arbitrary: replacement, weight: 3 },
  fc.constantFrom<unknown>({ $set: {} }, { $unknown: { a: 1 } }, { $set: 1 }, { $set: { a: 1 }, b: 1 }, { b: 1, $set: { a: 1 } }, { $inc: { a: 1 }, $set: { a: 2 } }, { $set: { a: 1, 'a.b': 2 } }, [], { $rename: { a: 'a' } }), // prettier-ignore
);

/** Array filters for the names that paths use, most of the time the ones a path needs. */
const arrayFilters = fc.oneof(
  fc.tuple(condition, fc.option(condition)).map(([x, y]): unknown => [{ x }, ...(y ? [{ y }] : [])]),
  fc.tuple(anyName, value).map(([name, given]): unknown => [{ [name === '' ? 'x' : `x.${name}`]: given }]),
  fc.constantFrom<unknown>([{ x: 1 }, { x: 2 }], [{}], [{ X: 1 }], [{ x: 1, y: 1 }], [{ $or: [{ x: 1 }, { x: 2 }] }], []),
);

function uses(given: unknown, name: string): boolean {
  return (
    given instanceof Map &&
    [...given.values()].some((fields) => fields instanceof Map && [...fields.keys()].some((key) => String(key).includes(name)))
  );
}

/** Array filters exactly for the identifiers an update uses; sometimes too few or too many. */
const withFilters = fc.tuple(update, condition, condition, seldom(arrayFilters, 20)).map(([u, x, y, other]) => {
  const filters = [...(uses(u, '$[x]') ? [{ x }] : []), ...(uses(u, '$[y]') ? [{ y }] : [])];
  if (other !== null) return { u, arrayFilters: other };
  return filters.length > 0 ? { u, arrayFilters: filters } : { u };
});

/** Whether an upsert may take more than one equality from a filter. */
function severalFields(q: Plain): boolean {
  const [[key, value] = ['', null], ...others] = q instanceof Map ? [...q] : Object.entries(q);
  if (others.length > 0) return true;
  return key.startsWith('$') && Array.isArray(value) && (value.length > 1 || value.some((inner: Plain) => severalFields(inner)));
}

/** The paths of a filter. */
function pathsOf(q: Plain): string[] {
  return (q instanceof Map ? [...q] : Object.entries(q)).flatMap(([key, value]: [string, unknown]) => {
    if (!key.startsWith('$')) return [key];
    return Array.isArray(value) ? value.flatMap((inner: Plain) => (inner instanceof Object ? pathsOf(inner) : [])) : [];
  });
}

/**
 * Whether an upsert may depend on the order of the fields that it takes from a filter, which is not specified: where several make one document, which
 * may be compared, and where a pipeline leaves a document as it was, with its `_id` in any place.
 */
function isUnspecified(q: Plain, u: unknown): boolean {
  const paths = pathsOf(q);
  const parents = paths.filter((name) => name.includes('.')).map((name) => name.split('.', 1)[0]);
  return new Set(parents).size < parents.length || (Array.isArray(u) && paths.length > 1 && paths.includes('_id'));
}

/** One statement of an update command. */
const statement = fc
  .tuple(filter, withFilters, fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 2 }))
  .map(([q, given, multi, upsert, all]) => ({ q: all === 0 ? {} : q, ...given, multi, upsert: upsert && !isUnspecified(q, given.u) }));

/** A malformed stage fails the whole command; which of the other statements MongoDB has carried out by then is its own business. */
function isAlone({ u }: { u: unknown }): boolean {
  return Array.isArray(u) && u.some((given: Plain) => Object.keys(given).length !== 1);
}

const updates = fc.tuple(statement, seldom(statement, 8), fc.boolean()).map(([one, two, ordered]): Probe => {
  const statements = two === null || isAlone(one) || isAlone(two) ? [one] : [one, two];
  return {
    kind: 'update',
    writes: true,
    anyFieldOrder: statements.some(({ q, upsert }) => upsert && severalFields(q)),
    command: { update: COLLECTION, updates: statements, ...(statements.length === 1 ? {} : { ordered }) },
  };
});

const equalities = fc
  .array(
    fc.tuple(
      fc.oneof({ arbitrary: path, weight: 4 }, fc.constant('_id')),
      fc.oneof(value, op('$eq', value), op('$in', fc.array(value, { minLength: 1, maxLength: 2 })), condition),
    ),
    { minLength: 1, maxLength: 3 },
  ) // prettier-ignore
  .map((fields): Plain => new Map(fields));
const upserts = fc
  .tuple(
    fc.oneof({ arbitrary: equalities, weight: 4 }, fc.array(equalities, { minLength: 1, maxLength: 2 }).map(($and): Plain => ({ $and })), fc.array(equalities, { minLength: 1, maxLength: 1 }).map(($or): Plain => ({ $or }))), // prettier-ignore
    withFilters,
  )
  .filter(([q, { u }]) => !isUnspecified(q, u))
  .map(([q, given]): Probe => ({
    kind: 'upsert',
    writes: true,
    anyFieldOrder: severalFields(q),
    command: { update: COLLECTION, updates: [{ q, ...given, upsert: true }] },
  }));

const modifies = fc
  .tuple(
    filter,
    withFilters,
    sort,
    optional({ new: fc.boolean(), upsert: fc.boolean(), fields: projection }),
    fc.integer({ max: 5, min: 0 }),
  )
  .map(([query, { u, ...filters }, order, rest, remove]): Probe => {
    const what = remove === 0 ? { remove: true } : { update: u, ...filters };
    return {
      kind: 'findAndModify',
      writes: true,
      anyFieldOrder: severalFields(query),
      command: { findAndModify: COLLECTION, query, sort: order, ...what, ...rest, ...(isUnspecified(query, u) ? { upsert: false } : {}) },
    };
  });

const deletion = fc.tuple(filter, fc.constantFrom<unknown>(0, 1, 1, F(1), 2)).map(([q, limit]) => ({ q, limit }));
const deletes = fc
  .tuple(fc.array(deletion, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([list, ordered]): Probe => ({ kind: 'delete', writes: true, command: { delete: COLLECTION, deletes: list, ordered } }));

const insertable = fc
  .tuple(
    documentOf(value, fc.oneof({ arbitrary: anyName, weight: 6 }, fc.constantFrom('$a', 'a.b', '$set', '_id', '$'))),
    fc.option(fc.oneof(scalar, objectId, value)),
  )
  .map(([doc, _id]): Plain => (_id === null ? doc : new Map<string, unknown>([...doc, ['_id', _id]])));
const inserts = fc
  .tuple(fc.oneof(fc.array(insertable, { minLength: 1, maxLength: 3 }), documents({ minLength: 1, maxLength: 2 })), fc.boolean())
  .map(([docs, ordered]): Probe => ({ kind: 'insert', writes: true, command: { insert: COLLECTION, documents: docs, ordered } }));

export const UPDATE_GENERATORS: readonly Generator[] = [
  { kind: 'update', weight: 10, probes: updates },
  { kind: 'upsert', weight: 4, probes: upserts },
  { kind: 'findAndModify', weight: 2, probes: modifies },
  { kind: 'delete', weight: 1, probes: deletes },
  { kind: 'insert', weight: 1, probes: inserts },
];
