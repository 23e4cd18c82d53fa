// What `$vectorSearch` takes as a filter: a small part of the query language, on values that a vector index can hold.
import { Binary, type Doc, isArray, isDoc, isNumber, ObjectId, type Value } from '../bson/index.js';
import { isFilterValue } from './filter-groups.js';
import { searchError } from './search-error.js';

/** A path that the filter reads, and how Atlas calls the index its operand needs. */
export interface FilterPath {
  readonly path: string;
  readonly type: string;
}

const LOGICAL = ['$and', '$or', '$nor'];
const RANGES = ['$gt', '$gte', '$lt', '$lte'];
const LISTS = ['$in', '$nin'];

/** The paths of a filter. Error: UnknownError when it is not one that `$vectorSearch` takes. */
export function checkFilter(filter: Value): FilterPath[] {
  if (!isDoc(filter)) throw searchError('"filter" must be a document');
  return [...filter].flatMap(([name, operand]) => {
    if (LOGICAL.includes(name)) return checkClauses(name, operand);
    if (name.startsWith('$')) throw searchError(`"filter" operator "${name}" is not supported`);
    return checkField(name, operand);
  });
}

function checkClauses(name: string, clauses: Value): FilterPath[] {
  if (!isArray(clauses) || clauses.length === 0) throw searchError(`"filter.${name}" must be a non-empty array`);
  return clauses.flatMap(checkFilter);
}

function checkField(path: string, condition: Value): FilterPath[] {
  if (!isDoc(condition) || ![...condition.keys()].some((name) => name.startsWith('$'))) return [checkValue(path, condition)];
  return checkOperators(path, condition);
}

function checkOperators(path: string, operators: Doc): FilterPath[] {
  return [...operators].flatMap(([name, operand]) => {
    if (name === '$eq' || name === '$ne') return [checkValue(path, operand)];
    if (RANGES.includes(name)) {
      if (operand === null) throw searchError(`"filter.${path}.${name}" value type cannot be null`);
      return [checkValue(path, operand)];
    }
    if (LISTS.includes(name)) {
      if (!isArray(operand) || operand.length === 0) throw searchError(`"filter.${path}.${name}" must be a non-empty array`);
      return operand.map((item) => checkValue(path, item));
    }
    if (name === '$exists') {
      if (typeof operand !== 'boolean') throw searchError(`"filter.${path}.$exists" must be a boolean`);
      return [{ path, type: 'token' }];
    }
    if (name !== '$not') throw searchError(`"filter.${path}" operator "${name}" is not supported`);
    if (!isDoc(operand) || operand.size === 0) throw searchError(`"filter.${path}.$not" must be a document of operators`);
    return checkOperators(path, operand);
  });
}

function checkValue(path: string, value: Value): FilterPath {
  if (!isFilterValue(value)) throw searchError(`"filter.${path}" must be a boolean, objectId, number, string, date, uuid, or null`);
  return { path, type: indexTypeOf(value) };
}

function indexTypeOf(value: Value): string {
  if (typeof value === 'boolean') return 'boolean';
  if (isNumber(value)) return 'number';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'objectId';
  return value instanceof Binary ? 'uuid' : 'token';
}
