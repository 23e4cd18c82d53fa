// The document that an upsert inserts: the equalities of the filter, then the update on top.
import { type Doc, BSONRegExp, isArray, isDoc, ObjectId, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { firstKey, isOperatorName } from '../match/tests.js';
import { type Update } from './compile.js';

/**
 * The new document, `_id` first (made when neither filter nor update gives one). Errors: those of the update, NotSingleValueField (54) when the
 * filter asks for two values of one field.
 */
export function documentForUpsert(filter: Doc, update: Update, now: Date = new Date()): Doc {
  if (usesExpression(filter)) throw new MongoError('QueryFeatureNotAllowed', '$expr is not allowed in the query predicate for an upsert');
  const seed: Doc = new Map();
  const equalities = equalitiesOf(filter);
  if (update.kind === 'replacement') {
    const id = equalities.findLast(([path]) => path === '_id');
    if (id) seed.set('_id', id[1]);
    const inside = equalities.find(([path]) => path.startsWith('_id.'));
    if (inside) throw new MongoError(111, `field at '_id' must be exactly specified, field at sub-path '${inside[0]}' found`);
  } else {
    const made = new Set<Doc>([seed]);
    for (const [path, value] of equalities) place(seed, path.split('.'), value, path, made);
  }
  const { doc } = update.apply(seed, { isInsert: true, now });
  const id = doc.get('_id') ?? new ObjectId();
  const result: Doc = new Map<string, Value>([['_id', id]]);
  for (const [name, value] of doc) result.set(name, value);
  return result;
}

function equalitiesOf(filter: Doc): [string, Value][] {
  return [...filter].flatMap(([key, value]): [string, Value][] => {
    if ((key === '$and' || (key === '$or' && isArray(value) && value.length === 1)) && isArray(value)) {
      return value.flatMap((item) => (isDoc(item) ? equalitiesOf(item) : []));
    }
    if (key.startsWith('$') || value instanceof BSONRegExp) return [];
    if (!isDoc(value) || !isOperatorName(firstKey(value))) return [[key, value]];
    return [...value].flatMap(([operator, operand]): [string, Value][] => {
      if (operator === '$eq') return [[key, operand]];
      const [only] = isArray(operand) ? operand : [];
      const single = (operator === '$in' || operator === '$all') && isArray(operand) && operand.length === 1;
      return single && only !== undefined && !(only instanceof BSONRegExp) && !isElemMatch(only) ? [[key, only]] : [];
    });
  });
}

function usesExpression(filter: Doc): boolean {
  return [...filter].some(
    ([key, value]) =>
      key === '$expr' || (key.startsWith('$') && isArray(value) && value.some((item) => isDoc(item) && usesExpression(item))),
  );
}

function isElemMatch(value: Value): boolean {
  return isDoc(value) && firstKey(value) === '$elemMatch';
}

/** Sets a value at a path; only documents made here may be entered. */
function place(doc: Doc, parts: readonly string[], value: Value, path: string, made: Set<Doc>): void {
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
