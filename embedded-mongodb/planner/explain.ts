// A plan as MongoDB's explain writes it: a tree of stages from the last one down to the access path.
import { BSONRegExp, type Doc, int32, isNumber, type Value } from '../bson/index.js';
import type { Index } from '../indexes/index-spec.js';
import { boundTexts } from './bound-text.js';
import { pointRange } from './bounds.js';
import type { FindOptions } from './find.js';
import { arraysOn } from './index-bounds.js';
import type { Access, IndexAccess, Plan } from './plan.js';
import { isOperators, predicatesOf } from './predicates.js';
import type { ScanStats } from './scan.js';

/** What was counted while the plan ran; absent when it was not run. */
export interface Ran extends ScanStats {
  readonly returned: number;
}

const SORT_MEMORY = 104_857_600;

type Fields = readonly (readonly [string, Value])[];

export function stage(name: string, fields: Fields = [], ...inputs: Doc[]): Doc {
  const below: Fields = inputs.length > 1 ? [['inputStages', inputs]] : inputs.map((input) => ['inputStage', input] as const);
  return new Map<string, Value>([['stage', name], ...fields, ...below]);
}

/** The stages of a find, or of the query of another command. */
export function explainPlan(plan: Plan, options: FindOptions, ran: Ran | undefined): Doc {
  const { access } = plan;
  const express = expressIndex(plan, options);
  if (express) return expressStage('EXPRESS_IXSCAN', express, options, ran);
  let tree = accessTree(plan, options, ran);
  if (options.sort && !plan.sorted) {
    const limit: Fields = options.limit > 0 ? [['limitAmount', int32(options.limit + options.skip)]] : [];
    const simple = access.kind !== 'union';
    tree = stage('SORT', [['sortPattern', options.sort], ['memLimit', int32(SORT_MEMORY)], ...limit, ['type', simple ? 'simple' : 'default']], tree); // prettier-ignore
  }
  if (options.skip > 0) tree = stage('SKIP', [['skipAmount', int32(options.skip)]], tree);
  if (options.projection) tree = stage(projectionStage(options.projection), [['transformBy', options.projection]], tree);
  if (options.limit > 0 && (plan.sorted || !options.sort)) tree = stage('LIMIT', [['limitAmount', int32(options.limit)]], tree);
  return tree;
}

/** The unique index that MongoDB would answer from without a plan: one whole key is all that is asked for. */
export function expressIndex({ access }: Plan, options: FindOptions): Index | undefined {
  if (options.filter.size !== 1 || options.skip > 0 || options.hint !== undefined || options.collation) return undefined;
  if (access.kind === 'id') return access.index;
  const isWhole = access.kind === 'index' && access.exact && access.index.unique && access.index.paths.length === 1;
  return isWhole && access.bounds.points === 1 && access.ranges.length === 1 ? access.index : undefined;
}

export function expressStage(name: string, index: Index, { projection }: FindOptions, ran: Ran | undefined): Doc {
  const fields: Fields = [
    ['keyPattern', index.key],
    ['indexName', index.name],
  ];
  const projected: Fields = projection
    ? [
        ['projection', projection],
        ['projectionCovered', false],
      ]
    : [];
  return withCounts(stage(name, [...fields, ...projected]), ran);
}

function projectionStage(projection: Doc): string {
  const simple = [...projection].every(([path, value]) => !path.includes('.') && (typeof value === 'boolean' || isNumber(value)));
  return simple ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT';
}

function accessTree({ access }: Plan, options: FindOptions, ran: Ran | undefined): Doc {
  const filter = filterField(options.filter, access);
  switch (access.kind) {
    case 'collection':
      return withCounts(stage('COLLSCAN', [...filter, ['direction', access.reverse ? 'backward' : 'forward']]), ran, 'docsExamined');
    case 'id': {
      const text = boundTexts([pointRange(access.id)], false);
      return fetchStage(filter, [indexStage('IXSCAN', access.index, false, [text], ran)], ran);
    }
    case 'index':
      return fetchStage(filter, [scanStage('IXSCAN', access, ran)], ran);
    case 'union': {
      const branches = access.branches.map((branch) => scanStage('IXSCAN', branch, undefined));
      const name = access.merged ? 'SORT_MERGE' : 'OR';
      const sort: Fields = access.merged && options.sort ? [['sortPattern', options.sort]] : [];
      return fetchStage(filter, [stage(name, sort, ...branches)], ran);
    }
  }
}

/** What is left to check in each document, in the form MongoDB gives filters: without what the access path answers exactly. */
function filterField(filter: Doc, access: Access): Fields {
  const isAnswered = (path: string): boolean => {
    if (access.kind === 'id') return path === '_id';
    if (access.kind !== 'index' || arraysOn(access.index, path).length > 0) return false;
    const position = access.index.paths.indexOf(path);
    return position >= 0 && position < access.bounds.used && access.bounds.fields[position]?.exact === true;
  };
  if (access.kind === 'index' && access.exact) return [];
  const isWhole = (path: string, condition: Value): boolean => predicatesOf(new Map([[path, condition]])).complete;
  const left = [...filter].filter(([path, condition]) => !isAnswered(path) || !isWhole(path, condition)).map(normalForm);
  const [only] = left;
  if (!only) return [];
  return [['filter', left.length === 1 ? only : new Map<string, Value>([['$and', left]])]];
}

function normalForm([path, condition]: [string, Value]): Doc {
  const isEquality = !path.startsWith('$') && !isOperators(condition) && !(condition instanceof BSONRegExp);
  return new Map([[path, isEquality ? new Map([['$eq', condition]]) : condition]]);
}

function fetchStage(filter: Fields, inputs: readonly Doc[], ran: Ran | undefined): Doc {
  return withCounts(stage('FETCH', filter, ...inputs), ran, 'docsExamined');
}

/** The scan of one index, under the name that tells what it is for (IXSCAN, COUNT_SCAN, DISTINCT_SCAN). */
export function scanStage(name: string, access: IndexAccess, ran: Ran | undefined): Doc {
  const { index, bounds, reverse } = access;
  const texts = index.paths.map((_, position) => boundTexts(bounds.fields[position]?.ranges, index.descending[position] !== reverse));
  return indexStage(name, index, reverse, texts, ran);
}

function indexStage(name: string, index: Index, reverse: boolean, texts: readonly string[][], ran: Ran | undefined): Doc {
  const described = stage(name, [
    ['keyPattern', index.key],
    ['indexName', index.name],
    ...(index.collation ? [['collation', index.collation.spec] as const] : []),
    ['isMultiKey', index.multikey],
    ['multiKeyPaths', new Map(index.paths.map((path): [string, Value] => [path, arraysOn(index, path)]))],
    ['isUnique', index.unique],
    ['isSparse', index.sparse],
    ['isPartial', index.partial !== undefined],
    ['indexVersion', int32(2)],
    ['direction', reverse ? 'backward' : 'forward'],
    ['indexBounds', new Map(index.paths.map((path, position): [string, Value] => [path, texts[position] ?? []]))],
  ]);
  return withCounts(described, ran, 'keysExamined');
}

function withCounts(described: Doc, ran: Ran | undefined, counted?: keyof ScanStats): Doc {
  if (!ran) return described;
  const [name, ...rest] = [...described];
  const counts: [string, Value][] = [
    ['nReturned', int32(ran.returned)],
    ...(counted ? [[counted, int32(ran[counted])] as [string, Value]] : []),
  ];
  return new Map([...(name ? [name] : []), ...counts, ...rest]);
}
