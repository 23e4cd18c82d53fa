// Reads the specification of a projection into a tree, with MongoDB's rules on mixing inclusion and exclusion. The operators that only find has are
// handed to a callback.
import { type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { pathParts } from '../expressions/field-path.js';
import { isTruthy } from '../expressions/truth.js';
import { parseExpression, type Scope } from '../expressions/types.js';
import { EXPRESSIONS, unsupported } from '../surface.js';
import { addField, compute, exclude, include, projectionNode, type ProjectionNode } from './tree.js';

/** A projection that knows what it does to a document. */
export interface Projection {
  readonly mode: 'include' | 'exclude';
  readonly apply: (doc: Doc) => Doc;
}

/** What a find-only operator tells about the projection around it. */
export interface SpecialField {
  /** Whether the field counts as included, excluded, or says nothing; `included` adds it to the listed ones. */
  readonly meaning: 'included' | 'neutral' | 'computed';
  /** The path to list when it is included. */
  readonly path?: string;
}

/** Handles a field that only find's projection understands; `undefined` when it is none. */
export type SpecialHandler = (path: string, value: Value) => SpecialField | undefined;

interface Reading {
  readonly scope: Scope;
  readonly special: SpecialHandler;
  readonly root: ProjectionNode;
  mode: 'include' | 'exclude' | undefined;
  /** Whether `_id` is kept; undefined when the specification does not say. */
  id: boolean | undefined;
  /** The mode when no field decides it. */
  fallback: 'include' | undefined;
  /** Fields that are kept whatever the mode. */
  readonly neutral: string[];
}

/** Parses a projection. Errors: 31253, 31254, 31252, 31249, 31250, 51272 and those of expressions. */
export function parseProjection(spec: Doc, scope: Scope, special: SpecialHandler = () => undefined): Projection {
  const reading: Reading = { scope, special, root: projectionNode(), mode: undefined, id: undefined, fallback: undefined, neutral: [] };
  for (const [path, value] of spec) readField(reading, path, value);
  const mode = reading.mode ?? reading.fallback ?? (reading.id === true ? 'include' : 'exclude');
  if (mode === 'include') for (const path of reading.neutral) addField(reading.root, pathParts(path), { kind: 'listed' });
  if (reading.id === undefined ? mode === 'include' : reading.id === (mode === 'include')) {
    if (!reading.root.fields.has('_id')) reading.root.fields.set('_id', { kind: 'listed' });
  }
  const { root } = reading;
  return { mode, apply: mode === 'include' ? (doc) => include(root, doc, doc) : (doc) => exclude(root, doc) };
}

function readField(reading: Reading, path: string, value: Value): void {
  const special = reading.special(path, value);
  if (special) {
    if (special.meaning === 'neutral') reading.neutral.push(path);
    else if (special.meaning === 'computed') reading.fallback = 'include';
    else {
      setMode(reading, 'include', path);
      addField(reading.root, pathParts(special.path ?? path), { kind: 'listed' });
    }
    return;
  }
  if (path === '_id' && (isNumber(value) || typeof value === 'boolean')) {
    reading.id = isTruthy(value);
    return;
  }
  if (isNumber(value) || typeof value === 'boolean') {
    setMode(reading, isTruthy(value) ? 'include' : 'exclude', path);
    addField(reading.root, projectionPath(path), { kind: 'listed' });
    return;
  }
  if (isDoc(value) && !startsWithOperator(value)) {
    readNested(reading, path, value);
    return;
  }
  readComputed(reading, path, value);
}

function startsWithOperator(value: Doc): boolean {
  return [...value.keys()].some((key) => key.startsWith('$'));
}

function readNested(reading: Reading, path: string, value: Doc): void {
  if (value.size === 0) throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${path}`);
  for (const [name, nested] of value) readField(reading, `${path}.${name}`, nested);
}

function readComputed(reading: Reading, path: string, value: Value): void {
  if (reading.mode === 'exclude') throw new MongoError(31310, `Cannot use an expression ${path} in an exclusion projection`);
  checkOperator(value);
  setMode(reading, 'include', path);
  if (path === '_id') reading.id ??= true;
  addField(reading.root, projectionPath(path), { kind: 'computed', expr: parseExpression(value, reading.scope) });
}

const OPERATORS = new Set<string>(EXPRESSIONS);

function checkOperator(value: Value): void {
  const [name] = isDoc(value) ? value.keys() : [];
  if (name === undefined || !isDoc(value)) return;
  if (value.size !== 1) throw new MongoError(16410, `FieldPath field names may not start with '$', given '${name}'.`);
  if (!OPERATORS.has(name)) throw unsupported('projectionExpression', name);
}

function setMode(reading: Reading, mode: 'include' | 'exclude', path: string): void {
  if (reading.mode !== undefined && reading.mode !== mode) {
    throw mode === 'exclude'
      ? new MongoError(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
      : new MongoError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  }
  reading.mode = mode;
}

function projectionPath(path: string): string[] {
  if (path === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  return pathParts(path);
}

/** Parses the fields of `$addFields`: every value is an expression, nested documents set nested fields. */
export function parseAddedFields(spec: Doc, scope: Scope): (doc: Doc) => Doc {
  const root = projectionNode();
  const read = (path: string, value: Value): void => {
    if (isDoc(value) && value.size > 0 && !startsWithOperator(value)) for (const [name, nested] of value) read(`${path}.${name}`, nested);
    else addField(root, projectionPath(path), { kind: 'computed', expr: parseExpression(value, scope) }, 40176);
  };
  for (const [path, value] of spec) read(path, value);
  return (doc) => compute(root, doc, doc);
}

/** Parses the paths of `$unset`. */
export function parseRemovedFields(paths: readonly string[]): (doc: Doc) => Doc {
  const root = projectionNode();
  for (const path of paths) addField(root, projectionPath(path), { kind: 'listed' });
  return (doc) => exclude(root, doc);
}
