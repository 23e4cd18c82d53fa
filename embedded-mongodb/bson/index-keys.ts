// The keys of a document for an ordered list of paths, as a multikey index and a sort take them: one key for each element of an
// array, several paths through the same array kept together.
import { MongoError } from '../errors.js';
import { compare } from './compare.js';
import { isIndex } from './paths.js';
import { type Doc, isArray, isDoc, type Value } from './types.js';

/** One component of a key: `undefined` stands for an empty array, which sorts below null; missing fields are null. */
export type KeyPart = Value | undefined;

/**
 * All keys of a document. `present` of each key tells which paths exist in the document (a sparse index wants at least one).
 * Error: CannotIndexParallelArrays when two paths cross different arrays.
 */
export function indexKeys(doc: Doc, paths: readonly string[]): { keys: KeyPart[][]; multikey: boolean; anyPresent: boolean } {
  const single = plainKey(doc, paths);
  if (single) return { keys: [single.key], multikey: false, anyPresent: single.anyPresent };
  const state: Collecting = { keys: [], anyPresent: false };
  collect(
    state,
    paths.map((path) => ({ value: doc, rest: path.split('.'), done: false })),
  );
  return { keys: withoutRepeats(state.keys), multikey: true, anyPresent: state.anyPresent };
}

/** The only key of a document in which no path meets an array: the common case, without bookkeeping. */
function plainKey(doc: Doc, paths: readonly string[]): { key: KeyPart[]; anyPresent: boolean } | undefined {
  const key: KeyPart[] = [];
  let anyPresent = false;
  for (const path of paths) {
    let value: Value | undefined = doc;
    for (const part of path.includes('.') ? path.split('.') : [path]) {
      if (isArray(value)) return undefined;
      value = isDoc(value) ? value.get(part) : undefined;
    }
    if (isArray(value)) return undefined;
    anyPresent ||= value !== undefined;
    key.push(value ?? null);
  }
  return { key, anyPresent };
}

interface Collecting {
  keys: KeyPart[][];
  anyPresent: boolean;
}

/** A path on its way: what it has reached and what is left of it. */
interface Cursor {
  value: Value | undefined;
  rest: readonly string[];
  /** The value is final: an element of the array that ended the path, not to be entered again. */
  done: boolean;
}

function collect(state: Collecting, cursors: readonly Cursor[]): void {
  const advanced = cursors.map(descend);
  const crossing = advanced.filter((cursor) => !cursor.done && isArray(cursor.value));
  const array = crossing[0]?.value;
  if (!isArray(array)) {
    state.anyPresent ||= advanced.some((cursor) => cursor.value !== undefined || cursor.done);
    state.keys.push(advanced.map((cursor) => (cursor.value === undefined && !cursor.done ? null : cursor.value)));
    return;
  }
  if (crossing.some((cursor) => cursor.value !== array)) {
    throw new MongoError('CannotIndexParallelArrays', 'cannot index parallel arrays');
  }
  if (array.length === 0) {
    collect(
      state,
      advanced.map((cursor) => (crossing.includes(cursor) ? emptyArrayPart(cursor) : cursor)),
    );
    return;
  }
  if (crossing.every((cursor) => namesElement(cursor, array))) {
    collect(
      state,
      advanced.map((cursor) => (crossing.includes(cursor) ? takeElement(cursor, array) : cursor)),
    );
    return;
  }
  for (const item of array) {
    collect(
      state,
      advanced.map((cursor) => (crossing.includes(cursor) ? intoElement(cursor, item, array) : cursor)),
    );
  }
}

/** Follows documents until the path ends or an array is met. */
function descend(cursor: Cursor): Cursor {
  if (cursor.done) return cursor;
  let { value, rest } = cursor;
  while (rest.length > 0 && isDoc(value)) {
    value = value.get(rest[0] as string);
    rest = rest.slice(1);
  }
  if (rest.length > 0 && !isArray(value)) return { value: undefined, rest: [], done: false };
  return { value, rest, done: false };
}

function emptyArrayPart(cursor: Cursor): Cursor {
  return cursor.rest.length === 0 ? { value: undefined, rest: [], done: true } : { value: undefined, rest: [], done: false };
}

/** A numeric component names an element unless the array holds documents with that very field name. */
function namesElement(cursor: Cursor, array: readonly Value[]): boolean {
  const [next] = cursor.rest;
  if (next === undefined || !isIndex(next) || Number(next) >= array.length) return false;
  if (array.some((item) => isDoc(item) && item.has(next))) {
    throw new MongoError(
      16746,
      `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${next}'`,
    );
  }
  return true;
}

function takeElement(cursor: Cursor, array: readonly Value[]): Cursor {
  const rest = cursor.rest.slice(1);
  const item = array[Number(cursor.rest[0])];
  // At the end of the path the element is taken whole, except that an empty array counts as one everywhere.
  const empty = rest.length === 0 && isArray(item) && item.length === 0;
  return { value: empty ? undefined : item, rest, done: rest.length === 0 };
}

function intoElement(cursor: Cursor, item: Value, array: readonly Value[]): Cursor {
  if (cursor.rest.length === 0) return { value: item, rest: [], done: true };
  if (namesElement(cursor, array)) return takeElement(cursor, array);
  return isDoc(item) ? { value: item, rest: cursor.rest, done: false } : { value: undefined, rest: [], done: false };
}

function withoutRepeats(keys: KeyPart[][]): KeyPart[][] {
  const sameKey = (a: KeyPart[], b: KeyPart[]): boolean => a.every((part, index) => compare(part, b[index]) === 0);
  const sorted = [...keys].sort((a, b) => a.reduce((order: number, part, index) => order || compare(part, b[index]), 0));
  return sorted.filter((key, index) => index === 0 || !sameKey(key, sorted[index - 1] as KeyPart[]));
}
