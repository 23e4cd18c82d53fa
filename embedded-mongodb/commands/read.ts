// Commands that read documents: find, getMore, killCursors, count, distinct.
import { type Doc, int32, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { parseCollation } from '../indexes/collation.js';
import { counting } from '../planner/count.js';
import { gatheringDistinct } from '../planner/distinct.js';
import { compileOptions, compileOptionsFilter, type FindOptions, projected, runFind } from '../planner/find.js';
import { DEFAULT_BATCH } from '../server/cursors.js';
import { cursorReply } from '../server/wire.js';
import { type CommandDefinition, ok } from './command.js';
import { arrayField, boolField, collectionName, countField, docField, numberOf, refuseIfTrue, stringField } from './fields.js';

const EMPTY: Doc = new Map();

/** The options of a find, or of the find inside an explain. */
export function findOptions(command: Doc, name: string, deadline: number): FindOptions {
  refuseIfTrue(command, name, 'min', 'max', 'returnKey', 'showRecordId', 'tailable', 'awaitData');
  const collationSpec = docField(command, name, 'collation');
  return {
    filter: docField(command, name, 'filter') ?? docField(command, name, 'query') ?? EMPTY,
    sort: nonEmpty(docField(command, name, 'sort')),
    projection: nonEmpty(docField(command, name, 'projection')),
    hint: hintField(command),
    collation: collationSpec ? parseCollation(collationSpec) : undefined,
    collationSpec,
    skip: countField(command, name, 'skip') ?? 0,
    limit: countField(command, name, 'limit') ?? 0,
    let: docField(command, name, 'let'),
    deadline,
  };
}

function nonEmpty(doc: Doc | undefined): Doc | undefined {
  return doc && doc.size > 0 ? doc : undefined;
}

/** An empty document is how drivers send "no hint". */
export function hintField(command: Doc): Value | undefined {
  const hint = command.get('hint');
  return hint === null || hint === '' || (isDoc(hint) && hint.size === 0) ? undefined : hint;
}

const find: CommandDefinition = {
  fields: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'allowDiskUse',
    'collation',
    'let',
    'noCursorTimeout',
    'allowPartialResults',
    'oplogReplay',
    'min',
    'max',
    'returnKey',
    'showRecordId',
    'tailable',
    'awaitData',
  ],
  writes: false,
  note: 'not: min, max, returnKey, showRecordId, tailable',
  *run(context) {
    const { engine, db, command } = context;
    const name = collectionName(context);
    const options = findOptions(command, 'find', context.deadline);
    const batchSize = countField(command, 'find', 'batchSize') ?? DEFAULT_BATCH;
    const ns = `${db}.${name}`;
    const collection = engine.catalog.find(db, name);
    const rows = collection ? projected(runFind(engine, collection, { ...options, pausable: true })) : checkedNothing(options);
    const batch = yield* engine.cursors.begin(ns, rows, batchSize, boolField(command, 'find', 'singleBatch'));
    return cursorReply('firstBatch', batch.docs, batch.id, ns);
  },
};

/** No collection, no documents; but a malformed query is still an error. */
function checkedNothing(options: FindOptions): Buffer[] {
  compileOptions(options);
  return [];
}

const getMore: CommandDefinition = {
  fields: ['collection', 'batchSize'],
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const id = command.get('getMore');
    if (typeof id !== 'bigint') {
      throw new MongoError('TypeMismatch', `BSON field 'getMore.getMore' is the wrong type '${typeOf(id ?? null)}', expected type 'long'`);
    }
    const name = stringField(command, 'getMore', 'collection');
    if (name === undefined) throw new MongoError(40414, "BSON field 'getMore.collection' is missing but a required field");
    const ns = `${db}.${name}`;
    const batch = yield* engine.cursors.next(id, ns, countField(command, 'getMore', 'batchSize') ?? 0);
    return cursorReply('nextBatch', batch.docs, batch.id, ns);
  },
};

const killCursors: CommandDefinition = {
  fields: ['cursors'],
  writes: false,
  run({ engine, command }) {
    const ids = arrayField(command, 'killCursors', 'cursors');
    if (!ids) throw new MongoError('IDLFailedToParse', "BSON field 'killCursors.cursors' is missing but a required field");
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
  fields: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'],
  writes: false,
  *run(context) {
    const { engine, db, command } = context;
    const collection = engine.catalog.find(db, collectionName(context));
    const given = command.get('limit');
    const limit = given === undefined || given === null ? 0 : Math.abs(Math.trunc(numberOf(given)));
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
  fields: ['key', 'query', 'collation', 'hint'],
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
    return ok(['values', [...values]]);
  },
};

export const readCommands: Readonly<Record<string, CommandDefinition>> = { find, getMore, killCursors, count, distinct };
