// `$vectorSearch`: the exact nearest neighbours among all vectors of a collection, with scores normalised as Atlas documents them.
import { decode, type Doc, isArray, isDoc, rawGet, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import { RECORD_BYTES } from '../indexes/records.js';
import { compileFilter, type Filter, setScore } from '../language.js';
import type { Engine } from '../server/engine.js';
import { TABLE_BYTES, tableRange } from '../store/store.js';
import { VectorCache, vectorOf } from './cache.js';
import { filterPaths, type Similarity, type VectorField, vectorField, wholeNumber } from './search-index.js';

const OPTIONS = new Set(['index', 'path', 'queryVector', 'numCandidates', 'limit', 'filter', 'exact']);
const MAX_CANDIDATES = 10_000;

interface Search {
  readonly field: VectorField;
  readonly query: Float32Array;
  readonly limit: number;
  readonly filter: Filter | undefined;
}

interface Hit {
  readonly record: number;
  readonly score: number;
}

/**
 * The documents of a `$vectorSearch` stage, best first, each marked with its score. Every search is exact: `numCandidates` is checked and
 * otherwise ignored. An index that does not exist finds nothing, as on Atlas.
 */
export function vectorSearch(engine: Engine, collection: Collection | undefined, stage: Doc): Doc[] {
  const search = collection && parseSearch(collection, stage);
  if (!collection || !search) return [];
  const cache = cacheOf(engine, collection, search.field);
  const found: Doc[] = [];
  for (const { record, score } of search.filter ? allHits(cache, search) : bestHits(cache, search)) {
    const raw = engine.records.read(collection, record);
    const doc = raw && decode(raw);
    if (doc && (search.filter?.matches(doc) ?? true)) found.push(setScore(doc, score));
    if (found.length === search.limit) break;
  }
  return found;
}

function parseSearch(collection: Collection, stage: Doc): Search | undefined {
  for (const option of stage.keys()) if (!OPTIONS.has(option)) throw refusal('BadValue', `The $vectorSearch option "${option}"`);
  const path = stage.get('path');
  const limit = wholeNumber(stage.get('limit'));
  if (typeof stage.get('index') !== 'string') throw new MongoError('BadValue', '$vectorSearch: "index" is required');
  if (typeof path !== 'string') throw new MongoError('BadValue', '$vectorSearch: "path" is required');
  if (limit === undefined || limit < 1) throw new MongoError('BadValue', '$vectorSearch: "limit" must be positive');
  checkCandidates(stage, limit);
  const index = collection.searchIndexes.find((candidate) => candidate.name === stage.get('index'));
  if (!index) return undefined;
  const field = vectorField(index.definition, path);
  if (!field) throw new MongoError('BadValue', `$vectorSearch: Path '${path}' needs to be indexed as vector`);
  const query = vectorOf(stage.get('queryVector'), field.dimensions);
  if (!query) {
    const given = stage.get('queryVector');
    const size = isArray(given) ? `${given.length} dimensions` : 'another shape';
    throw new MongoError('BadValue', `$vectorSearch: vector field is indexed with ${field.dimensions} dimensions but queried with ${size}`);
  }
  if (field.similarity === 'cosine' && query.every((value) => value === 0)) {
    throw new MongoError('BadValue', '$vectorSearch: Cosine similarity cannot be calculated against a zero vector.');
  }
  return { field, query, limit, filter: parseFilter(stage.get('filter'), filterPaths(index.definition)) };
}

function checkCandidates(stage: Doc, limit: number): void {
  const candidates = stage.get('numCandidates');
  if (stage.get('exact') === true) {
    if (candidates !== undefined) throw new MongoError('BadValue', '$vectorSearch: "numCandidates" must be omitted when "exact" is true');
    return;
  }
  const number = wholeNumber(candidates);
  if (number === undefined || number < limit || number > MAX_CANDIDATES) {
    throw new MongoError('BadValue', `$vectorSearch: "numCandidates" must be between "limit" and ${MAX_CANDIDATES} unless "exact" is true`);
  }
}

function parseFilter(filter: Value | undefined, declared: ReadonlySet<string>): Filter | undefined {
  if (filter === undefined) return undefined;
  if (!isDoc(filter)) throw new MongoError('BadValue', '$vectorSearch: "filter" must be a document');
  checkFilterPaths(filter, declared);
  return compileFilter(filter);
}

function checkFilterPaths(filter: Doc, declared: ReadonlySet<string>): void {
  for (const [name, value] of filter) {
    if (!name.startsWith('$')) {
      if (!declared.has(name)) throw new MongoError('BadValue', `$vectorSearch: Path '${name}' needs to be indexed as filter`);
    } else if (['$and', '$or', '$nor'].includes(name)) {
      for (const part of isArray(value) ? value : []) if (isDoc(part)) checkFilterPaths(part, declared);
    } else {
      throw new MongoError('BadValue', `$vectorSearch: operator "${name}" is not allowed in "filter"`);
    }
  }
}

/** The cache of a field, filled from the documents at the first search. */
function cacheOf(engine: Engine, collection: Collection, field: VectorField): VectorCache {
  const key = `${field.path}\0${field.dimensions}`;
  const known = collection.vectors.get(key);
  if (known) return known;
  const cache = new VectorCache(field.path, field.dimensions);
  const top = field.path.split('.')[0] as string;
  for (const entry of engine.storage.scan(tableRange(collection.table))) {
    const value = rawGet(entry.value, top);
    if (value !== undefined) cache.write(entry.key.readUIntBE(TABLE_BYTES, RECORD_BYTES), new Map([[top, value]]));
  }
  collection.vectors.set(key, cache);
  return cache;
}

/** Score of one vector; absent where the measure is not defined (a zero vector has no angle). */
function scorer({ field, query }: Search): (product: number, norm: number) => number | undefined {
  const length = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
  const formulas: Record<Similarity, (product: number, norm: number) => number | undefined> = {
    cosine: (product, norm) => (norm === 0 ? undefined : (1 + product / (norm * length)) / 2),
    dotProduct: (product) => (1 + product) / 2,
    euclidean: (product, norm) => 1 / (1 + Math.sqrt(Math.max(0, norm * norm + length * length - 2 * product))),
  };
  return formulas[field.similarity];
}

/** All vectors, best first. */
function allHits(cache: VectorCache, search: Search): Hit[] {
  const score = scorer(search);
  const hits: Hit[] = [];
  cache.forEachDot(search.query, (record, product, norm) => {
    const value = score(product, norm);
    if (value !== undefined) hits.push({ record, score: value });
  });
  return hits.sort(byScore);
}

/** The best `limit` vectors, kept in a small sorted list while all are passed by. */
function bestHits(cache: VectorCache, search: Search): Hit[] {
  const score = scorer(search);
  const best: Hit[] = [];
  let worst = -Infinity;
  cache.forEachDot(search.query, (record, product, norm) => {
    const value = score(product, norm);
    if (value === undefined || (best.length === search.limit && value < worst)) return;
    const hit = { record, score: value };
    let at = best.length;
    while (at > 0 && byScore(best[at - 1] as Hit, hit) > 0) at -= 1;
    best.splice(at, 0, hit);
    if (best.length > search.limit) best.pop();
    worst = best.at(-1)?.score ?? -Infinity;
  });
  return best;
}

function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || a.record - b.record;
}
