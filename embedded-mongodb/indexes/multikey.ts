// Where the documents of an index have arrays. Such an index has several keys for one document, which limits what its bounds may combine
// and which sorts it gives; a path without arrays is as good in it as in any other index.
import { type Doc, isArray, isDoc, isIndex, type Value } from '../bson/index.js';
import type { Index } from './index-spec.js';

/** Remembers the paths at which `doc` has arrays; true when one of them is new to the index. */
export function noteArrays(index: Index, doc: Doc): boolean {
  const found = index.paths.flatMap((path) =>
    prefixesOf(path).filter((prefix) => !index.arrayPaths.has(prefix) && hasArrayAt(doc, prefix)),
  );
  if (found.length === 0) return false;
  index.arrayPaths = new Set([...index.arrayPaths, ...found]);
  index.multikey = true;
  return true;
}

/** `a`, `a.b` and `a.b.c` of `a.b.c`. */
export function prefixesOf(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_, length) => parts.slice(0, length + 1).join('.'));
}

function hasArrayAt(doc: Doc, path: string): boolean {
  let values: Value[] = [doc];
  for (const part of path.split('.')) values = values.flatMap((value) => stepInto(value, part));
  return values.some(isArray);
}

/** What `part` may mean in a value: a field, a field of each element, or an element. */
function stepInto(value: Value, part: string): Value[] {
  const fields = (isArray(value) ? value : [value]).flatMap((item) => (isDoc(item) ? [item.get(part)] : []));
  if (isArray(value) && isIndex(part)) fields.push(value[Number(part)]);
  return fields.filter((field) => field !== undefined);
}
