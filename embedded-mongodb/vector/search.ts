// `$vectorSearch`: from the stage to the documents found, best first, each marked with its score. Only what was found is read from the store.
import { decode, type Doc, fieldReader, Int32, isDoc, isNumber, type Value } from '../bson/index.js';
import type { Collection } from '../catalog.js';
import { setScore } from '../language.js';
import type { Deadline } from '../planner/scan.js';
import type { Engine } from '../server/engine.js';
import type { Task } from '../server/task.js';
import type { Scored } from './best-rows.js';
import { loadVectors, vectorIndexOf } from './load.js';
import { nearest } from './nearest.js';
import { searchError } from './search-error.js';
import { fieldFor, parseStage, type SearchStage } from './stage.js';

/**
 * The documents of a pipeline's `$vectorSearch`, of which `next`, the stage behind it, decides how much is read. An index that does not exist finds
 * nothing, as on Atlas.
 */
export function* vectorSearch(
  engine: Engine,
  collection: Collection | undefined,
  operand: Value,
  next: Doc | undefined,
  deadline: Deadline,
): Task<Doc[]> {
  const stage = parseStage(operand);
  if (!collection) return [];
  const found = yield* searchIndex(engine, collection, stage, deadline);
  const read = readerFor(next);
  return found.flatMap(({ record, score }) => {
    const raw = engine.records.read(collection, record);
    return raw ? [setScore(read(raw), score)] : [];
  });
}

function* searchIndex(engine: Engine, collection: Collection, stage: SearchStage, deadline: Deadline): Task<Scored[]> {
  for (;;) {
    const index = collection.searchIndexes.find(({ name }) => name === stage.index);
    if (!index) return [];
    const field = fieldFor(stage, index);
    const vectors = vectorIndexOf(collection, index, field);
    yield* loadVectors(engine, collection, vectors);
    if (vectors.failure !== undefined) throw searchError(`index ${index.name} cannot be used: ${vectors.failure}`);
    const found = yield* nearest(vectors, { ...stage, deadline });
    // Dropped, redefined or undone by a failed transaction while the search was paused: once more.
    const current = collection.searchIndexes.includes(index) && vectorIndexOf(collection, index, field) === vectors;
    if (current && vectors.failure === undefined) return found;
  }
}

/** Reads as much of a document as the next stage can see: a projection on plain fields and the score needs no vector decoded. */
function readerFor(next: Doc | undefined): (raw: Buffer) => Doc {
  const projection = next?.size === 1 ? next.get('$project') : undefined;
  if (!isDoc(projection)) return decode;
  const { _id: id = true, ...fields } = Object.fromEntries(projection);
  const shown = Object.entries(fields);
  const simple = isFlag(id) && shown.length > 0 && shown.every(([, value]) => isOn(value) || isScore(value));
  return simple ? fieldReader(new Set(['_id', ...shown.map(([name]) => name.split('.')[0] as string)])) : decode;
}

function isFlag(value: Value): boolean {
  return typeof value === 'boolean' || isNumber(value);
}

function isOn(value: Value): boolean {
  return value === true || value === 1 || (value instanceof Int32 && value.value === 1);
}

function isScore(value: Value): boolean {
  return isDoc(value) && value.size === 1 && value.has('$meta');
}
