// Commands on collections and databases as a whole: create, drop, rename, list.
import { type Doc, encode, int32, type Value } from '../bson/index.js';
import { checkDatabaseName, type Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../language.js';
import { tableRange } from '../store/store.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { boolField, collectionName, docField, stringField } from './fields.js';
import { listReply } from './lists.js';

const EMPTY: Doc = new Map();

const create: CommandDefinition = {
  writes: true,
  run(context) {
    const { catalog } = context.engine;
    const name = collectionName(context);
    if (!catalog.find(context.db, name)) catalog.create(context.db, name); // the same options again are no error, as in MongoDB
    return ok();
  },
};

export function requireCollection(context: CommandContext, name: string): Collection {
  const collection = context.engine.catalog.find(context.db, name);
  if (!collection) throw new MongoError('NamespaceNotFound', `ns does not exist: ${context.db}.${name}`);
  return collection;
}

function dropCollection(context: CommandContext, collection: Collection): void {
  context.engine.catalog.drop(collection);
  context.engine.cursors.killNamespace(collection.ns);
}

const drop: CommandDefinition = {
  writes: true,
  run(context) {
    const collection = context.engine.catalog.find(context.db, collectionName(context));
    if (!collection) return ok();
    const indexes = collection.indexes.length;
    dropCollection(context, collection);
    return ok(['nIndexesWas', int32(indexes)], ['ns', collection.ns]);
  },
};

const dropDatabase: CommandDefinition = {
  writes: true,
  run(context) {
    const collections = context.engine.catalog.collections(context.db);
    for (const collection of collections) dropCollection(context, collection);
    return collections.length > 0 ? ok(['dropped', context.db]) : ok();
  },
};

const renameCollection: CommandDefinition = {
  writes: true,
  run(context) {
    const { catalog } = context.engine;
    if (context.db !== 'admin') throw new MongoError('Unauthorized', 'renameCollection may only be run against the admin database.');
    const from = splitNamespace(collectionName(context));
    const to = splitNamespace(stringField(context.command, 'renameCollection', 'to') ?? '');
    const source = catalog.find(from.db, from.name);
    if (!source) throw new MongoError('NamespaceNotFound', `Source collection ${from.db}.${from.name} does not exist`);
    const target = catalog.find(to.db, to.name);
    if (target === source) throw new MongoError('IllegalOperation', "Can't rename a collection to itself");
    if (target && !boolField(context.command, 'renameCollection', 'dropTarget'))
      throw new MongoError('NamespaceExists', 'target namespace exists');
    context.engine.cursors.killNamespace(source.ns);
    if (target) dropCollection(context, target);
    catalog.rename(source, to.db, to.name);
    return ok();
  },
};

function splitNamespace(ns: string): { db: string; name: string } {
  const dot = ns.indexOf('.');
  if (dot <= 0 || dot === ns.length - 1) throw new MongoError('InvalidNamespace', `Invalid namespace specified '${ns}'`);
  return { db: ns.slice(0, dot), name: ns.slice(dot + 1) };
}

const listDatabases: CommandDefinition = {
  writes: false,
  run(context) {
    const { engine, command } = context;
    if (context.db !== 'admin') throw new MongoError('Unauthorized', 'listDatabases may only be run against the admin database.');
    const filter = compileFilter(docField(command, 'listDatabases', 'filter') ?? EMPTY);
    const nameOnly = boolField(command, 'listDatabases', 'nameOnly');
    const all = engine.catalog.databaseNames().map((name): Doc => {
      const empty = engine.catalog.collections(name).every(({ table }) => engine.storage.first(tableRange(table)) === undefined);
      return new Map<string, Value>([
        ['name', name],
        ['sizeOnDisk', BigInt(empty ? 0 : engine.storage.sizeBytes())],
        ['empty', empty],
      ]);
    });
    const databases = all
      .filter((database) => filter.matches(database))
      .map((database): Value => (nameOnly ? new Map([['name', database.get('name') ?? '']]) : database));
    if (nameOnly) return ok(['databases', databases]);
    const total = engine.storage.sizeBytes();
    return ok(['databases', databases], ['totalSize', BigInt(total)], ['totalSizeMb', BigInt(Math.floor(total / 2 ** 20))]);
  },
};

const listCollections: CommandDefinition = {
  writes: false,
  run(context) {
    const { engine, db, command } = context;
    checkDatabaseName(db);
    const filter = compileFilter(docField(command, 'listCollections', 'filter') ?? EMPTY);
    const nameOnly = boolField(command, 'listCollections', 'nameOnly');
    const rows = engine.catalog
      .collections(db)
      .map((collection) => describe(collection, nameOnly))
      .filter((row) => filter.matches(row))
      .map(encode);
    return listReply(context, `${db}.$cmd.listCollections`, rows);
  },
};

function describe(collection: Collection, nameOnly: boolean): Doc {
  const head: [string, Value][] = [
    ['name', collection.name],
    ['type', 'collection'],
  ];
  if (nameOnly) return new Map(head);
  return new Map<string, Value>([
    ...head,
    ['options', collection.options],
    [
      'info',
      new Map<string, Value>([
        ['readOnly', false],
        ['uuid', collection.uuid],
      ]),
    ],
    ['idIndex', collection.indexes[0]?.spec ?? null],
  ]);
}

export const collectionCommands = {
  create,
  drop,
  dropDatabase,
  renameCollection,
  listDatabases,
  listCollections,
} satisfies Record<string, CommandDefinition>;
