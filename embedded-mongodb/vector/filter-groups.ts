// The filter fields of the documents in a vector index. Documents with equal fields form a group, and a filter looks at each group once: a tenant or
// a language costs a search almost nothing, however many documents have it.
import { Binary, Decimal128, directValue, type Doc, encode, isArray, isDoc, isNumber, ObjectId, type Value } from '../bson/index.js';
import type { Filter } from '../match/index.js';

const NO_GROUP = -1;

interface Group {
  readonly key: string;
  readonly fields: Doc;
  rows: number;
}

/** Whether a row's document matches a filter. */
export type GroupFilter = (row: number) => boolean;

export class FilterGroups {
  private readonly paths: readonly (readonly string[])[];
  private readonly groups: (Group | undefined)[] = [];
  private readonly freed: number[] = [];
  private readonly byKey = new Map<string, number>();
  private groupOf = new Int32Array(0).fill(NO_GROUP);

  constructor(paths: Iterable<string>) {
    this.paths = [...paths].map((path) => path.split('.'));
  }

  /** Notes the fields of a row's document in place of earlier ones. */
  write(row: number, doc: Doc): void {
    if (this.paths.length === 0) return;
    this.erase(row);
    const fields = filterFields(doc, this.paths);
    const key = encode(fields).toString('latin1');
    const group = this.byKey.get(key) ?? this.addGroup(key, fields);
    (this.groups[group] as Group).rows += 1;
    if (row >= this.groupOf.length) this.grow(row);
    this.groupOf[row] = group;
  }

  erase(row: number): void {
    const id = this.groupOf[row] ?? NO_GROUP;
    const group = this.groups[id];
    if (!group) return;
    this.groupOf[row] = NO_GROUP;
    group.rows -= 1;
    if (group.rows > 0) return;
    this.byKey.delete(group.key);
    this.groups[id] = undefined;
    this.freed.push(id);
  }

  /** A filter over the rows, which looks at a group when its first row is asked for. */
  filter(filter: Filter): GroupFilter {
    const known = new Map<Group, boolean>();
    return (row) => {
      const group = this.groups[this.groupOf[row] ?? NO_GROUP];
      if (!group) return false;
      let matches = known.get(group);
      if (matches === undefined) known.set(group, (matches = filter.matches(group.fields)));
      return matches;
    };
  }

  private addGroup(key: string, fields: Doc): number {
    const id = this.freed.pop() ?? this.groups.length;
    this.groups[id] = { key, fields, rows: 0 };
    this.byKey.set(key, id);
    return id;
  }

  private grow(row: number): void {
    const longer = new Int32Array(row * 2 + 1).fill(NO_GROUP);
    longer.set(this.groupOf);
    this.groupOf = longer;
  }
}

/** A document of only the fields at these paths, as far as a vector index takes them in. */
function filterFields(doc: Doc, paths: readonly (readonly string[])[]): Doc {
  const fields: Doc = new Map();
  for (const path of paths) {
    const value = indexedPart(directValue(doc, path));
    if (value !== undefined) setAt(fields, path, value);
  }
  return fields;
}

/** Atlas indexes these types and arrays of them, and nothing inside arrays of documents (docs: About the filter Type). */
function indexedPart(value: Value | undefined): Value | undefined {
  if (isArray(value)) return value.filter((item) => isFilterValue(item));
  return value !== undefined && isFilterValue(value) ? value : undefined;
}

/** Whether a filter can compare a value: boolean, date, ObjectId, number but for Decimal128, string, UUID, null. */
export function isFilterValue(value: Value): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (value instanceof Date || value instanceof ObjectId) return true;
  if (value instanceof Binary) return value.sub_type === Binary.SUBTYPE_UUID;
  return isNumber(value) && !(value instanceof Decimal128);
}

function setAt(fields: Doc, path: readonly string[], value: Value): void {
  let at = fields;
  for (const part of path.slice(0, -1)) {
    const inner = at.get(part);
    if (isDoc(inner)) at = inner;
    else at.set(part, (at = new Map<string, Value>()));
  }
  at.set(path.at(-1) as string, value);
}
