// Predicates to byte ranges of one index field. Every range may take in too much, never too little; `exact` says when it is neither.
import { isArray, isDoc, isNumber, MaxKey, MinKey, type Value } from '../bson/index.js';
import { type Collation } from '../indexes/collation.js';
import { encodePart, encodeStringPrefix, inverted, NAN_KEY, successor, typeBracket } from '../keys.js';
import { showValue } from '../show.js';
import { type Predicate } from './predicates.js';

/** A half-open range of one field's key bytes. */
export interface FieldRange {
  readonly start: Buffer;
  readonly end: Buffer;
  /** A single value. */
  readonly point: boolean;
  /** As explain shows it, e.g. `[1, 5)`. */
  readonly text: string;
}

export interface FieldBounds {
  /** In key order, not overlapping. */
  readonly ranges: readonly FieldRange[];
  readonly exact: boolean;
}

const AFTER_NAN = successor(NAN_KEY);

/**
 * The ranges of a field under all predicates on its path; absent when none of them bounds it. A multikey field takes the narrowest
 * predicate only: two elements of one array may each satisfy one.
 */
export function boundsOf(predicates: readonly Predicate[], multikey: boolean, collation: Collation | undefined): FieldBounds | undefined {
  let result: FieldBounds | undefined;
  let skipped = false;
  for (const predicate of predicates) {
    const bounds = boundsOfOne(predicate, collation);
    if (!bounds) skipped = true;
    else if (!result) result = bounds;
    else if (multikey) {
      if (!isPoints(result) && isPoints(bounds)) result = bounds;
    } else result = intersect(result, bounds);
  }
  return result && { ranges: result.ranges, exact: result.exact && !skipped && !multikey };
}

function isPoints(bounds: FieldBounds): boolean {
  return bounds.ranges.every((range) => range.point);
}

function boundsOfOne(predicate: Predicate, collation: Collation | undefined): FieldBounds | undefined {
  switch (predicate.kind) {
    case 'points':
      return pointBounds(predicate.values, collation);
    case 'above':
    case 'below':
      return sideBounds(predicate.kind === 'above', predicate.value, predicate.inclusive, collation);
    case 'prefix': {
      if (collation) return undefined;
      const start = encodeStringPrefix(predicate.prefix);
      const texts: FieldRange = { start, end: successor(start), point: false, text: `["${predicate.prefix}", …)` };
      return { ranges: [texts, ...pointBounds([predicate.regex], undefined).ranges], exact: false };
    }
    case 'exists':
    case 'type':
      return undefined;
  }
}

function pointBounds(values: readonly Value[], collation: Collation | undefined): FieldBounds {
  const ranges = values.flatMap((value) => {
    const folded = collation ? collation.fold(value) : value;
    const parts = isArray(folded) ? [folded, folded[0]] : [folded]; // an array matches as an element, or as the whole
    return parts.map((part): FieldRange => {
      const start = encodePart(part);
      const shown = part === undefined ? 'undefined' : showValue(part);
      return { start, end: successor(start), point: true, text: `[${shown}, ${shown}]` };
    });
  });
  ranges.sort((a, b) => Buffer.compare(a.start, b.start));
  return {
    ranges: ranges.filter((range, position) => position === 0 || !range.start.equals((ranges[position - 1] as FieldRange).start)),
    exact: !values.some((value) => isArray(value) || isDoc(value)),
  };
}

function sideBounds(above: boolean, value: Value, inclusive: boolean, collation: Collation | undefined): FieldBounds | undefined {
  if (value === null || value instanceof MinKey || value instanceof MaxKey || isArray(value) || isDoc(value)) return undefined;
  if (collation && typeof value === 'string') return undefined;
  const key = encodePart(value);
  if (key.equals(NAN_KEY)) return undefined; // a double or a decimal, which compares with nothing but itself
  const bracket = typeBracket(value);
  const shown = showValue(value);
  if (above) {
    const start = inclusive ? key : successor(key);
    return { ranges: [{ start, end: bracket.end, point: false, text: `${inclusive ? '[' : '('}${shown}, …)` }], exact: true };
  }
  const start = isNumber(value) ? AFTER_NAN : bracket.start;
  const end = inclusive ? successor(key) : key;
  return { ranges: [{ start, end, point: false, text: `(…, ${shown}${inclusive ? ']' : ')'}` }], exact: true };
}

function intersect(left: FieldBounds, right: FieldBounds): FieldBounds {
  const ranges: FieldRange[] = [];
  for (const a of left.ranges) {
    for (const b of right.ranges) {
      const start = Buffer.compare(a.start, b.start) >= 0 ? a : b;
      const end = Buffer.compare(a.end, b.end) <= 0 ? a : b;
      if (Buffer.compare(start.start, end.end) >= 0) continue;
      const text = start === end ? start.text : `${start.text.split(', ')[0]}, ${end.text.split(', ').at(-1)}`;
      ranges.push({ start: start.start, end: end.end, point: a.point || b.point, text });
    }
  }
  return { ranges, exact: left.exact && right.exact };
}

/** The same ranges over inverted keys, in their order. */
export function descendingRanges(ranges: readonly FieldRange[]): FieldRange[] {
  return ranges.map((range) => ({ ...range, start: successor(inverted(range.end)), end: successor(inverted(range.start)) })).reverse();
}
