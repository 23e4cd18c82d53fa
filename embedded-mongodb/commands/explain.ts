// explain for find, count, distinct, update, delete, findAndModify and aggregate, in the shape of MongoDB's classic engine. It runs the
// query (not the change), so its counts are real.
import { hostname } from 'node:os';
import { COMMAND_FIELDS, type CommandName } from '../command-surface.js';
import { type Doc, int32, isArray, isDoc, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import { countedByIndex, countMatches } from '../planner/count.js';
import { distinctAccess, distinctValues } from '../planner/distinct.js';
import { explainPlan, expressIndex, expressStage, type Ran, scanStage, stage } from '../planner/explain.js';
import { compileOptionsFilter, type FindOptions, runFind } from '../planner/find.js';
import { planQuery } from '../planner/plan.js';
import { aggregate as runAggregate, leadingOptions, restOfPipeline } from './aggregate.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { boolField, docField, stringField } from './fields.js';
import { checkInner } from './generic-fields.js';
import { VERSION } from './handshake.js';
import { findOptions } from './read.js';

const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

export const explain: CommandDefinition = {
  writes: false,
  run(context) {
    const inner = context.command.get('explain');
    if (!isDoc(inner)) throw new MongoError('FailedToParse', 'explain command requires a nested object');
    const verbosity = stringField(context.command, 'explain', 'verbosity') ?? 'allPlansExecution';
    if (!VERBOSITIES.includes(verbosity)) {
      throw new MongoError('BadValue', `Enumeration value '${verbosity}' for field 'explain.verbosity' is not a valid value.`);
    }
    return explainCommand(context, inner, verbosity !== 'queryPlanner');
  },
};

/** aggregate, or with `explain: true` what would be done. */
export const aggregate: CommandDefinition = {
  writes: false,
  run(context) {
    if (!boolField(context.command, 'aggregate', 'explain')) return runAggregate.run(context);
    return explainCommand(context, new Map([...context.command].filter(([field]) => field !== 'explain' && field !== '$db')), false);
  },
};

/** The reply to an explain of `inner`; `verbose` runs it. */
function explainCommand(context: CommandContext, inner: Doc, verbose: boolean): Doc {
  const name = inner.keys().next().value ?? '';
  if (name in COMMAND_FIELDS) checkInner(name as CommandName, inner);
  const target = targetOf(name, inner, context);
  const namespace = inner.get(name);
  if (typeof namespace !== 'string') throw refusal('InvalidNamespace', `explain of ${name} without a collection`);
  const ns = `${context.db}.${namespace}`;
  const collection = context.engine.catalog.find(context.db, namespace);
  const own = explained(context, collection, { ...target, options: { ...target.options, explained: true } }, ns, verbose);
  const rest = name === 'aggregate' ? restOfPipeline(inner) : [];
  const [first, ...others] = rest.length > 0 ? [new Map<string, Value>([['$cursor', new Map(own)]]), ...rest] : [];
  const body: [string, Value][] = first ? [['stages', [first, ...others]]] : own;
  const server: Doc = new Map<string, Value>([
    ['host', hostname()],
    ['version', VERSION],
    ['gitVersion', 'embedded'],
  ]);
  return ok(['explainVersion', '1'], ...body, ['command', new Map([...inner, ['$db', context.db]])], ['serverInfo', server]);
}

/** The query inside a command and the stage that uses what it finds; a find has none. */
interface Target {
  readonly options: FindOptions;
  readonly stage?: 'COUNT' | 'UPDATE' | 'DELETE' | 'BATCHED_DELETE';
  /** The path of a distinct. */
  readonly key?: string;
}

function targetOf(name: string, inner: Doc, context: CommandContext): Target {
  switch (name) {
    case 'find':
      return { options: findOptions(inner, name, context.deadline) };
    case 'count':
      return { options: findOptions(inner, name, context.deadline), stage: 'COUNT' };
    case 'distinct':
      return { options: findOptions(inner, name, context.deadline), key: stringField(inner, name, 'key') ?? '' };
    case 'findAndModify':
    case 'findandmodify': {
      const options = { ...findOptions(inner, name, context.deadline), limit: 1 };
      return { options, stage: inner.get('remove') === true ? 'DELETE' : 'UPDATE' };
    }
    case 'update':
    case 'delete':
      return targetOfWrite(name, inner, context);
    case 'aggregate':
      return { options: leadingOptions(inner, context) };
    default:
      throw unexplained(name);
  }
}

function targetOfWrite(name: 'update' | 'delete', inner: Doc, context: CommandContext): Target {
  const list = inner.get(name === 'update' ? 'updates' : 'deletes');
  const first = isArray(list) && list.length === 1 ? list[0] : undefined;
  if (!isDoc(first)) throw new MongoError('InvalidLength', `explained write batches must be of size 1`);
  const fields = new Map([...first].filter(([field]) => ['sort', 'hint', 'collation'].includes(field)));
  const options = { ...findOptions(fields, name, context.deadline), filter: docField(first, name, 'q') ?? new Map<string, Value>() };
  if (name === 'update') return { options, stage: 'UPDATE' };
  return { options, stage: Number(first.get('limit')) === 1 ? 'DELETE' : 'BATCHED_DELETE' };
}

function unexplained(name: string): MongoError {
  if (name === 'insert' || name === 'ping') return new MongoError('IllegalOperation', `Cannot explain cmd: ${name}`);
  return refusal('CommandNotFound', `Explain failed due to unknown command: ${name}. It`);
}

function explained(
  context: CommandContext,
  collection: Collection | undefined,
  target: Target,
  ns: string,
  verbose: boolean,
): [string, Value][] {
  const { options } = target;
  compileOptionsFilter(options);
  if (!collection) {
    const nothing = stage('EOF', [['type', 'nonExistentNamespace']]);
    return [planner(ns, options, nothing), ...(verbose ? [stats({ returned: 0, keysExamined: 0, docsExamined: 0 }, 0, nothing)] : [])];
  }
  const winning = planner(ns, options, planTree(collection, target, undefined));
  if (!verbose) return [winning];
  const started = performance.now();
  const ran = runTarget(context, collection, target);
  return [winning, stats(ran, performance.now() - started, planTree(collection, target, ran))];
}

/** Runs the query and counts. */
function runTarget({ engine }: CommandContext, collection: Collection, { options, key, stage: use }: Target): Ran {
  if (key !== undefined) {
    const { values, stats: counted } = distinctValues(engine, collection, key, options);
    return { returned: values.length, ...counted };
  }
  if (use === 'COUNT') {
    const { count, stats: counted } = countMatches(engine, collection, options);
    return { returned: count, ...counted };
  }
  const run = runFind(engine, collection, options);
  let returned = 0;
  for (const row of run.found) returned += row.record > 0 ? 1 : 0;
  return { returned, ...run.stats };
}

function planTree(collection: Collection, { options, key, stage: use }: Target, ran: Ran | undefined): Doc {
  const skipScan = key === undefined ? undefined : distinctAccess(collection, key, options);
  if (skipScan) return scanStage('DISTINCT_SCAN', skipScan, ran);
  const plan = planQuery(collection, options);
  if (use === undefined) return explainPlan(plan, options, ran);
  if (use !== 'COUNT') {
    const express = use === 'BATCHED_DELETE' ? undefined : expressIndex(plan, options);
    return express ? expressStage(`EXPRESS_${use}`, express, options, ran) : stage(use, [], explainPlan(plan, options, ran));
  }
  if (options.filter.size === 0 && options.hint === undefined) return stage('RECORD_STORE_FAST_COUNT');
  const counted: [string, Value][] = ran ? [['nCounted', int32(ran.returned)]] : [];
  const access = countedByIndex(plan, options);
  return stage('COUNT', counted, access ? scanStage('COUNT_SCAN', access, ran) : explainPlan(plan, { ...options, skip: 0, limit: 0 }, ran));
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

function stats(ran: Ran, ms: number, stages: Doc): [string, Value] {
  return [
    'executionStats',
    new Map<string, Value>([
      ['executionSuccess', true],
      ['nReturned', int32(ran.returned)],
      ['executionTimeMillis', int32(Math.round(ms))],
      ['totalKeysExamined', int32(ran.keysExamined)],
      ['totalDocsExamined', int32(ran.docsExamined)],
      ['executionStages', stages],
    ]),
  ];
}
