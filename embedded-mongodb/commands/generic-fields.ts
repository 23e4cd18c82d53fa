// What is checked of every command before it runs: that its fields are declared, and those fields that all commands have (read and write concern,
// time limit, versioned API).
import { COMMAND_FIELDS, type CommandName, type Fields, GENERIC_FIELDS, ITEM_FIELDS } from '../command-surface.js';
import { Decimal128, type Doc, isDoc, isNumber, type Value } from '../bson/index.js';
import { type ErrorCodeName, MongoError, refusal } from '../errors.js';
import { checkTypes } from './field-types.js';
import { boolField, docField, numberOf, stringField, wrongType } from './fields.js';

type Rule = 'taken' | 'refused';

interface Rules {
  readonly byField: ReadonlyMap<string, Rule>;
  readonly lenient: boolean;
  /** The code of a refusal. */
  readonly code: ErrorCodeName;
}

function rulesOf(...declared: readonly Fields[]): Rules {
  const byField = new Map<string, Rule>();
  for (const { done = [], ignored = {}, refused = [] } of declared) {
    for (const field of [...done, ...Object.keys(ignored)]) byField.set(field, 'taken');
    for (const field of refused) byField.set(field, 'refused');
  }
  return { byField, lenient: declared.some(({ lenient }) => lenient), code: 'InvalidOptions' };
}

const COMMAND_RULES = new Map<string, Rules>(
  Object.entries(COMMAND_FIELDS).map(([name, fields]) => [name, rulesOf(fields, GENERIC_FIELDS)]),
);
const ITEM_RULES = new Map<string, Rules>(Object.entries(ITEM_FIELDS).map(([name, fields]) => [name, rulesOf(fields)]));

/** Commands that write nothing by themselves but take a write concern, as MongoDB's do. */
const TAKES_WRITE_CONCERN: ReadonlySet<string> = new Set(['aggregate', 'hello', 'isMaster']);

/**
 * Errors: IDLUnknownField for a field that is not declared, a refusal for one that is refused, IllegalOperation for transactions, and MongoDB's for
 * malformed concerns, time limits and API versions.
 */
export function checkCommand(name: CommandName, command: Doc, writes: boolean): void {
  checkTransaction(command);
  checkAgainst(COMMAND_RULES.get(name) as Rules, name, [...command].slice(1));
  if (command.size <= 2) return; // its own name and `$db`
  checkTypes(name, command);
  checkApiVersion(name, command);
  checkReadConcern(docField(command, name, 'readConcern'));
  checkWriteConcern(name, command, writes || TAKES_WRITE_CONCERN.has(name));
  checkReadPreference(docField(command, name, '$readPreference'));
  docField(command, name, '$clusterTime');
}

/** As `checkCommand`, for the command inside an explain. */
export function checkInner(name: CommandName, command: Doc): void {
  checkAgainst(COMMAND_RULES.get(name) as Rules, name, [...command].slice(1));
}

/** Checks an item of a command's list; `shown` is how MongoDB names it. */
export function checkItem(declared: keyof typeof ITEM_FIELDS, shown: string, item: Doc): void {
  checkAgainst(ITEM_RULES.get(declared) as Rules, shown, [...item]);
  checkTypes(shown, item);
}

function checkAgainst({ byField, lenient, code }: Rules, name: string, fields: readonly (readonly [string, Value])[]): void {
  for (const [field, value] of fields) {
    const rule = byField.get(field);
    if (rule === undefined && !lenient) throw new MongoError('IDLUnknownField', `BSON field '${name}.${field}' is an unknown field.`);
    if (rule === 'refused' && value !== null && value !== false) throw refusal(code, `The option '${field}' of ${name}`);
  }
}

function checkTransaction(command: Doc): void {
  if (GENERIC_FIELDS.refused.some((field) => command.has(field)))
    throw new MongoError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos');
}

function checkApiVersion(name: string, command: Doc): void {
  const version = stringField(command, name, 'apiVersion');
  if (version === undefined && (command.has('apiStrict') || command.has('apiDeprecationErrors')))
    throw new MongoError(4886600, 'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion');
  if (version !== undefined && version !== '1') throw new MongoError('APIVersionError', `Cannot accept API version ${version}`);
  for (const option of ['apiStrict', 'apiDeprecationErrors'])
    if (boolField(command, name, option)) throw refusal('APIStrictError', `The option '${option}'`);
}

const READ_MODES: readonly Value[] = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

function checkReadPreference(preference: Doc | undefined): void {
  const mode = preference?.get('mode');
  if (typeof mode === 'string' && !READ_MODES.includes(mode))
    throw new MongoError('BadValue', `Enumeration value '${mode}' for field 'readPreference.mode' is not a valid value.`);
}

/** The `cursor` field of a command that opens one. */
export function checkCursorField(name: string, cursor: Doc): void {
  for (const field of cursor.keys())
    if (field !== 'batchSize') throw new MongoError('IDLUnknownField', `BSON field '${name}.cursor.${field}' is an unknown field.`);
}

const READ_CONCERNS: readonly Value[] = ['local', 'majority', 'available'];

function checkReadConcern(concern: Doc | undefined): void {
  for (const [field, value] of concern ?? []) {
    if (field === 'afterClusterTime' || field === 'atClusterTime') throw refusal('InvalidOptions', `The read concern with ${field}`);
    if (field !== 'level') throw new MongoError('IDLUnknownField', `BSON field 'readConcern.${field}' is an unknown field.`);
    if (typeof value !== 'string') throw wrongType('readConcern', 'level', value, 'string');
    if (value === 'snapshot' || value === 'linearizable') throw refusal('InvalidOptions', `The read concern ${value}`);
    if (!READ_CONCERNS.includes(value))
      throw new MongoError('BadValue', `Enumeration value '${value}' for field 'readConcern.level' is not a valid value.`);
  }
}

const WRITE_CONCERN_FIELDS = ['w', 'j', 'fsync', 'wtimeout', 'provenance'];
const BOOLEAN_TYPES = '[double, bool, decimal, int, long]';

/** What one machine cannot give is an error, as it is for a MongoDB of one machine. */
function checkWriteConcern(name: string, command: Doc, writes: boolean): void {
  const concern = docField(command, name, 'writeConcern');
  if (!concern) return;
  if (!writes) throw new MongoError('InvalidOptions', 'Command does not support writeConcern');
  for (const [field, value] of concern) {
    if (!WRITE_CONCERN_FIELDS.includes(field))
      throw new MongoError('IDLUnknownField', `BSON field 'WriteConcernOptions.${field}' is an unknown field.`);
    if ((field === 'j' || field === 'fsync') && typeof value !== 'boolean' && !isNumber(value))
      throw wrongType('WriteConcernOptions', field, value, BOOLEAN_TYPES);
    if (field === 'w') checkNodes(value);
  }
  if (isSet(concern.get('j')) && isSet(concern.get('fsync')))
    throw new MongoError('FailedToParse', 'fsync and j options cannot be used together');
}

function isSet(value: Value | undefined): boolean {
  return value === true || (isNumber(value) && numberOf(value) !== 0);
}

const MAX_NODES = 50;

function checkNodes(w: Value): void {
  if (typeof w === 'string' && w !== 'majority') {
    throw new MongoError('BadValue', `cannot use non-majority 'w' mode "${w}" when a host is not a member of a replica set`);
  }
  if (w === null) throw new MongoError('BadValue', 'w cannot be null');
  if (isDoc(w)) throw new MongoError('FailedToParse', 'tagged write concern requires tags');
  if (typeof w === 'string') return;
  if (!isNumber(w)) throw new MongoError('FailedToParse', 'w has to be a number, string, or object');
  const nodes = Math.trunc(numberOf(w));
  if (!(nodes >= 0 && nodes <= MAX_NODES))
    throw new MongoError('FailedToParse', `w has to be a non-negative number and not greater than ${MAX_NODES}; found: ${nodes}`);
  if (nodes > 1) throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
}

const MAX_TIME_MS = 2_147_483_647;

/** The time a command may take, in ms; undefined for no limit. Errors: TypeMismatch, FailedToParse, BadValue. */
export function timeLimit(name: string, command: Doc): number | undefined {
  const value = command.get('maxTimeMS') ?? null;
  if (value === null) return undefined;
  if (!isNumber(value)) throw wrongType(name, 'maxTimeMS', value, '[double, int, long, decimal]');
  const ms = value instanceof Decimal128 ? Number(value.toString()) : numberOf(value);
  if (!Number.isInteger(ms)) throw new MongoError('FailedToParse', `Expected an integer: maxTimeMS: ${ms}`);
  if (ms < 0) throw new MongoError('BadValue', `BSON field 'maxTimeMS' value must be >= 0, actual value '${ms}'`);
  if (ms > MAX_TIME_MS) throw new MongoError('BadValue', `BSON field 'maxTimeMS' value must be <= ${MAX_TIME_MS}, actual value '${ms}'`);
  return ms === 0 ? undefined : ms;
}
