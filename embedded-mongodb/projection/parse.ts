// Reads the specification of a projection into a tree, with MongoDB's rules on mixing inclusion and exclusion. The operators that only find has are
// handed to a callback.
import { type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { pathParts } from '../expressions/field-path.js';
import { isTruthy } from '../expressions/truth.js';
import { constant, type Expr, parseExpression, type Scope } from '../expressions/types.js';
import { EXPRESSIONS, unsupported } from '../surface.js';
import { addField, compute, exclude, type Field, include, projectionNode, type ProjectionNode } from './tree.js';

/** A projection that knows what it does to a document. */
export interface Projection {
  readonly mode: 'include' | 'exclude';
  readonly apply: (doc: Doc) => Doc;
}

/** What a find-only operator tells about the projection around it. */
export interface SpecialField {
  /** Whether the field counts as included, or is kept whatever the mode because an operator works on it afterwards. */
  readonly meaning: 'included' | 'slice' | 'elemMatch';
  /** The path it stands at, when that is not the whole path given. */
  readonly path?: string;
  /** What computes the field, whatever the mode. */
  readonly expr?: Expr;
}

/** Handles a field that only find's projection understands; `undefined` when it is none. */
export type SpecialHandler = (path: string, value: Value) => SpecialField | undefined;

type Mode = 'include' | 'exclude';

interface Reading {
  readonly scope: Scope;
  readonly special: SpecialHandler;
  readonly root: ProjectionNode;
  mode: Mode | undefined;
  /** Whether `_id` as a whole is kept; undefined when the specification does not say. */
  id: boolean | undefined;
  hasSlice: boolean;
  hasElemMatch: boolean;
}

/** Parses a projection. Errors: 31253, 31254, 31252, 31310, 31249, 31250, 51270 and those of expressions, in the order MongoDB meets them. */
export function parseProjection(spec: Doc, scope: Scope, special: SpecialHandler = () => undefined): Projection {
  const reading: Reading = {
    scope: { ...scope, faults: [] },
    special,
    root: projectionNode(),
    mode: undefined,
    id: undefined,
    hasSlice: false,
    hasElemMatch: false,
  };
  for (const [path, value] of spec) readField(reading, [], path, value);
  reportFaults(reading.scope.faults, scope);
  const { root, id } = reading;
  const mode = reading.mode ?? defaultMode(reading);
  if (id !== undefined && id !== (mode === 'include')) root.fields.delete('_id');
  const silent = ![...spec.keys()].some((path) => path === '_id' || path.startsWith('_id.'));
  if (mode === 'include' && silent) root.fields.set('_id', { kind: 'listed' });
  if (mode === 'exclude' && id === false) root.fields.set('_id', { kind: 'listed' });
  return { mode, apply: mode === 'include' ? (doc) => include(root, doc, doc) : (doc) => exclude(root, doc) };
}

/** The mode when no field but `_id` decides it. */
function defaultMode({ hasSlice, hasElemMatch, id }: Reading): Mode {
  if (!hasSlice && hasElemMatch) return 'include';
  return id === true ? 'include' : 'exclude';
}

function readField(reading: Reading, above: readonly string[], name: string, value: Value): void {
  const path = [...above, name].join('.');
  const special = reading.special(path, value);
  if (special?.meaning === 'slice') readSlice(reading, above, name, value as Doc, special);
  else if (special) readSpecial(reading, path, special);
  else if (isNumber(value) || typeof value === 'boolean') readFlag(reading, above, name, isTruthy(value));
  else if (!isDoc(value)) readLiteral(reading, above, name, value);
  else if (isOperator(value)) readExpression(reading, above, name, value);
  else readNested(reading, above, name, value);
}

function readSpecial(reading: Reading, path: string, { meaning, path: listed = path, expr }: SpecialField): void {
  const field: Field = expr ? { kind: 'computed', expr } : { kind: meaning === 'included' ? 'listed' : 'kept' };
  addField(reading.root, projectionPath(listed), field);
  reading.hasSlice ||= meaning === 'slice';
  reading.hasElemMatch ||= meaning === 'elemMatch';
  if (meaning === 'included') setMode(reading, 'include', path);
}

/** What is no `$slice` of find, for its form or its path, is taken for the expression of that name, whose fault is then told. */
function readSlice(reading: Reading, above: readonly string[], name: string, value: Doc, special: SpecialField): void {
  try {
    readSpecial(reading, [...above, name].join('.'), special);
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    readExpression(reading, above, name, value);
  }
}

function readFlag(reading: Reading, above: readonly string[], name: string, kept: boolean): void {
  addField(reading.root, [...above, ...projectionPath(name)], { kind: 'listed' });
  if (above.length === 0 && name === '_id') reading.id = kept;
  else setMode(reading, kept ? 'include' : 'exclude', name);
}

function readLiteral(reading: Reading, above: readonly string[], name: string, value: Value): void {
  const expr = parseExpression(value, reading.scope);
  addField(reading.root, [...above, ...projectionPath(name)], { kind: 'computed', expr });
  if (reading.mode === 'exclude') throw new MongoError(31310, `Cannot use an expression ${name} in an exclusion projection`);
  reading.mode = 'include';
}

/** Whether an object is one operator, known or not; objects with several fields are nested projections. */
function isOperator(value: Doc): boolean {
  return value.size === 1 && [...value.keys()].every((key) => key.startsWith('$'));
}

function readExpression(reading: Reading, above: readonly string[], name: string, value: Doc): void {
  const parts = projectionPath(name);
  checkOperator(value);
  if (reading.mode === 'exclude') throw new MongoError(31252, 'Cannot use expression other than $meta in exclusion projection');
  reading.mode = 'include';
  addField(reading.root, [...above, ...parts], { kind: 'computed', expr: parseExpression(value, reading.scope) });
}

function readNested(reading: Reading, above: readonly string[], name: string, value: Doc): void {
  if (value.size === 0) throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${name}`);
  const parts = [...above, ...projectionPath(name)];
  addField(reading.root, parts, projectionNode());
  for (const [inner, nested] of value) readField(reading, parts, inner, nested);
}

const OPERATORS = new Set<string>(EXPRESSIONS);

function checkOperator(value: Doc): void {
  const [name = ''] = value.keys();
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

/**
 * Parses the fields of `$addFields`: every value is an expression, nested documents set nested fields. All paths are checked before the first
 * expression is parsed.
 */
export function parseAddedFields(spec: Doc, outer: Scope): (doc: Doc) => Doc {
  const scope: Scope = { ...outer, faults: [] };
  const root = projectionNode();
  const empty: string[][] = [];
  const values: [string[], Value][] = [];
  const paths = projectionNode();
  const read = (path: string, value: Value): void => {
    const parts = projectionPath(path);
    if (!isDoc(value) || [...value.keys()].some((key) => key.startsWith('$'))) {
      addField(paths, parts, { kind: 'listed' }, 40176);
      values.push([parts, value]);
    } else if (value.size === 0) empty.push(parts);
    else for (const [name, nested] of value) read(`${path}.${name}`, nested);
  };
  for (const [path, value] of spec) read(path, value);
  for (const [parts, value] of values) addField(root, parts, { kind: 'computed', expr: parseExpression(value, scope) }, 40176);
  if (empty.length > 0 && empty.length + values.length > 1) throw refusal(40176, 'An empty object beside other fields in $addFields');
  for (const parts of empty) addField(root, parts, { kind: 'computed', expr: constant(new Map()) }, 40176);
  reportFaults(scope.faults, outer);
  return (doc) => compute(root, doc, doc);
}

/** Which of several faulty fields MongoDB reports follows from its hash table. */
function reportFaults(faults: readonly MongoError[], scope: Scope): void {
  const [first] = faults;
  if (first) scope.faults.push(new Set(faults.map(({ code }) => code)).size > 1 ? refusal(first.code, 'Several faulty fields') : first);
}

/** Parses the paths of `$unset`. */
export function parseRemovedFields(paths: readonly string[]): (doc: Doc) => Doc {
  const root = projectionNode();
  for (const path of paths) addField(root, projectionPath(path), { kind: 'listed' });
  return (doc) => exclude(root, doc);
}
