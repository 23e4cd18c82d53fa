// Commands on vector search indexes. They are ready at once: the vectors are read at the first search.
import { type Doc, int32, ObjectId, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import type { SearchIndex } from '../indexes/index-spec.js';
import { checkDefinition } from '../vector/search-index.js';
import { requireCollection } from './collections.js';
import { type CommandDefinition, ok } from './command.js';
import { collectionName, docsField, stringField } from './fields.js';

const createSearchIndexes: CommandDefinition = {
  fields: ['indexes'],
  writes: true,
  note: 'type vectorSearch only',
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const wanted = docsField(context.command, 'createSearchIndexes', 'indexes') ?? [];
    if (wanted.length === 0) throw new MongoError('BadValue', 'createSearchIndexes needs at least one index');
    const made: SearchIndex[] = wanted.map((given) => {
      const name = stringField(given, 'createSearchIndexes.indexes', 'name') ?? 'default';
      if (given.get('type') !== 'vectorSearch') throw refusal('BadValue', 'A search index of a type other than "vectorSearch"');
      const definition = checkDefinition(given.get('definition'));
      if (collection.searchIndexes.some((index) => index.name === name)) {
        throw new MongoError('IndexAlreadyExists', `Index ${name} already exists`);
      }
      return { id: new ObjectId().toHexString(), name, definition };
    });
    collection.searchIndexes = [...collection.searchIndexes, ...made];
    context.engine.catalog.save(collection);
    return ok([
      'indexesCreated',
      made.map(
        ({ id, name }): Doc =>
          new Map<string, Value>([
            ['id', id],
            ['name', name],
          ]),
      ),
    ]);
  },
};

const updateSearchIndex: CommandDefinition = {
  fields: ['id', 'name', 'definition'],
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const index = namedIndex(collection, context.command);
    index.definition = checkDefinition(context.command.get('definition'));
    collection.vectors.clear();
    context.engine.catalog.save(collection);
    return ok();
  },
};

const dropSearchIndex: CommandDefinition = {
  fields: ['id', 'name'],
  writes: true,
  run(context) {
    const collection = requireCollection(context, collectionName(context));
    const dropped = namedIndex(collection, context.command);
    collection.searchIndexes = collection.searchIndexes.filter((index) => index !== dropped);
    collection.vectors.clear();
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
    .map(
      ({ id, name, definition }): Doc =>
        new Map<string, Value>([
          ['id', id],
          ['name', name],
          ['type', 'vectorSearch'],
          ['status', 'READY'],
          ['queryable', true],
          ['latestVersion', int32(0)],
          ['latestDefinition', definition],
        ]),
    );
}

export const searchIndexCommands: Readonly<Record<string, CommandDefinition>> = { createSearchIndexes, updateSearchIndex, dropSearchIndex };
