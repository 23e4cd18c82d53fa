// Typed access to the fields of a command, with MongoDB's errors for wrong types and unknown fields.
import { Decimal128, type Doc, Int32, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import type { CommandContext } from './command.js';

function wrongType(name: string, field: string, value: Value, expected: string): MongoError {
  const plural = expected.startsWith('[') ? 'types' : 'type';
  return new MongoError(
    'TypeMismatch',
    `BSON field '${name}.${field}' is the wrong type '${typeOf(value)}', expected ${plural} '${expected}'`,
  );
}

/** Absent and null are both "not given". */
function given(command: Doc, field: string): Value | undefined {
  const value = command.get(field);
  return value === null ? undefined : value;
}

export function docField(command: Doc, name: string, field: string): Doc | undefined {
  const value = given(command, field);
  if (value === undefined || isDoc(value)) return value;
  throw wrongType(name, field, value, 'object');
}

export function stringField(command: Doc, name: string, field: string): string | undefined {
  const value = given(command, field);
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(name, field, value, 'string');
}

export function arrayField(command: Doc, name: string, field: string): Value[] | undefined {
  const value = given(command, field);
  if (value === undefined || isArray(value)) return value;
  throw wrongType(name, field, value, 'array');
}

/** An array of documents. */
export function docsField(command: Doc, name: string, field: string): Doc[] | undefined {
  return arrayField(command, name, field)?.map((element, index) => {
    if (!isDoc(element)) throw wrongType(name, `${field}.${index}`, element, 'object');
    return element;
  });
}

export function boolField(command: Doc, name: string, field: string): boolean {
  const value = given(command, field);
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  if (isNumber(value)) return numberOf(value) !== 0;
  throw wrongType(name, field, value, '[bool, long, int, decimal, double]');
}

/** A whole number of at least 0. */
export function countField(command: Doc, name: string, field: string): number | undefined {
  const value = given(command, field);
  if (value === undefined) return undefined;
  if (!isNumber(value)) throw wrongType(name, field, value, '[long, double, decimal, int]');
  const number = Math.trunc(numberOf(value));
  if (number < 0) throw new MongoError('BadValue', `BSON field '${field}' value must be >= 0, actual value '${number}'`);
  return number;
}

export function numberOf(value: Value): number {
  if (value instanceof Int32) return value.value;
  return value instanceof Decimal128 ? Number(value.toString()) : Number(value);
}

/** The collection a command names as the value of its own name. Errors: BadValue or InvalidNamespace as MongoDB's. */
export function collectionName(context: CommandContext): string {
  const value = [...context.command.values()][0];
  if (typeof value !== 'string') {
    throw new MongoError('InvalidNamespace', `Collection name has invalid type ${value === undefined ? 'missing' : typeOf(value)}`);
  }
  if (value === '') throw new MongoError('InvalidNamespace', `Invalid namespace specified: ${context.db}`);
  return value;
}

/** Fields that every command takes. */
const GENERIC_FIELDS = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

const TRANSACTION_FIELDS = ['txnNumber', 'autocommit', 'startTransaction'];

/** Refuses what the command does not declare, transactions, and read concerns that one machine cannot give. */
export function checkFields(name: string, command: Doc, declared: ReadonlySet<string>): void {
  let first = true;
  for (const field of command.keys()) {
    if (!first && !declared.has(field) && !GENERIC_FIELDS.has(field)) {
      if (TRANSACTION_FIELDS.includes(field)) {
        throw new MongoError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos');
      }
      throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
    }
    first = false;
  }
  checkReadConcern(docField(command, name, 'readConcern')?.get('level') ?? 'local');
}

const READ_CONCERNS: readonly Value[] = ['local', 'majority', 'available'];

function checkReadConcern(level: Value): void {
  if (READ_CONCERNS.includes(level)) return;
  if (level === 'snapshot' || level === 'linearizable') throw refusal('InvalidOptions', `The read concern ${level}`);
  throw new MongoError('BadValue', `Enumeration value ${JSON.stringify(level)} for field 'readConcern.level' is not a valid value.`);
}

/** Refuses a write concern that one machine cannot give, and any on commands that only read. */
export function checkWriteConcern(name: string, command: Doc, reads: boolean): void {
  const concern = docField(command, name, 'writeConcern');
  if (!concern) return;
  if (reads) throw new MongoError('InvalidOptions', 'Command does not support writeConcern');
  const w = concern.get('w') ?? 'majority';
  if (w !== 'majority' && !(isNumber(w) && numberOf(w) <= 1)) {
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
}

/** Refuses options that are declared but whose true value the engine does not serve. */
export function refuseIfTrue(command: Doc, name: string, ...options: readonly string[]): void {
  for (const option of options) {
    const value = given(command, option);
    if (value === undefined || value === false) continue;
    throw refusal('BadValue', `The option '${option}' of ${name}`);
  }
}
