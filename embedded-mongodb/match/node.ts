// The tree a filter is compiled to: each node answers whether a document matches and, for the positional `$` of updates and projections, at which
// index of an array it does.
import { type Doc, isArray, type LeafArrays, type Value, walkPath } from '../bson/index.js';
import { type Test } from './tests.js';

/** One condition of a compiled filter. */
export interface Node {
  readonly matches: (doc: Doc) => boolean;
  /** Index of the array element that made a matching document match; -1 when no array was crossed. */
  readonly position: (doc: Doc) => number;
  /** Place in the order in which MongoDB evaluates the members of an AND; the last one decides the position. */
  readonly rank: number;
  readonly path: string;
}

/** MongoDB's order of condition kinds inside an AND. */
export const RANKS = {
  and: 0,
  or: 1,
  elemMatchObject: 2,
  elemMatchValue: 3,
  size: 4,
  $eq: 5,
  $lte: 6,
  $lt: 7,
  $gt: 8,
  $gte: 9,
  regex: 10,
  mod: 11,
  exists: 12,
  in: 13,
  not: 14,
  nor: 15,
  type: 16,
  other: 17,
} as const;

/** A test of the values at a path. */
export function pathNode(path: string, test: Test, leaf: LeafArrays, rank: number): Node {
  const parts = path.split('.');
  const single = parts.length === 1;
  const matches = (doc: Doc): boolean => {
    if (!single) return walkPath(doc, parts, leaf, test);
    const value = doc.get(path);
    return isArray(value) && leaf === 'expand' ? value.some(test) || test(value) : test(value);
  };
  const position = (doc: Doc): number => {
    let found = -1;
    walkPath(doc, parts, leaf, (value: Value | undefined, index: number) => {
      if (!test(value)) return false;
      found = index;
      return true;
    });
    return found;
  };
  return { matches, position, rank, path };
}

export function andNode(nodes: readonly Node[]): Node {
  const [only] = nodes;
  if (only && nodes.length === 1) return only;
  const ordered = [...nodes].sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : Number(a.path > b.path)));
  return {
    matches: (doc) => nodes.every((node) => node.matches(doc)),
    position: (doc) => ordered.map((node) => node.position(doc)).findLast((index) => index >= 0) ?? -1,
    rank: RANKS.and,
    path: '',
  };
}

/** `$or`: never gives a position when it has a choice, as MongoDB. */
export function orNode(nodes: readonly Node[]): Node {
  const [only] = nodes;
  if (only && nodes.length === 1) return only;
  return { matches: (doc) => nodes.some((node) => node.matches(doc)), position: () => -1, rank: RANKS.or, path: '' };
}

export function norNode(nodes: readonly Node[]): Node {
  return { matches: (doc) => !nodes.some((node) => node.matches(doc)), position: () => -1, rank: RANKS.nor, path: '' };
}

export function notNode(node: Node): Node {
  return { matches: (doc) => !node.matches(doc), position: () => -1, rank: RANKS.not, path: node.path };
}

export function constantNode(result: boolean): Node {
  return { matches: () => result, position: () => -1, rank: RANKS.other, path: '' };
}
