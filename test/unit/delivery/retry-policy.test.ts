/** When a failed send is tried again. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextAttemptIn, retryPolicyOf } from '../../../src/delivery/retry-policy.js';
import { ChannelError } from '../../../src/domain/errors.js';

const policy = { baseMs: 1_000, capMs: 60_000 };
const almostOne = () => 1 - Number.EPSILON;

describe('nextAttemptIn', () => {
  it('doubles the longest wait with each attempt, up to the cap', () => {
    const error = new ChannelError('unavailable', 'down');
    const waits = [1, 2, 3, 7, 50].map((attempts) => nextAttemptIn(error, attempts, policy, almostOne));
    expect(waits).toEqual([999, 1_999, 3_999, 59_999, 59_999]);
    expect(nextAttemptIn(error, 5, policy, () => 0)).toBe(0);
  });

  it('never comes sooner than the platform asked, and not much later', () => {
    const error = new ChannelError('rate-limited', 'slow down', { retry: { afterMs: 30_000 } });
    expect(nextAttemptIn(error, 1, policy, () => 0)).toBe(30_000);
    expect(nextAttemptIn(error, 20, policy, almostOne)).toBe(30_999);
  });

  it('gives up at once where trying again is no use', () => {
    expect(nextAttemptIn(new ChannelError('payload-refused', 'bad'), 1, policy, almostOne)).toBe('never');
  });

  it('stays within its bounds for any attempt and chance', () => {
    const error = new ChannelError('unknown', 'cut');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempts, chance) => {
        const waitMs = nextAttemptIn(error, attempts, policy, () => chance);
        return waitMs !== 'never' && waitMs >= 0 && waitMs < policy.capMs;
      }),
    );
  });

  it('has a rhythm for every channel', () => {
    expect(retryPolicyOf('web').baseMs).toBeLessThan(retryPolicyOf('telegram').baseMs);
  });
});
