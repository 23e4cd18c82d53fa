// The ends of index bounds as MongoDB's explain writes them: `[1, inf]`, `("x", {})`, `[MinKey, MaxKey]`.
import { Binary, Code, ObjectId, Timestamp, type Value } from '../bson/index.js';

export interface Endpoint {
  /** Written when it is asked for: every query has bounds, few are explained. */
  readonly text: () => string;
  readonly inclusive: boolean;
}

/** The ends of a range of values, in ascending order. */
export interface Ends {
  readonly low: Endpoint;
  readonly high: Endpoint;
}

/** The ends of all values of the same type, between which `$gt` and `$lt` compare; not for arrays, objects, null, MinKey and MaxKey. */
export function bracketEnds(value: Value): Ends {
  const ends = (low: string, high: string, inclusive = true): Ends => ({
    low: { text: () => low, inclusive: true },
    high: { text: () => high, inclusive },
  });
  if (typeof value === 'string') return ends('""', '{}', false);
  if (typeof value === 'boolean') return ends('false', 'true');
  if (value instanceof Date) return ends('new Date(-9223372036854775808)', 'new Date(9223372036854775807)');
  if (value instanceof ObjectId) return ends(`ObjectId('${'0'.repeat(24)}')`, `ObjectId('${'f'.repeat(24)}')`);
  if (value instanceof Binary) return ends('BinData(0, )', `ObjectId('${'0'.repeat(24)}')`, false);
  if (value instanceof Timestamp) return ends('Timestamp(0, 0)', 'Timestamp(4294967295, 4294967295)');
  if (value instanceof Code) return ends('', 'CodeWScope( , {})', false);
  return ends('-inf', 'inf');
}

/** The end of the texts that begin with `prefix`: its last byte one higher. */
export function nextText(prefix: string): Endpoint {
  const text = (): string => {
    const bytes = Buffer.from(prefix);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1;
    return `"${bytes.toString()}"`;
  };
  return { text, inclusive: false };
}

/** The ranges of a field in the order of the scan; `reverse` when that goes down the values. Absent bounds are all values. */
export function boundTexts(ranges: readonly Ends[] | undefined, reverse: boolean): string[] {
  if (!ranges) return [reverse ? '[MaxKey, MinKey]' : '[MinKey, MaxKey]'];
  const texts = ranges.map(({ low, high }) => {
    const [first, last] = reverse ? [high, low] : [low, high];
    return `${first.inclusive ? '[' : '('}${first.text()}, ${last.text()}${last.inclusive ? ']' : ')'}`;
  });
  return reverse ? texts.reverse() : texts;
}
