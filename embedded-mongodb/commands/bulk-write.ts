// The bulkWrite command of MongoDB 8: inserts, updates and deletes in several collections, one after the other, with a result for each.
import { type Doc, encode, int32, isArray, isDoc, isNumber, type Value } from '../bson/index.js';
import { checkNames } from '../catalog.js';
import { isOfOneWrite, MongoError } from '../errors.js';
import type { Task } from '../server/task.js';
import { checkQueryUnderCollation } from './collation-limits.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { batchItems, ensureCollection, prepareDoc, withTimestamps } from './documents.js';
import { boolField, countField, docField, docsField, numberOf, wrongType } from './fields.js';
import { checkCursorField, checkItem } from './generic-fields.js';
import { firstCursor } from './lists.js';
import { type Change, deleteMatching, updateField, updateMatching } from './modify.js';
import { findOptions, hintField } from './read.js';

const RESULTS_NS = 'admin.$cmd.bulkWrite';

interface Namespace {
  readonly db: string;
  readonly name: string;
}

/** What one operation did, in the fields of the reply. */
interface Done {
  readonly inserted?: number;
  readonly matched?: number;
  readonly modified?: number;
  readonly deleted?: number;
  readonly upserted?: Value | undefined;
}

interface Operation {
  readonly kind: 'insert' | 'update' | 'delete';
  run(): Task<Done>;
}

export const bulkWrite: CommandDefinition = {
  writes: true,
  *run(context) {
    const { command, engine } = context;
    if (context.db !== 'admin') throw new MongoError('Unauthorized', 'bulkWrite may only be run against the admin database.');
    const batchSize = batchSizeOf(command);
    const ordered = command.get('ordered') === undefined || boolField(command, 'bulkWrite', 'ordered');
    const errorsOnly = boolField(command, 'bulkWrite', 'errorsOnly');
    docField(command, 'bulkWrite', 'let');
    const namespaces = namespacesOf(context);
    const operations = batchItems(context, 'ops').map((item) => operationOf(context, item, namespaces));
    const results: Doc[] = [];
    const total = { errors: 0, inserted: 0, matched: 0, modified: 0, upserted: 0, deleted: 0 };
    for (const [index, operation] of operations.entries()) {
      try {
        const done = yield* operation.run();
        total.inserted += done.inserted ?? 0;
        total.matched += done.upserted === undefined ? (done.matched ?? 0) : 0;
        total.modified += done.modified ?? 0;
        total.upserted += done.upserted === undefined ? 0 : 1;
        total.deleted += done.deleted ?? 0;
        if (!errorsOnly) results.push(resultOf(index, operation, done));
      } catch (error) {
        if (!isOfOneWrite(error)) throw error;
        total.errors += 1;
        results.push(failureOf(index, operation, error));
        if (ordered) break;
      }
      yield;
    }
    const batch = engine.cursors.start(RESULTS_NS, results.map(encode), batchSize ?? Math.max(results.length, 1), false);
    return ok(
      ['cursor', firstCursor(batch, RESULTS_NS, 'after')],
      ['nErrors', int32(total.errors)],
      ['nInserted', int32(total.inserted)],
      ['nMatched', int32(total.matched)],
      ['nModified', int32(total.modified)],
      ['nUpserted', int32(total.upserted)],
      ['nDeleted', int32(total.deleted)],
    );
  },
};

function batchSizeOf(command: Doc): number | undefined {
  const cursor = docField(command, 'bulkWrite', 'cursor');
  if (!cursor) return undefined;
  checkCursorField('bulkWrite', cursor);
  return countField(cursor, 'bulkWrite.cursor', 'batchSize');
}

/** Sent beside the command or in it. */
function namespacesOf(context: CommandContext): Namespace[] {
  const { command, sequences } = context;
  const given = sequences.has('nsInfo') ? batchItems(context, 'nsInfo') : docsField(command, 'bulkWrite', 'nsInfo');
  if (!given) throw missing('bulkWrite.nsInfo');
  return given.map((item) => {
    checkItem('bulkWrite.nsInfo', 'bulkWrite.nsInfo', item);
    const ns = item.get('ns');
    if (ns === undefined) throw missing('bulkWrite.nsInfo.ns');
    if (typeof ns !== 'string') throw wrongType('bulkWrite.nsInfo', 'ns', ns, 'string');
    const dot = ns.indexOf('.');
    if (dot <= 0 || dot === ns.length - 1) throw new MongoError('InvalidNamespace', `Invalid namespace specified for bulkWrite: '${ns}'`);
    const [db, name] = [ns.slice(0, dot), ns.slice(dot + 1)];
    checkNames(db, name);
    return { db, name };
  });
}

function missing(field: string): MongoError {
  return new MongoError('IDLFailedToParse', `BSON field '${field}' is missing but a required field`);
}

const ITEM = 'bulkWrite.ops';

/** What is malformed in an operation fails the whole command, before anything is written. */
function operationOf(context: CommandContext, item: Doc, namespaces: readonly Namespace[]): Operation {
  const kind = item.keys().next().value ?? '';
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete')
    throw new MongoError('IDLUnknownField', `BSON field 'bulkWrite.${kind}' is an unknown field.`);
  checkItem(`bulkWrite.ops ${kind}`, ITEM, item);
  const position = item.get(kind) as Value;
  if (!isNumber(position)) throw wrongType(ITEM, kind, position, '[decimal, int, long, double]');
  const at = numberOf(position);
  if (at < 0) throw new MongoError('BadValue', `BSON field '${kind}' value must be >= 0, actual value '${at}'`);
  const work = kind === 'insert' ? insertOf(item) : kind === 'update' ? updateOf(item) : deleteOf(item);
  const namespace = namespaces[at];
  if (!namespace) throw new MongoError('BadValue', `BulkWrite ops entry has an invalid nsInfo index: ${at}`);
  return { kind, run: () => work({ ...context, db: namespace.db, name: kind }, namespace.name) };
}

type Work = (context: CommandContext, name: string) => Task<Done>;

function insertOf(item: Doc): Work {
  const document = required(item, 'document');
  return function* (context, name): Task<Done> {
    yield;
    const bypass = boolField(context.command, 'bulkWrite', 'bypassEmptyTsReplacement');
    const prepared = prepareDoc(document);
    const { doc, raw } = bypass ? prepared : withTimestamps(prepared);
    context.engine.records.insert(ensureCollection(context, name), doc, raw);
    return { inserted: 1 };
  };
}

function updateOf(item: Doc): Work {
  const filter = required(item, 'filter');
  if (item.get('updateMods') === undefined) throw missing(`${ITEM}.updateMods`);
  const update = updateField(item.get('updateMods'));
  const [multi, upsert] = [boolField(item, ITEM, 'multi'), boolField(item, ITEM, 'upsert')];
  const arrayFilters = docsField(item, ITEM, 'arrayFilters');
  const constants = docField(item, ITEM, 'constants');
  checkQuery(item);
  return function* (context, name): Task<Done> {
    const query = { ...queryOf(context, item, filter), limit: multi ? 0 : 1 };
    if (multi && query.sort) throw new MongoError('FailedToParse', 'Cannot specify sort with multi=true');
    if (constants && !isArray(update)) throw new MongoError(51198, 'Constant values may only be specified for pipeline updates');
    const withConstants = constants ? { ...query, let: new Map([...(query.let ?? []), ...constants]) } : query;
    const change: Change = { query: withConstants, update, arrayFilters, upsert };
    return yield* updateMatching(context, name, change, multi);
  };
}

function deleteOf(item: Doc): Work {
  const filter = required(item, 'filter');
  const multi = boolField(item, ITEM, 'multi');
  checkQuery(item);
  return function* (context, name): Task<Done> {
    const query = { ...queryOf(context, item, filter), limit: multi ? 0 : 1 };
    return { deleted: yield* deleteMatching(context, name, query) };
  };
}

function required(item: Doc, field: string): Doc {
  const value = item.get(field);
  if (value === undefined) throw missing(`${ITEM}.${field}`);
  if (!isDoc(value)) throw wrongType(ITEM, field, value, 'object');
  return value;
}

/** What fails the command; what its values mean is looked at when the operation's turn comes. */
function checkQuery(item: Doc): void {
  for (const field of ['collation', 'sort']) docField(item, ITEM, field);
  hintField(item);
}

function queryOf(context: CommandContext, item: Doc, filter: Doc): ReturnType<typeof findOptions> {
  const fields = new Map([...item].filter(([field]) => field === 'sort' || field === 'hint' || field === 'collation'));
  const options = findOptions(fields, ITEM, context.deadline);
  if (options.collation) checkQueryUnderCollation(filter, undefined);
  return { ...options, filter, let: docField(context.command, 'bulkWrite', 'let') };
}

function resultOf(index: number, { kind }: Operation, done: Done): Doc {
  const n = done.inserted ?? done.matched ?? done.deleted ?? 0;
  return new Map<string, Value>([
    ['ok', 1],
    ['idx', int32(index)],
    ['n', int32(n)],
    ...(kind === 'update' ? [['nModified', int32(done.modified ?? 0)] as [string, Value]] : []),
    ...(done.upserted === undefined ? [] : [['upserted', new Map([['_id', done.upserted]])] as [string, Value]]),
  ]);
}

function failureOf(index: number, { kind }: Operation, error: MongoError): Doc {
  return new Map<string, Value>([
    ['ok', 0],
    ['idx', int32(index)],
    ['code', int32(error.code)],
    ['errmsg', error.message],
    ...([...error.extra] as [string, Value][]),
    ['n', int32(0)],
    ...(kind === 'update' ? [['nModified', int32(0)] as [string, Value]] : []),
  ]);
}
