// Typed access to the fields of a command, with MongoDB's errors for wrong types and unknown fields.
import { Decimal128, type Doc, Int32, isArray, isDoc, isNumber, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import type { CommandContext } from './command.js';

/** MongoDB's words for a value of a type that a field does not take. */
export function wrongType(name: string, field: string, value: Value, expected: string): MongoError {
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
  if (value === '' || value.startsWith('.') || value.includes('$'))
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${context.db}.${value}'`);
  return value;
}
