// Finding the documents that a command is going to change while others change them too: a paused command looks at a document again before it
// touches it, and no document is changed twice.
import { BSONRegExp, decode, type Doc, isArray, isDoc } from '../bson/index.js';
import type { Collection } from '../collection.js';
import { MongoError } from '../errors.js';
import { compileOptions, type FindOptions, type FindRun, runFind } from '../planner/find.js';
import { type Found, isPause, PAUSE } from '../planner/scan.js';
import type { Engine } from '../server/engine.js';
import type { Task } from '../server/task.js';

/** Rows kept whole while all matches are gathered; of the others only the record number is kept. */
const KEPT_WHOLE = 1000;

export interface Match {
  readonly run: FindRun;
  readonly found: Found;
}

/** Matches that a sort keeps, so that clients who all want the first one need not all sort again when one has taken it. */
const CANDIDATES = 64;

/** The first match in the order of the query, as it is at the moment this returns; what others changed meanwhile is passed over. */
export function* firstMatch(engine: Engine, collection: Collection, query: FindOptions): Task<Match | undefined> {
  const sort = isPlainId(query.filter) ? undefined : query.sort;
  for (;;) {
    const run = runFind(engine, collection, { ...query, sort, limit: CANDIDATES, pausable: true });
    const { writes } = collection;
    let passedOver = 0;
    for (const row of run.found) {
      if (isPause(row)) {
        yield;
        continue;
      }
      const found = collection.writes === writes ? row : current(engine, collection, run, row.record);
      if (found) return { run, found };
      passedOver += 1;
    }
    if (passedOver < CANDIDATES) return undefined; // these were all
  }
}

/** What is malformed in a query is an error also where there is no collection to search. */
export function checkQuery(query: FindOptions): void {
  compileOptions({ ...query, sort: isPlainId(query.filter) ? undefined : query.sort });
}

/** Whether a filter asks for one `_id` and nothing else: MongoDB does not look at the sort then, not even at a malformed one. */
function isPlainId(filter: Doc): boolean {
  const id = filter.size === 1 ? filter.get('_id') : undefined;
  const value = isDoc(id) && id.size === 1 ? (id.get('$eq') ?? id) : id;
  if (value == null || isArray(value) || value instanceof BSONRegExp) return false;
  return !isDoc(value) || !value.keys().next().value?.startsWith('$');
}

/** Calls `visit` with all matches, each once, as it is at that moment. Errors: those of `visit`, QueryPlanKilled. */
export function* eachMatch(
  engine: Engine,
  collection: Collection,
  query: FindOptions,
  visit: (run: FindRun, found: Found) => void,
): Task<void> {
  const run = runFind(engine, collection, { ...query, limit: 0, pausable: true });
  let { writes } = collection;
  const { kind } = run.plan.access;
  // A walk over the records meets each once. A walk over an index could meet a document again where the update has put it: gather first.
  const rows = kind === 'collection' || kind === 'id' ? run.found : yield* gathered(run);
  for (const row of rows) {
    if (collection.dropped) throw new MongoError('QueryPlanKilled', `query plan killed :: collection dropped: ${collection.ns}`);
    if (!isPause(row)) {
      const alone = collection.writes === writes;
      const found = alone && row.raw.length > 0 ? row : current(engine, collection, run, row.record);
      if (found) visit(run, found);
      if (alone) ({ writes } = collection);
    }
    yield;
  }
}

function* gathered(run: FindRun): Task<Found[]> {
  const rows: Found[] = [];
  for (const row of run.found) {
    if (isPause(row)) yield;
    else rows.push(rows.length < KEPT_WHOLE ? row : { ...PAUSE, record: row.record });
  }
  return rows;
}

/** The document of a record, if it still is there and matches. */
function current(engine: Engine, collection: Collection, { filter }: FindRun, record: number): Found | undefined {
  const raw = engine.records.read(collection, record);
  const doc = raw && decode(raw);
  return doc && filter.matches(doc) ? { record, raw, doc } : undefined;
}
