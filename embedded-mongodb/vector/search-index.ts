// Definitions of vector search indexes: checked when they are made, read when a search names them.
import { Decimal128, type Doc, Int32, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';

export type Similarity = 'cosine' | 'dotProduct' | 'euclidean';

export interface VectorField {
  readonly path: string;
  readonly dimensions: number;
  readonly similarity: Similarity;
}

const SIMILARITIES: readonly string[] = ['cosine', 'dotProduct', 'euclidean'];
const MAX_DIMENSIONS = 8192;

/** Checks a definition `{ fields: [{ type: 'vector' | 'filter', path, … }] }`. Errors: BadValue with what is wrong. */
export function checkDefinition(definition: Value | undefined): Doc {
  if (!isDoc(definition)) throw new MongoError('BadValue', 'A search index needs a definition document');
  if (definition.has('mappings')) throw refusal('BadValue', 'A full-text search index');
  const fields = definition.get('fields');
  if (!isArray(fields) || !fields.every(isDoc)) throw new MongoError('BadValue', '"fields" is required in a vectorSearch definition');
  for (const field of fields) checkField(field);
  if (!fields.some((field) => field.get('type') === 'vector')) {
    throw new MongoError('BadValue', 'A vectorSearch definition needs at least one field of type "vector"');
  }
  return definition;
}

function checkField(field: Doc): void {
  const type = field.get('type');
  const allowed = type === 'vector' ? ['type', 'path', 'numDimensions', 'similarity'] : ['type', 'path'];
  if (type !== 'vector' && type !== 'filter') throw refusal('BadValue', 'A search field of a type other than "vector" and "filter"');
  if (typeof field.get('path') !== 'string' || field.get('path') === '') throw new MongoError('BadValue', 'A search field needs a "path"');
  for (const option of field.keys()) if (!allowed.includes(option)) throw refusal('BadValue', `The search field option "${option}"`);
  if (type === 'filter') return;
  const dimensions = wholeNumber(field.get('numDimensions'));
  if (dimensions === undefined || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw new MongoError('BadValue', `"numDimensions" must be between 1 and ${MAX_DIMENSIONS}`);
  }
  const similarity = field.get('similarity');
  if (typeof similarity !== 'string' || !SIMILARITIES.includes(similarity)) {
    throw new MongoError('BadValue', '"similarity" must be one of [euclidean, cosine, dotProduct]');
  }
}

/** The vector field of a checked definition at a path. */
export function vectorField(definition: Doc, path: string): VectorField | undefined {
  const field = fieldsOf(definition).find((candidate) => candidate.get('type') === 'vector' && candidate.get('path') === path);
  if (!field) return undefined;
  return { path, dimensions: wholeNumber(field.get('numDimensions')) ?? 0, similarity: field.get('similarity') as Similarity };
}

/** Paths that a search may filter on. */
export function filterPaths(definition: Doc): Set<string> {
  const filters = fieldsOf(definition).filter((field) => field.get('type') === 'filter');
  return new Set(filters.map((field) => field.get('path') as string));
}

function fieldsOf(definition: Doc): Doc[] {
  const fields = definition.get('fields');
  return isArray(fields) ? fields.filter(isDoc) : [];
}

/** A whole number of any number type. */
export function wholeNumber(value: Value | undefined): number | undefined {
  if (value === undefined || !isNumber(value)) return undefined;
  const number = value instanceof Int32 ? value.value : value instanceof Decimal128 ? Number(value.toString()) : Number(value);
  return Number.isInteger(number) ? number : undefined;
}
