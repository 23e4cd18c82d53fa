// Dotted paths through documents and arrays, with the traversal rules of MongoDB's query language (an index and an implicit step into
// every element are both tried where a path component is a number and meets an array).
import { type Doc, isArray, isDoc, type Value } from './types.js';

/** Receives a value found at a path (`undefined`: missing there); `true` stops the walk. `index`: position in the outermost array crossed, or -1. */
export type Visit = (value: Value | undefined, index: number) => boolean;

/** What happens at an array that ends the path: its elements and then itself, or only itself. */
export type LeafArrays = 'expand' | 'whole';

export function isIndex(part: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(part);
}

/** Visits every value that a query condition on the path sees. Gives true as soon as `visit` does. */
export function walkPath(doc: Doc, parts: readonly string[], leaf: LeafArrays, visit: Visit): boolean {
  return walkDoc(doc, parts, 0, leaf, -1, visit);
}

function walkDoc(doc: Doc, parts: readonly string[], start: number, leaf: LeafArrays, index: number, visit: Visit): boolean {
  let value: Value | undefined = doc;
  let at = start;
  while (at < parts.length && isDoc(value)) {
    value = value.get(parts[at] as string);
    at += 1;
  }
  if (isArray(value)) return walkArray(value, parts, at, leaf, index, visit);
  return visit(at === parts.length ? value : undefined, index);
}

/**
 * Elements that are documents are entered; other scalars miss the field; nested arrays are only entered by index. Where nothing at all was found,
 * the field is missing, but not in an array that was itself `entered` by index: there is nothing in it then. Only documents are given the position of
 * their array: neither scalars nor what an index names are.
 */
function walkArray(
  array: readonly Value[],
  parts: readonly string[],
  at: number,
  leaf: LeafArrays,
  index: number,
  visit: Visit,
  entered = false,
): boolean {
  if (at === parts.length) {
    if (leaf === 'expand' && array.some((item, position) => visit(item, index < 0 ? position : index))) return true;
    return visit(array as Value[], index);
  }
  const next = parts[at] as string;
  const offset = isIndex(next) ? Number(next) : -1;
  let visited = entered;
  const note: Visit = (value, position) => {
    visited = true;
    return visit(value, position);
  };
  for (let position = 0; position < array.length; position += 1) {
    const item = array[position];
    if (isDoc(item) && walkDoc(item, parts, at, leaf, index < 0 ? position : index, note)) return true;
    if (position === offset) {
      if (walkOffset(item, parts, at + 1, leaf, index, note)) return true;
      visited ||= isArray(item);
    } else if (offset < 0 && !isDoc(item) && !isArray(item) && note(undefined, index)) return true;
  }
  return !visited && visit(undefined, index);
}

/**
 * The element that a numeric component names: at the end of the path it is taken whole, even when it is an array; a scalar before
 * the end counts as nothing found.
 */
function walkOffset(item: Value | undefined, parts: readonly string[], at: number, leaf: LeafArrays, index: number, visit: Visit): boolean {
  if (at === parts.length) return visit(item, index);
  if (isDoc(item)) return walkDoc(item, parts, at, leaf, index, visit);
  return isArray(item) ? walkArray(item, parts, at, leaf, index, visit, true) : false;
}

/**
 * Every value at a dotted path as an index sees them: elements of an array that ends the path instead of the array, nothing for
 * missing. An empty array gives nothing.
 */
export function valuesAt(doc: Doc, path: string): Value[] {
  const found: Value[] = [];
  walkPath(doc, path.split('.'), 'whole', (value) => {
    if (isArray(value)) found.push(...value);
    else if (value !== undefined) found.push(value);
    return false;
  });
  return found;
}

/**
 * Every value at a dotted path as `distinct` sees them: elements of an array that ends the path instead of the array, nothing for missing. A number
 * after an array is always an index, and a field whose name is the rest of the path goes before all.
 */
export function distinctValues(doc: Doc, path: string): Value[] {
  const whole = doc.get(path);
  if (whole !== undefined) return isArray(whole) ? whole : [whole];
  const dot = path.indexOf('.');
  if (dot < 0) return [];
  const value = doc.get(path.slice(0, dot));
  const rest = path.slice(dot + 1);
  if (isDoc(value)) return distinctValues(value, rest);
  if (!isArray(value)) return [];
  if (/^\d+(?:\.|$)/.test(rest)) return distinctValues(asDoc(value), rest);
  return value.flatMap((item) => (isDoc(item) ? distinctValues(item, rest) : isArray(item) ? distinctValues(asDoc(item), rest) : []));
}

/** An array as a document with its indexes for names. */
function asDoc(array: readonly Value[]): Doc {
  return new Map(array.map((item, index) => [String(index), item]));
}

/** The value at a path of documents only; `undefined` when missing or when an array or scalar is in the way. */
export function directValue(doc: Doc, parts: readonly string[]): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of parts) {
    if (!isDoc(value)) return undefined;
    value = value.get(part);
  }
  return value;
}
