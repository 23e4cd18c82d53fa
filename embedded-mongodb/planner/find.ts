// Runs a query to its end: access path, filter, sort, skip, limit, projection. A document that nothing changes stays the bytes it is
// on disk; what is filtered or projected is decoded once.
import { decode, type Doc, encode } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { collationOrder, compileFilter, compileProjection, compileSortKeys, type Filter } from '../language.js';
import type { Engine } from '../server/engine.js';
import { type Access, planQuery, type Plan, type Query, type UnionAccess } from './plan.js';
import { type Deadline, isPause, newStats, scanDocuments, type ScanStats, type StoredDocument } from './scan.js';
import { scanUnion } from './union.js';

export interface FindOptions extends Query {
  readonly projection: Doc | undefined;
  readonly skip: number;
  /** 0 for none. */
  readonly limit: number;
  readonly let: Doc | undefined;
  /** The collation as the client sent it, for the matcher. */
  readonly collationSpec: Doc | undefined;
  readonly deadline: Deadline;
  /** `found` also gives PAUSE now and then, for tasks. */
  readonly pausable?: boolean;
}

/** A document found: its record, its bytes, and its decoded form where something needed it. */
export interface Found {
  readonly record: number;
  readonly raw: Buffer;
  doc: Doc | undefined;
}

export interface FindRun {
  readonly plan: Plan;
  readonly stats: ScanStats;
  readonly filter: Filter;
  /** Matching documents in order, after skip and limit. */
  readonly found: Iterable<Found>;
}

/** Options of a query that is only a filter. */
export function filterOnly(filter: Doc, deadline: Deadline): FindOptions {
  return {
    filter,
    sort: undefined,
    hint: undefined,
    collation: undefined,
    projection: undefined,
    skip: 0,
    limit: 0,
    let: undefined,
    collationSpec: undefined,
    deadline,
  };
}

/** Plans and starts a query; nothing is read before `found` is. */
export function runFind(engine: Engine, collection: Collection, options: FindOptions): FindRun {
  const plan = planQuery(collection, options);
  const stats = newStats();
  const filter = compileOptionsFilter(options);
  const sort = options.sort && compileOptionsSort(options.sort, options);
  const scan = (access: Exclude<Access, UnionAccess>, pausable = false): Iterable<StoredDocument> =>
    scanDocuments(engine.storage, engine.records, collection, access, stats, options.deadline, pausable);
  const scanned =
    plan.access.kind === 'union' ? scanUnion(plan.access, (branch) => scan(branch), sort) : scan(plan.access, options.pausable);
  const matched = isCovered(options, plan) ? asFound(scanned) : matching(scanned, filter);
  const ordered = sort && !plan.sorted ? sorted(matched, sort, options) : matched;
  return { plan, stats, filter, found: slice(ordered, options.skip, options.limit) };
}

/** Also where an index gives the order: a malformed sort is an error either way. */
function compileOptionsSort(sort: Doc, options: FindOptions): Sort | undefined {
  if (sort.has('$natural')) return undefined;
  return compileSortKeys(sort, options.collationSpec ? collationOrder(options.collationSpec) : undefined);
}

type Sort = ReturnType<typeof compileSortKeys>;

export function compileOptionsFilter(options: Pick<FindOptions, 'filter' | 'let' | 'collationSpec'>): Filter {
  return compileFilter(options.filter, {
    ...(options.let ? { let: options.let } : {}),
    ...(options.collationSpec ? { collation: options.collationSpec } : {}),
  });
}

/** Documents as the client asked for them. */
export function* projected(run: FindRun, { projection, let: variables }: FindOptions): Generator<Buffer, void, undefined> {
  if (!projection || projection.size === 0) {
    for (const { raw } of run.found) yield raw;
    return;
  }
  const project = compileProjection(projection, { filter: run.filter, ...(variables ? { let: variables } : {}) });
  for (const found of run.found) yield encode(project(found.doc ?? decode(found.raw)));
}

/** The access path alone decides: no filter, or a point read by `_id`, or index ranges that are exactly the filter. */
function isCovered(options: FindOptions, plan: Plan): boolean {
  if (options.filter.size === 0) return true;
  if (plan.access.kind === 'index') return plan.access.exact && !options.collation;
  return plan.access.kind === 'id' && options.filter.size === 1 && options.filter.get('_id') === plan.access.id;
}

function* asFound(scanned: Iterable<{ record: number; raw: Buffer }>): Generator<Found, void, undefined> {
  for (const { record, raw } of scanned) yield { record, raw, doc: undefined };
}

function* matching(scanned: Iterable<{ record: number; raw: Buffer }>, filter: Filter): Generator<Found, void, undefined> {
  for (const row of scanned) {
    const { record, raw } = row;
    const doc = isPause(row) ? undefined : decode(raw);
    if (!doc || filter.matches(doc)) yield { record, raw, doc };
  }
}

/** Rows kept beyond the wanted ones before a sort with a limit throws the surplus away. */
const SORT_SLACK = 1000;

/** A blocking sort; with a limit it never holds much more than what is wanted. */
function* sorted(found: Iterable<Found>, { keyOf, compareKeys }: Sort, options: FindOptions): Generator<Found, void, undefined> {
  const wanted = options.limit > 0 ? options.limit + options.skip : Infinity;
  let rows: { key: ReturnType<typeof keyOf>; found: Found }[] = [];
  for (const row of found) {
    if (isPause(row)) {
      yield row;
      continue;
    }
    row.doc ??= decode(row.raw);
    rows.push({ key: keyOf(row.doc), found: row });
    if (rows.length >= wanted * 2 + SORT_SLACK) rows = rows.sort((a, b) => compareKeys(a.key, b.key)).slice(0, wanted);
  }
  rows.sort((a, b) => compareKeys(a.key, b.key));
  for (const row of rows) yield row.found;
}

function* slice(found: Iterable<Found>, skip: number, limit: number): Generator<Found, void, undefined> {
  if (skip === 0 && limit === 0) {
    yield* found;
    return;
  }
  let position = 0;
  for (const row of found) {
    if (isPause(row)) {
      yield row;
      continue;
    }
    position += 1;
    if (position > skip) yield row;
    if (limit > 0 && position >= skip + limit) return;
  }
}
