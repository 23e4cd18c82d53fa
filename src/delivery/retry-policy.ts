/** When a failed send is tried again. Pure: time and chance come from the caller. */
import { type ChannelError } from '../domain/errors.js';

export interface RetryPolicy {
  /** The first wait is at most this long. */
  readonly baseMs: number;
  /** No wait that we choose ourselves is longer; one that the platform asks for may be. */
  readonly capMs: number;
}

const DEFAULT_POLICY: RetryPolicy = { baseMs: 1_000, capMs: 5 * 60_000 };

/** Where a platform wants another rhythm than the default. */
const POLICIES: Readonly<Record<string, RetryPolicy>> = {
  // A socket of our own: it is there or it comes back soon.
  web: { baseMs: 200, capMs: 10_000 },
};

export const retryPolicyOf = (channel: string): RetryPolicy => POLICIES[channel] ?? DEFAULT_POLICY;

/** Waits grow no further after this many attempts: 2^20 times any base is beyond any cap. */
const MAX_DOUBLINGS = 20;

/**
 * The wait in ms before the next attempt, or `never`. Exponential backoff with full jitter (a random share of the whole wait), after
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/; never sooner than the platform's own `retry_after`.
 *
 * @param attempts calls made so far, from 1
 * @param random uniform in [0, 1)
 */
export function nextAttemptIn(error: ChannelError, attempts: number, policy: RetryPolicy, random: () => number): number | 'never' {
  if (error.retry === 'never') return 'never';
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS));
  // On top of retry_after it only spreads out those who were told the same moment.
  const spread = error.retry.afterMs > 0 ? Math.min(ceiling, policy.baseMs) : ceiling;
  return error.retry.afterMs + Math.floor(random() * spread);
}
