// explain for find, count, distinct, update, delete, findAndModify and aggregate, in the shape of MongoDB's classic engine. It runs the
// query (not the change), so its counts are real.
import { type Doc, int32, isArray, isDoc, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import { type FindOptions, runFind } from '../planner/find.js';
import { explainAccess, type Plan } from '../planner/plan.js';
import { leadingOptions } from './aggregate.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { docField } from './fields.js';
import { findOptions } from './read.js';

export const explain: CommandDefinition = {
  fields: ['verbosity'],
  writes: false,
  note: 'queryPlanner and executionStats; no rejected plans',
  run(context) {
    const inner = context.command.get('explain');
    if (!isDoc(inner)) throw new MongoError('FailedToParse', 'explain command requires a nested object');
    const name = inner.keys().next().value ?? '';
    const collectionName = inner.get(name);
    if (typeof collectionName !== 'string') throw new MongoError('InvalidNamespace', 'explain needs the name of a collection');
    const options = queryOf(name, inner, context);
    const collection = context.engine.catalog.find(context.db, collectionName);
    const verbose = (context.command.get('verbosity') ?? 'allPlansExecution') !== 'queryPlanner';
    const head: [string, Value][] = [['explainVersion', '1']];
    return ok(...head, ...explained(context, collection, options, `${context.db}.${collectionName}`, verbose), ['command', inner]);
  },
};

/** The query inside each command that has one. */
function queryOf(name: string, inner: Doc, context: CommandContext): FindOptions {
  switch (name) {
    case 'find':
    case 'count':
    case 'distinct':
      return findOptions(inner, name, context.deadline);
    case 'findAndModify':
    case 'findandmodify':
      return { ...findOptions(inner, name, context.deadline), limit: 1 };
    case 'update':
    case 'delete': {
      const list = inner.get(name === 'update' ? 'updates' : 'deletes');
      const first = isArray(list) ? list[0] : undefined;
      if (!isDoc(first)) throw new MongoError('FailedToParse', `explain of ${name} needs one operation`);
      const fields = new Map([...first].filter(([field]) => ['sort', 'hint', 'collation'].includes(field)));
      return { ...findOptions(fields, name, context.deadline), filter: docField(first, name, 'q') ?? new Map<string, Value>() };
    }
    case 'aggregate':
      return leadingOptions(inner, context);
    default:
      throw refusal('CommandNotSupported', `explain of ${name}`);
  }
}

function explained(
  context: CommandContext,
  collection: Collection | undefined,
  options: FindOptions,
  ns: string,
  verbose: boolean,
): [string, Value][] {
  if (!collection)
    return [planner(ns, options, new Map([['stage', 'EOF']])), ...(verbose ? [stats(0, 0, 0, 0, new Map([['stage', 'EOF']]))] : [])];
  const run = runFind(context.engine, collection, options);
  const plan = planner(ns, options, stagesOf(run.plan, options));
  if (!verbose) return [plan];
  const started = performance.now();
  let returned = 0;
  for (const row of run.found) returned += row.record > 0 ? 1 : 0;
  const tree = stagesOf(run.plan, options);
  return [plan, stats(returned, performance.now() - started, run.stats.keysExamined, run.stats.docsExamined, tree)];
}

function planner(ns: string, options: FindOptions, winning: Doc): [string, Value] {
  return [
    'queryPlanner',
    new Map<string, Value>([
      ['namespace', ns],
      ['parsedQuery', options.filter],
      ['indexFilterSet', false],
      ['winningPlan', winning],
      ['rejectedPlans', []],
    ]),
  ];
}

function stats(returned: number, ms: number, keys: number, docs: number, stages: Doc): [string, Value] {
  return [
    'executionStats',
    new Map<string, Value>([
      ['executionSuccess', true],
      ['nReturned', int32(returned)],
      ['executionTimeMillis', int32(Math.round(ms))],
      ['totalKeysExamined', int32(keys)],
      ['totalDocsExamined', int32(docs)],
      ['executionStages', new Map<string, Value>([...stages, ['nReturned', int32(returned)]])],
    ]),
  ];
}

/** The stages from the last one down to the access path. */
function stagesOf(plan: Plan, options: FindOptions): Doc {
  let stage = explainAccess(plan.access, options.filter);
  if (plan.access.kind === 'index') {
    const filter: [string, Value][] = plan.access.exact || options.filter.size === 0 ? [] : [['filter', options.filter]];
    stage = new Map<string, Value>([['stage', 'FETCH'], ...filter, ['inputStage', stage]]);
  }
  if (options.sort && !plan.sorted) {
    const limit: [string, Value][] = options.limit > 0 ? [['limitAmount', int32(options.limit + options.skip)]] : [];
    stage = new Map<string, Value>([['stage', 'SORT'], ['sortPattern', options.sort], ...limit, ['inputStage', stage]]);
  }
  if (options.skip > 0)
    stage = new Map<string, Value>([
      ['stage', 'SKIP'],
      ['skipAmount', int32(options.skip)],
      ['inputStage', stage],
    ]);
  if (options.limit > 0 && (plan.sorted || !options.sort)) {
    stage = new Map<string, Value>([
      ['stage', 'LIMIT'],
      ['limitAmount', int32(options.limit)],
      ['inputStage', stage],
    ]);
  }
  if (options.projection)
    stage = new Map<string, Value>([
      ['stage', 'PROJECTION_DEFAULT'],
      ['transformBy', options.projection],
      ['inputStage', stage],
    ]);
  return stage;
}
