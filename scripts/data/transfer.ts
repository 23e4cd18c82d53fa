/**
 * Fills a database from a source: all documents, a comparison of both sides, then the indexes, so that nothing expires or is refused by one before
 * all is there. May be ended at any instant and begun again: it goes on where it was.
 */
import type { Db } from 'mongodb';
import { ConfigurationError } from '../../src/domain/errors.js';
import { buildIndexes } from './build-indexes.js';
import { compareDocuments, compareIndexes } from './compare.js';
import { collectionNames, readDatabase } from './database-source.js';
import { decodeExact } from './exact-bson.js';
import type { OpenDatabase } from './open-database.js';
import type { Progress } from './progress.js';
import { InsertRefused, insertRaw } from './raw-insert.js';
import { type CollectionInfo, namespaceOf, type ResumePoint, type Source, totalDocuments } from './source.js';
import { beginState, endState, markDone, readState, STATE_COLLECTION, type TransferState } from './transfer-state.js';

export interface TransferOptions {
  /** Deletes what the target's databases of the same names hold, an unfinished copy included. */
  readonly drop: boolean;
  readonly progress: Progress;
  /** Ends the work between two batches; it can be resumed. */
  readonly signal: AbortSignal;
}

export interface TransferReport {
  readonly collections: number;
  /** In the source when it was listed. */
  readonly documents: number;
  readonly isResumed: boolean;
  /** What is not as in the source, a sentence each; empty: equal. */
  readonly differences: readonly string[];
  /** What the target cannot have, a sentence each. */
  readonly notes: readonly string[];
}

/** Errors: ConfigurationError where the target holds data, or a document or an index is refused. */
export async function transfer(source: Source, target: OpenDatabase, options: TransferOptions): Promise<TransferReport> {
  const { progress } = options;
  const states = await prepareTarget(source, target, options.drop);
  try {
    progress.begin('copy', totalDocuments(source.collections));
    for (const collection of source.collections) {
      const db = target.client.db(collection.db);
      if (states.get(collection.db)?.done.has(collection.name)) progress.advance(collection.documents, namespaceOf(collection));
      else await copyCollection(source, collection, db, options);
    }
    const { differences, notes } = await finish(source, target, progress);
    if (differences.length === 0) for (const name of source.databases) await endState(target.client.db(name));
    const isResumed = [...states.values()].some((state) => state !== null);
    return { collections: source.collections.length, documents: totalDocuments(source.collections), isResumed, differences, notes };
  } finally {
    progress.end();
  }
}

/** Checks all databases before it touches one. Gives what earlier runs left; null: nothing. */
async function prepareTarget(source: Source, target: OpenDatabase, drop: boolean): Promise<ReadonlyMap<string, TransferState | null>> {
  const states = new Map<string, TransferState | null>();
  for (const name of source.databases) {
    const db = target.client.db(name);
    const state = drop ? null : await readState(db);
    if (state !== null && state.source !== source.identity) {
      throw new ConfigurationError(
        `The database ${name} of ${target.label} is an unfinished copy of ${state.label}: finish that by its own command, or add --drop to delete it.`,
      );
    }
    const found = drop || state !== null ? [] : await collectionNames(db);
    if (found.length > 0) {
      throw new ConfigurationError(
        `The database ${name} of ${target.label} is not empty (${found.length} collections, such as ${found[0]}): choose another target, or add --drop to delete them.`,
      );
    }
    states.set(name, state);
  }
  for (const [name, state] of states) {
    if (drop) await target.client.db(name).dropDatabase();
    if (state === null) await beginState(target.client.db(name), source);
  }
  return states;
}

async function copyCollection(source: Source, collection: CollectionInfo, db: Db, { progress, signal }: TransferOptions): Promise<void> {
  const namespace = namespaceOf(collection);
  const resume = await createOrResume(collection, db);
  if (resume) progress.advance(resume.count, namespace);
  let inserting: Promise<void> = Promise.resolve(); // one batch is written while the next is read
  for await (const batch of source.documents(collection, resume)) {
    await inserting;
    signal.throwIfAborted();
    inserting = insertBatch(db, collection, batch).then(() => progress.advance(batch.length, namespace));
    inserting.catch(() => undefined); // the next `await inserting` throws it
  }
  await inserting;
  await markDone(db, collection.name);
}

/** Makes the collection; where it is there already, tells how far an earlier run came. */
async function createOrResume({ db: database, name, options }: CollectionInfo, db: Db): Promise<ResumePoint | undefined> {
  if (!(await collectionNames(db)).includes(name)) {
    await db.command({ create: name, ...Object.fromEntries(options) }).catch((cause: unknown) => {
      throw new ConfigurationError(`${database}.${name} cannot be made: ${messageOf(cause)}`, { cause });
    });
    return undefined;
  }
  const [last] = (await db
    .collection(name)
    .find({}, { raw: true, projection: { _id: 1 }, sort: { _id: -1 }, limit: 1 })
    .toArray()) as unknown[];
  if (last === undefined) return undefined;
  return { count: await db.collection(name).countDocuments(), last: decodeExact(last as Uint8Array) };
}

async function insertBatch(db: Db, collection: CollectionInfo, batch: readonly Uint8Array[]): Promise<void> {
  try {
    await insertRaw(db, collection.name, batch);
  } catch (cause) {
    if (cause instanceof InsertRefused && cause.code === 11000) {
      throw new ConfigurationError(
        `A document of ${namespaceOf(collection)} is in the target already: stop what else writes there, then run the same command again.`,
        { cause },
      );
    }
    throw new ConfigurationError(
      `Documents of ${namespaceOf(collection)} were refused: ${messageOf(cause)}. Run the same command again to go on.`,
      {
        cause,
      },
    );
  }
}

/** Compares the documents, then builds the indexes and compares those. */
async function finish(source: Source, target: OpenDatabase, progress: Progress): Promise<Pick<TransferReport, 'differences' | 'notes'>> {
  const copied = await readDatabase(target, source.databases, STATE_COLLECTION);
  progress.begin('verify', totalDocuments(source.collections) + totalDocuments(copied.collections));
  const differences = await compareDocuments(source, copied, (documents, where) => progress.advance(documents, where));
  progress.end();
  const notes = await buildIndexes(source.collections, target);
  const indexed = await readDatabase(target, source.databases, STATE_COLLECTION);
  return { differences: [...differences, ...compareIndexes(source.collections, indexed.collections)], notes };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
