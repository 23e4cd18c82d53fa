// Sorting in pieces: the order is that of a stable sort, and no step takes as long as sorting everything would.
import { describe, expect, it } from '@jest/globals';
import { createSorter } from '../../../embedded-mongodb/sorter.js';

const ROWS = 40_000;
/** Enough for one piece of the sorter to be sorted or the heap of all pieces to be made, and far from enough for all rows. */
const MOST_COMPARISONS = 120_000;

const rows = Array.from({ length: ROWS }, (_, index) => ({ key: (index * 7919) % 10_007, index }));
const sorted = [...rows].sort((a, b) => a.key - b.key || a.index - b.index);

describe.each([Infinity, ROWS, 5_000, 4_000, 1])('with a limit of %p', (limit) => {
  it('gives the first rows in order, equal ones as they came, in short steps', () => {
    let comparisons = 0;
    let most = 0;
    const step = <T>(work: () => T): T => {
      comparisons = 0;
      const result = work();
      most = Math.max(most, comparisons);
      return result;
    };
    const sorter = createSorter<(typeof rows)[number]>(([a], [b]) => {
      comparisons += 1;
      return Number(a) - Number(b);
    }, limit);
    for (const row of rows) step(() => sorter.add([row.key], row));
    const given: typeof rows = [];
    const result = sorter.rows();
    for (let next = step(() => result.next()); !next.done; next = step(() => result.next())) given.push(next.value);
    expect(given).toEqual(sorted.slice(0, Math.min(limit, ROWS)));
    expect(most).toBeLessThan(MOST_COMPARISONS);
  });
});
