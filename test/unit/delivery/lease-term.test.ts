/** How long a lease is, and for how long its holder believes in it. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { beginTerm, ENDLESS, isOver, leaseLength, OVER } from '../../../src/delivery/lease-term.js';

describe('leaseLength', () => {
  it('is what was configured, as long as the database answers soon', () => {
    expect([0, 1, 100, 400].map((roundTripMs) => leaseLength(5_000, roundTripMs))).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  it('covers a claim and a renewal of a database that is slow, within a minute', () => {
    expect(leaseLength(5_000, 2_000)).toBe(24_000);
    expect(leaseLength(5_000, 30_000)).toBe(60_000);
    expect(leaseLength(300_000, 30_000)).toBe(300_000);
  });
});

describe('a term', () => {
  afterEach(() => void jest.useRealTimers());

  it('ends before the lease that it was begun with, told by either clock', () => {
    jest.useFakeTimers();
    const term = beginTerm(10_000);
    jest.advanceTimersByTime(9_400);
    expect(isOver(term)).toBe(false);
    jest.setSystemTime(Date.now() + 200); // the machine was suspended
    expect(isOver(term)).toBe(true);
    expect(isOver(beginTerm(10_000))).toBe(false);
    expect([isOver(OVER), isOver(ENDLESS)]).toEqual([true, false]);
  });
});
