// Compiles an aggregation pipeline once per command and tells the server what it can do for the first stages.
import { collationOrder } from '../bson/collation.js';
import { compareStrings, type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { createScope } from '../expressions/compile.js';
import { parseExpression, type Scope } from '../expressions/types.js';
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
  /** The filter of a `$match` that comes first: the server may use an index for it; it is applied again in `run`. */
  readonly leadingMatch?: Doc;
  /** The specification of a `$sort` that comes first or right after `leadingMatch`. */
  readonly leadingSort?: Doc;
  /** How many documents are wanted of the sorted (or matched) ones, when a `$limit` follows at once. */
  readonly leadingLimit?: number;
  /** The pipeline brings its own documents (`$documents`, `$vectorSearch`) and ignores the source. */
  readonly ownSource: boolean;
  /** Runs it. `sorted`: the source is already in the order of `leadingSort`. Lazy; errors surface while it is pulled. */
  readonly run: (source: Iterable<Doc>, options?: { readonly sorted?: boolean }) => Iterable<Doc>;
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

function writer(stage: '$out' | '$merge'): CompileStage {
  return (spec, { pipeline }) => {
    const { write } = pipeline;
    if (!write) throw refusal('CommandNotSupported', stage);
    return (source) => {
      write(stage, spec, source);
      return [];
    };
  };
}

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
  $merge: writer('$merge'),
  $out: writer('$out'),
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
  const first = named[0]?.name;
  return {
    ...leading(named),
    ownSource: first === '$documents' || first === '$vectorSearch',
    run: (source, options) => {
      const skipped = options?.sorted === true ? named.findIndex(({ name }) => name === '$sort') : -1;
      return compiled.reduce((docs, stage, index) => (index === skipped ? docs : stage(docs)), source);
    },
  };
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
    if ((name === '$out' || name === '$merge') && index < named.length - 1)
      throw new MongoError(40601, `${name} can only be the final stage in the pipeline`);
    if ((name === '$documents' || name === '$vectorSearch') && index > 0)
      throw new MongoError(40602, `${name} is only valid as the first stage in a pipeline`);
  });
}

const REFUSED_INSIDE: Readonly<Record<NestedIn, readonly StageName[]>> = {
  $lookup: ['$out', '$merge', '$vectorSearch'],
  $unionWith: ['$out', '$merge', '$vectorSearch'],
  $facet: ['$out', '$merge', '$facet', '$vectorSearch', '$documents'],
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

function leading(named: readonly NamedStage[]): Pick<Pipeline, 'leadingMatch' | 'leadingSort' | 'leadingLimit'> {
  let at = 0;
  const take = (name: StageName): Value | undefined => {
    const stage = named[at];
    if (stage?.name !== name) return undefined;
    at += 1;
    return stage.spec;
  };
  const filter = take('$match');
  const order = take('$sort');
  const most = take('$limit');
  return {
    ...(isDoc(filter) ? { leadingMatch: filter } : {}),
    ...(isDoc(order) ? { leadingSort: order } : {}),
    ...(most === undefined ? {} : { leadingLimit: stageCount('$limit', most) }),
  };
}
