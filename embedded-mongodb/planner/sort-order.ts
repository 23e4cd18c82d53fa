// Which way an index must be read so that its keys come in the order of a sort, if there is such a way.
import { type Doc, isNumber, type Value } from '../bson/index.js';
import type { Index } from '../indexes/index-spec.js';
import type { FieldBounds } from './bounds.js';
import { arraysOn } from './index-bounds.js';

/** 1 forwards, -1 backwards, 0 neither. */
export type Direction = 1 | -1 | 0;

/** `fixed` are paths with one value in all that is scanned: they may stand anywhere in the sort and be passed over in the index. */
export function sortDirection(
  index: Index,
  sort: Doc,
  fields: readonly (FieldBounds | undefined)[],
  fixed: ReadonlySet<string>,
): Direction {
  if (index.longKeys || index.collation) return 0;
  const wanted = [...sort].filter(([path]) => !fixed.has(path));
  if (wanted.some(([path, order]) => !isNumber(order) || losesKeys(index, path, fields))) return 0;
  let direction: Direction = 0;
  let next = 0;
  for (const field of index.fields) {
    const want = wanted[next];
    if (!want) break;
    if (field.path !== want[0]) {
      if (fixed.has(field.path)) continue;
      return 0;
    }
    const step = isDescending(want[1]) === field.descending ? 1 : -1;
    if (direction !== 0 && step !== direction) return 0;
    direction = step;
    next += 1;
  }
  return next < wanted.length ? 0 : direction || 1;
}

/** A document sorts by the first of its keys; bounds on the same array may leave that one out. */
function losesKeys(index: Index, path: string, fields: readonly (FieldBounds | undefined)[]): boolean {
  const arrays = arraysOn(index, path);
  return index.paths.some((other, position) => fields[position] !== undefined && arraysOn(index, other).some((at) => arrays.includes(at)));
}

function isDescending(order: Value): boolean {
  return Number(order) < 0;
}

/** Paths that the bounds hold to one value; with `severalToo` also to a few, for a scan of each of them by itself. */
export function fixedPaths(index: Index, fields: readonly (FieldBounds | undefined)[], severalToo = false): Set<string> {
  const isFixed = ({ ranges }: FieldBounds): boolean => ranges.every((range) => range.point) && (severalToo || ranges.length === 1);
  return new Set(
    index.paths.filter((path, position) => {
      const bounds = fields[position];
      return bounds !== undefined && isFixed(bounds) && arraysOn(index, path).length === 0;
    }),
  );
}
