// $group, and the stages that are shorthands for it: $bucket, $count and $sortByCount.
import { ACCUMULATOR_PARSERS } from '../accumulators/registry.js';
import { type MakeState, type State } from '../accumulators/types.js';
import { compare, type Doc, hashKey, int32, isArray, isDoc, isNumber, typeOf, typeRank, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { derived, type Expr, parseExpression, type Scope } from '../expressions/types.js';
import { type AccumulatorName, unsupported } from '../surface.js';
import { type CompileStage, type Stage } from './types.js';

interface Output {
  readonly name: string;
  readonly make: MakeState;
}

export const group: CompileStage = (spec, { scope }) => {
  if (!isDoc(spec)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const id = spec.get('_id');
  if (id === undefined) throw new MongoError(15955, 'a group specification must include an _id');
  const outputs = [...spec].filter(([name]) => name !== '_id').map(([name, value]) => parseOutput(name, value, scope));
  return groupBy(parseId(id, scope), outputs);
};

/** A key of one field holds null where the field is missing; a key of several leaves it out, as MongoDB. */
function parseId(id: Value, scope: Scope): Expr {
  if (
    isDoc(id) &&
    !id.keys().next().value?.startsWith('$') &&
    [...id.values()].some((value) => isNumber(value) || typeof value === 'boolean')
  )
    throw new MongoError(17390, '$group does not support inclusion-style expressions');
  const [only] = isDoc(id) && id.size === 1 ? id : [];
  if (!only || only[0].startsWith('$')) return parseExpression(id, scope);
  const [name] = only;
  parseExpression(id, scope);
  const inner = parseExpression(only[1], scope);
  return derived([inner], (root) => new Map([[name, inner.run(root) ?? null]]));
}

function parseOutput(name: string, value: Value, scope: Scope): Output {
  if (name === '') throw new MongoError(12116300, 'The field name of an accumulator cannot be empty');
  if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
  if (!isDoc(value)) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  const [entry] = value;
  if (!entry || value.size !== 1) throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
  const [operator, operand] = entry;
  if (!Object.hasOwn(ACCUMULATOR_PARSERS, operator)) throw unsupported('accumulator', operator);
  return { name, make: ACCUMULATOR_PARSERS[operator as AccumulatorName](operand, scope) };
}

function groupBy(id: Expr, outputs: readonly Output[]): Stage {
  return function* (source) {
    const groups = new Map<string, { id: Value; states: State[] }>();
    for (const doc of source) {
      const value = id.run(doc) ?? null;
      const key = hashKey(value);
      let found = groups.get(key);
      if (!found) {
        found = { id: value, states: outputs.map(({ make }) => make()) };
        groups.set(key, found);
      }
      for (const state of found.states) state.add(doc);
    }
    for (const { id: value, states } of groups.values()) {
      const result: Doc = new Map([['_id', value]]);
      outputs.forEach(({ name }, index) => result.set(name, states[index]?.result() ?? null));
      yield result;
    }
  };
}

const COUNTER: Value = new Map([['$sum', int32(1)]]);

export const sortByCount: CompileStage = (spec, context) => {
  if (typeof spec === 'string' && !spec.startsWith('$')) {
    throw new MongoError(40148, 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object');
  }
  if (isDoc(spec) && !spec.keys().next().value?.startsWith('$')) {
    throw new MongoError(40147, 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object');
  }
  if (typeof spec !== 'string' && !isDoc(spec))
    throw new MongoError(40149, 'the sortByCount field must be specified as a string or as an object');
  const counted = group(
    new Map([
      ['_id', spec],
      ['count', COUNTER],
    ]),
    context,
  );
  return (source) => [...counted(source)].sort((a, b) => compare(b.get('count'), a.get('count')));
};

export const count: CompileStage = (spec, context) => {
  if (typeof spec !== 'string' || spec === '')
    throw new MongoError(typeof spec === 'string' ? 40157 : 40156, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  const counted = groupBy(parseExpression(null, context.scope), [parseOutput('count', COUNTER, context.scope)]);
  return function* (source) {
    for (const doc of counted(source)) yield new Map([[spec, doc.get('count') ?? null]]);
  };
};

export const bucket: CompileStage = (spec, { scope }) => {
  if (!isDoc(spec)) throw new MongoError(40201, 'Argument to $bucket stage must be an object');
  for (const key of spec.keys()) {
    if (!['groupBy', 'boundaries', 'default', 'output'].includes(key))
      throw new MongoError(40197, `Unrecognized option to $bucket: ${key}.`);
  }
  const groupByValue = spec.get('groupBy');
  const boundariesValue = spec.get('boundaries');
  if (groupByValue === undefined || boundariesValue === undefined)
    throw new MongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  const isPath = typeof groupByValue === 'string' && groupByValue.startsWith('$');
  if (!isPath && !isDoc(groupByValue)) {
    throw new MongoError(40202, "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression");
  }
  const boundaries = parseBoundaries(boundariesValue, scope);
  const otherwise = spec.get('default') === undefined ? undefined : constantOf(spec.get('default') as Value, scope, 40196);
  checkDefault(otherwise, boundaries);
  const key = parseExpression(groupByValue, scope);
  const id = derived([key], (root) => bucketOf(key.run(root), boundaries, otherwise));
  const outputSpec = spec.get('output') ?? new Map([['count', COUNTER]]);
  if (!isDoc(outputSpec)) throw new MongoError(40196, "The $bucket 'output' field must be an object");
  const outputs = [...outputSpec].map(([name, value]) => parseOutput(name, value, scope));
  const grouped = groupBy({ ...id, constant: false }, outputs);
  return (source) => [...grouped(source)].sort((a, b) => compare(a.get('_id'), b.get('_id')));
};

function constantOf(value: Value, scope: Scope, code: number): Value {
  const expr = parseExpression(value, scope);
  if (!expr.constant) throw new MongoError(code, "The $bucket 'boundaries' and 'default' must be constant values");
  return expr.run(new Map()) ?? null;
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

function bucketOf(value: Value | undefined, boundaries: readonly Value[], otherwise: Value | undefined): Value {
  for (let index = boundaries.length - 2; index >= 0; index -= 1) {
    if (compare(value, boundaries[index]) >= 0) {
      if (compare(value, boundaries[index + 1]) < 0) return boundaries[index] as Value;
      break;
    }
  }
  if (otherwise === undefined)
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  return otherwise;
}
