// Chooses how a query reaches its documents. The rules, in this order: a hint; `_id` given: point read; the index with all fields of a
// unique key given; most leading fields given as points; a range on the next field; giving the sort; fewest fields; oldest. No index
// with a bounded field: one that gives the sort, else the whole collection.
import { type Doc, int32, Int32, isDoc, isNumber, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { type Collation, sameCollation } from '../indexes/collation.js';
import type { Index } from '../indexes/index-spec.js';
import { impliesPartial, rulesOutMissing } from '../indexes/partial.js';
import { storedBound, successor } from '../keys.js';
import { type Range, tableKey, tableRange } from '../store/store.js';
import { boundsOf, descendingRanges, type FieldBounds, type FieldRange } from './bounds.js';
import { type Predicate, type Predicates, predicatesOf } from './predicates.js';

export interface Query {
  readonly filter: Doc;
  readonly sort: Doc | undefined;
  /** Name or key pattern of an index, or `{ $natural: 1 | -1 }`. */
  readonly hint: Value | undefined;
  readonly collation: Collation | undefined;
}

export interface IndexAccess {
  readonly kind: 'index';
  readonly index: Index;
  /** In index order, not overlapping. */
  readonly ranges: readonly Range[];
  readonly reverse: boolean;
  /** For each field of the index the texts of its ranges, for explain. */
  readonly boundsText: readonly (readonly string[])[];
  /** The ranges hold exactly the matching documents, one entry each. */
  readonly exact: boolean;
}

export type Access = { readonly kind: 'id'; readonly id: Value } | IndexAccess | { readonly kind: 'collection'; readonly reverse: boolean };

export interface Plan {
  readonly access: Access;
  /** Documents come in the order of the query's sort. */
  readonly sorted: boolean;
}

/** Most point combinations of leading fields that are scanned one by one. */
const MAX_RANGES = 1000;

interface Candidate {
  readonly access: IndexAccess;
  readonly sorted: boolean;
  /** At least one field limits the scan. */
  readonly bounded: boolean;
  /** Compared from the left, larger is better. */
  readonly rank: readonly number[];
}

/** The plan of a query. Errors: BadValue for a hint that names no index, NoQueryExecutionPlans for one that cannot serve. */
export function planQuery(collection: Collection, query: Query): Plan {
  const natural = naturalDirection(query.sort) ?? (isDoc(query.hint) ? naturalDirection(query.hint) : undefined);
  const predicates = predicatesOf(query.filter);
  if (natural !== undefined)
    return { access: { kind: 'collection', reverse: natural < 0 }, sorted: naturalDirection(query.sort) !== undefined };
  if (query.hint !== undefined) return hinted(collection, query, predicates);
  const id = pointId(query, predicates.list);
  if (id !== undefined) return { access: { kind: 'id', id }, sorted: true };
  let best: Candidate | undefined;
  for (const index of collection.indexes) {
    if (!isEligible(index, query, predicates.list)) continue;
    const candidate = candidateOf(index, query, predicates);
    if (!candidate.bounded && (query.sort === undefined || !candidate.sorted)) continue;
    if (!best || isBetter(candidate.rank, best.rank)) best = candidate;
  }
  return best ?? { access: { kind: 'collection', reverse: false }, sorted: query.sort === undefined };
}

function hinted(collection: Collection, query: Query, predicates: Predicates): Plan {
  const index = findIndex(collection, query.hint as Value);
  if (!index) {
    throw new MongoError(
      'BadValue',
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    );
  }
  if ((index.partialFilter && !impliesPartial(predicates.list, index.partialFilter)) || !sameCollation(index.collation, query.collation)) {
    throw new MongoError(
      291,
      `error processing query: planner returned error :: caused by :: hint '${index.name}' cannot serve this query: No indexed plans available`,
    );
  }
  return candidateOf(index, query, predicates);
}

/** The index with this name or exactly this key pattern. */
export function findIndex(collection: Collection, hint: Value): Index | undefined {
  if (typeof hint === 'string') return collection.indexes.find((index) => index.name === hint);
  if (!isDoc(hint)) throw new MongoError('FailedToParse', 'Hint must be a string or an object');
  return collection.indexes.find((index) => sameKeyPattern(index.key, hint));
}

export function sameKeyPattern(a: Doc, b: Doc): boolean {
  const [left, right] = [[...a], [...b]];
  return (
    left.length === right.length &&
    left.every(([path, value], position) => path === right[position]?.[0] && sameNumber(value, right[position][1]))
  );
}

function sameNumber(a: Value, b: Value): boolean {
  return isNumber(a) && isNumber(b) && numberOf(a) === numberOf(b);
}

function numberOf(value: Value): number {
  return value instanceof Int32 ? value.value : Number(isNumber(value) ? value.toString() : NaN);
}

/** 1 or -1 for `{ $natural: … }`. */
function naturalDirection(spec: Doc | undefined): number | undefined {
  const value = spec?.size === 1 ? spec.get('$natural') : undefined;
  return value === undefined ? undefined : Math.sign(numberOf(value));
}

function pointId(query: Query, predicates: readonly Predicate[]): Value | undefined {
  if (query.collation) return undefined;
  for (const predicate of predicates) {
    if (predicate.kind !== 'points' || predicate.path !== '_id' || predicate.values.length !== 1) continue;
    const [value] = predicate.values;
    if (value !== undefined && !Array.isArray(value)) return value;
  }
  return undefined;
}

function isEligible(index: Index, query: Query, predicates: readonly Predicate[]): boolean {
  if (!sameCollation(index.collation, query.collation)) return false;
  if (index.partialFilter && !impliesPartial(predicates, index.partialFilter)) return false;
  return !index.sparse || predicates.some((predicate) => index.paths.includes(predicate.path) && rulesOutMissing(predicate));
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const difference = a.findIndex((value, position) => value !== b[position]);
  return difference >= 0 && (a[difference] ?? 0) > (b[difference] ?? 0);
}

function candidateOf(index: Index, query: Query, predicates: Predicates): Candidate {
  const bounds = index.paths.map((path) => boundsOfPath(path, index, predicates.list));
  const leading = leadingRanges(index, bounds);
  const order = sortDirection(index, bounds, query.sort);
  const used = index.paths.slice(0, leading.used);
  const exact =
    predicates.complete &&
    !index.multikey &&
    !index.longKeys &&
    predicates.list.every((predicate) => used.includes(predicate.path)) &&
    bounds.slice(0, leading.used).every((bound) => bound?.exact !== false);
  const points = bounds.findIndex((bound) => bound?.ranges.length !== 1 || !bound.ranges[0]?.point);
  const pointFields = points < 0 ? bounds.length : points;
  const whole = index.unique && pointFields === index.fields.length;
  const empty = bounds.slice(0, leading.used).some((bound) => bound?.ranges.length === 0);
  return {
    access: {
      kind: 'index',
      index,
      ranges: empty ? [] : leading.used === 0 ? [tableRange(index.table)] : leading.ranges.map((range) => storedRange(index, range)),
      reverse: order === -1,
      boundsText: bounds.map((bound) => (bound ? bound.ranges.map((range) => range.text) : ['[MinKey, MaxKey]'])),
      exact,
    },
    sorted: query.sort === undefined || order !== 0,
    bounded: leading.used > 0,
    rank: [whole ? 1 : 0, leading.points, leading.used - leading.points, order === 0 ? 0 : 1, -index.fields.length],
  };
}

function boundsOfPath(path: string, index: Index, predicates: readonly Predicate[]): FieldBounds | undefined {
  return boundsOf(
    predicates.filter((predicate) => predicate.path === path),
    index.multikey,
    index.collation,
  );
}

interface Leading {
  readonly ranges: readonly { start: Buffer; end: Buffer }[];
  /** Leading fields that bound the scan. */
  readonly used: number;
  /** Of these, the ones that are points. */
  readonly points: number;
}

/** Combines the fields' ranges: points of leading fields with each other, up to and including the first field that is a range. */
function leadingRanges(index: Index, bounds: readonly (FieldBounds | undefined)[]): Leading {
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let points = 0;
  for (let position = 0; position < bounds.length; position += 1) {
    const bound = bounds[position];
    if (!bound) break;
    const ranges = index.descending[position] ? descendingRanges(bound.ranges) : bound.ranges;
    if (!ranges.every((range) => range.point) || prefixes.length * ranges.length > MAX_RANGES) {
      return { ranges: combine(prefixes, ranges), used: points + 1, points };
    }
    prefixes = prefixes.flatMap((prefix) => ranges.map((range) => Buffer.concat([prefix, range.start])));
    points += 1;
  }
  return { ranges: points === 0 ? [] : prefixes.map((start) => ({ start, end: successor(start) })), used: points, points };
}

function combine(prefixes: readonly Buffer[], ranges: readonly FieldRange[]): { start: Buffer; end: Buffer }[] {
  return prefixes.flatMap((prefix) =>
    ranges.map((range) => ({ start: Buffer.concat([prefix, range.start]), end: Buffer.concat([prefix, range.end]) })),
  );
}

function storedRange(index: Index, range: { start: Buffer; end: Buffer }): Range {
  return { start: tableKey(index.table, storedBound(range.start, false)), end: tableKey(index.table, storedBound(range.end, true)) };
}

/** 1 or -1 when the index, read forwards or backwards within its bounds, gives the sort; else 0. */
function sortDirection(index: Index, bounds: readonly (FieldBounds | undefined)[], sort: Doc | undefined): number {
  if (!sort || index.multikey || index.longKeys || index.collation) return 0;
  const fixed = new Set(index.paths.filter((_, position) => bounds[position]?.ranges.length === 1 && bounds[position].ranges[0]?.point));
  const wanted = [...sort].filter(([path]) => !fixed.has(path));
  let direction = 0;
  let next = 0;
  for (const field of index.fields) {
    const want = wanted[next];
    if (!want) break;
    if (field.path !== want[0]) {
      if (fixed.has(field.path)) continue;
      return 0;
    }
    if (!isNumber(want[1])) return 0;
    const step = numberOf(want[1]) < 0 === field.descending ? 1 : -1;
    if (direction !== 0 && step !== direction) return 0;
    direction = step;
    next += 1;
  }
  return next < wanted.length ? 0 : direction || 1;
}

/** How explain writes an access. */
export function explainAccess(access: Access, filter: Doc): Doc {
  if (access.kind === 'id') return new Map<string, Value>([['stage', 'IDHACK']]);
  if (access.kind === 'collection') {
    return new Map<string, Value>([
      ['stage', 'COLLSCAN'],
      ...(filter.size > 0 ? [['filter', filter] as [string, Value]] : []),
      ['direction', access.reverse ? 'backward' : 'forward'],
    ]);
  }
  const { index } = access;
  return new Map<string, Value>([
    ['stage', 'IXSCAN'],
    ['keyPattern', index.key],
    ['indexName', index.name],
    ['isMultiKey', index.multikey],
    ['isUnique', index.unique],
    ['isSparse', index.sparse],
    ['isPartial', index.partial !== undefined],
    ['indexVersion', int32(2)],
    ['direction', access.reverse ? 'backward' : 'forward'],
    ['indexBounds', new Map(index.paths.map((path, position): [string, Value] => [path, [...(access.boundsText[position] ?? [])]]))],
  ]);
}
