// Commands on indexes: createIndexes, listIndexes, dropIndexes.
import { deepEqual, type Doc, encode, int32, isArray, isDoc, type Value } from '../bson/index.js';
import type { Build, Collection } from '../collection.js';
import { MongoError } from '../errors.js';
import { buildIndexes } from '../indexes/build.js';
import { sameCollation } from '../indexes/collation.js';
import { checkedSpec, type Index, indexFromSpec } from '../indexes/index-spec.js';
import { findIndex, sameKeyPattern } from '../planner/plan.js';
import { showValue } from '../show.js';
import { checkDeadline } from '../planner/scan.js';
import type { Task } from '../server/task.js';
import { requireCollection } from './collections.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { ensureCollection } from './documents.js';
import { collectionName, docsField, wrongType } from './fields.js';
import { listReply } from './lists.js';

/** MongoDB's limit, the `_id` index included. */
const MAX_INDEXES = 64;

const createIndexes: CommandDefinition = {
  writes: true,
  *run(context) {
    const { engine } = context;
    const name = collectionName(context);
    const specs = docsField(context.command, 'createIndexes', 'indexes');
    if (!specs) throw new MongoError(40414, "BSON field 'createIndexes.indexes' is missing but a required field");
    if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
    const checked = specs.map(checkedSpec);
    const existed = engine.catalog.find(context.db, name) !== undefined;
    const collection = ensureCollection(context, name);
    const before = collection.indexes.length;
    const { added, awaited } = missingIndexes(context, collection, checked);
    const { storage: store, catalog, records } = engine;
    yield* buildIndexes({ store, catalog, records, check: () => checkDeadline(context.deadline) }, collection, added);
    for (const build of awaited) yield* finished(context, collection, build);
    const outcome: [string, Value] =
      added.length + awaited.length === 0 ? ['note', 'all indexes already exist'] : ['createdCollectionAutomatically', !existed];
    return ok(['numIndexesBefore', int32(existed ? before : 1)], ['numIndexesAfter', int32(collection.indexes.length)], outcome);
  },
};

/** What is wanted and not there: indexes to build, and those that another client is building already. */
function missingIndexes(context: CommandContext, collection: Collection, specs: readonly Doc[]): { added: Index[]; awaited: Build[] } {
  const added: Index[] = [];
  const awaited: Build[] = [];
  for (const spec of specs) {
    const index = indexFromSpec(spec, 0);
    const all = [...collection.indexes, ...collection.builds.map((build) => build.index), ...added];
    if (isAlreadyThere(all, index)) {
      const build = collection.builds.find((candidate) => candidate.index.name === index.name);
      if (build) awaited.push(build);
      continue;
    }
    if (all.length >= MAX_INDEXES)
      throw new MongoError('CannotCreateIndex', `add index fails, too many indexes for ${collection.ns} key:${showValue(index.key)}`);
    added.push(indexFromSpec(spec, context.engine.catalog.allocateTable()));
  }
  return { added, awaited };
}

/** Waits for the build of another client; its failure is this command's too. */
function* finished(context: CommandContext, collection: Collection, build: Build): Task<void> {
  while (collection.builds.includes(build)) {
    checkDeadline(context.deadline);
    yield 'wait';
  }
  if (build.failure) throw build.failure;
}

/** True when the same index exists. Errors: IndexOptionsConflict, IndexKeySpecsConflict when only a part is the same. */
function isAlreadyThere(indexes: readonly Index[], wanted: Index): boolean {
  if (wanted.key.size === 1 && wanted.key.has('_id')) return true;
  const both = (index: Index): string => `Requested index: ${showSpec(wanted)}, existing index: ${showSpec(index)}`;
  const named = indexes.find((index) => index.name === wanted.name);
  if (named && !sameSignature(named, wanted)) {
    throw new MongoError(
      'IndexKeySpecsConflict',
      `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${both(named)}`,
    );
  }
  const same = named ?? indexes.find((index) => sameSignature(index, wanted));
  if (!same) return false;
  const sameOptions = same.expireAfterSeconds === wanted.expireAfterSeconds;
  if (named && sameOptions) return true;
  if (named)
    throw new MongoError(
      'IndexOptionsConflict',
      `An equivalent index already exists with the same name but different options. ${both(named)}`,
    );
  if (sameOptions) throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${same.name}`);
  throw new MongoError('IndexOptionsConflict', `An equivalent index already exists with a different name and options. ${both(same)}`);
}

/** What makes an index another index; the expiry is only an option. */
function sameSignature(a: Index, b: Index): boolean {
  return (
    sameKeyPattern(a.key, b.key) &&
    a.unique === b.unique &&
    a.sparse === b.sparse &&
    sameCollation(a.collation, b.collation) &&
    deepEqual(a.partialFilter, b.partialFilter)
  );
}

/** MongoDB writes `unique` before the key here. */
function showSpec({ spec, unique }: Index): string {
  return showValue(
    new Map([
      ['v', spec.get('v') ?? null],
      ...(unique ? [['unique', true] as const] : []),
      ...[...spec].filter(([name]) => name !== 'v' && name !== 'unique'),
    ]),
  );
}

const listIndexes: CommandDefinition = {
  writes: false,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    return listReply(
      context,
      collection.ns,
      collection.indexes.map((index) => encode(index.spec)),
    );
  },
};

const dropIndexes: CommandDefinition = {
  aliases: ['deleteIndexes'],
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const wanted = context.command.get('index');
    const before = collection.indexes.length;
    if (wanted === undefined) throw new MongoError(40414, "BSON field 'dropIndexes.index' is missing but a required field");
    if (typeof wanted !== 'string' && !isDoc(wanted) && !isArray(wanted))
      throw wrongType('dropIndexes', 'index', wanted, '[string, array, object]');
    const { catalog } = context.engine;
    const dropped =
      wanted === '*'
        ? collection.indexes.slice(1)
        : (isArray(wanted) ? wanted : [wanted]).map((name) => indexToDrop(collection, name)).filter((index) => index !== undefined);
    for (const index of dropped) catalog.dropIndex(collection, index);
    for (const build of collection.builds.filter(({ index }) => wanted === '*' || isNamed(index, wanted))) {
      catalog.abortBuild(collection, build, 'dropIndexes');
    }
    catalog.save(collection);
    if (wanted !== '*') return ok(['nIndexesWas', int32(before)]);
    return ok(['nIndexesWas', int32(before)], ['msg', 'non-_id indexes dropped for collection']);
  },
};

/** True when `wanted` of dropIndexes (a name, a key pattern, or a list of names) means this index. */
function isNamed(index: Index, wanted: Value): boolean {
  if (isArray(wanted)) return wanted.includes(index.name);
  return isDoc(wanted) ? sameKeyPattern(index.key, wanted) : wanted === index.name;
}

/** Absent when there is none, which MongoDB does not mind either. */
function indexToDrop(collection: Collection, wanted: Value): Index | undefined {
  const index = findIndex(collection, wanted);
  if (index?.name === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index');
  return index;
}

export const indexCommands = { createIndexes, listIndexes, dropIndexes } satisfies Record<string, CommandDefinition>;
