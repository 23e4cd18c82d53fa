// Chooses how a query reaches its documents. The rules, in this order: a hint; `_id` given: point read; the index with all fields of a
// unique key given; most leading fields given as points; a range on the next field; giving the sort; fewest fields; oldest. No index
// with a bounded field: one for each branch of `$or`; one that gives the sort; else the whole collection.
import { type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { type Collation, sameCollation } from '../indexes/collation.js';
import type { Index } from '../indexes/index-spec.js';
import { impliesPartial, rulesOutMissing } from '../indexes/partial.js';
import { storedBound } from '../keys.js';
import { type Range, tableKey, tableRange } from '../store/store.js';
import { type IndexBounds, indexBounds, type KeyRange } from './index-bounds.js';
import { type Predicate, type Predicates, predicatesOf } from './predicates.js';
import { type Direction, fixedPaths, sortDirection } from './sort-order.js';

export interface Query {
  readonly filter: Doc;
  readonly sort: Doc | undefined;
  /** Name or key pattern of an index, or `{ $natural: 1 | -1 }`. */
  readonly hint: Value | undefined;
  readonly collation: Collation | undefined;
  readonly skip?: number;
}

export interface IndexAccess {
  readonly kind: 'index';
  readonly index: Index;
  /** In index order, not overlapping. */
  readonly ranges: readonly Range[];
  readonly reverse: boolean;
  /** Where the ranges come from, for explain. */
  readonly bounds: IndexBounds;
  /** The ranges hold exactly the matching documents. */
  readonly exact: boolean;
}

/** Several scans, one for each branch of `$or` or for each point of an index prefix; a document may come from more than one. */
export interface UnionAccess {
  readonly kind: 'union';
  readonly branches: readonly IndexAccess[];
  /** Each branch comes in the order of the query's sort, and so must the whole. */
  readonly merged: boolean;
}

export type Access =
  | { readonly kind: 'id'; readonly id: Value; readonly index: Index }
  | IndexAccess
  | UnionAccess
  | { readonly kind: 'collection'; readonly reverse: boolean };

export interface Plan {
  readonly access: Access;
  /** Documents come in the order of the query's sort. */
  readonly sorted: boolean;
}

/** Most scans that are merged to give a sort, as MongoDB's. */
const MAX_MERGED = 200;

interface IndexedPlan extends Plan {
  readonly access: IndexAccess | UnionAccess;
}

interface Candidate extends IndexedPlan {
  /** At least one field limits the scan. */
  readonly bounded: boolean;
  /** Compared from the left, larger is better. */
  readonly rank: readonly number[];
}

/** The plan of a query. Error: BadValue for a hint that names no index. */
export function planQuery(collection: Collection, query: Query): Plan {
  const natural = naturalDirection(query.sort) ?? (isDoc(query.hint) ? naturalDirection(query.hint) : undefined);
  if (natural !== undefined) {
    return { access: { kind: 'collection', reverse: natural < 0 }, sorted: query.sort === undefined || query.sort.has('$natural') };
  }
  const predicates = predicatesOf(query.filter);
  if (query.hint !== undefined) return hinted(collection, query, predicates);
  const id = pointId(query, predicates.list);
  if (id !== undefined) {
    const sorted = query.sort === undefined || isPointOnly(query, predicates);
    return { access: { kind: 'id', id, index: collection.indexes[0] as Index }, sorted };
  }
  const best = bestOf(collection.indexes, query, predicates);
  if (best?.bounded) return best;
  return alternatives(collection.indexes, query, predicates) ?? best ?? wholeCollection(query);
}

function wholeCollection(query: Query): Plan {
  return { access: { kind: 'collection', reverse: false }, sorted: query.sort === undefined };
}

function hinted(collection: Collection, query: Query, predicates: Predicates): Plan {
  const index = findIndex(collection, query.hint as Value);
  if (!index) {
    throw new MongoError(
      'BadValue',
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    );
  }
  const candidate = candidateOf(index, query, predicates);
  return (candidate.bounded ? undefined : alternatives([index], query, predicates)) ?? candidate; // what a partial index lacks is not found
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
  return isNumber(a) && isNumber(b) && Number(a) === Number(b);
}

function naturalDirection(spec: Doc | undefined): number | undefined {
  const value = spec?.size === 1 ? spec.get('$natural') : undefined;
  return value === undefined ? undefined : Math.sign(Number(value));
}

/** The one `_id` a query asks for. With a collation only where that does not matter to it. */
function pointId(query: Query, predicates: readonly Predicate[]): Value | undefined {
  for (const predicate of predicates) {
    if (predicate.kind !== 'points' || predicate.path !== '_id' || predicate.values.length !== 1) continue;
    const [value] = predicate.values;
    if (value === undefined || Array.isArray(value)) continue;
    if (!query.collation || !(typeof value === 'string' || isDoc(value))) return value;
  }
  return undefined;
}

/** Whether MongoDB runs no sort on the one document of an `_id`: it does where that cannot be sorted, unless the `_id` is all that is asked for. */
function isPointOnly({ collation, skip = 0 }: Query, { list, complete }: Predicates): boolean {
  return list.length === 1 && complete && !collation && skip === 0;
}

/** The best index that limits the scan or at least gives the sort. */
function bestOf(indexes: readonly Index[], query: Query, predicates: Predicates): Candidate | undefined {
  let best: Candidate | undefined;
  for (const index of indexes) {
    if (!mayHelp(index, query, predicates.list) || !holdsAll(index, query, predicates.list)) continue;
    const candidate = candidateOf(index, query, predicates);
    if (!candidate.bounded && (query.sort === undefined || !candidate.sorted)) continue;
    if (!best || isBetter(candidate.rank, best.rank)) best = candidate;
  }
  return best;
}

/** Looked at before anything is computed: a condition is on a field of the index, or the sort begins as it does. */
function mayHelp({ paths }: Index, { sort }: Query, predicates: readonly Predicate[]): boolean {
  return predicates.some(({ path }) => paths.includes(path)) || (sort !== undefined && sort.keys().next().value === paths[0]);
}

/** The index holds every document that can match: a partial or a sparse one leaves some out. */
function holdsAll(index: Index, query: Query, predicates: readonly Predicate[]): boolean {
  if (index.partialFilter) return sameCollation(index.collation, query.collation) && impliesPartial(predicates, index.partialFilter);
  return !index.sparse || predicates.some((predicate) => index.paths.includes(predicate.path) && rulesOutMissing(predicate));
}

/** The scan of one index for a query without a sort, when the index holds every document that can match. */
export function indexHolding(index: Index, query: Query): IndexAccess | undefined {
  const predicates = predicatesOf(query.filter);
  if (!holdsAll(index, query, predicates.list)) return undefined;
  const bounds = indexBounds(index, predicates, query.collation);
  return accessOf(index, bounds, bounds.ranges, false);
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const difference = a.findIndex((value, position) => value !== b[position]);
  return difference >= 0 && (a[difference] ?? 0) > (b[difference] ?? 0);
}

/** A bounded index for each branch of a `$or`. */
function alternatives(indexes: readonly Index[], query: Query, predicates: Predicates): IndexedPlan | undefined {
  for (const branches of predicates.ors) {
    const plans = branches.map((branch) => planBranch(indexes, query, predicates, branch));
    if (!plans.every((plan) => plan !== undefined)) continue;
    const merged = query.sort !== undefined && plans.every((plan) => plan.sorted);
    const scans = plans.flatMap(({ access }): readonly IndexAccess[] => (access.kind === 'union' ? access.branches : [access]));
    return { access: { kind: 'union', branches: scans, merged }, sorted: query.sort === undefined || merged };
  }
  return undefined;
}

function planBranch(indexes: readonly Index[], query: Query, around: Predicates, branch: Doc): IndexedPlan | undefined {
  const own = predicatesOf(branch);
  const both: Predicates = { list: [...own.list, ...around.list], complete: own.complete && around.complete, ors: own.ors };
  const best = bestOf(indexes, query, both);
  return best?.bounded ? best : alternatives(indexes, query, both);
}

function candidateOf(index: Index, query: Query, predicates: Predicates): Candidate {
  const bounds = indexBounds(index, predicates, query.collation);
  const fixed = fixedPaths(index, bounds.fields);
  const strings = sameCollation(index.collation, query.collation) && !query.collation;
  const direction = query.sort && strings ? sortDirection(index, query.sort, bounds.fields, fixed) : 0;
  const merged = query.sort && strings && direction === 0 ? mergedPoints(index, query.sort, bounds) : undefined;
  const whole = index.unique && fixed.size === index.fields.length;
  const sorted = query.sort === undefined || direction !== 0 || merged !== undefined;
  return {
    access: merged ?? accessOf(index, bounds, bounds.ranges, direction === -1),
    sorted,
    bounded: bounds.used > 0,
    rank: [whole ? 1 : 0, bounds.points, bounds.used - bounds.points, query.sort && sorted ? 1 : 0, -index.fields.length],
  };
}

function accessOf(index: Index, bounds: IndexBounds, ranges: readonly KeyRange[], reverse: boolean): IndexAccess {
  const empty = bounds.fields.slice(0, bounds.used).some((field) => field?.ranges.length === 0);
  const stored = bounds.used === 0 ? [tableRange(index.table)] : ranges.map((range) => storedRange(index, range));
  const cut = ranges.some(({ start, end }) => storedBound(start, false) !== start || storedBound(end, true) !== end);
  return { kind: 'index', index, ranges: empty ? [] : stored, reverse, bounds, exact: bounds.exact && !cut };
}

/** A few points of the leading fields, each of which gives the sort by itself. */
function mergedPoints(index: Index, sort: Doc, bounds: IndexBounds): UnionAccess | undefined {
  if (bounds.points === 0) return undefined;
  const leading = bounds.fields.map((field, position) => (position < bounds.points ? field : undefined));
  const combinations = leading.reduce((product, field) => product * (field?.ranges.length ?? 1), 1);
  if (combinations < 2 || combinations > MAX_MERGED) return undefined;
  const direction: Direction = sortDirection(index, sort, bounds.fields, fixedPaths(index, leading, true));
  if (direction === 0) return undefined;
  const perPoint = bounds.ranges.length / combinations;
  const branches = Array.from({ length: combinations }, (_, point) => {
    const own = bounds.ranges.slice(point * perPoint, (point + 1) * perPoint);
    return accessOf(index, pointOf(index, bounds, point), own, direction === -1);
  });
  return { kind: 'union', branches, merged: true };
}

/** The bounds of one combination of the leading points, counted as the ranges are: the last field turns fastest. */
function pointOf(index: Index, bounds: IndexBounds, point: number): IndexBounds {
  let left = point;
  const fields = [...bounds.fields];
  for (let position = bounds.points - 1; position >= 0; position -= 1) {
    const field = fields[position];
    const count = field?.ranges.length ?? 1;
    const at = index.descending[position] ? count - 1 - (left % count) : left % count;
    const range = field?.ranges[at];
    if (field && range) fields[position] = { ranges: [range], exact: field.exact };
    left = Math.floor(left / count);
  }
  return { ...bounds, fields };
}

function storedRange(index: Index, range: KeyRange): Range {
  return { start: tableKey(index.table, storedBound(range.start, false)), end: tableKey(index.table, storedBound(range.end, true)) };
}
