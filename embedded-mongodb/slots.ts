// The places of fields that a pipeline computed to nothing. To MongoDB such a field is still there, without a value, until another kind of stage
// builds the document anew: a later stage that sets it finds its place. Invisible like a score (score.ts).
import { type Doc, type Value } from './bson/index.js';

/** The names of all fields of a document in order, with those that have no value. */
const SLOTS = new WeakMap<Doc, readonly string[]>();

/** The document after fields were set, those with `undefined` removed; `before` is the document it was made from. */
export function withSlots(before: Doc, changes: readonly (readonly [name: string, value: Value | undefined])[]): Doc {
  const known = SLOTS.get(before);
  if (!known && changes.every(([, value]) => value !== undefined)) return new Map([...before, ...(changes as [string, Value][])]);
  const after = new Map<string, Value | undefined>((known ?? [...before.keys()]).map((name) => [name, before.get(name)]));
  for (const [name, value] of changes) after.set(name, value);
  const result: Doc = new Map();
  for (const [name, value] of after) if (value !== undefined) result.set(name, value);
  if (result.size < after.size) SLOTS.set(result, [...after.keys()]);
  return result;
}
