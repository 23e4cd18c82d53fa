// An index as it was declared: MongoDB's specification document checked, and its parts in the form the engine works with.
import { type Doc, int32, Int32, isDoc, isNumber, type NumberValue, type Value } from '../bson/index.js';
import { ITEM_FIELDS } from '../command-surface.js';
import { MongoError, refusal } from '../errors.js';
import { compileFilter, type Filter } from '../match/index.js';
import { showValue } from '../show.js';
import { checkPartialFilter } from './partial.js';
import { type Collation, parseCollation } from './collation.js';

export interface IndexField {
  readonly path: string;
  readonly descending: boolean;
}

export interface Index {
  readonly name: string;
  /** As listIndexes shows it. */
  spec: Doc;
  readonly key: Doc;
  readonly fields: readonly IndexField[];
  readonly paths: readonly string[];
  readonly descending: readonly boolean[];
  readonly table: number;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partialFilter: Doc | undefined;
  /** Tells whether the index holds a document; absent when it holds all. */
  readonly partial: Filter | undefined;
  readonly collation: Collation | undefined;
  /** Seconds after the indexed date at which documents go; absent: never. */
  expireAfterSeconds: number | undefined;
  /** Some document has, or had, an array at an indexed path. */
  multikey: boolean;
  /** The indexed paths and prefixes of such at which there is, or was, an array. */
  arrayPaths: ReadonlySet<string>;
  /** Some key was, or is, stored shortened, so the order of the index is not exact. */
  longKeys: boolean;
  /** Queries that used it, for `$indexStats`; not kept on disk. */
  readonly uses: { count: number; readonly since: Date };
  /** It is gone: what still reads it ends. */
  dropped: boolean;
}

export interface SearchIndex {
  readonly id: string;
  readonly name: string;
  definition: Doc;
}

const { done, ignored, refused } = ITEM_FIELDS['createIndexes.indexes'];
/** `hidden: false` is accepted. */
const KNOWN_OPTIONS = new Set<string>([...done, ...Object.keys(ignored), 'hidden']);
const REFUSED_OPTIONS = new Set<string>(refused.filter((option) => option !== 'hidden'));

/** The index of a checked specification. */
export function indexFromSpec(spec: Doc, table: number): Index {
  const key = spec.get('key') as Doc;
  const fields = [...key].map(([path, direction]) => ({
    path,
    descending: Number(direction instanceof Int32 ? direction.value : direction) < 0,
  }));
  const partialFilter = spec.get('partialFilterExpression');
  const collation = spec.get('collation');
  const expire = spec.get('expireAfterSeconds');
  const name = spec.get('name') as string;
  return {
    name,
    spec,
    key,
    fields,
    paths: fields.map((field) => field.path),
    descending: fields.map((field) => field.descending),
    table,
    unique: name === '_id_' || spec.get('unique') === true,
    sparse: spec.get('sparse') === true,
    partialFilter: isDoc(partialFilter) ? partialFilter : undefined,
    partial: isDoc(partialFilter) ? compileFilter(partialFilter) : undefined,
    collation: isDoc(collation) ? parseCollation(collation) : undefined,
    expireAfterSeconds: expire === undefined ? undefined : Number(expire instanceof Int32 ? expire.value : expire),
    multikey: false,
    arrayPaths: new Set(),
    longKeys: false,
    uses: { count: 0, since: new Date() },
    dropped: false,
  };
}

/** Checks one element of `createIndexes.indexes` and gives it as listIndexes will show it. Errors: MongoDB's for each option. */
export function checkedSpec(given: Doc): Doc {
  try {
    return parseSpec(given);
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    throw new MongoError(error.code, `Error in specification ${showValue(given)} :: caused by :: ${error.message}`);
  }
}

function parseSpec(given: Doc): Doc {
  for (const option of given.keys()) {
    if (REFUSED_OPTIONS.has(option)) throw refusal('CannotCreateIndex', `The index option '${option}'`);
    if (!KNOWN_OPTIONS.has(option))
      throw new MongoError(197, `The field '${option}' is not valid for an index specification. Specification: ${showValue(given)}`);
  }
  const version = given.get('v');
  if (version !== undefined && !isNumber(version)) throw new MongoError('TypeMismatch', "The field 'v' must be a number");
  const key = checkedKey(given.get('key'));
  const name = given.get('name');
  if (name === undefined) throw new MongoError('FailedToParse', "The 'name' field is a required property of an index specification");
  if (typeof name !== 'string') throw new MongoError('TypeMismatch', "The field 'name' must be a string");
  if (name === '' || name === '*') throw new MongoError('CannotCreateIndex', 'index name cannot be empty or *');
  const spec: Doc = new Map<string, Value>([
    ['v', int32(2)],
    ['key', key],
    ['name', name],
  ]);
  copyFlag(given, spec, 'unique');
  copyFlag(given, spec, 'sparse');
  if (isTrue(given.get('hidden'), 'hidden')) throw refusal('CannotCreateIndex', 'A hidden index');
  const partial = given.get('partialFilterExpression');
  if (partial !== undefined) {
    if (!isDoc(partial)) throw new MongoError('TypeMismatch', "The field 'partialFilterExpression' must be an object");
    if (spec.get('sparse') === true) throw new MongoError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
    checkPartialFilter(partial);
    spec.set('partialFilterExpression', partial);
  }
  checkExpiry(given, spec, key);
  const collation = given.get('collation');
  if (collation !== undefined) {
    if (!isDoc(collation)) throw new MongoError('TypeMismatch', "The field 'collation' must be an object");
    const parsed = parseCollation(collation);
    if (parsed) spec.set('collation', parsed.spec);
  }
  checkIdIndex(spec, key);
  return spec;
}

function checkedKey(key: Value | undefined): Doc {
  if (!isDoc(key)) throw new MongoError('TypeMismatch', "The field 'key' must be an object");
  if (key.size === 0) throw new MongoError('CannotCreateIndex', 'Index keys cannot be empty.');
  if (key.size > 32) throw new MongoError(13103, 'too many compound keys');
  for (const [path, direction] of key) {
    if (typeof direction === 'string') throw refusal('CannotCreateIndex', `An index of type '${direction}'`);
    if (path === '' || path.startsWith('.') || path.endsWith('.') || path.includes('..')) {
      throw new MongoError('CannotCreateIndex', 'Index keys cannot contain an empty field.');
    }
    if (path.split('.').some((part) => part.startsWith('$'))) {
      if (path.includes('$**')) throw refusal('CannotCreateIndex', 'A wildcard index');
      throw new MongoError('CannotCreateIndex', `Index key contains an illegal field name: field name starts with '$'.`);
    }
    if (!isNumber(direction)) {
      throw new MongoError(
        'CannotCreateIndex',
        `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
      );
    }
    const value = numberOf(direction);
    if (value === 0) throw new MongoError('CannotCreateIndex', 'Values in the index key pattern cannot be 0.');
    if (Number.isNaN(value)) throw new MongoError('CannotCreateIndex', 'Values in the index key pattern cannot be NaN.');
  }
  return key;
}

function numberOf(value: NumberValue): number {
  return value instanceof Int32 ? value.value : Number(value.toString());
}

function typeName(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return isDoc(value) ? 'object' : Array.isArray(value) ? 'array' : 'that';
}

function copyFlag(given: Doc, spec: Doc, option: string): void {
  if (isTrue(given.get(option), option)) spec.set(option, true);
}

/** Booleans and numbers, as MongoDB's safe bool. */
function isTrue(value: Value | undefined, option: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true;
  if (isNumber(value)) return Number(value instanceof Int32 ? value.value : value) !== 0;
  throw new MongoError('TypeMismatch', `The field '${option}' has value ${option}, which is not convertible to bool`);
}

function checkExpiry(given: Doc, spec: Doc, key: Doc): void {
  const expire = given.get('expireAfterSeconds');
  if (expire === undefined) return;
  if (!isNumber(expire)) throw new MongoError('CannotCreateIndex', "TTL index 'expireAfterSeconds' option must be numeric");
  const seconds = numberOf(expire);
  if (seconds < 0) throw new MongoError('CannotCreateIndex', "TTL index 'expireAfterSeconds' option cannot be less than 0");
  if (key.size > 1) throw new MongoError('CannotCreateIndex', 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
  if (key.has('_id')) throw new MongoError(197, "The field 'expireAfterSeconds' is not valid for an _id index specification.");
  if (!(seconds >= 0 && seconds <= 0x7fffffff)) {
    throw new MongoError(
      'CannotCreateIndex',
      "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than " + String(seconds),
    );
  }
  spec.set('expireAfterSeconds', expire);
}

function checkIdIndex(spec: Doc, key: Doc): void {
  if (spec.get('name') === '_id_' && !(key.size === 1 && key.has('_id'))) {
    throw new MongoError('BadValue', `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}`);
  }
  if (!(key.size === 1 && key.has('_id'))) return;
  if (numberOf(key.get('_id') as NumberValue) !== 1) {
    throw new MongoError('BadValue', `The field 'key' for an _id index must be {_id: 1}, but got ${showValue(key)}`);
  }
  for (const option of ['sparse', 'partialFilterExpression', 'unique']) {
    if (spec.has(option) && option !== 'unique')
      throw new MongoError(197, `The field '${option}' is not valid for an _id index specification.`);
  }
}
