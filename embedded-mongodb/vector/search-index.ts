// Definitions of vector search indexes: checked when they are made, read when a search names them.
import { Decimal128, type Doc, Int32, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';

export type Similarity = 'cosine' | 'dotProduct' | 'euclidean';

export interface VectorField {
  readonly path: string;
  readonly dimensions: number;
  readonly similarity: Similarity;
}

const SIMILARITIES = ['euclidean', 'cosine', 'dotProduct'];
const QUANTIZATIONS = ['none', 'scalar', 'binary'];
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
  const paths = fields.map((field) => field.get('path'));
  if (new Set(paths).size < paths.length) throw new MongoError('BadValue', 'Vector and filter fields should have distinct paths');
  return definition;
}

function checkField(field: Doc): void {
  const type = field.get('type');
  const allowed = type === 'vector' ? ['type', 'path', 'numDimensions', 'similarity', 'quantization'] : ['type', 'path'];
  if (type !== 'vector' && type !== 'filter') throw refusal('BadValue', 'A search field of a type other than "vector" and "filter"');
  if (typeof field.get('path') !== 'string' || field.get('path') === '') throw new MongoError('BadValue', 'A search field needs a "path"');
  for (const option of field.keys()) if (!allowed.includes(option)) throw refusal('BadValue', `The search field option "${option}"`);
  if (type === 'vector') checkVectorField(field);
}

/** Quantization is accepted and makes no difference: every index keeps int8 and float32 forms, and scores are always of the float32 form. */
function checkVectorField(field: Doc): void {
  const dimensions = wholeNumber(field.get('numDimensions'));
  if (dimensions === undefined || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw new MongoError('BadValue', `"numDimensions" must be between 1 and ${MAX_DIMENSIONS}`);
  }
  checkOneOf(field, 'similarity', SIMILARITIES);
  if (!field.has('quantization')) return;
  checkOneOf(field, 'quantization', QUANTIZATIONS);
  if (field.get('quantization') === 'binary' && dimensions % 8 !== 0) {
    throw new MongoError('BadValue', `"numDimensions" ${dimensions} must be a multiple of 8 for binary quantization`);
  }
}

function checkOneOf(field: Doc, option: string, allowed: readonly string[]): void {
  const value = field.get(option);
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new MongoError('BadValue', `"${option}" must be one of [${allowed.join(', ')}]`);
  }
}

/** The vector fields of a checked definition. */
export function vectorFields(definition: Doc): VectorField[] {
  const fields = fieldsOf(definition).filter((field) => field.get('type') === 'vector');
  return fields.map((field) => ({
    path: field.get('path') as string,
    dimensions: wholeNumber(field.get('numDimensions')) ?? 0,
    similarity: field.get('similarity') as Similarity,
  }));
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
