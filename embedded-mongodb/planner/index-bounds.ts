// What the conditions of a query mean for one index: the ranges of its fields, and which stretches of its keys hold every match. Where
// documents have arrays, two conditions may be met by different elements, that is by different keys; then only one of them may bound.
import type { Index } from '../indexes/index-spec.js';
import { sameCollation, type Collation } from '../indexes/collation.js';
import { successor } from '../keys.js';
import { boundsOf, descendingRanges, intersect, type FieldBounds, type FieldRange, type Strings } from './bounds.js';
import { type Predicate, type Predicates, type Scope } from './predicates.js';

/** A half-open stretch of index keys, without the table number. */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

export interface IndexBounds {
  /** For each field of the index; absent where nothing bounds it. */
  readonly fields: readonly (FieldBounds | undefined)[];
  /** In key order, not overlapping; one whole stretch when `used` is 0. */
  readonly ranges: readonly KeyRange[];
  /** Leading fields that limit the ranges, the last of them perhaps by a range. */
  readonly used: number;
  /** Of these, the leading ones that are points. */
  readonly points: number;
  /** The ranges hold the matching documents and no others. */
  readonly exact: boolean;
}

/** Most combinations of points that are scanned one by one. */
const MAX_RANGES = 1000;

export function indexBounds(index: Index, predicates: Predicates, collation: Collation | undefined): IndexBounds {
  const strings: Strings = sameCollation(index.collation, collation) ? (index.collation ?? 'binary') : 'different';
  const chosen: Predicate[] = [];
  const fields = index.paths.map((path) => {
    let result: FieldBounds | undefined;
    for (const predicate of pointsFirst(predicates.list.filter((candidate) => candidate.path === path))) {
      const bounds = boundsOf(predicate, strings);
      if (!bounds || !chosen.every((other) => meetInOneKey(index, other, predicate))) continue;
      chosen.push(predicate);
      result = result ? intersect(result, bounds) : bounds;
    }
    return result;
  });
  const leading = leadingRanges(index, fields);
  const used = index.paths.slice(0, leading.used);
  const exact =
    predicates.complete &&
    !index.longKeys &&
    predicates.list.every(
      (predicate) => used.includes(predicate.path) && chosen.includes(predicate) && isExactInArrays(index, predicate),
    ) &&
    fields.slice(0, leading.used).every((bound) => bound?.exact === true);
  return { fields, exact, ...leading };
}

function pointsFirst(predicates: readonly Predicate[]): readonly Predicate[] {
  if (predicates.length < 2) return predicates;
  return [...predicates].sort((a, b) => Number(b.kind === 'points') - Number(a.kind === 'points'));
}

/** With arrays in the way a key of null may come from an element without the field. */
function isExactInArrays(index: Index, predicate: Predicate): boolean {
  if (arraysOn(index, predicate.path).length === 0) return true;
  return predicate.scope === undefined && !(predicate.kind === 'points' && predicate.values.includes(null));
}

/** The prefixes of a path at which some document has an array. */
export function arraysOn(index: Index, path: string): string[] {
  if (index.arrayPaths.size === 0) return [];
  const parts = path.split('.');
  return parts.map((_, length) => parts.slice(0, length + 1).join('.')).filter((prefix) => index.arrayPaths.has(prefix));
}

/** Two conditions on one document are sure to hold for one and the same key: no shared array, or one `$elemMatch` around both. */
function meetInOneKey(index: Index, a: Predicate, b: Predicate): boolean {
  const shared = arraysOn(index, a.path).filter((prefix) => isWithin(b.path, prefix));
  if (shared.length === 0) return true;
  const scope = scopesOf(a).find((candidate) => scopesOf(b).includes(candidate));
  return scope !== undefined && shared.every((prefix) => isWithin(scope.at, prefix));
}

function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}

/** From the innermost outwards. */
function scopesOf({ scope }: Predicate): Scope[] {
  const scopes: Scope[] = [];
  for (let next = scope; next; next = next.outer) scopes.push(next);
  return scopes;
}

/** Combines the fields' ranges: points of leading fields with each other, up to and including the first field that is a range. */
function leadingRanges(index: Index, fields: readonly (FieldBounds | undefined)[]): Pick<IndexBounds, 'ranges' | 'used' | 'points'> {
  let prefixes: readonly Buffer[] = NOTHING_BEFORE;
  let points = 0;
  for (const [position, bound] of fields.entries()) {
    if (!bound) break;
    const ranges = index.descending[position] ? descendingRanges(bound.ranges) : bound.ranges;
    if (!ranges.every((range) => range.point) || prefixes.length * ranges.length > MAX_RANGES) {
      return { ranges: combine(prefixes, ranges), used: points + 1, points };
    }
    prefixes = prefixes.flatMap((prefix) => ranges.map((range) => joined(prefix, range.start)));
    points += 1;
  }
  return { ranges: points === 0 ? [] : prefixes.map((start) => ({ start, end: successor(start) })), used: points, points };
}

const NOTHING_BEFORE: readonly Buffer[] = [Buffer.alloc(0)];

function joined(prefix: Buffer, part: Buffer): Buffer {
  return prefix.length === 0 ? part : Buffer.concat([prefix, part]);
}

function combine(prefixes: readonly Buffer[], ranges: readonly FieldRange[]): KeyRange[] {
  return prefixes.flatMap((prefix) => ranges.map((range) => ({ start: joined(prefix, range.start), end: joined(prefix, range.end) })));
}
