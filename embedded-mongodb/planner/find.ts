// Runs a query to its end: access path, filter, sort, skip, limit, projection. A document that nothing changes stays the bytes it is
// on disk; what is filtered or projected is decoded once.
import { decode, type Doc, encode, fieldReader } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { createScope } from '../expressions/compile.js';
import { settle } from '../expressions/types.js';
import { collationOrder, compileFilter, compileProjection, compileSortKeys, type Filter } from '../language.js';
import type { Index } from '../indexes/index-spec.js';
import type { Engine } from '../server/engine.js';
import { createSorter } from '../sorter.js';
import { type Fields, fieldsOfFilter, fieldsOfSort } from './needed-fields.js';
import { type Access, type IndexAccess, planQuery, type Plan, type Query, type UnionAccess } from './plan.js';
import { type Deadline, type Found, isPause, newStats, PAUSE, scanDocuments, type ScanStats } from './scan.js';
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
  /** Run for an explain: no use of an index. */
  readonly explained?: boolean;
}

export interface FindRun {
  readonly plan: Plan;
  readonly stats: ScanStats;
  readonly filter: Filter;
  /** The projection, where there is one. */
  readonly project: ((doc: Doc) => Doc) | undefined;
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
  if (!options.explained) countUse(plan.access);
  const stats = newStats();
  const { filter, project, sort } = compileOptions(options);
  const wanted = options.limit > 0 && (!sort || plan.sorted) ? options.skip + options.limit : undefined;
  const scanOptions = { stats, deadline: options.deadline, pausable: options.pausable === true, ...(wanted ? { wanted } : {}) };
  const scan = (access: Exclude<Access, UnionAccess>): Iterable<Found> =>
    scanDocuments(engine.storage, engine.records, collection, access, scanOptions);
  const scanned = plan.access.kind === 'union' ? scanUnion(plan.access, scan, sort) : scan(plan.access);
  const matched = isCovered(options, plan) ? scanned : matching(scanned, filter, fieldsOfFilter(options.filter));
  const ordered = sort && options.sort && !plan.sorted ? sorted(matched, sort, options.sort, options) : matched;
  return { plan, stats, filter, project, found: options.skip + options.limit > 0 ? slice(ordered, options.skip, options.limit) : ordered };
}

/** Counts a query for each index that it reads, once. */
export function countUse(access: Access): void {
  if (access.kind === 'collection') return;
  if (access.kind === 'id') access.index.uses.count += 1;
  else for (const index of indexesRead(access)) index.uses.count += 1;
}

function indexesRead(access: IndexAccess | UnionAccess): ReadonlySet<Index> {
  const scans = access.kind === 'union' ? access.branches : [access];
  return new Set(scans.filter(({ ranges }) => ranges.length > 0).map(({ index }) => index));
}

interface CompiledOptions {
  readonly filter: Filter;
  /** Undefined where documents are given as they are. */
  readonly project: ((doc: Doc) => Doc) | undefined;
  readonly sort: Sort | undefined;
}

/** Compiles what is asked, in MongoDB's order: of several faults the same one is told, and last what computing constants failed with. */
export function compileOptions(options: FindOptions): CompiledOptions {
  const filter = compileOptionsFilter(options);
  const { projection, let: variables } = options;
  const scope = projection && projection.size > 0 ? createScope(variables ? { let: variables } : {}) : undefined;
  const project = projection && scope ? compileProjection(projection, { filter, scope }) : undefined;
  const sort = options.sort && compileOptionsSort(options.sort, options);
  if (scope) settle(scope);
  return { filter, project, sort };
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
export function* projected({ found, project }: FindRun): Generator<Buffer, void, undefined> {
  for (const row of found) yield project && !isPause(row) ? encode(project(row.doc ?? decode(row.raw))) : row.raw;
}

/** The access path alone decides: no filter, or a point read by `_id`, or index ranges that are exactly the filter. */
function isCovered(options: FindOptions, plan: Plan): boolean {
  if (options.filter.size === 0) return true;
  if (plan.access.kind === 'index') return plan.access.exact && !options.collation;
  return plan.access.kind === 'id' && options.filter.size === 1 && options.filter.get('_id') === plan.access.id;
}

/** Of each document only what the filter looks at is decoded; `doc` is set where that is all of it. */
function* matching(scanned: Iterable<Found>, filter: Filter, fields: Fields): Generator<Found, void, undefined> {
  const read = fields && fieldReader(fields);
  for (const row of scanned) {
    if (isPause(row)) yield row;
    else if (read) {
      if (filter.matches(read(row.raw))) yield row;
    } else {
      row.doc = decode(row.raw);
      if (filter.matches(row.doc)) yield row;
    }
  }
}

/** Rows of a sorted result after which a task may pause. */
const PAUSE_EVERY = 128;

/** A blocking sort; with a limit it never holds much more than what is wanted. */
function* sorted(found: Iterable<Found>, { keyOf, compareKeys }: Sort, sort: Doc, options: FindOptions): Generator<Found, void, undefined> {
  const sorter = createSorter<Found>(compareKeys, options.limit > 0 ? options.limit + options.skip : Infinity);
  const fields = fieldsOfSort(sort);
  const read = fields ? fieldReader(fields) : decode;
  for (const row of found) {
    if (isPause(row)) yield row;
    else sorter.add(keyOf(row.doc ?? read(row.raw)), row);
  }
  let given = 0;
  for (const row of sorter.rows()) {
    yield row;
    given += 1;
    if (options.pausable && given % PAUSE_EVERY === 0) yield PAUSE;
  }
}

function* slice(found: Iterable<Found>, skip: number, limit: number): Generator<Found, void, undefined> {
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
