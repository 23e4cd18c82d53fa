// What every stored document has to be, and the shape of errors of single writes; shared by insert, update and findAndModify.
import {
  BSONRegExp,
  decode,
  type Doc,
  encode,
  int32,
  isArray,
  isDoc,
  MAX_DOCUMENT_BYTES,
  ObjectId,
  Timestamp,
  typeOf,
  type Value,
} from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { isOfOneWrite, MongoError, refusal } from '../errors.js';
import type { Task } from '../server/task.js';
import type { CommandContext } from './command.js';

export interface Prepared {
  readonly doc: Doc;
  readonly raw: Buffer;
}

/** A document to insert, with its `_id` first, made when absent. Errors: InvalidBSON, BadValue, BSONObjectTooLarge. */
export function prepareRaw(raw: Buffer, doc = decode(raw)): Prepared {
  if (doc.keys().next().value !== '_id') return prepareDoc(doc);
  checkId(doc.get('_id') as Value);
  checkSize(raw);
  return { doc, raw };
}

export function prepareDoc(given: Doc): Prepared {
  const givenId = given.get('_id');
  const id = givenId === undefined ? new ObjectId() : givenId;
  checkId(id);
  const doc: Doc = new Map([['_id', id]]);
  for (const [name, value] of given) if (name !== '_id') doc.set(name, value);
  const raw = encode(doc);
  checkSize(raw);
  return { doc, raw };
}

export function checkSize(raw: Buffer): void {
  if (raw.length > MAX_DOCUMENT_BYTES) {
    throw new MongoError('BSONObjectTooLarge', `object to insert too large. size in bytes: ${raw.length}, max size: ${MAX_DOCUMENT_BYTES}`);
  }
}

function checkId(id: Value): void {
  if (isArray(id)) throw new MongoError('InvalidIdField', "The '_id' value cannot be of type array");
  if (id instanceof BSONRegExp) throw new MongoError('InvalidIdField', "The '_id' value cannot be of type regex");
  checkIdFields(id);
}

/** At any depth; MongoDB lets DBRefs pass, well-formed ones in an insert and with rules of their own in an upsert. */
function checkIdFields(id: Value): void {
  if (isArray(id)) id.forEach(checkIdFields);
  if (!isDoc(id)) return;
  for (const [name, value] of id) {
    if (DBREF_FIELDS.has(name)) throw refusal('DollarPrefixedFieldName', 'A DBRef in _id');
    if (name.startsWith('$'))
      throw new MongoError('DollarPrefixedFieldName', `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`);
    checkIdFields(value);
  }
}

const DBREF_FIELDS = new Set(['$ref', '$id', '$db']);

/** An insert of a document: an empty timestamp in one of its fields, other than `_id`, becomes the present one. */
export function withTimestamps(prepared: Prepared): Prepared {
  if (![...prepared.doc].some(isEmptyTimestamp)) return prepared;
  const doc: Doc = new Map([...prepared.doc].map((field) => (isEmptyTimestamp(field) ? [field[0], nextTimestamp()] : field)));
  return { doc, raw: encode(doc) };
}

function isEmptyTimestamp([name, value]: readonly [string, Value]): boolean {
  return value instanceof Timestamp && value.t === 0 && value.i === 0 && name !== '_id';
}

let lastTimestamp = { t: 0, i: 0 };

/** Later than all before it. */
function nextTimestamp(): Timestamp {
  const t = Math.max(Math.floor(Date.now() / 1000), lastTimestamp.t);
  lastTimestamp = { t, i: t === lastTimestamp.t ? lastTimestamp.i + 1 : 1 };
  return new Timestamp(lastTimestamp);
}

/** The collection to write to; made when it does not exist yet. */
export function ensureCollection(context: CommandContext, name: string): Collection {
  const { catalog } = context.engine;
  return catalog.find(context.db, name) ?? catalog.create(context.db, name);
}

/** One entry of `writeErrors`. */
export function writeError(index: number, error: MongoError): Doc {
  return new Map<string, Value>([
    ['index', int32(index)],
    ['code', int32(error.code)],
    ['errmsg', error.message],
    ...([...error.extra] as [string, Value][]),
  ]);
}

/**
 * Runs `write` for each item, which may be a task, and may pause after each; collects MongoDB's errors; an ordered batch ends at the first. Other
 * errors are the engine's own and pass.
 */
export function* eachWrite<T>(items: readonly T[], ordered: boolean, write: (item: T, index: number) => Task<void> | void): Task<Doc[]> {
  const errors: Doc[] = [];
  for (let index = 0; index < items.length; index += 1) {
    try {
      const task = write(items[index] as T, index);
      if (task) yield* task;
    } catch (error) {
      if (!isOfOneWrite(error)) throw error;
      errors.push(writeError(index, error));
      if (ordered) break;
    }
    yield;
  }
  return errors;
}

/** Items sent beside the command, or in its array field. Errors: as for a missing or empty batch. */
export function batchItems(context: CommandContext, field: string): Doc[] {
  const beside = context.sequences.get(field);
  if (beside) return checkedBatch(beside.map((raw) => decode(raw)));
  const value = context.command.get(field);
  if (value === undefined || value === null)
    throw new MongoError('IDLFailedToParse', `BSON field '${context.name}.${field}' is missing but a required field`);
  if (!isArray(value))
    throw new MongoError('TypeMismatch', `BSON field '${context.name}.${field}' is the wrong type, expected type 'array'`);
  return checkedBatch(
    value.map((item, index) => {
      if (!isDoc(item))
        throw new MongoError(
          'TypeMismatch',
          `BSON field '${context.name}.${field}.${index}' is the wrong type '${typeOf(item)}', expected type 'object'`,
        );
      return item;
    }),
  );
}

/** Most writes of one command, as `maxWriteBatchSize` announces. */
export const MAX_WRITE_BATCH = 100_000;

export function checkedBatch<T>(items: T[]): T[] {
  if (items.length === 0 || items.length > MAX_WRITE_BATCH) {
    throw new MongoError('InvalidLength', `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${items.length} operations.`);
  }
  return items;
}
