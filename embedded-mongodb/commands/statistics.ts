// How much there is: collStats, dbStats, dataSize and the stages $collStats and $indexStats. Counts are exact and sizes are those of the documents; what a collection takes of the one data
// file is not known, so that MongoDB's fields about files are left out rather than guessed.
import { hostname } from 'node:os';
import { type Doc, int32, isDoc, isNumber, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError, refusal } from '../errors.js';
import type { Engine } from '../server/engine.js';
import type { Task } from '../server/task.js';
import { tableRange } from '../store/store.js';
import { type CommandContext, type CommandDefinition, ok } from './command.js';
import { boolField, collectionName, docField, numberOf, wrongType } from './fields.js';

/** Documents read between two chances to pause. */
const PAUSE_EVERY = 128;

const collStats: CommandDefinition = {
  aliases: ['collstats'],
  writes: false,
  *run({ engine, db, command, ...context }) {
    const name = collectionName({ engine, db, command, ...context });
    const scale = scaleOf('collStats', command);
    const collection = engine.catalog.find(db, name);
    return ok(['ns', `${db}.${name}`], ...(yield* sizesOf(engine, collection, scale)));
  },
};

const dbStats: CommandDefinition = {
  aliases: ['dbstats'],
  writes: false,
  *run({ engine, db, command }) {
    const scale = scaleOf('dbStats', command);
    const collections = engine.catalog.collections(db);
    const { count, bytes } = yield* measuring(engine, collections);
    return ok(
      ['db', db],
      ['collections', BigInt(collections.length)],
      ['views', 0n],
      ['objects', BigInt(count)],
      ['avgObjSize', count > 0 ? bytes / count : 0],
      ['dataSize', bytes / scale],
      ['indexes', BigInt(collections.reduce((sum, { indexes }) => sum + indexes.length, 0))],
      ['scaleFactor', BigInt(scale)],
    );
  },
};

/** Of a collection that is named with its database, perhaps another one than the command's. */
const dataSize: CommandDefinition = {
  aliases: ['datasize'],
  writes: false,
  *run({ engine, command }) {
    const ns = command.values().next().value ?? null;
    if (ns === null) throw new MongoError('IDLFailedToParse', "BSON field 'dataSize.dataSize' is missing but a required field");
    if (typeof ns !== 'string') throw wrongType('dataSize', 'dataSize', ns, 'string');
    const dot = ns.indexOf('.');
    if (dot <= 0 || dot === ns.length - 1) throw new MongoError('InvalidNamespace', `Namespace ${ns} is not a valid collection name`);
    const started = performance.now();
    const collection = engine.catalog.find(ns.slice(0, dot), ns.slice(dot + 1));
    const { count, bytes } = yield* measuring(engine, collection ? [collection] : []);
    const estimate = boolField(command, 'dataSize', 'estimate');
    return ok(
      ['size', BigInt(bytes)],
      ['numObjects', BigInt(count)],
      ['millis', BigInt(Math.round(performance.now() - started))],
      ...(collection ? [['estimate', estimate] as const] : []),
    );
  },
};

export const statisticsCommands = { collStats, dbStats, dataSize } satisfies Record<string, CommandDefinition>;

/** What a `$collStats` asks for. */
export interface StatisticsWanted {
  readonly count: boolean;
  /** In which sizes are given; absent: no sizes. */
  readonly scale: number | undefined;
}

const STAGE = '$collStats';
const NOT_KEPT = ['latencyStats', 'queryExecStats', 'operationStats'];

/** Errors: MongoDB's for what is malformed, and a refusal of statistics that the engine does not keep. */
export function statisticsWanted(operand: Value): StatisticsWanted {
  if (!isDoc(operand)) throw new MongoError(5447000, `${STAGE} must take a nested object`);
  for (const field of operand.keys()) {
    if (NOT_KEPT.includes(field)) throw refusal('InvalidOptions', `The option '${field}' of ${STAGE}`);
    if (field !== 'count' && field !== 'storageStats')
      throw new MongoError('IDLUnknownField', `BSON field '${STAGE}.${field}' is an unknown field.`);
  }
  const count = docField(operand, STAGE, 'count');
  if (count !== undefined && count.size > 0) throw new MongoError(31170, "'count' must be an empty object");
  const storage = docField(operand, STAGE, 'storageStats');
  if (storage && boolField(storage, `${STAGE}.storageStats`, 'numericOnly'))
    throw refusal('InvalidOptions', `The option 'numericOnly' of ${STAGE}`);
  return { count: count !== undefined, scale: storage && scaleOf(`${STAGE}.storageStats`, storage) };
}

/** The document that a `$collStats` gives. Error: NamespaceNotFound. */
export function* collectionStatistics({ engine, db }: CommandContext, name: string, wanted: StatisticsWanted): Task<Doc> {
  const collection = engine.catalog.find(db, name);
  const { count, scale } = wanted;
  if (!collection && (count || scale !== undefined)) throw new MongoError('NamespaceNotFound', `Collection [${db}.${name}] not found.`);
  const row = new Map<string, Value>([
    ['ns', `${db}.${name}`],
    ['host', hostname()],
    ['localTime', new Date()],
  ]);
  if (scale !== undefined) row.set('storageStats', new Map(yield* sizesOf(engine, collection, scale)));
  if (collection && count) row.set('count', whole(yield* engine.records.counting(collection)));
  return row;
}

/** How often each index was used since it was made, or since the start. */
export function indexStats(collection: Collection | undefined): Doc[] {
  return (collection?.indexes ?? []).map(
    ({ name, key, spec, uses }): Doc =>
      new Map<string, Value>([
        ['name', name],
        ['key', key],
        ['host', hostname()],
        [
          'accesses',
          new Map<string, Value>([
            ['ops', BigInt(uses.count)],
            ['since', uses.since],
          ]),
        ],
        ['spec', spec],
      ]),
  );
}

function* sizesOf(engine: Engine, collection: Collection | undefined, scale: number): Task<[string, Value][]> {
  const { count, bytes } = yield* measuring(engine, collection ? [collection] : []);
  return [
    ['size', whole(bytes / scale)],
    ['count', whole(count)],
    ...(count > 0 ? [['avgObjSize', whole(bytes / count)] as [string, Value]] : []),
    ['numOrphanDocs', int32(0)],
    ...(collection ? [['capped', false] as [string, Value]] : []),
    ['nindexes', int32(collection?.indexes.length ?? 0)],
    ['scaleFactor', whole(scale)],
  ];
}

/** Reads all documents. */
function* measuring({ storage }: Engine, collections: readonly Collection[]): Task<{ count: number; bytes: number }> {
  let bytes = 0;
  let count = 0;
  for (const collection of collections) {
    for (const { value } of storage.scan(tableRange(collection.table))) {
      bytes += value.length;
      count += 1;
      if (count % PAUSE_EVERY === 0) yield;
    }
  }
  return { count, bytes };
}

/** 1 where it is not given. */
function scaleOf(name: string, options: Doc): number {
  const scale = options.get('scale') ?? null;
  if (scale === null) return 1;
  if (!isNumber(scale)) throw wrongType(name, 'scale', scale, '[long, int, decimal, double]');
  const whole = Math.trunc(numberOf(scale));
  if (whole < 1) throw new MongoError('BadValue', `BSON field 'scale' value must be >= 1, actual value '${whole}'`);
  return whole;
}

/** An int32 where it fits, else a Long, as MongoDB gives counts and sizes here. */
function whole(value: number): Value {
  const truncated = Math.trunc(value);
  return truncated < 2 ** 31 ? int32(truncated) : BigInt(truncated);
}
