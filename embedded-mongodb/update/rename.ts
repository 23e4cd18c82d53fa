// `$rename`: moves a value between two paths of documents; what it does depends on the document, so its two ends join the tree per document.
import { identical } from '../bson/identical.js';
import { type Doc, isArray, isDoc, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { arrayIdentifier, type Leaf, type ObjectNode, updatePath } from './tree.js';

export interface Rename {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** The destination of `{ from: 'to' }`. Errors: BadValue as MongoDB, EmptyFieldName. */
export function renameTarget(fromPath: string, operand: Value): string[] {
  if (typeof operand !== 'string') throw new MongoError('BadValue', `The 'to' field for $rename must be a string: ${fromPath}`);
  const to = updatePath(operand);
  if (operand.includes('\0')) throw new MongoError(9867600, "Field name can't contain null bytes");
  if (fromPath === operand) throw new MongoError('BadValue', `The source and target field for $rename must differ: ${fromPath}`);
  if (`${operand}.`.startsWith(`${fromPath}.`) || `${fromPath}.`.startsWith(`${operand}.`)) {
    throw new MongoError('BadValue', `The source and target field for $rename must not be on the same path: ${fromPath}: "${operand}"`);
  }
  for (const [which, parts] of [
    ['source', fromPath.split('.')],
    ['destination', to],
  ] as const) {
    if (parts.some((part) => part === '$' || arrayIdentifier(part) !== undefined)) {
      throw new MongoError('BadValue', `The ${which} field for $rename may not be dynamic: ${parts.join('.')}`);
    }
  }
  return to;
}

/** Stands in the tree for the source of a rename, so that other operators conflict with it. */
export const RENAME_SOURCE: Leaf = { kind: 'leaf', lenient: () => true, apply: (current) => current };

/** Stands in the tree for the destination until the document is known. */
export const RENAME_TARGET: Leaf = { ...RENAME_SOURCE };

/** The tree for one document: the destinations get the values that are at the sources. */
export function placeRenames(tree: ObjectNode, renames: readonly Rename[], doc: Doc): ObjectNode {
  return renames.reduce((result, rename) => replaceLeaf(result, rename.to, targetLeaf(rename, doc)), tree);
}

/** The document without the sources that were there. */
export function dropSources(doc: Doc, renames: readonly Rename[]): Doc {
  return renames.reduce((result, { from }) => without(result, from), doc);
}

/** Faults of the source are found where the destination is reached, as in MongoDB; a source that is not there is nothing to do. */
function targetLeaf({ from, to }: Rename, doc: Doc): Leaf {
  const value = (): Value | undefined => {
    const found = sourceValue(doc, from);
    if (found !== undefined) refuseArrays(doc, to, 'destination');
    return found;
  };
  return {
    kind: 'leaf',
    lenient: () => value() === undefined,
    apply: (current) => {
      const moved = value();
      if (moved === undefined) return current;
      if (doc.has('_id') && (from[0] === '_id' || to[0] === '_id')) {
        throw new MongoError('ImmutableField', "Performing a $rename on the path '_id' would modify the immutable field '_id'");
      }
      return current !== undefined && identical(current, moved) ? current : moved;
    },
  };
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
    else if (isArray(value) && /^\d+$/.test(part)) value = value[Number(part)];
    else throw new MongoError('PathNotViable', `cannot use the part (${part} of ${parts.join('.')}) to traverse the element`);
  }
  if (value !== undefined) refuseArrays(doc, parts, 'source');
  return value;
}

function replaceLeaf(tree: ObjectNode, parts: readonly string[], leaf: Leaf): ObjectNode {
  const [first = '', ...rest] = parts;
  const child = tree.children.get(first);
  const next = rest.length === 0 ? leaf : child?.kind === 'object' ? replaceLeaf(child, rest, leaf) : undefined;
  return next ? { kind: 'object', children: new Map(tree.children).set(first, next) } : tree;
}

function without(doc: Doc, parts: readonly string[]): Doc {
  const [first = '', ...rest] = parts;
  const value = doc.get(first);
  if (value === undefined || (rest.length > 0 && !isDoc(value))) return doc;
  const result = new Map(doc);
  if (rest.length === 0) result.delete(first);
  else if (isDoc(value)) {
    const inner = without(value, rest);
    if (inner === value) return doc;
    result.set(first, inner);
  }
  return result;
}
