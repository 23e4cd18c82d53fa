// The aggregate command: the planner runs the beginning of the pipeline, the language the rest, and the stages that need the server
// (search, index lists) are answered here.
import { decode, type Doc, encode, fieldReader, int32, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { parseCollation } from '../indexes/collation.js';
import { compilePipeline, type Pipeline } from '../language.js';
import { counting } from '../planner/count.js';
import { filterOnly, type FindOptions, projected, runFind } from '../planner/find.js';
import { countingGroup, leadingQuery as splitPipeline, type Leading } from '../planner/leading.js';
import { type Fields, fieldsOfPipeline } from '../planner/needed-fields.js';
import { type Deadline, isPause, PAUSE } from '../planner/scan.js';
import { DEFAULT_BATCH } from '../server/cursors.js';
import type { Task } from '../server/task.js';
import { cursorReply } from '../server/wire.js';
import { isPauseDoc, PAUSE_DOC } from '../stages/pause.js';
import { vectorSearch } from '../vector/search.js';
import { checkPipelineUnderCollation } from './collation-limits.js';
import type { CommandContext, CommandDefinition, Reply } from './command.js';
import { countField, docField, docsField, numberOf } from './fields.js';
import { checkCursorField } from './generic-fields.js';
import { hintField } from './read.js';
import { describeSearchIndexes } from './search-indexes.js';
import { collectionStatistics, indexStats, statisticsWanted } from './statistics.js';

const SOURCE_STAGES = ['$documents', '$vectorSearch'];

export const aggregate: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const cursor = docField(command, 'aggregate', 'cursor');
    if (!cursor) {
      if (command.has('cursor'))
        throw new MongoError('TypeMismatch', "BSON field 'aggregate.cursor' is the wrong type 'null', expected type 'object'");
      throw new MongoError('FailedToParse', "The 'cursor' option is required, except for aggregate with the explain argument");
    }
    checkCursorField('aggregate', cursor);
    const stages = docsField(command, 'aggregate', 'pipeline');
    const collationSpec = docField(command, 'aggregate', 'collation');
    if (stages && collationSpec && parseCollation(collationSpec)) checkPipelineUnderCollation(stages);
    if (!stages) throw new MongoError(40414, "BSON field 'aggregate.pipeline' is missing but a required field");
    const name = targetOf(context);
    const ns = name === undefined ? `${db}.$cmd.aggregate` : `${db}.${name}`;
    const collection = name === undefined ? undefined : engine.catalog.find(db, name);
    const batchSize = countField(cursor, 'aggregate.cursor', 'batchSize') ?? DEFAULT_BATCH;
    const reply = function* (rows: Iterable<Buffer>): Task<Reply> {
      const batch = yield* engine.cursors.begin(ns, rows, batchSize, false, { deadline: context.deadline });
      return cursorReply('firstBatch', batch.docs, batch.id, ns);
    };
    const operand = stages[0]?.size === 1 ? stages[0].get('$vectorSearch') : undefined;
    if (operand !== undefined) return yield* searched(context, collection, operand, stages.slice(1), reply);
    checkPlaceOfStatistics(context, stages);
    const answered = yield* serverStage(context, collection, stages);
    return yield* reply(answered ?? (yield* runPipeline(context, collection, stages)));
  },
};

/** A vector search, which may be paused, and the stages behind it. */
function* searched(
  context: CommandContext,
  collection: Collection | undefined,
  operand: Value,
  rest: readonly Doc[],
  reply: (rows: Iterable<Buffer>) => Task<Reply>,
): Task<Reply> {
  const misplaced = SOURCE_STAGES.find((name) => rest[0]?.has(name));
  if (misplaced) throw new MongoError(40602, `${misplaced} is only valid as the first stage in a pipeline`);
  const pipeline = compileRest(context, rest);
  return yield* reply(encoded(pipeline.run(yield* vectorSearch(context.engine, collection, operand, rest[0], context.deadline))));
}

/** The collection, or absent for a pipeline on the database (`aggregate: 1`). */
function targetOf(context: CommandContext): string | undefined {
  const target = context.command.get('aggregate');
  if (typeof target === 'string' && target !== '') return target;
  if (isNumber(target)) {
    if (numberOf(target) === 1) return undefined;
    throw new MongoError('BadValue', 'Invalid command format: the aggregate field must specify a collection name or 1');
  }
  throw new MongoError('InvalidNamespace', `Invalid namespace specified '${context.db}.'`);
}

function stagesOf(command: Doc): Doc[] {
  const pipeline = command.get('pipeline');
  return isArray(pipeline) ? pipeline.filter(isDoc) : [];
}

/** The query at the beginning of an aggregate inside explain. */
export function leadingOptions(command: Doc, context: CommandContext): FindOptions {
  return optionsOf(command, splitPipeline(stagesOf(command)), context.deadline);
}

/** The stages that run over what that query finds. */
export function restOfPipeline(command: Doc): readonly Doc[] {
  return splitPipeline(stagesOf(command)).rest;
}

function optionsOf(command: Doc, leading: Leading, deadline: Deadline): FindOptions {
  const collationSpec = docField(command, 'aggregate', 'collation');
  const collation = collationSpec && parseCollation(collationSpec);
  return {
    filter: leading.filter,
    sort: leading.sort,
    skip: leading.skip,
    limit: leading.limit,
    hint: hintField(command),
    projection: undefined,
    collation,
    collationSpec: collation?.spec,
    let: docField(command, 'aggregate', 'let'),
    deadline,
  };
}

function* runPipeline(context: CommandContext, collection: Collection | undefined, stages: readonly Doc[]): Task<Iterable<Buffer>> {
  const { engine } = context;
  const leading = splitPipeline(stages);
  const options = { ...optionsOf(context.command, leading, context.deadline), pausable: true };
  const counted = countingGroup(leading.rest);
  if (collection && counted && !options.collationSpec) return countRow((yield* counting(engine, collection, options)).count, counted);
  if (collection && leading.rest.length === 0) return projected(runFind(engine, collection, options));
  const ownSource = SOURCE_STAGES.some((name) => leading.rest[0]?.has(name)); // misplaced after a leading stage: the compiler says so
  const pipeline = compileRest(context, ownSource || !collection ? stages : leading.rest); // where nothing is found, faults are told all the same
  return encoded(pipeline.run(sourceOf(context, collection, options, fieldsOfPipeline(leading.rest))));
}

function* sourceOf(
  context: CommandContext,
  collection: Collection | undefined,
  options: FindOptions,
  fields: Fields,
): Generator<Doc, void, undefined> {
  if (!collection) return;
  const read = fields ? fieldReader(fields) : decode;
  for (const row of runFind(context.engine, collection, options).found) yield isPause(row) ? PAUSE_DOC : (row.doc ?? read(row.raw));
}

function documentsOf(context: CommandContext, name: string): Iterable<Doc> {
  const collection = context.engine.catalog.find(context.db, name);
  return sourceOf(context, collection, { ...filterOnly(new Map(), context.deadline), pausable: true }, undefined);
}

function* encoded(docs: Iterable<Doc>): Generator<Buffer, void, undefined> {
  for (const doc of docs) yield isPauseDoc(doc) ? PAUSE.raw : encode(doc);
}

function countRow(count: number, { id, name }: { id: Value; name: string }): Buffer[] {
  if (count === 0) return [];
  return [
    encode(
      new Map<string, Value>([
        ['_id', id],
        [name, int32(count)],
      ]),
    ),
  ];
}

/** Errors: MongoDB's for a `$collStats` that is not the first stage, after those of the other stages. */
function checkPlaceOfStatistics(context: CommandContext, stages: readonly Doc[]): void {
  const isStatistics = (stage: Doc): boolean => stage.size === 1 && stage.has('$collStats');
  const misplaced = stages.slice(1).filter(isStatistics);
  if (misplaced.length === 0) return;
  for (const stage of misplaced) statisticsWanted(stage.get('$collStats') ?? null);
  compileRest(
    context,
    stages.filter((stage) => !isStatistics(stage)),
  );
  throw new MongoError(40602, '$collStats is only valid as the first stage in a pipeline');
}

/** The rows of a first stage that only the server can answer; ordinary stages may follow. */
function* serverStage(
  context: CommandContext,
  collection: Collection | undefined,
  stages: readonly Doc[],
): Task<Iterable<Buffer> | undefined> {
  const rows = yield* serverRows(context, collection, stages[0]);
  if (!rows) return undefined;
  return encoded(stages.length === 1 ? rows : compileRest(context, stages.slice(1)).run(rows));
}

function* serverRows(context: CommandContext, collection: Collection | undefined, stage: Doc | undefined): Task<Doc[] | undefined> {
  const [name, operand = null] = stage?.size === 1 ? ([...stage][0] as [string, Value]) : [];
  if (name === '$collStats') {
    const wanted = statisticsWanted(operand);
    const target = targetOf(context);
    if (target === undefined) throw new MongoError('InvalidNamespace', '$collStats needs a collection: it is not valid for a database');
    return [yield* collectionStatistics(context, target, wanted)];
  }
  if (!isDoc(operand)) return undefined;
  switch (name) {
    case '$listSearchIndexes':
      return describeSearchIndexes(collection, operand);
    case '$indexStats':
      return indexStats(collection);
    default:
      return undefined;
  }
}

function compileRest(context: CommandContext, stages: readonly Doc[]): Pipeline {
  const { command } = context;
  const variables = docField(command, 'aggregate', 'let');
  const collation = docField(command, 'aggregate', 'collation');
  return compilePipeline([...stages], {
    collection: (name) => documentsOf(context, name),
    ...(variables ? { let: variables } : {}),
    ...(collation ? { collation } : {}),
    now: new Date(),
    pausable: true,
  });
}
