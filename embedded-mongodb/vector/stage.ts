// The `$vectorSearch` stage, read and checked.
import { type Doc, isDoc, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import type { SearchIndex } from '../indexes/index-spec.js';
import { compileFilter, type Filter } from '../match/index.js';
import { checkFilter, type FilterPath } from './filter-check.js';
import { searchError } from './search-error.js';
import { filterPaths, type VectorField, vectorFields, wholeNumber } from './search-index.js';
import { vectorOf } from './vector-value.js';

const OPTIONS = new Set(['index', 'path', 'queryVector', 'numCandidates', 'limit', 'filter', 'exact']);
const MAX_CANDIDATES = 10_000;

/** A stage that is right by itself; whether it fits the index, `fieldFor` says. */
export interface SearchStage {
  readonly index: string;
  readonly path: string;
  readonly vector: Float32Array;
  readonly limit: number;
  /** Absent for an exact search. */
  readonly candidates: number | undefined;
  readonly filter: Filter | undefined;
  readonly filterPaths: readonly FilterPath[];
}

/** Errors: FailedToParse when it is no document, UnknownError with what is wrong in it. */
export function parseStage(operand: Value): SearchStage {
  if (!isDoc(operand)) throw new MongoError('FailedToParse', '$vectorSearch value must be an object');
  for (const option of operand.keys()) if (!OPTIONS.has(option)) throw refusal('BadValue', `The $vectorSearch option "${option}"`);
  const limit = wholeNumber(operand.get('limit'));
  if (limit === undefined) throw searchError(operand.has('limit') ? '"limit" must be an integer' : '"limit" is required');
  if (limit < 1) throw searchError('"limit" must be positive');
  const filter = operand.get('filter');
  return {
    index: requiredString(operand, 'index'),
    path: requiredString(operand, 'path'),
    vector: queryVector(operand),
    limit,
    candidates: candidatesOf(operand, limit),
    filterPaths: filter === undefined ? [] : checkFilter(filter),
    filter: isDoc(filter) ? compileFilter(filter) : undefined,
  };
}

function requiredString(stage: Doc, name: string): string {
  const value = stage.get(name);
  if (value === undefined) throw searchError(`"${name}" is required`);
  if (typeof value !== 'string') throw searchError(`"${name}" must be a string`);
  if (value === '') throw searchError(`"${name}" cannot be empty`);
  return value;
}

function queryVector(stage: Doc): Float32Array {
  const value = stage.get('queryVector');
  if (value === undefined) throw searchError('"queryVector" is required');
  const vector = vectorOf(value);
  if (!vector) throw searchError('"queryVector" must be an array of finite numbers or a vector of float32');
  return vector;
}

function candidatesOf(stage: Doc, limit: number): number | undefined {
  const exact = stage.get('exact') ?? false;
  if (typeof exact !== 'boolean') throw searchError('"exact" must be a boolean');
  const given = stage.get('numCandidates');
  if (exact) {
    if (given !== undefined) throw searchError('"numCandidates" must be omitted when "exact" is set to true');
    return undefined;
  }
  if (given === undefined) throw searchError('"numCandidates" is required for approximate vector search');
  const candidates = wholeNumber(given);
  if (candidates === undefined) throw searchError('"numCandidates" must be an integer');
  if (candidates < 1 || candidates > MAX_CANDIDATES) throw searchError(`"numCandidates" must be within bounds [1, ${MAX_CANDIDATES}]`);
  if (limit > candidates) throw searchError('"limit" should be less than or equal to "numCandidates"');
  return candidates;
}

/** The field that a stage searches. Errors: UnknownError where stage and index do not fit. */
export function fieldFor(stage: SearchStage, { definition }: SearchIndex): VectorField {
  const field = vectorFields(definition).find(({ path }) => path === stage.path);
  if (!field) throw searchError(`${stage.path} is not indexed as vector`);
  if (field.dimensions !== stage.vector.length) {
    throw searchError(`vector field is indexed with ${field.dimensions} dimensions but queried with ${stage.vector.length}`);
  }
  if (field.similarity === 'cosine' && stage.vector.every((value) => value === 0)) {
    throw searchError('Cosine similarity cannot be calculated against a zero vector.');
  }
  const declared = filterPaths(definition);
  for (const { path, type } of stage.filterPaths) {
    if (!declared.has(path)) throw searchError(`Path '${path}' needs to be indexed as ${type}`);
  }
  return field;
}
