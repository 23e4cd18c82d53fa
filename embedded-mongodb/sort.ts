// Sorting by a specification: the key of each document is computed once, with MongoDB's choice among the elements of arrays (smallest ascending,
// largest descending).
import {
  compare,
  type Doc,
  indexKeys,
  isArray,
  isDoc,
  isNumber,
  type KeyPart,
  type StringOrder,
  compareStrings,
  type Value,
} from './bson/index.js';
import { ERROR_CODES, MongoError } from './errors.js';
import { pathParts } from './expressions/field-path.js';
import { scoreOf } from './score.js';

/** A compiled sort: keys first, so that n log n comparisons do not walk documents. */
export interface Sort {
  readonly keyOf: (doc: Doc) => readonly KeyPart[];
  readonly compareKeys: (a: readonly KeyPart[], b: readonly KeyPart[]) => number;
}

interface Component {
  readonly path: string;
  readonly sign: number;
  /** Sorts by search score instead of a path. */
  readonly byScore: boolean;
}

/** Compiles `{ path: 1 | -1 | {$meta: 'vectorSearchScore'} }`. Errors: BadValue and 15975 as MongoDB. */
export function compileSortKeys(spec: Doc, strings: StringOrder = compareStrings): Sort {
  if (spec.size > 32) throw new MongoError(13103, 'too many compound keys');
  const components = [...spec].map(([path, value]) => component(path, value));
  const signs = components.map(({ sign }) => sign);
  const paths = components.filter(({ byScore }) => !byScore).map(({ path }) => path);
  const compareKeys = (a: readonly KeyPart[], b: readonly KeyPart[]): number => {
    for (let index = 0; index < signs.length; index += 1) {
      const order = compare(a[index], b[index], strings);
      if (order !== 0) return order * (signs[index] ?? 1);
    }
    return 0;
  };
  const plainPaths = paths.length === components.length && !paths.some((path) => path.includes('.'));
  // MongoDB takes `_id` alone as it is, even an array (which only other stages can put there).
  const onlyId = components.length === 1 && paths[0] === '_id';
  const keyOf = (doc: Doc): readonly KeyPart[] => {
    if (onlyId) return [doc.get('_id') ?? null];
    const plain = plainPaths ? plainKey(doc, paths) : undefined;
    if (plain) return plain;
    const keys = sortKeys(doc, paths);
    const withScores = paths.length === components.length ? keys : keys.map((key) => insertScores(key, components, doc));
    return withScores.reduce((best, key) => (compareKeys(key, best) < 0 ? key : best));
  };
  return { keyOf, compareKeys };
}

/** The only key of a document whose fields are no arrays. */
function plainKey(doc: Doc, fields: readonly string[]): KeyPart[] | undefined {
  const key: KeyPart[] = [];
  for (const field of fields) {
    const value = doc.get(field);
    if (isArray(value)) return undefined;
    key.push(value ?? null);
  }
  return key;
}

function sortKeys(doc: Doc, paths: readonly string[]): KeyPart[][] {
  try {
    return indexKeys(doc, paths).keys;
  } catch (error) {
    if (!(error instanceof MongoError) || error.code !== ERROR_CODES.CannotIndexParallelArrays) throw error;
    throw new MongoError('BadValue', 'cannot sort with keys that are parallel arrays');
  }
}

function component(path: string, value: Value): Component {
  if (isDoc(value)) {
    const meta = value.get('$meta');
    if (value.size !== 1 || meta === undefined) throw new MongoError(17312, '$meta is the only expression supported by $sort right now');
    if (meta !== 'vectorSearchScore') throw new MongoError(31138, 'Illegal $meta sort: only vectorSearchScore is supported');
    return { path, sign: -1, byScore: true };
  }
  if (!isNumber(value)) throw new MongoError(15974, '$sort key ordering must be specified using a number or {$meta: …}');
  const sign = Math.trunc(Number(value.toString())); // a fraction is cut, as MongoDB does
  if (sign !== 1 && sign !== -1) throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
  pathParts(path);
  return { path, sign, byScore: false };
}

function insertScores(key: readonly KeyPart[], components: readonly Component[], doc: Doc): KeyPart[] {
  let next = 0;
  return components.map(({ byScore }) => (byScore ? scoreOf(doc) : key[next++]));
}

/** A comparator of documents for a sort specification; remembers the keys of the documents it has seen. */
export function compileSort(spec: Doc, strings: StringOrder = compareStrings): (a: Doc, b: Doc) => number {
  const { keyOf, compareKeys } = compileSortKeys(spec, strings);
  const keys = new WeakMap<Doc, readonly KeyPart[]>();
  const remembered = (doc: Doc): readonly KeyPart[] => {
    const known = keys.get(doc);
    if (known) return known;
    const key = keyOf(doc);
    keys.set(doc, key);
    return key;
  };
  return (a, b) => compareKeys(remembered(a), remembered(b));
}
