// Predicates to byte ranges of one index field. Every range may take in too much, never too little; `exact` says when it is neither.
import { isArray, isDoc, isNumber, MaxKey, MinKey, type Value } from '../bson/index.js';
import { type Collation } from '../indexes/collation.js';
import { encodePart, encodeStringPrefix, inverted, NAN_KEY, successor, typeBracket } from '../keys.js';
import { showValue } from '../show.js';
import { bracketEnds, type Ends, nextText } from './bound-text.js';
import { type Predicate } from './predicates.js';

/** A half-open range of one field's key bytes; its ends are as explain shows them. */
export interface FieldRange extends Ends {
  readonly start: Buffer;
  readonly end: Buffer;
  /** A single value. */
  readonly point: boolean;
}

export interface FieldBounds {
  /** In key order, not overlapping. */
  readonly ranges: readonly FieldRange[];
  readonly exact: boolean;
}

/** How strings of the index and of the query compare: both by bytes, both by this collation, or each in its own way. */
export type Strings = 'binary' | 'different' | Collation;

const AFTER_NAN = successor(NAN_KEY);

/** The ranges of a field under a predicate; absent when it does not bound it. */
export function boundsOf(predicate: Predicate, strings: Strings): FieldBounds | undefined {
  switch (predicate.kind) {
    case 'points':
      return pointBounds(predicate.values, strings);
    case 'above':
    case 'below':
      return sideBounds(predicate.kind === 'above', predicate.value, predicate.inclusive, strings);
    case 'prefix': {
      if (strings !== 'binary') return undefined;
      const { prefix, regex } = predicate;
      const start = encodeStringPrefix(prefix);
      const low = { text: () => showValue(prefix), inclusive: true };
      const texts: FieldRange = { start, end: successor(start), point: false, low, high: nextText(prefix) };
      return { ranges: [texts, pointRange(regex)], exact: false };
    }
    case 'exists':
    case 'type':
      return undefined;
  }
}

function pointBounds(values: readonly Value[], strings: Strings): FieldBounds | undefined {
  if (strings === 'different' && values.some(mayHoldText)) return undefined;
  const ranges = values.flatMap((value) => {
    const folded = typeof strings === 'string' ? value : strings.fold(value);
    return (isArray(folded) ? [folded, folded[0]] : [folded]).map(pointRange); // an array matches as an element, or as the whole
  });
  ranges.sort((a, b) => Buffer.compare(a.start, b.start));
  return {
    ranges: ranges.filter((range, position) => position === 0 || !range.start.equals((ranges[position - 1] as FieldRange).start)),
    exact: !values.some((value) => isArray(value) || isDoc(value)),
  };
}

/** The range of one value, or of an array's part in an index. */
export function pointRange(part: Value | undefined): FieldRange {
  const start = encodePart(part);
  const end = { text: () => showValue(part), inclusive: true };
  return { start, end: successor(start), point: true, low: end, high: end };
}

function mayHoldText(value: Value): boolean {
  return typeof value === 'string' || isArray(value) || isDoc(value);
}

function sideBounds(above: boolean, value: Value, inclusive: boolean, strings: Strings): FieldBounds | undefined {
  if (value === null) return inclusive ? { ranges: [pointRange(null)], exact: false } : { ranges: [], exact: false };
  if (value instanceof MinKey || value instanceof MaxKey || isArray(value) || isDoc(value)) return undefined;
  if (strings !== 'binary' && typeof value === 'string') return undefined;
  const key = encodePart(value);
  if (key.equals(NAN_KEY)) return undefined; // a double or a decimal, which compares with nothing but itself
  const bracket = typeBracket(value);
  const ends = bracketEnds(value);
  const own = { text: () => showValue(value), inclusive };
  if (above) {
    return {
      ranges: [{ start: inclusive ? key : successor(key), end: bracket.end, point: false, low: own, high: ends.high }],
      exact: true,
    };
  }
  const start = isNumber(value) ? AFTER_NAN : bracket.start;
  return { ranges: [{ start, end: inclusive ? successor(key) : key, point: false, low: ends.low, high: own }], exact: true };
}

/** The ranges under two conditions that both hold for the same key. */
export function intersect(left: FieldBounds, right: FieldBounds): FieldBounds {
  const ranges: FieldRange[] = [];
  for (const a of left.ranges) {
    for (const b of right.ranges) {
      const low = Buffer.compare(a.start, b.start) >= 0 ? a : b;
      const high = Buffer.compare(a.end, b.end) <= 0 ? a : b;
      if (Buffer.compare(low.start, high.end) >= 0) continue;
      ranges.push({ start: low.start, end: high.end, point: a.point || b.point, low: low.low, high: high.high });
    }
  }
  return { ranges, exact: left.exact && right.exact };
}

/** The same ranges over inverted keys, in their order. */
export function descendingRanges(ranges: readonly FieldRange[]): FieldRange[] {
  return ranges
    .map((range) => {
      const last = inverted(range.start);
      return { ...range, start: range.point ? last : successor(inverted(range.end)), end: successor(last) };
    })
    .reverse();
}
