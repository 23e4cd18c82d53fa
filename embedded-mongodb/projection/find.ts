// The projection of find and findAndModify: the tree of $project, and the operators that only find has: positional `$`, $elemMatch, $slice.
import { type Doc, isArray, isDoc, isNumber, type NumberValue, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { createScope, type ExpressionOptions } from '../expressions/compile.js';
import { isTruthy } from '../expressions/truth.js';
import { settle } from '../expressions/types.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { keepScore } from '../score.js';
import { parseProjection, type SpecialField } from './parse.js';

export interface ProjectionOptions extends ExpressionOptions {
  /** The filter of the command: what a positional `$` refers to. */
  readonly filter?: Filter;
}

/** What the operators of find add to the tree: a change of the document before it, and changes in place of the result after it. */
interface Steps {
  before: ((doc: Doc) => Doc) | undefined;
  readonly after: ((result: Doc) => void)[];
}

/** Compiles a find projection; the empty one gives documents as they are. Errors: MongoDB's for malformed or mixed specifications. */
export function compileProjection(projection: Doc, options: ProjectionOptions = {}): (doc: Doc) => Doc {
  if (projection.size === 0) return (doc) => doc;
  const scope = options.scope ?? createScope(options);
  const steps: Steps = { before: undefined, after: [] };
  const special = (path: string, value: Value): SpecialField | undefined => {
    if (path.split('.').includes('$')) return positional(path, value, options.filter, steps);
    if (!isDoc(value) || value.size !== 1) return undefined;
    const operand = value.get('$slice');
    const slice = operand === undefined ? undefined : findSlice(operand);
    if (slice) return sliceField(path, slice, steps);
    const elemMatch = value.get('$elemMatch');
    return elemMatch === undefined ? undefined : elemMatchField(path, elemMatch);
  };
  const tree = parseProjection(projection, scope, special);
  if (!options.scope) settle(scope);
  return (doc) => {
    const result = tree.apply(steps.before ? steps.before(doc) : doc);
    for (const step of steps.after) step(result);
    return keepScore(doc, result);
  };
}

function positional(path: string, value: Value, filter: Filter | undefined, steps: Steps): SpecialField {
  const parts = path.split('.');
  if (parts.indexOf('$') !== parts.length - 1 || parts.length === 1) {
    throw new MongoError(31394, 'Positional projection may only be used at the end, for example: a.b.$');
  }
  if (steps.before) throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
  if (isDoc(value)) throw new MongoError(31271, 'positional projection cannot be used with an expression or sub object');
  if (!isNumber(value) && typeof value !== 'boolean') throw new MongoError(31308, 'positional projection cannot be used with a literal');
  if (!isTruthy(value)) throw new MongoError(31395, 'positional projection cannot be used with exclusion');
  if (filter?.usesExpressions) throw new MongoError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
  const field = parts.slice(0, -1);
  steps.before = (doc) => {
    const index = filter?.arrayIndexOfMatch(doc) ?? -1;
    return atFirstArray(doc, field, (array) => {
      if (index < 0) throw new MongoError(51246, "positional operator '.$' couldn't find a matching element in the array");
      const item = array[index];
      if (item === undefined) throw new MongoError(51247, "positional operator '.$' element mismatch");
      return [item];
    });
  };
  return { meaning: 'included', path: field.join('.') };
}

/** A copy in which the first array on a path is changed; the document itself when there is none. */
function atFirstArray(doc: Doc, parts: readonly string[], change: (array: Value[]) => Value[]): Doc {
  const [first, ...rest] = parts;
  if (first === undefined) return doc;
  const value = doc.get(first);
  if (isArray(value)) return new Map(doc).set(first, change(value));
  return isDoc(value) ? new Map(doc).set(first, atFirstArray(value, rest, change)) : doc;
}

/** Replaces the array at a path; other values stay. */
function narrow(doc: Doc, parts: readonly string[], change: (array: Value[]) => Value[]): void {
  const [first = '', ...rest] = parts;
  const value = doc.get(first);
  if (rest.length === 0) {
    if (isArray(value)) doc.set(first, change(value));
    return;
  }
  if (isDoc(value)) {
    const copy = new Map(value);
    narrow(copy, rest, change);
    doc.set(first, copy);
  } else if (isArray(value))
    doc.set(
      first,
      value.map((item) => narrowed(item, rest, change)),
    );
}

function narrowed(item: Value, parts: readonly string[], change: (array: Value[]) => Value[]): Value {
  if (!isDoc(item)) return item;
  const copy = new Map(item);
  narrow(copy, parts, change);
  return copy;
}

/** The numbers of find's `$slice`, cut to 32-bit integers; `undefined` for the expression of that name. */
function findSlice(slice: Value): [skip: number, limit?: number] | undefined {
  if (isNumber(slice)) return [cutToInt32(slice)];
  if (!isArray(slice) || slice.length !== 2) return undefined;
  const [skip, limit] = slice;
  if (!isNumber(skip) || !isNumber(limit) || cutToInt32(limit) <= 0) return undefined;
  return [cutToInt32(skip), cutToInt32(limit)];
}

function cutToInt32(value: NumberValue): number {
  const number = Math.trunc(Number(value.toString()));
  return Number.isNaN(number) ? 0 : Math.min(Math.max(number, -2147483648), 2147483647);
}

function sliceField(path: string, [skip, limit]: readonly [number, number?], steps: Steps): SpecialField {
  steps.after.push((result) => {
    narrow(result, path.split('.'), (array) => sliceOf(array, skip, limit));
  });
  return { meaning: 'slice' };
}

function sliceOf(array: readonly Value[], skip: number, limit: number | undefined): Value[] {
  if (limit === undefined) return skip >= 0 ? array.slice(0, skip) : array.slice(skip);
  const start = skip >= 0 ? skip : Math.max(0, array.length + skip);
  return array.slice(start, start + limit);
}

/** A computed field: the first element that matches, alone in an array. */
function elemMatchField(path: string, condition: Value): SpecialField {
  if (!isDoc(condition)) throw new MongoError(31274, 'elemMatch: Invalid argument, object required');
  if (path.includes('.')) throw new MongoError(31275, 'Cannot use $elemMatch projection on a nested field');
  const { matches } = compileFilter(new Map([[path, new Map([['$elemMatch', condition]])]]));
  const run = (doc: Doc): Value | undefined => {
    const array = doc.get(path);
    const found = isArray(array) ? array.find((item) => matches(new Map([[path, [item]]]))) : undefined;
    return found === undefined ? undefined : [found];
  };
  return { meaning: 'elemMatch', expr: { run, constant: false } };
}
