// The stages that bring in other collections or run several pipelines: $lookup, $unionWith, $facet.
import { type Doc, hashKey, isArray, isDoc, typeOf, type Value, valuesAt, walkPath } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { checkVariableName, pathParts } from '../expressions/field-path.js';
import { type Cell, parseExpression, type Scope, settle } from '../expressions/types.js';
import { keepScore } from '../score.js';
import { type StageName } from '../surface.js';
import { collecting, isPauseDoc, withPauses } from './pause.js';
import { setAt } from './set-at.js';
import { type NamedStage } from './sort-early.js';
import { type CompileStage, type Stage, type StageContext } from './types.js';
import { unneededFields, without } from './unneeded.js';

interface LookupSpec {
  readonly from: string;
  readonly as: readonly string[];
  readonly local?: string;
  readonly foreign?: string;
  readonly pipeline?: Value;
  readonly let: Doc;
}

export const lookup: CompileStage = (spec, context) => {
  const parsed = parseLookup(spec);
  // What is computed beforehand inside is computed when the first document is joined.
  const { bind, scope } = bindLet(parsed.let, { ...context.scope, faults: [], folds: false });
  const nestedScope: Scope = { ...scope, faults: [], folds: true };
  const nested: Stage = parsed.pipeline === undefined ? (source) => source : context.compile(parsed.pipeline, nestedScope, '$lookup');
  const { local, foreign } = parsed;
  return function* (source) {
    const candidates =
      local !== undefined && foreign !== undefined
        ? yield* joinOn(local, foreign, context, parsed.from)
        : () => context.pipeline.collection(parsed.from);
    for (const doc of source) {
      if (isPauseDoc(doc)) {
        yield doc;
        continue;
      }
      bind(doc);
      settle(nestedScope);
      const joined: Doc[] = [];
      yield* collecting(nested(candidates(doc)), (found) => joined.push(found));
      yield keepScore(doc, setAt(doc, parsed.as, joined));
    }
  };
};

const LOOKUP_FIELDS = ['from', 'as', 'localField', 'foreignField', 'pipeline', 'let'];

function parseLookup(spec: Value): LookupSpec {
  if (!isDoc(spec)) throw new MongoError('FailedToParse', `the $lookup stage specification must be an object, but found ${typeOf(spec)}`);
  for (const key of spec.keys())
    if (!LOOKUP_FIELDS.includes(key)) throw new MongoError(40415, `BSON field '$lookup.${key}' is an unknown field.`);
  const text = (key: string): string | undefined => {
    const value = spec.get(key);
    if (value !== undefined && typeof value !== 'string')
      throw new MongoError('FailedToParse', `$lookup '${key}' field must be a string, but found ${typeOf(value)}`);
    return value;
  };
  const [from, as, localText, foreignText] = [text('from'), text('as'), text('localField'), text('foreignField')];
  const [local, foreign] = [localText === '' ? undefined : localText, foreignText === '' ? undefined : foreignText];
  const pipeline = spec.get('pipeline');
  const letSpec = spec.get('let') ?? new Map<string, Value>();
  if (as === undefined) throw new MongoError(40414, "BSON field '$lookup.as' is missing but a required field");
  if ((local === undefined) !== (foreign === undefined) || (local === undefined && pipeline === undefined)) {
    throw new MongoError('FailedToParse', "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified");
  }
  if (from === undefined) throw new MongoError('FailedToParse', "must specify 'from' field for a $lookup in the embedded engine");
  if (!isDoc(letSpec)) throw new MongoError('FailedToParse', "$lookup argument 'let' must be an object");
  if (pipeline === undefined && spec.has('let')) throw new MongoError('FailedToParse', "$lookup with 'let' must also specify 'pipeline'");
  const base = { from, as: pathParts(as), let: letSpec, ...(pipeline === undefined ? {} : { pipeline }) };
  if (local === undefined || foreign === undefined) return base;
  pathParts(local);
  pathParts(foreign);
  return { ...base, local, foreign };
}

/** The scope of a nested pipeline, and how its variables are set for each outer document. */
function bindLet(spec: Doc, outer: Scope): { scope: Scope; bind: (doc: Doc) => void } {
  const bindings = [...spec].map(([name, value]) => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    return { name, cell, expr: parseExpression(value, outer) };
  });
  const variables = new Map([...outer.variables, ...bindings.map(({ name, cell }) => [name, cell] as const)]);
  const bind = (doc: Doc): void => {
    for (const { cell, expr } of bindings) cell.value = expr.run(doc);
  };
  return { scope: { ...outer, variables }, bind };
}

/**
 * Equality join through a hash of the foreign collection, made once for all outer documents; in the order of the foreign collection. Gives pauses
 * while it reads.
 */
function* joinOn(
  local: string,
  foreign: string,
  context: StageContext,
  from: string,
): Generator<Doc, (doc: Doc) => Iterable<Doc>, undefined> {
  const parts = foreign.split('.');
  const byValue = new Map<string, Set<number>>();
  const docs: Doc[] = [];
  yield* collecting(context.pipeline.collection(from), (doc) => {
    const index = docs.push(doc) - 1;
    walkPath(doc, parts, 'expand', (value) => {
      const key = hashKey(value ?? null);
      const positions = byValue.get(key);
      if (positions) positions.add(index);
      else byValue.set(key, new Set([index]));
      return false;
    });
  });
  return (doc) => {
    const values = valuesAt(doc, local);
    const found = new Set((values.length === 0 ? [null] : values).flatMap((value) => [...(byValue.get(hashKey(value)) ?? [])]));
    return [...found].sort((a, b) => a - b).map((index) => docs[index] as Doc);
  };
}

export const unionWith: CompileStage = (spec, context) => {
  if (typeof spec !== 'string' && !isDoc(spec)) {
    throw new MongoError('FailedToParse', `the $unionWith stage specification must be an object or string, but found ${typeOf(spec)}`);
  }
  const name = typeof spec === 'string' ? spec : spec.get('coll');
  if (isDoc(spec)) {
    for (const key of spec.keys())
      if (key !== 'coll' && key !== 'pipeline') throw new MongoError(40415, `BSON field '$unionWith.${key}' is an unknown field.`);
  }
  if (typeof name !== 'string') throw new MongoError('FailedToParse', '$unionWith needs the name of a collection in the embedded engine');
  const late: Scope = { ...context.scope, faults: context.lateFaults };
  const stages = isDoc(spec) ? (spec.get('pipeline') ?? []) : [];
  const nested = context.compile(stages, late, '$unionWith');
  const unneeded = unneededFields([...(isArray(stages) ? stages.filter(isDoc) : []), ...takenIn(context.behind)]);
  return function* (source) {
    yield* source;
    yield* nested(without(context.pipeline.collection(name), unneeded));
  };
};

/** Stages that MongoDB runs on each side of a union rather than behind it. */
const TAKEN_IN: readonly StageName[] = ['$match', '$project', '$addFields', '$set', '$unset', '$replaceRoot', '$replaceWith'];

function takenIn(behind: readonly NamedStage[]): Doc[] {
  const end = behind.findIndex(({ name }) => !TAKEN_IN.includes(name));
  return behind.slice(0, end < 0 ? behind.length : end).map(({ name, spec }): Doc => new Map([[name, spec]]));
}

export const facet: CompileStage = (spec, context) => {
  if (!isDoc(spec) || spec.size === 0) throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = [...spec].map(([name, stages]) => {
    if (name.includes('.')) throw new MongoError(16412, "$facet pipeline names may not contain '.'");
    if (name.startsWith('$')) throw new MongoError(16410, "$facet pipeline names may not start with '$'");
    if (!isArray(stages)) throw new MongoError(40170, `arguments to $facet must be arrays, ${name} is type ${typeOf(stages)}`);
    return { name, run: context.compile(stages, context.scope, '$facet') };
  });
  return function* (source) {
    const docs: Doc[] = [];
    yield* collecting(source, (doc) => docs.push(doc));
    const result: Doc = new Map();
    for (const { name, run } of facets) {
      const found: Doc[] = [];
      yield* collecting(run(withPauses(docs, context.pipeline.pausable === true)), (doc) => found.push(doc));
      result.set(name, found);
    }
    yield result;
  };
};
