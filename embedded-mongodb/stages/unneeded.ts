// Which fields of the documents a pipeline does not read before it writes them. MongoDB does not load such a field when a later $project says what
// is wanted at all, so that it is written behind the others instead of in its old place.
import { type Doc, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import { keepScore } from '../score.js';
import { isPauseDoc } from './pause.js';

/** The documents as MongoDB loads them: without some of their fields. */
export function without(source: Iterable<Doc>, fields: ReadonlySet<string>): Iterable<Doc> {
  return fields.size === 0 ? source : reduced(source, fields);
}

function* reduced(source: Iterable<Doc>, fields: ReadonlySet<string>): Generator<Doc, void, undefined> {
  for (const doc of source) yield isPauseDoc(doc) ? doc : keepScore(doc, new Map([...doc].filter(([name]) => !fields.has(name))));
}

interface Reads {
  /** Fields that are read. */
  readonly needed: Set<string>;
  /** Fields that were written as a whole. */
  readonly written: Set<string>;
  /** Everything is read. */
  whole: boolean;
}

/** The names of those fields; empty where nothing is to be left out. */
export function unneededFields(stages: readonly Doc[]): ReadonlySet<string> {
  const reads: Reads = { needed: new Set(), written: new Set(), whole: false };
  for (const stage of stages) {
    const [entry] = stage;
    if (!entry || reads.whole) return new Set();
    const [name, spec] = entry;
    if (name === '$project' && isDoc(spec) && isInclusion(spec)) {
      readFields(reads, spec);
      return reads.whole ? new Set() : new Set([...reads.written].filter((field) => !reads.needed.has(field)));
    }
    if (!READERS[name]?.(reads, spec)) return new Set();
  }
  return new Set();
}

/** Reads a stage; false for those that end the search. */
type Reader = (reads: Reads, spec: Value) => boolean;

const READERS: Readonly<Record<string, Reader>> = {
  $addFields: readAdded,
  $set: readAdded,
  $match: (reads, spec) => {
    readFilter(reads, spec);
    return true;
  },
  $sort: (reads, spec) => {
    if (isDoc(spec)) for (const path of spec.keys()) need(reads, path);
    return true;
  },
  $limit: () => true,
  $skip: () => true,
  $unset: () => true,
  $unionWith: () => true,
  $project: () => true,
  $unwind: (reads, spec) => {
    const path = isDoc(spec) ? spec.get('path') : spec;
    if (typeof path === 'string') need(reads, path.slice(1));
    const index = isDoc(spec) ? spec.get('includeArrayIndex') : undefined;
    if (typeof index === 'string') write(reads, index);
    return true;
  },
  $lookup: (reads, spec) => {
    if (!isDoc(spec)) return false;
    const [local, as] = [spec.get('localField'), spec.get('as')];
    if (typeof local === 'string') need(reads, local);
    readExpression(reads, spec.get('let') ?? null);
    if (typeof as === 'string') write(reads, as);
    return true;
  },
};

function readAdded(reads: Reads, spec: Value): boolean {
  if (!isDoc(spec)) return false;
  for (const value of spec.values()) readExpression(reads, value);
  for (const [path, value] of spec) {
    const nested = isDoc(value) && value.size > 0 && ![...value.keys()].some((key) => key.startsWith('$'));
    if (nested) need(reads, path);
    else write(reads, path);
  }
  return true;
}

/** A field is written as a whole, or a part of it, which reads the rest. */
function write(reads: Reads, path: string): void {
  if (path.includes('.')) need(reads, path);
  else if (!reads.needed.has(path)) reads.written.add(path);
}

function need(reads: Reads, path: string): void {
  const [field = ''] = path.split('.');
  if (!reads.written.has(field)) reads.needed.add(field);
}

function isInclusion(spec: Doc): boolean {
  for (const [path, value] of spec) {
    if (path === '_id') continue;
    if (isNumber(value) || typeof value === 'boolean') return value !== false && Number(value) !== 0;
    if (isDoc(value) && ![...value.keys()].some((key) => key.startsWith('$'))) return isInclusion(value);
    return true;
  }
  return false;
}

function readFields(reads: Reads, spec: Doc): void {
  for (const [path, value] of spec) {
    if (isNumber(value) || typeof value === 'boolean') need(reads, path);
    else readExpression(reads, value);
  }
}

function readFilter(reads: Reads, filter: Value): void {
  if (isArray(filter)) for (const item of filter) readFilter(reads, item);
  if (!isDoc(filter)) return;
  for (const [key, value] of filter) {
    if (key === '$expr') readExpression(reads, value);
    else if (key.startsWith('$')) readFilter(reads, value);
    else need(reads, key);
  }
}

function readExpression(reads: Reads, value: Value): void {
  if (typeof value === 'string') readPath(reads, value);
  else if (isArray(value)) for (const item of value) readExpression(reads, item);
  else if (isDoc(value)) {
    for (const [key, inner] of value) {
      if (key === '$getField') readGetField(reads, inner);
      if (key !== '$literal' && key !== '$const') readExpression(reads, inner);
    }
  }
}

/** A field by its bare name; one that is computed may be any. */
function readGetField(reads: Reads, operand: Value): void {
  const named = isDoc(operand) && operand.has('field');
  if (!named) reads.whole = true;
}

function readPath(reads: Reads, text: string): void {
  if (!text.startsWith('$')) return;
  if (!text.startsWith('$$')) {
    need(reads, text.slice(1));
    return;
  }
  const [name = '', ...rest] = text.slice(2).split('.');
  if (name !== 'ROOT' && name !== 'CURRENT') return;
  if (rest.length === 0) reads.whole = true;
  else need(reads, rest.join('.'));
}
