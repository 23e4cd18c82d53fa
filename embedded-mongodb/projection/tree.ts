// Inclusion, exclusion and computed fields as a tree of paths, applied to documents. Shared by find's projections, $project, $addFields and $unset.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type Expr } from '../expressions/types.js';
import { fromSlots, isBuilt, type Slot, slotsOf, withSlots } from '../slots.js';

/** What happens to one field: named by the mode of the projection, kept in either mode, computed, or looked into. */
export type Field = { readonly kind: 'listed' | 'kept' } | { readonly kind: 'computed'; readonly expr: Expr } | ProjectionNode;

/** The fields of one document of the tree. Filled while the specification is read, not changed afterwards. */
export interface ProjectionNode {
  readonly kind: 'node';
  readonly fields: Map<string, Field>;
  /** Whether a computed field is in this node or below. */
  computes: boolean;
}

export function projectionNode(): ProjectionNode {
  return { kind: 'node', fields: new Map(), computes: false };
}

/** Adds a field at a path. Errors: 31249 and 31250 (or the given code) when one path is, or leads through, another. */
export function addField(root: ProjectionNode, parts: readonly string[], field: Field, collision?: number): void {
  let node = root;
  const computed = field.kind === 'computed';
  parts.forEach((part, index) => {
    node.computes ||= computed;
    const existing = node.fields.get(part);
    if (index === parts.length - 1) {
      if (existing?.kind === 'node' && field.kind === 'node') return; // more of its fields
      if (existing) throw new MongoError(collision ?? 31250, `Path collision at ${parts.join('.')}`);
      node.fields.set(part, field);
      return;
    }
    if (existing && existing.kind !== 'node')
      throw new MongoError(
        collision ?? 31249,
        `Path collision at ${parts.join('.')} remaining portion ${parts.slice(index + 1).join('.')}`,
      );
    const next = existing ?? projectionNode();
    node.fields.set(part, next);
    node = next;
  });
}

/** Keeps the listed fields in the order of the document, then adds the computed ones in the order of the specification. */
export function include(node: ProjectionNode, doc: Doc, root: Doc): Doc {
  const listed = includeListed(node, doc, node.computes || isBuilt(doc));
  return node.computes ? compute(node, listed, root) : listed;
}

/** With `places`, fields that lead to nothing keep their place (slots.ts). */
function includeListed(node: ProjectionNode, doc: Doc, places: boolean): Doc {
  const slots: Slot[] = [];
  const result: Doc = new Map();
  for (const [name, value] of doc) {
    const field = node.fields.get(name);
    if (!field || field.kind === 'computed') continue;
    const kept = field.kind === 'node' ? includeValue(field, value, places) : value;
    if (places) slots.push([name, kept]);
    else if (kept !== undefined) result.set(name, kept);
  }
  return places ? fromSlots(slots) : result;
}

function includeValue(node: ProjectionNode, value: Value, places: boolean): Value | undefined {
  if (isDoc(value)) return includeListed(node, value, places);
  if (!isArray(value)) return undefined;
  // Where fields are computed, what is left out here makes room for a document with them.
  const items = value.map((item) => includeValue(node, item, places) ?? (node.computes ? null : undefined));
  return items.filter((item) => item !== undefined);
}

/** Drops the listed fields; of a document that a stage built, they keep their place (slots.ts). */
export function exclude(node: ProjectionNode, doc: Doc): Doc {
  return isBuilt(doc) ? excludeSlots(node, doc) : excludeListed(node, doc);
}

function excludeListed(node: ProjectionNode, doc: Doc): Doc {
  const result: Doc = new Map();
  for (const [name, value] of doc) {
    const field = node.fields.get(name);
    const kept = field ? excludedTo(field, value, doc, excludeListed) : value;
    if (kept !== undefined) result.set(name, kept);
  }
  return result;
}

function excludeSlots(node: ProjectionNode, doc: Doc): Doc {
  return fromSlots(
    slotsOf(doc).map(([name, value]): Slot => {
      const field = node.fields.get(name);
      return [name, field && value !== undefined ? excludedTo(field, value, doc, excludeSlots) : value];
    }),
  );
}

type Exclude = (node: ProjectionNode, doc: Doc) => Doc;

/** What an exclusion makes of the value of a field that it names. */
function excludedTo(field: Field, value: Value, doc: Doc, excludeFrom: Exclude): Value | undefined {
  switch (field.kind) {
    case 'listed':
      return undefined;
    case 'kept':
      return value;
    case 'computed':
      return field.expr.run(doc);
    case 'node':
      return excludeValue(field, value, excludeFrom);
  }
}

function excludeValue(node: ProjectionNode, value: Value, excludeFrom: Exclude): Value {
  if (isDoc(value)) return excludeFrom(node, value);
  return isArray(value) ? value.map((item) => excludeValue(node, item, excludeFrom)) : value;
}

/** The document with the computed fields set; `root` is what the expressions see. Every field on the way gets its place, also one that is not there. */
export function compute(node: ProjectionNode, doc: Doc, root: Doc): Doc {
  const changes: Slot[] = [];
  for (const [name, field] of node.fields) {
    if (field.kind === 'computed') changes.push([name, field.expr.run(root)]);
    else if (field.kind === 'node') changes.push([name, computeValue(field, doc.get(name), root)]);
  }
  return withSlots(doc, changes);
}

/** Computed fields below a path: into documents, into each element of an array, and in place of anything else. */
function computeValue(node: ProjectionNode, value: Value | undefined, root: Doc): Value | undefined {
  if (isArray(value)) return value.map((item) => computeValue(node, item, root) ?? null);
  if (isDoc(value)) return compute(node, value, root);
  return node.computes ? compute(node, new Map<string, Value>(), root) : value;
}
