// Applies an update tree to one document. Nothing is changed in place: what an update does not touch is shared with the old document, and a
// document that did not change is returned itself.
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { type ArrayNode, type Leaf, merge, type Node, type ObjectNode, type UpdateContext } from './tree.js';

/** Whether an element matches the array filter of an identifier. */
export type ElementFilters = ReadonlyMap<string, (element: Value) => boolean>;

/** Most nulls an update may add to an array to reach an index. */
const MAX_BACKFILL = 1_500_000;

interface Run {
  readonly context: UpdateContext;
  readonly filters: ElementFilters;
  /** `_id` is there and must stay as it is. */
  readonly hasId: boolean;
}

/** The updated document, or the same one when nothing changed. Errors: PathNotViable, BadValue, DollarPrefixedFieldName and those of the operators. */
export function applyTree(tree: ObjectNode, doc: Doc, context: UpdateContext, filters: ElementFilters): Doc {
  return applyNode(tree, doc, { context, filters, hasId: doc.has('_id') }, []) as Doc;
}

function applyNode(node: Node, current: Value | undefined, run: Run, path: readonly string[]): Value | undefined {
  switch (node.kind) {
    case 'leaf':
      return applyLeaf(node, current, run, path);
    case 'object':
      return applyObject(node, current, run, path);
    case 'array':
      return applyArray(node, current, run, path);
  }
}

function applyLeaf(leaf: Leaf, current: Value | undefined, run: Run, path: readonly string[]): Value | undefined {
  const next = leaf.apply(current, run.context);
  const name = path.at(-1) ?? '';
  if (path[0] === '_id' && run.hasId && !Object.is(next, current)) {
    throw new MongoError('ImmutableField', `Performing an update on the path '${path.join('.')}' would modify the immutable field '_id'`);
  }
  if (path.length === 1 && name.startsWith('$') && !run.context.isInsert && next !== current) {
    throw new MongoError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${name}' in '${path.join('.')}' is not valid for storage.`,
    );
  }
  return next;
}

function applyObject(node: ObjectNode, current: Value | undefined, run: Run, path: readonly string[]): Value | undefined {
  const children = withPositional(node, run, path);
  if (isDoc(current)) return applyFields(children, current, run, path);
  if (isArray(current)) return applyElements(children, current, run, path);
  if (current === undefined) {
    const created = applyFields(children, new Map(), run, path);
    return created.size === 0 ? undefined : created;
  }
  for (const [name, child] of children) checkUnreachable(child, name, path, run.context);
  return current;
}

/** The children with `$` replaced by the index that the filter matched. */
function withPositional(node: ObjectNode, run: Run, path: readonly string[]): ReadonlyMap<string, Node> {
  const positional = node.children.get('$');
  if (!positional) return node.children;
  const index = run.context.positionalIndex;
  if (index === undefined || index < 0) {
    throw new MongoError('BadValue', 'The positional operator did not find the match needed from the query.');
  }
  const others = new Map(node.children);
  others.delete('$');
  const resolved: ObjectNode = { kind: 'object', children: new Map([[String(index), positional]]) };
  return merge({ kind: 'object', children: others }, resolved, [...path, String(index)]).children;
}

/** A path that leads through a scalar (or by name into an array): most operators refuse it, some have nothing to do, array updates miss their array. */
function checkUnreachable(node: Node, name: string, path: readonly string[], context: UpdateContext): void {
  if (node.kind === 'array') throw missingArray([...path, name]);
  if (node.kind === 'object') for (const [inner, child] of node.children) checkUnreachable(child, inner, [...path, name], context);
  else if (!node.lenient(context)) throw notViable(name, path);
}

function missingArray(path: readonly string[]): MongoError {
  return new MongoError('BadValue', `The path '${path.join('.')}' must exist in the document in order to apply array updates.`);
}

function notViable(name: string, path: readonly string[]): MongoError {
  return new MongoError('PathNotViable', `Cannot create field '${name}' in element {${path.at(-1) ?? ''}}`);
}

function applyFields(children: ReadonlyMap<string, Node>, doc: Doc, run: Run, path: readonly string[]): Doc {
  let result = doc;
  for (const [name, child] of children) {
    const old = doc.get(name);
    const next = applyNode(child, old, run, [...path, name]);
    if (Object.is(next, old)) continue;
    if (result === doc) result = new Map(doc);
    if (next === undefined) result.delete(name);
    else result.set(name, next);
  }
  return result;
}

function applyElements(children: ReadonlyMap<string, Node>, array: Value[], run: Run, path: readonly string[]): Value[] {
  let result = array;
  for (const [name, child] of children) {
    if (!/^\d+$/.test(name)) {
      checkUnreachable(child, name, path, run.context);
      continue;
    }
    const index = Number(name);
    const old = array[index];
    const next = applyNode(child, old, run, [...path, name]);
    if (Object.is(next, old)) continue;
    if (result === array) result = [...array];
    if (index - result.length > MAX_BACKFILL)
      throw new MongoError('BadValue', `can't backfill array to larger than ${MAX_BACKFILL} elements`);
    while (result.length < index) result.push(null);
    result[index] = next ?? null;
  }
  return result;
}

function applyArray(node: ArrayNode, current: Value | undefined, run: Run, path: readonly string[]): Value {
  const where = path.join('.');
  if (current === undefined) throw missingArray(path);
  if (!isArray(current)) throw new MongoError('BadValue', `Cannot apply array updates to non-array element ${where}`);
  let changed = false;
  const result = current.map((element, index) => {
    const matching = [...node.children].filter(([identifier]) => run.filters.get(identifier)?.(element) ?? identifier === '');
    const [first, ...rest] = matching.map(([, child]) => child);
    if (!first) return element;
    const merged = rest.reduce<Node>((all, child) => merge(all, child, path), first);
    const next = applyNode(merged, element, run, [...path, String(index)]) ?? null;
    changed ||= !Object.is(next, element);
    return next;
  });
  return changed ? result : current;
}
