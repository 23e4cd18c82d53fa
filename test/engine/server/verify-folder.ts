// Opens a data folder that no server holds and compares every collection with its indexes.
import { verifyCollection, type Verified } from '../../../embedded-mongodb/indexes/verify.js';
import { Engine } from '../../../embedded-mongodb/server/engine.js';
import { runWhole } from '../../../embedded-mongodb/server/task.js';
import { TABLE_BYTES, tableRange } from '../../../embedded-mongodb/store/store.js';

export interface VerifiedFolder {
  /** By namespace. */
  readonly collections: ReadonlyMap<string, Verified>;
  /** Everything that does not agree, with the place where. */
  readonly errors: readonly string[];
}

export async function verifyFolder(path: string): Promise<VerifiedFolder> {
  const engine = new Engine({ path });
  try {
    return verifyEngine(engine);
  } finally {
    await engine.close();
  }
}

/** Empties dropped tables first, so that what is left must belong to a collection. */
export function verifyEngine(engine: Engine): VerifiedFolder {
  while (engine.catalog.hasDropped()) engine.transaction(() => engine.catalog.sweepDropped(10_000));
  const collections = new Map(
    engine.catalog.all().map((collection) => [collection.ns, runWhole(verifyCollection(engine.storage, collection))] as const),
  );
  const errors = [...collections].flatMap(([ns, verified]) => [
    ...verified.errors.map((error) => `${ns}: ${error}`),
    ...verified.indexes.flatMap((index) => index.errors.map((error) => `${ns} ${index.name}: ${error}`)),
  ]);
  return { collections, errors: [...errors, ...strayTables(engine).map((table) => `table ${table} belongs to nothing`)] };
}

/** Tables with entries that neither the catalog (table 0) nor a collection has. */
function strayTables(engine: Engine): number[] {
  const known = new Set(
    engine.catalog.all().flatMap((collection) => [collection.table, ...collection.indexes.map((index) => index.table)]),
  );
  const stray: number[] = [];
  let range = { start: tableRange(1).start, end: Buffer.alloc(TABLE_BYTES, 0xff) };
  for (let entry = engine.storage.first(range); entry; entry = engine.storage.first(range)) {
    const table = entry.key.readUInt32BE(0);
    if (!known.has(table)) stray.push(table);
    range = { ...range, start: tableRange(table).end };
  }
  return stray;
}
