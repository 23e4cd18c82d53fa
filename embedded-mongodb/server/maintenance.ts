// Work between commands: documents past their expiry go, dropped tables are emptied bit by bit, idle cursors are closed, vectors are loaded.
import { decode, type Value, valuesAt } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import type { Index } from '../indexes/index-spec.js';
import { entryRecord } from '../indexes/records.js';
import { boundsOf, descendingRanges } from '../planner/bounds.js';
import { tableKey } from '../store/store.js';
import { loadSomeVectors } from '../vector/load.js';
import type { Engine } from './engine.js';

const SWEEP_MS = 60_000;
const DROPPED_MS = 50;
/** Pause between two bits of loading vectors, and how long one takes. */
const VECTORS_MS = 20;
const VECTORS_BUDGET_MS = 5;
/** Entries deleted in one transaction, so that no client waits long. */
const CHUNK = 500;

/** Starts the sweeps; the result stops them. */
export function startMaintenance(engine: Engine, ttlSweepMs = SWEEP_MS): () => void {
  const guarded = (work: () => void) => (): void => {
    try {
      work();
    } catch (error) {
      engine.onError(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const sweep = setInterval(
    guarded(() => {
      engine.cursors.closeIdle(Date.now());
      sweepExpired(engine, Date.now());
    }),
    ttlSweepMs,
  );
  const dropped = setInterval(
    guarded(() => {
      if (engine.catalog.hasDropped()) engine.transaction(() => engine.catalog.sweepDropped(CHUNK));
    }),
    DROPPED_MS,
  );
  const vectors = setInterval(
    guarded(() => {
      loadSomeVectors(engine, VECTORS_BUDGET_MS);
    }),
    VECTORS_MS,
  );
  for (const timer of [sweep, dropped, vectors]) timer.unref();
  return () => {
    clearInterval(sweep);
    clearInterval(dropped);
    clearInterval(vectors);
  };
}

/** Deletes what every TTL index says has expired at `now` (epoch ms); gives the number of documents. */
export function sweepExpired(engine: Engine, now: number): number {
  let deleted = 0;
  for (const collection of engine.catalog.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds !== undefined) deleted += sweepIndex(engine, collection, index, now);
    }
  }
  return deleted;
}

/** Reads only the part of the index that holds dates up to the limit. */
function sweepIndex(engine: Engine, collection: Collection, index: Index, now: number): number {
  const limit = now - (index.expireAfterSeconds ?? 0) * 1000;
  const path = index.paths[0] ?? '';
  const bounds = boundsOf([{ kind: 'below', path, value: new Date(limit), inclusive: true }], 'binary');
  const expired = new Set<number>();
  for (const range of index.descending[0] ? descendingRanges(bounds?.ranges ?? []) : (bounds?.ranges ?? [])) {
    const whole = { start: tableKey(index.table, range.start), end: tableKey(index.table, range.end) };
    for (const entry of engine.storage.scan(whole)) expired.add(entryRecord(entry));
  }
  let deleted = 0;
  for (const records of chunksOf([...expired], CHUNK)) {
    deleted += engine.transaction(() => records.filter((record) => deleteExpired(engine, collection, record, path, limit)).length);
  }
  return deleted;
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) => items.slice(chunk * size, (chunk + 1) * size));
}

function deleteExpired(engine: Engine, collection: Collection, record: number, path: string, limit: number): boolean {
  const raw = engine.records.read(collection, record);
  const doc = raw && decode(raw);
  if (!doc || !isExpired(valuesAt(doc, path), limit)) return false;
  engine.records.delete(collection, record, doc);
  return true;
}

/** The earliest date of the field counts; documents without a date never expire. */
function isExpired(values: readonly Value[], limit: number): boolean {
  return values.some((value) => value instanceof Date && value.getTime() <= limit);
}
