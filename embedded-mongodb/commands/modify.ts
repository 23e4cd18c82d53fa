// One update, upsert or delete of documents that match a query: the part that update, delete and findAndModify share.
import { decode, type Doc, isDoc, rewrite, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { MongoError } from '../errors.js';
import { checkStages, checkUpsertFilter, compileUpdate, documentForUpsert } from '../language.js';
import { compileOptions, type FindOptions, type FindRun } from '../planner/find.js';
import type { Found } from '../planner/scan.js';
import type { Task } from '../server/task.js';
import { checkUpdateUnderCollation } from './collation-limits.js';
import { type CommandContext } from './command.js';
import { checkQuery, eachMatch, firstMatch } from './matches.js';
import { checkSize, ensureCollection, type Prepared, prepareDoc } from './documents.js';

export interface Change {
  readonly query: FindOptions;
  /** Operators, a replacement, or a pipeline. */
  readonly update: Doc | Doc[];
  readonly arrayFilters: readonly Doc[] | undefined;
  readonly upsert: boolean;
}

export interface Updated {
  readonly before: Prepared;
  readonly after: Prepared;
  readonly changed: boolean;
}

/** A compiled change, good for any number of documents of one command. */
export interface Changer {
  /** Changes one found document and stores it. Errors: those of the update, DuplicateKey. */
  apply(collection: Collection, run: FindRun, found: Found): Updated;
  /** Inserts what the query and the update say a new document is. */
  insert(collection: Collection): Prepared;
}

/** With `multi`, errors: FailedToParse for a replacement. */
export function compileChange(context: CommandContext, change: Change, multi = false): Changer {
  if (change.query.collation) checkUpdateUnderCollation(change.update, change.arrayFilters);
  const { records } = context.engine;
  const now = new Date();
  const compiled = compileUpdate(change.update, {
    now,
    ...(change.arrayFilters ? { arrayFilters: [...change.arrayFilters] } : {}),
    ...(change.query.let ? { let: change.query.let } : {}),
  });
  if (multi && compiled.kind === 'replacement') {
    throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  const { filter } = change.query;
  if (change.upsert && [...filter.keys()].some((key) => key.startsWith('$'))) checkUpsertFilter(filter);
  if (compiled.positional) compileOptions(change.query); // the whole query is looked at, also what a lookup by _id has no use for
  return {
    apply(collection, run, found) {
      const doc = found.doc ?? decode(found.raw);
      const before = { doc, raw: found.raw };
      const positionalIndex = compiled.positional ? run.filter.arrayIndexOfMatch(doc) : -1;
      const result = whileExecuting(context.name, () =>
        compiled.apply(doc, { isInsert: false, now, ...(positionalIndex >= 0 ? { positionalIndex } : {}) }),
      );
      if (!result.changed) return { before, after: before, changed: false };
      const raw = rewrite(result.doc, doc, found.raw);
      checkSize(raw);
      whileExecuting(context.name, () => records.replace(collection, found.record, doc, result.doc, raw));
      return { before, after: { doc: result.doc, raw }, changed: true };
    },
    insert(collection) {
      const prepared = prepareDoc(documentForUpsert(change.query.filter, compiled, now));
      whileExecuting(context.name, () => records.insert(collection, prepared.doc, prepared.raw));
      return prepared;
    },
  };
}

/** MongoDB names the command in errors that arise while it is executing, not in those of parsing. */
function whileExecuting<T>(command: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    throw new MongoError(error.code, `Plan executor error during ${command} :: caused by :: ${error.message}`, error.extra);
  }
}

export interface UpdateCount {
  readonly matched: number;
  readonly modified: number;
  readonly upserted: Value | undefined;
}

/** Updates the first match, or with `multi` all of them; inserts when there is none and the change says so. */
export function* updateMatching(context: CommandContext, name: string, change: Change, multi: boolean): Task<UpdateCount> {
  const changer = compileChange(context, change, multi);
  const collection = context.engine.catalog.find(context.db, name) ?? (change.upsert ? ensureCollection(context, name) : undefined);
  if (!collection) {
    checkQuery(change.query);
    return { matched: 0, modified: 0, upserted: undefined };
  }
  let matched = 0;
  let modified = 0;
  const apply = (run: FindRun, found: Found): void => {
    matched += 1;
    modified += changer.apply(collection, run, found).changed ? 1 : 0;
  };
  if (multi) {
    yield* eachMatch(context.engine, collection, change.query, apply);
  } else {
    const first = yield* firstMatch(context.engine, collection, change.query);
    if (first) apply(first.run, first.found);
  }
  if (matched > 0 || !change.upsert) return { matched, modified, upserted: undefined };
  return { matched: 1, modified: 0, upserted: changer.insert(ensureCollection(context, name)).doc.get('_id') };
}

/** Deletes the first match, or without a limit all of them; gives their number. */
export function* deleteMatching(context: CommandContext, name: string, query: FindOptions): Task<number> {
  const { engine } = context;
  const collection = engine.catalog.find(context.db, name);
  if (!collection) {
    checkQuery(query);
    return 0;
  }
  let deleted = 0;
  const remove = ({ record, doc, raw }: Found): void => {
    engine.records.delete(collection, record, doc ?? decode(raw));
    deleted += 1;
  };
  if (query.limit === 0) {
    yield* eachMatch(engine, collection, query, (_, found) => remove(found));
  } else {
    const first = yield* firstMatch(engine, collection, query);
    if (first) remove(first.found);
  }
  return deleted;
}

/** The `u` of an update or the `update` of findAndModify. */
export function updateField(value: Value | undefined): Doc | Doc[] {
  if (isDoc(value)) return value;
  if (Array.isArray(value) && value.every(isDoc)) {
    checkStages(value);
    return value;
  }
  throw new MongoError('FailedToParse', 'Update argument must be either an object or an array');
}
