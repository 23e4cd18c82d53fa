// `$rename`: moves a value between two paths of documents; what it does depends on the document, so its two ends join the tree per document.
import { type Doc, isArray, isDoc, isIndex, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { set, unset } from './operators.js';
import { arrayIdentifier, type Node, type ObjectNode, updatePath, withLeaf } from './tree.js';

export interface Rename {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Checks `{ from: 'to' }`. Errors: BadValue as MongoDB. */
export function parseRename(fromPath: string, operand: Value): Rename {
  if (typeof operand !== 'string') throw new MongoError('BadValue', `The 'to' field for $rename must be a string: ${fromPath}`);
  const from = updatePath(fromPath);
  const to = updatePath(operand);
  if (fromPath === operand) throw new MongoError('BadValue', `The source and target field for $rename must differ: ${fromPath}`);
  if (`${operand}.`.startsWith(`${fromPath}.`) || `${fromPath}.`.startsWith(`${operand}.`)) {
    throw new MongoError('BadValue', `The source and target field for $rename must not be on the same path: ${fromPath}: "${operand}"`);
  }
  for (const [which, parts] of [
    ['source', from],
    ['destination', to],
  ] as const) {
    if (parts.some((part) => part === '$' || arrayIdentifier(part) !== undefined)) {
      throw new MongoError('BadValue', `The ${which} field for $rename may not be dynamic: ${parts.join('.')}`);
    }
  }
  return { from, to };
}

/** The tree for one document: sources that exist are removed and set at their destinations. */
export function applyRenames(tree: ObjectNode, renames: readonly Rename[], doc: Doc): ObjectNode {
  return renames.reduce((result, { from, to }) => {
    const bare = without(without(result, from), to);
    const value = sourceValue(doc, from);
    if (value === undefined) return bare;
    if (from[0] === '_id' || to[0] === '_id') {
      throw new MongoError('ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'");
    }
    refuseArrays(doc, to, 'destination');
    return withLeaf(withLeaf(bare, from, unset(null, from.join('.'))), to, set(value, to.join('.')));
  }, tree);
}

function refuseArrays(doc: Doc, parts: readonly string[], which: 'source' | 'destination'): void {
  let value: Value | undefined = doc;
  for (const part of parts) {
    if (isArray(value)) throw new MongoError('BadValue', `The ${which} field cannot be an array element, '${parts.join('.')}'`);
    value = isDoc(value) ? value.get(part) : undefined;
  }
}

/** The value to move, if there is one. It must not be in an array, and a scalar on its path is an error, not merely a missing source. */
function sourceValue(doc: Doc, parts: readonly string[]): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of parts) {
    if (value === undefined) return undefined;
    if (isDoc(value)) value = value.get(part);
    else if (isArray(value)) value = isIndex(part) ? value[Number(part)] : undefined;
    else throw new MongoError('PathNotViable', `cannot use the part (${part}) of (${parts.join('.')}) to traverse the element`);
  }
  if (value !== undefined) refuseArrays(doc, parts, 'source');
  return value;
}

/** The tree without the leaf at a path. */
function without(tree: ObjectNode, parts: readonly string[]): ObjectNode {
  const [first = '', ...rest] = parts;
  const children = new Map<string, Node>(tree.children);
  const child = children.get(first);
  if (rest.length === 0) children.delete(first);
  else if (child?.kind === 'object') children.set(first, without(child, rest));
  return { kind: 'object', children };
}
