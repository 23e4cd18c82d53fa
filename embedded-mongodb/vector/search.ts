// `$vectorSearch`: from the stage to the documents found, best first, each marked with its score. Only what was found is read from the store.
import { decode, type Doc, isDoc, isNumber, rawGet, type Value } from '../bson/index.js';
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

/** The documents of a pipeline's `$vectorSearch`; of those, `next`, the stage behind it, decides how much is read. An index that does not exist finds nothing, as on Atlas. */
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
  const read = onlyIdAndScore(next) ? idOf : decode;
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

/** True for a projection on nothing but `_id` and the score, for which the documents need not be decoded. */
function onlyIdAndScore(next: Doc | undefined): boolean {
  const projection = next?.size === 1 ? next.get('$project') : undefined;
  if (!isDoc(projection)) return false;
  const others = [...projection].filter(([name, value]) => name !== '_id' || !(value === true || isNumber(value)));
  return others.length > 0 && others.every(([, value]) => isDoc(value) && value.size === 1 && value.has('$meta'));
}

function idOf(raw: Buffer): Doc {
  const id = rawGet(raw, '_id');
  return new Map(id === undefined ? [] : [['_id', id]]);
}
