// Filling vector indexes with the documents that are there already, a few at a time: after a start, and when an index is made. A search that comes
// before the end does the rest itself, so its answer is always whole.
import type { Collection } from '../catalog.js';
import { RECORD_BYTES, recordKey } from '../indexes/records.js';
import type { SearchIndex } from '../indexes/index-spec.js';
import type { Engine } from '../server/engine.js';
import type { Task } from '../server/task.js';
import { TABLE_BYTES, tableRange } from '../store/store.js';
import { type VectorField, vectorFields } from './search-index.js';
import { VectorIndex } from './vector-index.js';

/** Documents read between two chances to pause: about 1 ms with vectors of 384 numbers. */
const CHUNK = 96;

/** The vectors of a field, as far as they are loaded. */
export function vectorIndexOf(collection: Collection, index: SearchIndex, field: VectorField): VectorIndex {
  const key = `${index.id}.${field.path}`;
  const known = collection.vectors.get(key);
  if (known) return known;
  const vectors = new VectorIndex(field, index.definition);
  collection.vectors.set(key, vectors);
  return vectors;
}

/** Frees what a search index holds in memory, because it was dropped or changed. */
export function forgetVectors(collection: Collection, index: SearchIndex): void {
  for (const key of [...collection.vectors.keys()]) if (key.startsWith(`${index.id}.`)) collection.vectors.delete(key);
}

/** Loads what is not loaded yet. */
export function* loadVectors(engine: Engine, collection: Collection, vectors: VectorIndex): Task<void> {
  while (vectors.loadedTo !== undefined) {
    loadChunk(engine, collection, vectors, vectors.loadedTo);
    yield;
  }
}

/** Loads for about `budgetMs` indexes that are not whole yet; true when more is left. */
export function loadSomeVectors(engine: Engine, budgetMs: number): boolean {
  const end = performance.now() + budgetMs;
  for (const collection of engine.catalog.all()) {
    for (const index of collection.searchIndexes) {
      for (const field of vectorFields(index.definition)) {
        const vectors = vectorIndexOf(collection, index, field);
        while (vectors.loadedTo !== undefined) {
          if (performance.now() >= end) return true;
          loadChunk(engine, collection, vectors, vectors.loadedTo);
        }
      }
    }
  }
  return false;
}

function loadChunk(engine: Engine, collection: Collection, vectors: VectorIndex, loadedTo: number): void {
  const { end } = tableRange(collection.table);
  let read = 0;
  for (const { key, value } of engine.storage.scan({ start: recordKey(collection, loadedTo + 1), end })) {
    const record = key.readUIntBE(TABLE_BYTES, RECORD_BYTES);
    vectors.write(record, vectors.read(value));
    if (vectors.failure !== undefined) return;
    vectors.loadedTo = record;
    read += 1;
    if (read === CHUNK) return;
  }
  vectors.loadedTo = undefined;
}
