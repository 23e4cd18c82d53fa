// Expiry: deletes the documents that TTL indexes say are past their time, reading only that part of each index.
import { decode } from '../bson/index.js';
import type { Collection } from '../collection.js';
import type { Index } from '../indexes/index-spec.js';
import { entryRecord } from '../indexes/records.js';
import { boundsOf, descendingRanges } from '../planner/bounds.js';
import { after, type Range, tableKey } from '../store/store.js';
import type { Engine } from './engine.js';
import type { Task } from './task.js';

/** Index entries looked at between two chances to pause. */
const STEP = 32;

/** Deletes what has expired at `now` (epoch ms); gives the number of documents. Writes: run each step in a transaction. */
export function* sweepExpired(engine: Engine, now: number): Task<number> {
  let deleted = 0;
  for (const collection of engine.catalog.all()) {
    for (const index of collection.indexes) deleted += yield* sweepIndex(engine, collection, index, now);
  }
  return deleted;
}

function* sweepIndex(engine: Engine, collection: Collection, index: Index, now: number): Task<number> {
  let deleted = 0;
  for (let range of index.expireAfterSeconds === undefined ? [] : expiredRanges(index, now - index.expireAfterSeconds * 1000)) {
    while (!index.dropped && index.expireAfterSeconds !== undefined) {
      const page = engine.storage.page(range, STEP);
      for (const entry of page) deleted += deleteRecord(engine, collection, entryRecord(entry)) ? 1 : 0;
      yield;
      const last = page.at(-1);
      if (!last || page.length < STEP) break;
      range = { start: after(last.key), end: range.end };
    }
  }
  return deleted;
}

/** The entries of dates up to `limit`: the earliest date of an array counts, and what is no date never expires. */
function expiredRanges(index: Index, limit: number): Range[] {
  const path = index.paths[0] ?? '';
  const bounds = boundsOf({ kind: 'below', path, value: new Date(limit), inclusive: true }, 'binary');
  const ranges = bounds?.ranges ?? [];
  return (index.descending[0] ? descendingRanges(ranges) : ranges).map(({ start, end }) => ({
    start: tableKey(index.table, start),
    end: tableKey(index.table, end),
  }));
}

/** False when another entry of the same document came first. */
function deleteRecord(engine: Engine, collection: Collection, record: number): boolean {
  const raw = engine.records.read(collection, record);
  if (!raw) return false;
  engine.records.delete(collection, record, decode(raw));
  return true;
}
