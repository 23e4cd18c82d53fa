// $bucket: a $group by ranges of a value.
import { compare, type Doc, isArray, isDoc, typeOf, typeRank, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { constantValue, derived, type Expr, parseExpression, prepared, type Scope, settle } from '../expressions/types.js';
import { checkSorts, COUNTER, groupBy, parseOutput } from './group.js';
import { collecting } from './pause.js';
import { type CompileStage } from './types.js';

interface BucketSpec {
  readonly groupBy: Value;
  readonly boundaries: readonly Value[];
  readonly otherwise: Value | undefined;
  readonly output: Doc;
}

export const bucket: CompileStage = (spec, { scope }) => {
  const { groupBy: value, boundaries, otherwise, output } = parseBucket(spec, scope);
  const later: Scope = { ...scope, faults: [] }; // faults of the accumulators come after those of the key
  const outputs = [...output].map(([name, accumulator]) => {
    if (name === '_id') throw new MongoError(15948, "a group's _id may only be specified once");
    return parseOutput(name, accumulator, later);
  });
  checkSorts(output);
  const key = parseExpression(value, scope);
  const id = bucketExpression(key, boundaries, otherwise);
  if (id.fault) scope.faults.push(id.fault);
  scope.faults.push(...later.faults);
  const grouped = groupBy(id, outputs);
  return function* (source) {
    const docs: Doc[] = [];
    yield* collecting(grouped(source), (doc) => docs.push(doc));
    yield* docs.sort((a, b) => compare(a.get('_id'), b.get('_id')));
  };
};

function parseBucket(spec: Value, scope: Scope): BucketSpec {
  if (!isDoc(spec)) throw new MongoError(40201, 'Argument to $bucket stage must be an object');
  let boundaries: Value[] | undefined;
  let otherwise: Value | undefined;
  let output: Doc = new Map([['count', COUNTER]]);
  for (const [key, value] of spec) {
    if (key === 'groupBy') checkGroupBy(value);
    else if (key === 'boundaries') boundaries = parseBoundaries(value, scope);
    else if (key === 'default') otherwise = constantOf(value, scope, 40195);
    else if (key === 'output') {
      if (!isDoc(value)) throw new MongoError(40196, "The $bucket 'output' field must be an object");
      output = value;
    } else throw new MongoError(40197, `Unrecognized option to $bucket: ${key}.`);
  }
  const by = spec.get('groupBy');
  if (by === undefined || !boundaries) throw new MongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  checkDefault(otherwise, boundaries);
  return { groupBy: by, boundaries, otherwise, output };
}

function checkGroupBy(value: Value): void {
  const written = isDoc(value) ? value.keys().next().value : value;
  if (typeof written !== 'string' || !written.startsWith('$'))
    throw new MongoError(40202, "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression");
}

/** Constants are computed at once: what is wrong with them is wrong with the stage. */
function constantOf(value: Value, outer: Scope, code: number): Value {
  const scope: Scope = { ...outer, faults: [] };
  const expr = parseExpression(value, scope);
  settle(scope);
  if (!expr.constant) throw new MongoError(code, "The $bucket 'boundaries' and 'default' must be constant values");
  return constantValue(expr) ?? null;
}

/** The range of a value. A constant one that is in none has no group whatever the documents are. */
function bucketExpression(key: Expr, boundaries: readonly Value[], otherwise: Value | undefined): Expr {
  if (!key.constant) return derived([key], (root) => bucketOf(key.run(root), boundaries, otherwise, 40066));
  return prepared(() => derived([key], (root) => bucketOf(key.run(root), boundaries, otherwise, 40069)));
}

function parseBoundaries(value: Value, scope: Scope): Value[] {
  if (!isArray(value)) throw new MongoError(40200, `The $bucket 'boundaries' field must be an array, but found type: ${typeOf(value)}.`);
  const boundaries = value.map((item) => constantOf(item, scope, 40191));
  if (boundaries.length < 2)
    throw new MongoError(40192, `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`);
  for (let index = 1; index < boundaries.length; index += 1) {
    const [lower, upper] = [boundaries[index - 1], boundaries[index]];
    if (typeRank(lower) !== typeRank(upper))
      throw new MongoError(40193, "All values in the the 'boundaries' option to $bucket must have the same type.");
    if (compare(lower, upper) >= 0) throw new MongoError(40194, "The 'boundaries' option to $bucket must be sorted");
  }
  return boundaries;
}

function checkDefault(otherwise: Value | undefined, boundaries: readonly Value[]): void {
  if (otherwise === undefined) return;
  if (compare(otherwise, boundaries[0]) >= 0 && compare(otherwise, boundaries.at(-1)) < 0) {
    throw new MongoError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    );
  }
}

function bucketOf(value: Value | undefined, boundaries: readonly Value[], otherwise: Value | undefined, code: number): Value {
  for (let index = boundaries.length - 2; index >= 0; index -= 1) {
    if (compare(value, boundaries[index]) >= 0) {
      if (compare(value, boundaries[index + 1]) < 0) return boundaries[index] as Value;
      break;
    }
  }
  if (otherwise === undefined)
    throw new MongoError(code, '$switch could not find a matching branch for an input, and no default was specified.');
  return otherwise;
}
