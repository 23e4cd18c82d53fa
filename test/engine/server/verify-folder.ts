// Opens a data folder that no server holds and compares every collection with its indexes.
import { verifyCollection, type Verified } from '../../../embedded-mongodb/indexes/verify.js';
import { Engine } from '../../../embedded-mongodb/server/engine.js';
import { runWhole } from '../../../embedded-mongodb/server/task.js';

export interface VerifiedFolder {
  /** By namespace. */
  readonly collections: ReadonlyMap<string, Verified>;
  /** Everything that does not agree, with the place where. */
  readonly errors: readonly string[];
}

export async function verifyFolder(path: string): Promise<VerifiedFolder> {
  const engine = new Engine({ path });
  try {
    const collections = new Map(
      engine.catalog.all().map((collection) => [collection.ns, runWhole(verifyCollection(engine.storage, collection))] as const),
    );
    const errors = [...collections].flatMap(([ns, verified]) => [
      ...verified.errors.map((error) => `${ns}: ${error}`),
      ...verified.indexes.flatMap((index) => index.errors.map((error) => `${ns} ${index.name}: ${error}`)),
    ]);
    return { collections, errors };
  } finally {
    await engine.close();
  }
}
