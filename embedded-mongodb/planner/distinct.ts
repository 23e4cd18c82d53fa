// The distinct values of a path, in MongoDB's order. Where an index begins with that path, one document is read for each value.
import { collationOrder } from '../bson/collation.js';
import { compare, decode, distinctValues as valuesAt, fieldReader, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { refusal } from '../errors.js';
import { entryRecord } from '../indexes/records.js';
import { encodeKey, encodePart, successor } from '../keys.js';
import type { Engine } from '../server/engine.js';
import { runWhole, type Task } from '../server/task.js';
import { tableKey } from '../store/store.js';
import { countUse, type FindOptions, runFind } from './find.js';
import { arraysOn } from './index-bounds.js';
import { indexHolding, type IndexAccess, type Plan } from './plan.js';
import { checkDeadline, isPause, newStats, type ScanStats } from './scan.js';

export interface Distinct {
  readonly values: readonly Value[];
  readonly plan: Plan;
  readonly stats: ScanStats;
}

/** As `gatheringDistinct`, at one go. */
export function distinctValues(engine: Engine, collection: Collection, key: string, options: FindOptions): Distinct {
  return runWhole(gatheringDistinct(engine, collection, key, options));
}

export function* gatheringDistinct(engine: Engine, collection: Collection, key: string, options: FindOptions): Task<Distinct> {
  // Whether MongoDB finds fault with such a key, and when, depends on its plan for the filter.
  if (key.split('.').some((part) => part === '' || part.startsWith('$') || part.includes('\0')))
    throw refusal('BadValue', `A distinct on the path ${JSON.stringify(key)}`);
  const values = new Map<string, { order: Buffer; value: Value }>();
  const add = (value: Value): void => {
    const order = encodePart(options.collation ? options.collation.fold(value) : value);
    const id = order.toString('latin1');
    if (!values.has(id)) values.set(id, { order, value });
  };
  const access = distinctAccess(collection, key, options);
  const stats = newStats();
  let plan: Plan;
  if (access) {
    plan = { access, sorted: true };
    if (!options.explained) countUse(access);
    for (const value of skipScan(engine, collection, key, access, stats, options)) {
      add(value);
      yield;
    }
  } else {
    const run = runFind(engine, collection, { ...options, pausable: true });
    plan = run.plan;
    const read = fieldReader([key.split('.', 1)[0] ?? key]);
    for (const found of run.found) {
      if (isPause(found)) yield;
      else for (const value of valuesAt(found.doc ?? read(found.raw), key)) add(value);
    }
    Object.assign(stats, run.stats);
  }
  const strings = options.collationSpec && collationOrder(options.collationSpec);
  const ordered = [...values.values()].sort((a, b) => (strings ? compare(a.value, b.value, strings) : Buffer.compare(a.order, b.order)));
  return { values: ordered.map(({ value }) => value), plan, stats };
}

/** An index that begins with the path, without arrays on it, and whose bounds on that path alone are the filter. */
export function distinctAccess(collection: Collection, key: string, options: FindOptions): IndexAccess | undefined {
  if (options.collation || options.hint !== undefined) return undefined;
  for (const index of collection.indexes) {
    if (index.paths[0] !== key || index.longKeys || index.collation || arraysOn(index, key).length > 0) continue;
    const access = indexHolding(index, options);
    if (access && access.bounds.used <= 1 && (access.exact || options.filter.size === 0)) return access;
  }
  return undefined;
}

/** One document of each key, then straight on to the next key. */
function* skipScan(
  engine: Engine,
  collection: Collection,
  key: string,
  { index, ranges }: IndexAccess,
  stats: ScanStats,
  { deadline }: FindOptions,
): Generator<Value, void, undefined> {
  for (const range of ranges) {
    let { start } = range;
    for (;;) {
      const entry = engine.storage.first({ start, end: range.end });
      if (!entry) break;
      stats.keysExamined += 1;
      checkDeadline(deadline);
      const raw = engine.records.read(collection, entryRecord(entry));
      const [value] = raw ? valuesAt(decode(raw), key) : [];
      if (value !== undefined) yield value;
      stats.docsExamined += 1;
      // Documents without the field have the key of null, and so may hide one that has a null: they are all looked at.
      const next = value === undefined ? entry.key : tableKey(index.table, encodeKey([value], index.descending));
      start = value === undefined ? Buffer.concat([next, Buffer.alloc(1)]) : successor(next);
    }
  }
}
