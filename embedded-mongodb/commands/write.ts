// Commands that write documents: insert, update, delete, findAndModify.
import { decode, type Doc, int32, isDoc, isNumber, rawDocuments, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { compileProjection, compileSortKeys } from '../language.js';
import { compileOptionsFilter, type FindOptions } from '../planner/find.js';
import type { Task } from '../server/task.js';
import { rawDocument, rawField } from '../server/wire.js';
import { checkQueryUnderCollation } from './collation-limits.js';
import { type CommandContext, type CommandDefinition, ok, type Reply } from './command.js';
import {
  batchItems,
  checkedBatch,
  eachWrite,
  ensureCollection,
  type Prepared,
  prepareDoc,
  prepareRaw,
  withTimestamps,
} from './documents.js';
import { boolField, collectionName, docField, docsField, numberOf } from './fields.js';
import { checkItem } from './generic-fields.js';
import { type Change, compileChange, deleteMatching, updateField, updateMatching } from './modify.js';
import { checkQuery, firstMatch } from './matches.js';
import { findOptions } from './read.js';

const insert: CommandDefinition = {
  writes: true,
  *run(context) {
    const name = collectionName(context);
    const prepare = documentsToInsert(context);
    ensureCollection(context, name);
    const bypass = boolField(context.command, 'insert', 'bypassEmptyTsReplacement');
    let inserted = 0;
    const errors = yield* eachWrite(prepare, isOrdered(context), (next) => {
      const { doc, raw } = bypass ? next() : withTimestamps(next());
      context.engine.records.insert(ensureCollection(context, name), doc, raw);
      inserted += 1;
    });
    return withErrors([['n', int32(inserted)]], errors);
  },
};

/** Beside the command or in it, where their bytes are kept as they are, too. */
function documentsToInsert(context: CommandContext): (() => Prepared)[] {
  const beside = context.sequences.get('documents');
  if (beside) return checkedBatch(beside.map((raw) => () => prepareRaw(raw)));
  const raws = rawDocuments(context.body, 'documents');
  return batchItems(context, 'documents').map((doc, index) => {
    const raw = raws[index];
    return () => (raw ? prepareRaw(raw, doc) : prepareDoc(doc));
  });
}

const update: CommandDefinition = {
  writes: true,
  *run(context) {
    const name = collectionName(context);
    let matched = 0;
    let modified = 0;
    const upserted: Doc[] = [];
    const operations = batchItems(context, 'updates').map((item) => parseUpdate(context, item));
    const errors = yield* eachWrite(operations, isOrdered(context), function* ({ change, multi, fault }, index): Task<void> {
      if (fault) throw fault;
      const result = yield* updateMatching(context, name, change, multi);
      matched += result.matched;
      modified += result.modified;
      if (result.upserted !== undefined) upserted.push(upsertedEntry(index, result.upserted));
    });
    const after: [string, Value][] = [['nModified', int32(modified)]];
    if (upserted.length > 0) after.unshift(['upserted', upserted]);
    return withErrors([['n', int32(matched)]], errors, ...after);
  },
};

/** What is malformed in an operation fails the whole command, before anything is written; a `fault` is told when its turn comes. */
function parseUpdate(context: CommandContext, item: Doc): { change: Change; multi: boolean; fault: MongoError | undefined } {
  const name = 'update.updates';
  checkItem(name, name, item);
  const multi = boolField(item, name, 'multi');
  const change = changeOf(context, item, item.get('u'), name);
  if (multi && isDoc(item.get('sort'))) throw new MongoError('FailedToParse', 'Cannot specify sort with multi=true');
  const hasConstants = isDoc(item.get('c')) && !Array.isArray(change.update);
  const fault = hasConstants ? new MongoError(51198, 'Constant values may only be specified for pipeline updates') : undefined;
  return { change, multi, fault };
}

function upsertedEntry(index: number, id: Value): Doc {
  return new Map<string, Value>([
    ['index', int32(index)],
    ['_id', id],
  ]);
}

const remove: CommandDefinition = {
  writes: true,
  *run(context) {
    const name = collectionName(context);
    let deleted = 0;
    const queries = batchItems(context, 'deletes').map((item) => parseDelete(context, item));
    const errors = yield* eachWrite(queries, isOrdered(context), function* (query): Task<void> {
      deleted += yield* deleteMatching(context, name, query);
    });
    return withErrors([['n', int32(deleted)]], errors);
  },
};

function parseDelete(context: CommandContext, item: Doc): FindOptions {
  const name = 'delete.deletes';
  checkItem(name, name, item);
  const limit = item.get('limit');
  if (limit === undefined) throw new MongoError('IDLFailedToParse', `BSON field '${name}.limit' is missing but a required field`);
  const most = isNumber(limit) ? numberOf(limit) : 1; // MongoDB takes what is no number for 1
  if (most !== 0 && most !== 1) throw new MongoError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${most}`);
  return queryOf(context, item, name, most);
}

const findAndModify: CommandDefinition = {
  aliases: ['findandmodify'],
  writes: true,
  run(context) {
    const { command } = context;
    const isRemove = boolField(command, 'findAndModify', 'remove');
    if (isRemove === command.has('update')) {
      throw new MongoError(
        'FailedToParse',
        isRemove ? "Cannot specify both an 'update' and 'remove'=true" : 'Either an update or remove=true must be specified',
      );
    }
    if (isRemove && boolField(command, 'findAndModify', 'upsert'))
      throw new MongoError('FailedToParse', "Cannot specify both 'upsert'=true and 'remove'=true ");
    if (isRemove && boolField(command, 'findAndModify', 'new')) {
      throw new MongoError(
        'FailedToParse',
        "Cannot specify both 'new'=true and 'remove'=true; 'remove' always returns the deleted document",
      );
    }
    return isRemove ? findAndRemove(context) : findAndUpdate(context);
  },
};

function* findAndRemove(context: CommandContext): Task<Reply> {
  const { engine, command } = context;
  const collection = engine.catalog.find(context.db, collectionName(context));
  const query = findOptions(command, 'findAndModify', context.deadline);
  if (!collection) {
    checkQuery(query);
    return modifyReply([['n', int32(0)]], undefined);
  }
  const shown = projector(command, query, false);
  const first = yield* firstMatch(engine, collection, query);
  if (!first) return modifyReply([['n', int32(0)]], undefined);
  const { raw, record } = first.found;
  const doc = first.found.doc ?? decode(raw);
  engine.records.delete(collection, record, doc);
  return modifyReply([['n', int32(1)]], shown({ doc, raw }));
}

function* findAndUpdate(context: CommandContext): Task<Reply> {
  const { engine, command } = context;
  const name = collectionName(context);
  const upsert = boolField(command, 'findAndModify', 'upsert');
  const wantNew = boolField(command, 'findAndModify', 'new');
  const arrayFilters = docsField(command, 'findAndModify', 'arrayFilters');
  const given = command.get('update');
  if (Array.isArray(given) && arrayFilters) throw new MongoError('FailedToParse', "Cannot specify 'arrayFilters' and a pipeline update");
  const query = findOptions(command, 'findAndModify', context.deadline);
  const change: Change = { query, update: updateField(given), arrayFilters, upsert };
  const changer = compileChange(context, change);
  if (!upsert && !engine.catalog.find(context.db, name)) {
    checkQuery(query);
    return modifyReply([['n', int32(0)], NOT_UPDATED], undefined);
  }
  const shown = projector(command, query, wantNew);
  const collection = ensureCollection(context, name);
  const first = yield* firstMatch(engine, collection, query);
  if (first) {
    const { before, after } = changer.apply(collection, first.run, first.found);
    return modifyReply([['n', int32(1)], UPDATED], shown(wantNew ? after : before));
  }
  if (!upsert) return modifyReply([['n', int32(0)], NOT_UPDATED], undefined);
  const inserted = changer.insert(ensureCollection(context, name));
  const id = inserted.doc.get('_id') ?? null;
  return modifyReply([['n', int32(1)], NOT_UPDATED, ['upserted', id]], wantNew ? shown(inserted) : undefined);
}

const UPDATED: [string, Value] = ['updatedExisting', true];
const NOT_UPDATED: [string, Value] = ['updatedExisting', false];

/** What `fields` makes of the document, in bytes or decoded. It is compiled before anything is written, so that a malformed one changes nothing. */
function projector(command: Doc, query: FindOptions, wantNew: boolean): (document: Prepared) => Buffer | Doc {
  const projection = docField(command, 'findAndModify', 'fields');
  if (!projection || projection.size === 0) return ({ raw }) => raw;
  const filter = compileOptionsFilter(query);
  if (query.sort) compileSortKeys(query.sort);
  const project = compileProjection(projection, { filter });
  if (wantNew && [...projection.keys()].some((path) => path.endsWith('.$')))
    throw new MongoError('BadValue', 'cannot use a positional projection and return the new document');
  return ({ doc }) => project(doc);
}

function modifyReply(last: [string, Value][], value: Buffer | Doc | undefined): Buffer {
  return rawDocument([
    rawField('lastErrorObject', new Map(last)),
    Buffer.isBuffer(value) ? ['value', 0x03, value] : rawField('value', value ?? null),
    rawField('ok', 1),
  ]);
}

function changeOf(context: CommandContext, item: Doc, given: Value | undefined, name: string): Change {
  const upsert = boolField(item, name, 'upsert');
  if (given === undefined) throw new MongoError(40414, `BSON field '${name}.u' is missing but a required field`);
  const variables = docField(item, name, 'c');
  const query = queryOf(context, item, name, 1);
  return {
    query: variables ? { ...query, let: new Map([...(query.let ?? []), ...variables]) } : query,
    update: updateField(given),
    arrayFilters: docsField(item, name, 'arrayFilters'),
    upsert,
  };
}

function queryOf(context: CommandContext, item: Doc, name: string, limit: number): FindOptions {
  const q = item.get('q');
  if (!isDoc(q))
    throw new MongoError(q === undefined || q === null ? 40414 : 'TypeMismatch', `BSON field '${name}.q' is missing but a required field`);
  const fields = new Map([...item].filter(([field]) => field === 'sort' || field === 'hint' || field === 'collation'));
  const options = findOptions(fields, name, context.deadline);
  if (options.collation) checkQueryUnderCollation(q, undefined);
  return { ...options, filter: q, limit, let: docField(context.command, context.name, 'let') };
}

function isOrdered(context: CommandContext): boolean {
  return !context.command.has('ordered') || boolField(context.command, context.name, 'ordered');
}

/** MongoDB puts the errors between the counts. */
function withErrors(fields: [string, Value][], errors: readonly Doc[], ...after: [string, Value][]): Doc {
  return errors.length > 0 ? ok(...fields, ['writeErrors', [...errors]], ...after) : ok(...fields, ...after);
}

export const writeCommands = { insert, update, delete: remove, findAndModify } satisfies Record<string, CommandDefinition>;
