// The stages that change the shape of each document: $project, $addFields, $unset, $replaceRoot, $unwind.
import { type Doc, isArray, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { pathParts, valueAt } from '../expressions/field-path.js';
import { parseExpression } from '../expressions/types.js';
import { parseAddedFields, parseProjection, parseRemovedFields } from '../projection/parse.js';
import { keepScore } from '../score.js';
import { isPauseDoc, withPauses } from './pause.js';
import { setAt } from './set-at.js';
import { type CompileStage, perDocument, type Stage } from './types.js';

export const project: CompileStage = (spec, { scope }) => {
  if (!isDoc(spec)) throw new MongoError(15969, '$project specification must be an object');
  if (spec.size === 0)
    throw new MongoError(51272, 'Invalid $project :: caused by :: projection specification must have at least one field');
  const { apply } = parseProjection(spec, scope);
  return perDocument((doc) => keepScore(doc, apply(doc)));
};

export const addFields: CompileStage = (spec, { scope }) => {
  if (!isDoc(spec)) throw new MongoError(40272, `$addFields specification stage must be an object, got ${typeOf(spec)}`);
  const apply = parseAddedFields(spec, scope);
  return perDocument((doc) => keepScore(doc, apply(doc)));
};

export const unset: CompileStage = (spec) => {
  const paths = isArray(spec) ? spec : [spec];
  if (!isArray(spec) && typeof spec !== 'string') throw new MongoError(31002, '$unset specification must be a string or an array');
  if (paths.length === 0) throw new MongoError(31119, '$unset specification must be a string or an array with at least one field');
  const apply = parseRemovedFields(paths.map(unsetPath));
  return perDocument((doc) => keepScore(doc, apply(doc)));
};

function unsetPath(path: Value): string {
  if (typeof path !== 'string')
    throw new MongoError(31120, '$unset specification must be a string or an array containing only string values');
  return path;
}

function replaceWithExpression(expression: Value, what: string): CompileStage {
  return (_spec, { scope }) => {
    const expr = parseExpression(expression, scope);
    return perDocument((doc) => {
      const root = expr.run(doc);
      if (!isDoc(root)) {
        const found = root === undefined ? 'missing' : typeOf(root);
        throw new MongoError(40228, `${what} must evaluate to an object, but resulting value was of type ${found}`);
      }
      return keepScore(doc, root);
    });
  };
}

export const replaceRoot: CompileStage = (spec, context) => {
  if (!isDoc(spec)) throw new MongoError(40229, `expected an object as specification for $replaceRoot stage, got ${typeOf(spec)}`);
  for (const key of spec.keys())
    if (key !== 'newRoot') throw new MongoError(40415, `BSON field '$replaceRoot.${key}' is an unknown field.`);
  const root = spec.get('newRoot');
  if (root === undefined) throw new MongoError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field");
  return replaceWithExpression(root, "'newRoot' expression")(spec, context);
};

export const replaceWith: CompileStage = (spec, context) => replaceWithExpression(spec, "'replacement document'")(spec, context);

interface Unwinding {
  readonly parts: readonly string[];
  readonly indexParts: readonly string[] | undefined;
  readonly keepEmpty: boolean;
}

export const unwind: CompileStage = (spec, { pipeline }) => {
  const unwound = unwindStage(parseUnwind(spec));
  return (source) => withPauses(unwound(source), pipeline.pausable === true); // one document may become many
};

function parseUnwind(spec: Value): Unwinding {
  if (typeof spec === 'string') return { parts: unwindPath(spec), indexParts: undefined, keepEmpty: false };
  if (!isDoc(spec))
    throw new MongoError(15981, `expected either a string or an object as specification for $unwind stage, got ${typeOf(spec)}`);
  let indexParts: readonly string[] | undefined;
  let keepEmpty = false;
  for (const [key, value] of spec) {
    if (key === 'preserveNullAndEmptyArrays') {
      if (typeof value !== 'boolean')
        throw new MongoError(28809, `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeOf(value)}`);
      keepEmpty = value;
    } else if (key === 'includeArrayIndex') indexParts = indexPath(value);
    else if (key !== 'path') throw new MongoError(28811, `unrecognized option to $unwind stage: ${key}`);
  }
  const path = spec.get('path');
  if (path === undefined) throw new MongoError(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string') throw new MongoError(28808, `expected a string as the path for $unwind stage, got ${typeOf(path)}`);
  return { parts: unwindPath(path), indexParts, keepEmpty };
}

function unwindPath(path: string): string[] {
  if (!path.startsWith('$')) throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  return stagePath(path.slice(1));
}

/** A path that is no expression. */
function stagePath(path: string): string[] {
  if (path === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  return pathParts(path);
}

function indexPath(value: Value): string[] {
  if (typeof value !== 'string' || value === '')
    throw new MongoError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage');
  if (value.startsWith('$'))
    throw new MongoError(28822, `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${value}`);
  if (value === '_id') throw refusal(28810, "includeArrayIndex '_id'");
  return stagePath(value);
}

function unwindStage({ parts, indexParts, keepEmpty }: Unwinding): Stage {
  const numbered = (doc: Doc, index: Value): Doc => (indexParts ? setAt(doc, indexParts, index) : doc);
  return function* (source) {
    for (const doc of source) {
      if (isPauseDoc(doc)) {
        yield doc;
        continue;
      }
      const value = plainValue(doc, parts);
      if (isArray(value) && value.length > 0) {
        for (let index = 0; index < value.length; index += 1) {
          yield keepScore(doc, numbered(setAt(doc, parts, value[index]), BigInt(index)));
        }
      } else if (value == null || isArray(value)) {
        if (keepEmpty) yield keepScore(doc, numbered(isArray(value) ? setAt(doc, parts, undefined) : doc, null));
      } else yield keepScore(doc, numbered(doc, null));
    }
  };
}

/** The value at a path that does not look into arrays. */
function plainValue(doc: Doc, parts: readonly string[]): Value | undefined {
  const parent = valueAt(doc, parts.slice(0, -1), 0);
  return isDoc(parent) ? parent.get(parts.at(-1) ?? '') : undefined;
}
