// Commands on vector search indexes. An index can be searched at once: a search waits for what is not loaded yet.
import { deepEqual, type Doc, int32, ObjectId, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import type { SearchIndex } from '../indexes/index-spec.js';
import { forgetVectors, vectorIndexOf } from '../vector/load.js';
import { checkDefinition, vectorFields } from '../vector/search-index.js';
import { requireCollection } from './collections.js';
import { type CommandDefinition, ok } from './command.js';
import { collectionName, docsField, stringField } from './fields.js';

const createSearchIndexes: CommandDefinition = {
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const wanted = docsField(context.command, 'createSearchIndexes', 'indexes') ?? [];
    if (wanted.length === 0) throw new MongoError('BadValue', 'createSearchIndexes needs at least one index');
    const named = wanted.map((given) => wantedIndex(collection, given));
    const names = named.map(({ name }) => name);
    if (new Set(names).size < names.length) throw new MongoError('BadValue', 'createSearchIndexes needs a different name for each index');
    const made = named.filter((index) => !collection.searchIndexes.includes(index));
    collection.searchIndexes = [...collection.searchIndexes, ...made];
    context.engine.catalog.save(collection);
    return ok([
      'indexesCreated',
      named.map(
        ({ id, name }): Doc =>
          new Map<string, Value>([
            ['id', id],
            ['name', name],
          ]),
      ),
    ]);
  },
};

/** A new index, or the one there is when nothing would change. Errors: BadValue, IndexAlreadyExists. */
function wantedIndex(collection: Collection, given: Doc): SearchIndex {
  for (const option of given.keys())
    if (!['name', 'type', 'definition'].includes(option)) throw refusal('BadValue', `The search index option "${option}"`);
  const name = stringField(given, 'createSearchIndexes.indexes', 'name') ?? 'default';
  if (name === '') throw new MongoError('BadValue', 'A search index needs a name');
  if (given.get('type') !== 'vectorSearch') throw refusal('BadValue', 'A search index of a type other than "vectorSearch"');
  const definition = checkDefinition(given.get('definition'));
  const known = collection.searchIndexes.find((index) => index.name === name);
  if (known && !deepEqual(known.definition, definition))
    throw new MongoError('IndexAlreadyExists', `Duplicate Index: ${name} exists with another definition`);
  return known ?? { id: new ObjectId().toHexString(), name, definition };
}

const updateSearchIndex: CommandDefinition = {
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const index = namedIndex(collection, context.command);
    const changed = { ...index, definition: checkDefinition(context.command.get('definition')) };
    collection.searchIndexes = collection.searchIndexes.map((other) => (other === index ? changed : other));
    forgetVectors(collection, index);
    context.engine.catalog.save(collection);
    return ok();
  },
};

const dropSearchIndex: CommandDefinition = {
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const dropped = namedIndex(collection, context.command);
    collection.searchIndexes = collection.searchIndexes.filter((index) => index !== dropped);
    forgetVectors(collection, dropped);
    context.engine.catalog.save(collection);
    return ok();
  },
};

function namedIndex(collection: Collection, command: Doc): SearchIndex {
  const name = command.get('name');
  const id = command.get('id');
  const index = collection.searchIndexes.find((candidate) => candidate.name === name || candidate.id === id);
  if (!index) throw new MongoError('IndexNotFound', `Search index ${typeof name === 'string' ? name : 'of this id'} does not exist`);
  return index;
}

/** What `$listSearchIndexes` shows, optionally of one name or id. */
export function describeSearchIndexes(collection: Collection | undefined, stage: Doc): Doc[] {
  return (collection?.searchIndexes ?? [])
    .filter(({ id, name }) => (!stage.has('name') || stage.get('name') === name) && (!stage.has('id') || stage.get('id') === id))
    .map((index): Doc => {
      const status = statusOf(collection as Collection, index);
      return new Map<string, Value>([
        ['id', index.id],
        ['name', index.name],
        ['type', 'vectorSearch'],
        ['status', status],
        ['queryable', status === 'READY'],
        ['latestVersion', int32(0)],
        ['latestDefinition', index.definition],
      ]);
    });
}

/** BUILDING while vectors are loaded, after a start too; searches are answered in full nevertheless. */
function statusOf(collection: Collection, index: SearchIndex): 'READY' | 'BUILDING' | 'FAILED' {
  const fields = vectorFields(index.definition).map((field) => vectorIndexOf(collection, index, field));
  if (fields.some(({ failure }) => failure !== undefined)) return 'FAILED';
  return fields.some(({ loadedTo }) => loadedTo !== undefined) ? 'BUILDING' : 'READY';
}

export const searchIndexCommands = { createSearchIndexes, updateSearchIndex, dropSearchIndex } satisfies Record<string, CommandDefinition>;
