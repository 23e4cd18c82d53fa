// The document that an upsert inserts: the equalities of the filter, then the update on top.
import { compare, type Doc, BSONRegExp, isArray, isDoc, ObjectId, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { fixedResult } from '../match/fixed.js';
import { compileFilter } from '../match/filter.js';
import { firstKey, isOperatorName } from '../match/tests.js';
import { type Update } from './compile.js';

/**
 * The new document, `_id` first (made when neither filter nor update gives one). Errors: those of the update, NotSingleValueField (54) when the
 * filter asks for two values of one field.
 */
export function documentForUpsert(filter: Doc, update: Update, now: Date = new Date()): Doc {
  const seed: Doc = new Map();
  const equalities = equalitiesOf(filter);
  if (update.kind === 'replacement') {
    const [id, second] = equalities.filter(([path]) => path === '_id');
    if (second) throw matchedTwice('_id');
    if (id) seed.set('_id', id[1]);
    const inside = equalities.find(([path]) => path.startsWith('_id.'));
    if (inside) throw new MongoError(111, `field at '_id' must be exactly specified, field at sub-path '${inside[0]}' found`);
  } else {
    const made = new Set<Doc>([seed]);
    for (const [path, value] of equalities) place(seed, path.split('.'), value, path, made);
  }
  const { doc } = update.apply(seed, { isInsert: true, now });
  const id = doc.get('_id');
  const result: Doc = new Map<string, Value>([['_id', id === undefined ? new ObjectId() : id]]);
  for (const [name, value] of doc) result.set(name, value);
  return result;
}

/**
 * The equalities that a filter asks for, in its order (MongoDB's own order is that of a hash table). A filter that can match nothing asks for none,
 * as MongoDB simplifies it to "never" first.
 */
function equalitiesOf(filter: Doc): [string, Value][] {
  if (fixedResult(filter) === false) return [];
  return [...filter].flatMap(([key, value]): [string, Value][] => {
    if (key === '$and' && isArray(value)) return value.filter(isDoc).flatMap(equalitiesOf);
    if (key === '$or' && isArray(value)) {
      const branches = value.filter(isDoc).filter((branch) => fixedResult(branch) !== false);
      return branches.length === 1 ? branches.flatMap(equalitiesOf) : [];
    }
    if (key.startsWith('$') || value instanceof BSONRegExp) return [];
    if (!isDoc(value) || !isOperatorName(firstKey(value))) return [[key, value]];
    return [...value].flatMap(([operator, operand]) => equalValues(operator, operand).map((equal): [string, Value] => [key, equal]));
  });
}

/** The values that one operator says a field equals. */
function equalValues(operator: string, operand: Value): Value[] {
  if (operator === '$eq') return [operand];
  if (!isArray(operand)) return [];
  const [first, ...others] = operand;
  if (operator === '$in')
    return first === undefined || others.some((other) => compare(first, other) !== 0) ? [] : equalValues('$all', [first]);
  if (operator !== '$all') return [];
  return operand.filter((item) => !(item instanceof BSONRegExp) && !isElemMatch(item));
}

/** Refuses a filter that an upsert may not have. Errors: QueryFeatureNotAllowed for $expr, and those of a malformed filter that MongoDB meets first. */
export function checkUpsertFilter(filter: Doc): void {
  compileFilter(filter, { noExpressions: true });
}

function isElemMatch(value: Value): boolean {
  return isDoc(value) && firstKey(value) === '$elemMatch';
}

/** Sets a value at a path; only documents made here may be entered. */
function place(doc: Doc, parts: readonly string[], value: Value, path: string, made: Set<Doc>): void {
  if (path === '') throw new MongoError('IllegalOperation', 'Cannot call setValue on the root object');
  const [first = '', ...rest] = parts;
  const existing = doc.get(first);
  if (rest.length === 0) {
    if (existing !== undefined) throw matchedTwice(path);
    doc.set(first, value);
    return;
  }
  if (existing !== undefined && !(isDoc(existing) && made.has(existing))) throw matchedTwice(path);
  const child: Doc = isDoc(existing) ? existing : new Map<string, Value>();
  made.add(child);
  doc.set(first, child);
  place(child, rest, value, path, made);
}

function matchedTwice(path: string): MongoError {
  return new MongoError('NotSingleValueField', `cannot infer query fields to set, path '${path}' is matched twice`);
}
