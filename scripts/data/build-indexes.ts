/** Builds the indexes of copied collections. Building one that is there already does nothing, so this may be run again. */
import type { Db } from 'mongodb';
import { asError, ConfigurationError } from '../../src/domain/errors.js';
import { isWithoutSearch, searchIndexes } from './database-source.js';
import { type ExactDocument, indexName } from './exact-bson.js';
import type { OpenDatabase } from './open-database.js';
import { type CollectionInfo, namespaceOf } from './source.js';

/** Gives a sentence for each search index that the target cannot have. Error: ConfigurationError where an index cannot be built. */
export async function buildIndexes(collections: readonly CollectionInfo[], target: OpenDatabase): Promise<string[]> {
  const notes: string[] = [];
  for (const collection of collections) {
    const db = target.client.db(collection.db);
    const indexes = collection.indexes.filter((spec) => indexName(spec) !== '_id_').map((spec) => withCollation(spec, collection));
    if (indexes.length > 0) await build(db, collection, indexes);
    notes.push(...(await buildSearchIndexes(db, collection)));
  }
  return notes;
}

/** Listed without a collation an index has none; created without one it takes over that of its collection. */
function withCollation(spec: ExactDocument, { options }: CollectionInfo): ExactDocument {
  if (spec.has('collation') || !options.has('collation')) return spec;
  return new Map([...spec, ['collation', new Map([['locale', 'simple']])]]);
}

async function build(db: Db, collection: CollectionInfo, indexes: readonly ExactDocument[]): Promise<void> {
  try {
    await db.command({ createIndexes: collection.name, indexes });
  } catch (cause) {
    throw new ConfigurationError(
      `The indexes of ${namespaceOf(collection)} cannot be built (${asError(cause).message}): change or drop that index in the source, then run the same command again, without --drop.`,
      { cause },
    );
  }
}

async function buildSearchIndexes(db: Db, { db: database, name, searchIndexes: wanted }: CollectionInfo): Promise<string[]> {
  if (wanted === null || wanted.length === 0) return [];
  const there = await searchIndexes(db, name);
  const without = (): string[] =>
    wanted.map((spec) => `${database}.${name}: the target has no vector search, the index ${indexName(spec)} was left out`);
  if (there === null) return without();
  const missing = wanted.filter((spec) => !there.some((other) => indexName(other) === indexName(spec)));
  if (missing.length === 0) return [];
  try {
    await db.command({ createSearchIndexes: name, indexes: missing });
    return [];
  } catch (thrown) {
    if (isWithoutSearch(thrown)) return without();
    throw thrown;
  }
}
