// The tree of an update: all modified paths of a command merged, so that conflicts show at once and each document is walked once. Inner nodes
// stand for documents (or arrays by index) and for `$[…]` of arrays; leaves are operators.
import { compareStrings, isIndex, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';

/** What an operator may depend on besides the value it changes. */
export interface UpdateContext {
  /** The document is being inserted by an upsert. */
  readonly isInsert: boolean;
  /** The instant of the command. */
  readonly now: Date;
  /** Index of the array element the filter matched, for `$`. */
  readonly positionalIndex?: number | undefined;
}

/** An operator at the end of a path. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Whether a path that leads through a scalar is no error but nothing to do. */
  readonly lenient: (context: UpdateContext) => boolean;
  /** The new value; the very same value when nothing changes; `undefined` to remove the field, or not to create it. */
  readonly apply: (current: Value | undefined, context: UpdateContext) => Value | undefined;
}

export interface ObjectNode {
  readonly kind: 'object';
  /** By field name; `$` is the element that the filter matched. */
  readonly children: ReadonlyMap<string, Node>;
}

export interface ArrayNode {
  readonly kind: 'array';
  /** By identifier of an array filter; the empty one is `$[]`. */
  readonly children: ReadonlyMap<string, Node>;
}

export type Node = Leaf | ObjectNode | ArrayNode;

export const EMPTY_TREE: ObjectNode = { kind: 'object', children: new Map() };

/** The identifier of a `$[identifier]` component, '' for `$[]`; `undefined` for other components. */
export function arrayIdentifier(part: string): string | undefined {
  return /^\$\[(.*)\]$/s.exec(part)?.[1];
}

/** The components of an update path. Errors: EmptyFieldName, BadValue for misplaced positional components. */
export function updatePath(path: string): string[] {
  if (path === '') throw new MongoError('EmptyFieldName', 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new MongoError('EmptyFieldName', `The update path '${path}' contains an empty field name, which is not allowed.`);
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw new MongoError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`);
  }
  if (parts[0] === '$')
    throw new MongoError('BadValue', `Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
  return parts;
}

/** Told of each `$[identifier]` on the way of a path; refuses one that has no array filter. */
export type OnIdentifier = (identifier: string, path: string) => void;

/**
 * The tree with one more operator. The path is checked part by part from the left, as MongoDB does, so that the same one of several faults is told.
 * Errors: ConflictingUpdateOperators when a path is, or leads through, another one; BadValue for a path that begins with an identifier.
 */
export function withLeaf(tree: ObjectNode, parts: readonly string[], leaf: Leaf, onIdentifier: OnIdentifier = () => undefined): ObjectNode {
  const path = parts.join('.');
  const insert = <Inner extends ObjectNode | ArrayNode>(node: Inner, at: number): Inner => {
    const part = parts[at] ?? '';
    const identifier = arrayIdentifier(part);
    if (identifier !== undefined) {
      if (at === 0) throw identifierFirst(path);
      onIdentifier(identifier, path);
    }
    const name = identifier ?? part;
    const child = node.children.get(name);
    const last = at === parts.length - 1;
    const kind = arrayIdentifier(parts[at + 1] ?? '') === undefined ? 'object' : 'array';
    if (child && (last || child.kind !== kind)) throw conflict(path, parts.slice(0, at + 1).join('.'));
    const next = last ? leaf : insert(child ?? { kind, children: new Map() }, at + 1);
    return { ...node, children: inOrder(new Map(node.children).set(name, next)) };
  };
  return insert(tree, 0);
}

function identifierFirst(path: string): MongoError {
  return new MongoError('BadValue', `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`);
}

function conflict(path: string, at: string): MongoError {
  return new MongoError('ConflictingUpdateOperators', `Updating the path '${path}' would create a conflict at '${at}'`);
}

/** Both trees in one. */
export function merge(a: Node, b: Node, path: readonly string[]): ObjectNode | ArrayNode {
  if (a.kind === 'leaf' || b.kind === 'leaf' || a.kind !== b.kind) {
    throw conflict(path.join('.'), path.join('.'));
  }
  const children = new Map(a.children);
  for (const [name, child] of b.children) {
    const other = children.get(name);
    children.set(name, other ? merge(other, child, path) : child);
  }
  return { kind: a.kind, children: inOrder(children) };
}

function inOrder(children: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> {
  return new Map([...children].sort(([left], [right]) => compareNames(left, right)));
}

/** The order in which MongoDB applies (and so appends) fields: indexes by value, all others by text. */
function compareNames(a: string, b: string): number {
  return isIndex(a) && isIndex(b) ? Number(a) - Number(b) : compareStrings(a, b);
}
