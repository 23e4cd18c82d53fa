// Commands that read documents: find, getMore, killCursors, count, distinct.
import { type Doc, encode, int32, isDoc, isNumber, MAX_DOCUMENT_BYTES, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type Collation, parseCollation } from '../indexes/collation.js';
import { counting } from '../planner/count.js';
import { gatheringDistinct } from '../planner/distinct.js';
import { compileOptions, compileOptionsFilter, type FindOptions, projected, runFind } from '../planner/find.js';
import type { Deadline } from '../planner/scan.js';
import { DEFAULT_BATCH } from '../server/cursors.js';
import { cursorReply } from '../server/wire.js';
import { checkQueryUnderCollation } from './collation-limits.js';
import { type CommandDefinition, ok } from './command.js';
import { arrayField, boolField, collectionName, countField, docField, numberOf, stringField, wrongType } from './fields.js';
import { timeLimit } from './generic-fields.js';

const EMPTY: Doc = new Map();

/** The options of a find, or of the find inside an explain. */
export function findOptions(command: Doc, name: string, deadline: Deadline): FindOptions {
  const filter = docField(command, name, 'filter') ?? docField(command, name, 'query') ?? EMPTY;
  const projection = nonEmpty(docField(command, name, 'projection'));
  const collation = collationOf(docField(command, name, 'collation'));
  if (collation) checkQueryUnderCollation(filter, projection ?? docField(command, name, 'fields'));
  return {
    filter,
    sort: nonEmpty(docField(command, name, 'sort')),
    projection,
    hint: hintField(command),
    collation,
    collationSpec: collation?.spec,
    skip: countField(command, name, 'skip') ?? 0,
    limit: countField(command, name, 'limit') ?? 0,
    let: docField(command, name, 'let'),
    deadline,
  };
}

function collationOf(spec: Doc | undefined): Collation | undefined {
  return spec && parseCollation(spec);
}

function nonEmpty(doc: Doc | undefined): Doc | undefined {
  return doc && doc.size > 0 ? doc : undefined;
}

/** An empty document is how drivers send "no hint". */
export function hintField(command: Doc): Value | undefined {
  const hint = command.get('hint');
  if (hint === undefined || hint === '') return undefined;
  if (typeof hint !== 'string' && !isDoc(hint)) throw new MongoError('FailedToParse', 'Hint must be a string or an object');
  return isDoc(hint) && hint.size === 0 ? undefined : hint;
}

const find: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const name = collectionName(context);
    const options = findOptions(command, 'find', context.deadline);
    const batchSize = countField(command, 'find', 'batchSize') ?? DEFAULT_BATCH;
    const ns = `${db}.${name}`;
    const collection = engine.catalog.find(db, name);
    const rows = collection ? projected(runFind(engine, collection, { ...options, pausable: true })) : checkedNothing(options);
    const single = boolField(command, 'find', 'singleBatch') || !collection;
    const keep = boolField(command, 'find', 'noCursorTimeout');
    const batch = yield* engine.cursors.begin(ns, rows, batchSize, single, { deadline: context.deadline, keep });
    return cursorReply('firstBatch', batch.docs, batch.id, ns);
  },
};

/** No collection, no documents; but a malformed query is still an error. */
function checkedNothing(options: FindOptions): Buffer[] {
  compileOptions(options);
  return [];
}

const getMore: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const id = command.get('getMore');
    if (typeof id !== 'bigint') {
      throw new MongoError('TypeMismatch', `BSON field 'getMore.getMore' is the wrong type '${typeOf(id ?? null)}', expected type 'long'`);
    }
    const name = stringField(command, 'getMore', 'collection');
    if (name === undefined) throw new MongoError(40414, "BSON field 'getMore.collection' is missing but a required field");
    if (name === '') throw new MongoError('InvalidNamespace', `Invalid namespace specified '${db}.'`);
    const limitMs = timeLimit('getMore', command);
    const ns = `${db}.${name}`;
    if (limitMs !== undefined && engine.cursors.has(id))
      throw new MongoError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
    const batch = yield* engine.cursors.next(id, ns, countField(command, 'getMore', 'batchSize') ?? 0);
    return cursorReply('nextBatch', batch.docs, batch.id, ns);
  },
};

const killCursors: CommandDefinition = {
  writes: false,
  run(context) {
    const { engine, command } = context;
    const ids = arrayField(command, 'killCursors', 'cursors');
    if (!ids) throw new MongoError('IDLFailedToParse', "BSON field 'killCursors.cursors' is missing but a required field");
    collectionName(context);
    for (const [index, id] of ids.entries()) if (typeof id !== 'bigint') throw wrongType('killCursors', `cursors.${index}`, id, 'long');
    const killed = ids.filter((id) => typeof id === 'bigint' && engine.cursors.kill(id));
    return ok(
      ['cursorsKilled', killed],
      ['cursorsNotFound', ids.filter((id) => !killed.includes(id))],
      ['cursorsAlive', []],
      ['cursorsUnknown', []],
    );
  },
};

const count: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const collection = engine.catalog.find(db, collectionName(context));
    const given = command.get('limit');
    if (given !== undefined && !isNumber(given)) throw new MongoError('BadValue', 'the limit of a count must be a number');
    const limit = given === undefined ? 0 : Math.abs(Math.trunc(numberOf(given)));
    const options = { ...findOptions(new Map([...command].filter(([field]) => field !== 'limit')), 'count', context.deadline), limit };
    if (!collection) {
      compileOptionsFilter(options);
      return ok(['n', int32(0)]);
    }
    const { count: matches } = yield* counting(engine, collection, options);
    return ok(['n', int32(matches)]);
  },
};

const distinct: CommandDefinition = {
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const collection = engine.catalog.find(db, collectionName(context));
    const key = stringField(command, 'distinct', 'key');
    if (key === undefined) throw new MongoError(40414, "BSON field 'distinct.key' is missing but a required field");
    const options = findOptions(command, 'distinct', context.deadline);
    if (!collection) {
      compileOptionsFilter(options);
      return ok(['values', []]);
    }
    const { values } = yield* gatheringDistinct(engine, collection, key, options);
    const reply = encode(ok(['values', [...values]]));
    if (reply.length > MAX_DOCUMENT_BYTES) throw new MongoError(17217, 'distinct too big, 16mb cap');
    return reply;
  },
};

export const readCommands = { find, getMore, killCursors, count, distinct } satisfies Record<string, CommandDefinition>;
