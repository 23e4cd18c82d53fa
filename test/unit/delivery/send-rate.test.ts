/** The token bucket of an account. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSendRate } from '../../../src/delivery/send-rate.js';

describe('createSendRate', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets one second’s worth go at once and the rest at the rate, in order', async () => {
    const rate = createSendRate(10, () => Date.now());
    const served: number[] = [];
    for (let caller = 0; caller < 25; caller++) void rate.take().then(() => served.push(caller));
    await jest.advanceTimersByTimeAsync(0);
    expect(served).toHaveLength(10);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(served.length).toBeGreaterThanOrEqual(19);
    expect(served.length).toBeLessThanOrEqual(20);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(served).toEqual(Array.from({ length: 25 }, (_, caller) => caller));
  });

  it('does not save up more than one second’s worth', async () => {
    const rate = createSendRate(5, () => Date.now());
    await jest.advanceTimersByTimeAsync(60_000);
    let served = 0;
    for (let caller = 0; caller < 20; caller++) void rate.take().then(() => (served += 1));
    await jest.advanceTimersByTimeAsync(0);
    expect(served).toBe(5);
  });
});
