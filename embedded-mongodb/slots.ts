// The places of fields that a pipeline computed to nothing or took away. To MongoDB such a field of a document that a stage built is still there,
// without a value: a later stage that sets it finds its place. A document as it was stored has no such places. Invisible like a score (score.ts).
import { type Doc, type Value } from './bson/index.js';

/** A field, or the place of one without a value. */
export type Slot = readonly [name: string, value: Value | undefined];

/** The names of all fields of a document in order, with those that have no value. */
const SLOTS = new WeakMap<Doc, readonly string[]>();
const BUILT = new WeakSet<Doc>();

/** Whether a stage built the document field by field. */
export function isBuilt(doc: Doc): boolean {
  return BUILT.has(doc);
}

/** All fields of a document in order, with those that have no value. */
export function slotsOf(doc: Doc): Slot[] {
  const known = SLOTS.get(doc);
  return known ? known.map((name) => [name, doc.get(name)]) : [...doc];
}

/** A document of these fields. */
export function fromSlots(slots: readonly Slot[]): Doc {
  const result: Doc = new Map();
  for (const [name, value] of slots) if (value !== undefined) result.set(name, value);
  if (result.size < slots.length)
    SLOTS.set(
      result,
      slots.map(([name]) => name),
    );
  BUILT.add(result);
  return result;
}

/** The document after fields were set, those with `undefined` removed; `before` is the document it was made from. */
export function withSlots(before: Doc, changes: readonly Slot[]): Doc {
  if (changes.length === 0) return before;
  if (!SLOTS.has(before) && changes.every(([, value]) => value !== undefined)) {
    const result: Doc = new Map([...before, ...(changes as [string, Value][])]);
    BUILT.add(result);
    return result;
  }
  return fromSlots([...new Map<string, Value | undefined>([...slotsOf(before), ...changes])]);
}
