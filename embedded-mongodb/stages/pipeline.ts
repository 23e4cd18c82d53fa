// Compiles an aggregation pipeline once per command.
import { collationOrder } from '../bson/collation.js';
import { compareStrings, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { createScope } from '../expressions/compile.js';
import { parseExpression, type Scope, settle } from '../expressions/types.js';
import { setScore, scoreOf } from '../score.js';
import { type StageName, unsupported } from '../surface.js';
import { bucket, count, group, sortByCount } from './group.js';
import { facet, lookup, unionWith } from './join.js';
import { limit, match, sample, skip, sort, sortStage, stageCount } from './select.js';
import { addFields, project, replaceRoot, replaceWith, unset, unwind } from './shape.js';
import { type CompileStage, type NestedIn, type PipelineContext, type Stage, type StageContext } from './types.js';

export type { PipelineContext } from './types.js';
export { setScore };

/** A compiled pipeline. */
export interface Pipeline {
  /** Lazy; errors surface while it is pulled. A pipeline that begins with `$documents` or `$vectorSearch` ignores the source. */
  readonly run: (source: Iterable<Doc>) => Iterable<Doc>;
}

const documents: CompileStage = (spec, { scope }) => {
  const value = parseExpression(spec, scope).run(new Map());
  if (!isArray(value)) throw new MongoError(5858203, 'error during aggregation: $documents must evaluate to an array of documents');
  return () =>
    value.map((item) => {
      if (!isDoc(item)) throw new MongoError(40228, "'$documents' elements must be objects");
      return item;
    });
};

const vectorSearch: CompileStage = (spec, { pipeline }) => {
  const search = pipeline.vectorSearch;
  if (!search || !isDoc(spec)) throw refusal(31082, '$vectorSearch here');
  return () => search(spec);
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

interface NamedStage {
  readonly name: StageName;
  readonly spec: Value;
}

/** Compiles a pipeline. Errors: MongoDB's for malformed, misplaced or unsupported stages. */
export function compilePipeline(stages: readonly Doc[], pipeline: PipelineContext): Pipeline {
  const base = createScope({ ...(pipeline.let ? { let: pipeline.let } : {}), ...(pipeline.now ? { now: pipeline.now } : {}) });
  const scope: Scope = { ...base, score: scoreOf };
  const strings = pipeline.collation ? collationOrder(pipeline.collation) : compareStrings;
  const context: StageContext = {
    pipeline,
    scope,
    strings,
    compile: (nested, inner, where) => compileNested(nested, { ...context, scope: inner }, where),
  };
  const named = parseStages([...stages]);
  checkPlaces(named);
  const compiled = compileStages(named, context);
  settle(scope);
  return { run: (source) => compiled.reduce((docs, stage) => stage(docs), source) };
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
  return named.map(({ name, spec }, index) => {
    const next = named[index + 1];
    if (name === '$sort' && next?.name === '$limit') return sortStage(spec, context.strings, stageCount('$limit', next.spec));
    return STAGES[name](spec, context);
  });
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
