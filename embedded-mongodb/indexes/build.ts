// Building indexes on a collection that others go on writing to: a walk over the records in steps, while every writer keeps the new indexes
// in step with what it writes (Records.change). In the end they become ready together.
import { decode } from '../bson/index.js';
import { type Catalog } from '../catalog.js';
import { type Build, type Collection } from '../collection.js';
import { MongoError } from '../errors.js';
import { type Task } from '../server/task.js';
import { after, type Store, TABLE_BYTES, tableRange } from '../store/store.js';
import { type Index } from './index-spec.js';
import { RECORD_BYTES, type Records } from './records.js';

/** Documents indexed between two chances to pause. */
const STEP = 32;

export interface BuildContext {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly records: Records;
  /** Called at each step; throws when the build has to end. */
  readonly check: () => void;
}

/** Builds all of them or none. Errors: DuplicateKey, CannotIndexParallelArrays, IndexBuildAborted when something is dropped meanwhile. */
export function* buildIndexes(context: BuildContext, collection: Collection, indexes: readonly Index[]): Task<void> {
  const { catalog } = context;
  const builds = indexes.map((index) => catalog.startBuild(collection, index));
  try {
    yield* fill(context, collection, builds);
    for (const build of builds) catalog.finishBuild(collection, build);
    if (builds.length > 0) catalog.save(collection);
  } catch (error) {
    const reason = error instanceof MongoError ? error.message : 'an internal error';
    for (const build of builds) {
      if (error instanceof MongoError) build.failure ??= error;
      catalog.abortBuild(collection, build, reason);
    }
    throw error;
  }
}

function* fill({ store, records, check }: BuildContext, collection: Collection, builds: readonly Build[]): Task<void> {
  if (builds.length === 0) return;
  let range = tableRange(collection.table);
  for (;;) {
    const page = store.page(range, STEP);
    for (const { key, value } of page) {
      const record = key.readUIntBE(TABLE_BYTES, RECORD_BYTES);
      const doc = decode(value);
      for (const build of builds) records.change(collection, build, record, undefined, doc);
    }
    throwFailure(builds);
    check();
    const last = page.at(-1);
    if (!last || page.length < STEP) return;
    range = { start: after(last.key), end: range.end };
    yield;
    throwFailure(builds);
  }
}

function throwFailure(builds: readonly Build[]): void {
  for (const { failure } of builds) if (failure) throw failure;
}
