// Compiles an aggregation pipeline once per command.
import { collationOrder } from '../bson/collation.js';
import { compareStrings, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { ERROR_CODES, isRefusal, MongoError, refusal } from '../errors.js';
import { createScope } from '../expressions/compile.js';
import { type Scope, settle } from '../expressions/types.js';
import { parseProjection } from '../projection/parse.js';
import { setScore, scoreOf } from '../score.js';
import { type StageName, unsupported } from '../surface.js';
import { bucket } from './bucket.js';
import { count, group, sortByCount } from './group.js';
import { facet, lookup, unionWith } from './join.js';
import { limit, match, sample, skip, sort, sortStage, stageCount } from './select.js';
import { inRunningOrder, type NamedStage, runsBefore } from './sort-early.js';
import { addFields, project, replaceRoot, replaceWith, unset, unwind } from './shape.js';
import { unneededFields, without } from './unneeded.js';
import { type CompileStage, type NestedIn, type PipelineContext, type Stage, type StageContext } from './types.js';

export type { PipelineContext } from './types.js';
export { setScore };

/** A compiled pipeline. */
export interface Pipeline {
  /** Lazy; errors surface while it is pulled. A pipeline that begins with `$documents` ignores the source. */
  readonly run: (source: Iterable<Doc>) => Iterable<Doc>;
}

const LISTED = 'documents';

/** As MongoDB makes it: a `$project` of one field, which is then unwound. What is wrong with the list shows when the pipeline runs. */
const documents: CompileStage = (spec, { scope }) => {
  const { apply } = parseProjection(new Map([[LISTED, spec]]), scope);
  return function* () {
    const value = apply(new Map()).get(LISTED);
    if (!isArray(value)) throw new MongoError(5858203, '$documents must evaluate to an array of documents');
    for (const item of value) {
      if (!isDoc(item)) throw new MongoError(40228, "'$documents' elements must be objects");
      yield item;
    }
  };
};

/** The server answers it where it comes first in an aggregate. */
const vectorSearch: CompileStage = () => {
  throw refusal(31082, '$vectorSearch here');
};

const STAGES: Readonly<Record<StageName, CompileStage>> = {
  $addFields: addFields,
  $bucket: bucket,
  $count: count,
  $documents: documents,
  $facet: facet,
  $group: group,
  $limit: limit,
  $lookup: lookup,
  $match: match,
  $project: project,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceWith,
  $sample: sample,
  $set: addFields,
  $skip: skip,
  $sort: sort,
  $sortByCount: sortByCount,
  $unionWith: unionWith,
  $unset: unset,
  $unwind: unwind,
  $vectorSearch: vectorSearch,
};

/** Compiles a pipeline. Errors: MongoDB's for malformed, misplaced or unsupported stages. */
export function compilePipeline(stages: readonly Doc[], pipeline: PipelineContext): Pipeline {
  const base = createScope({ ...(pipeline.let ? { let: pipeline.let } : {}), ...(pipeline.now ? { now: pipeline.now } : {}) });
  const scope: Scope = { ...base, score: scoreOf };
  const strings = pipeline.collation ? collationOrder(pipeline.collation) : compareStrings;
  const context: StageContext = {
    pipeline,
    scope,
    strings,
    lateFaults: [],
    behind: [],
    compile: (nested, inner, where) => compileNested(nested, { ...context, scope: inner }, where),
  };
  const named = parseStages([...stages]);
  checkPlaces(named);
  const compiled = compileStages(named, context);
  settle(scope);
  settle({ ...scope, faults: context.lateFaults });
  const unneeded = pipeline.whole ? new Set<string>() : unneededFields(stages);
  return { run: (source) => compiled.reduce((docs, stage) => stage(docs), without(source, unneeded)) };
}

function parseStages(stages: readonly Value[]): NamedStage[] {
  return stages.map((stage) => {
    if (!isDoc(stage)) throw new MongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    const [entry] = stage;
    if (!entry || stage.size !== 1) throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    if (!Object.hasOwn(STAGES, entry[0])) throw unsupported('stage', entry[0]);
    return { name: entry[0] as StageName, spec: entry[1] };
  });
}

/** A `$sort` with a `$limit` behind it keeps only that many documents. */
function compileStages(named: readonly NamedStage[], context: StageContext): Stage[] {
  const compiled = named.map(({ name, spec }, index) => {
    const next = named[index + 1];
    if (name === '$sort' && next?.name === '$limit' && !runsBefore(named[index], named[index - 1]))
      return { name, spec, stage: sortStage(spec, context.strings, stageCount('$limit', next.spec)) };
    const stage = STAGES[name](spec, { ...context, behind: named.slice(index + 1) });
    const narrowedLater = named.slice(index + 1).some((later) => NARROWING.includes(later.name));
    const computedBefore = named.slice(0, index).some((earlier) => COMPUTING.includes(earlier.name));
    return { name, spec, stage: narrowedLater || computedBefore ? guarded(stage) : stage };
  });
  return inRunningOrder(compiled).map(({ stage }) => stage);
}

/** Stages that MongoDB may run before those that are written in front of them. */
const NARROWING: readonly StageName[] = ['$match', '$limit', '$skip', '$sample'];
/** Stages that MongoDB runs over many documents before the next stage sees the first. */
const COMPUTING: readonly StageName[] = ['$project', '$addFields', '$set', '$replaceRoot', '$replaceWith', '$match', '$unwind'];
/** Errors that do not come from computing with a document. */
const NOT_OF_DOCUMENTS: readonly number[] = [
  ERROR_CODES.MaxTimeMSExpired,
  ERROR_CODES.Interrupted,
  ERROR_CODES.QueryExceededMemoryLimitNoDiskUseAllowed,
  ERROR_CODES.BSONObjectTooLarge,
];

/** A stage whose failing document MongoDB may never meet, or meet after another failure, depending on how it reorders and batches. */
function guarded(stage: Stage): Stage {
  return function* (source) {
    try {
      yield* stage(source);
    } catch (error) {
      if (!(error instanceof MongoError) || NOT_OF_DOCUMENTS.includes(error.code) || isRefusal(error)) throw error;
      throw refusal(error.code, `An error among several stages (${error.message})`);
    }
  };
}

function checkPlaces(named: readonly NamedStage[]): void {
  named.forEach(({ name }, index) => {
    if ((name === '$documents' || name === '$vectorSearch') && index > 0)
      throw new MongoError(40602, `${name} is only valid as the first stage in a pipeline`);
  });
}

const REFUSED_INSIDE: Readonly<Record<NestedIn, readonly StageName[]>> = {
  $lookup: ['$vectorSearch'],
  $unionWith: ['$vectorSearch'],
  $facet: ['$facet', '$vectorSearch', '$documents'],
};

function compileNested(stages: Value, context: StageContext, where: NestedIn): Stage {
  if (!isArray(stages)) throw new MongoError('TypeMismatch', `the 'pipeline' of ${where} must be an array`);
  const named = parseStages(stages);
  const refused = named.find(({ name }) => REFUSED_INSIDE[where].includes(name));
  if (refused)
    throw new MongoError(where === '$facet' ? 40600 : 51047, `${refused.name} is not allowed to be used within a ${where} stage`);
  checkPlaces(named);
  const compiled = compileStages(named, context);
  return (source) => compiled.reduce((docs, stage) => stage(docs), source);
}
