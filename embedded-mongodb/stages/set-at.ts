// Sets one value at a path of documents, as stages do with their results ($unwind's index, $lookup's list).
import { type Doc, isDoc, type Value } from '../bson/index.js';
import { withSlots } from '../slots.js';

/** A copy of the document with the value at the path (`undefined` removes it); what is not a document on the way is replaced by one. */
export function setAt(doc: Doc, parts: readonly string[], value: Value | undefined): Doc {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return withSlots(doc, [[first, value]]);
  const child = doc.get(first);
  return withSlots(doc, [[first, setAt(isDoc(child) ? child : new Map<string, Value>(), rest, value)]]);
}
