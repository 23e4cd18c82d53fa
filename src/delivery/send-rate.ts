/**
 * Keeps sends under the rates that a platform takes: of the account in all, to one conversation, to one group. Token buckets of this process; an
 * account that several instances send from is held to the rate by each of them.
 */
import { type SendRates } from '../domain/channel.js';

export interface SendRate {
  /**
   * Resolves when one more send may go out to the conversation: true, or false once the signal was aborted. Callers of one conversation take
   * turns of their own accord; those of different ones are served in the order in which their own conversation lets them.
   */
  take(conversationId: string, group: boolean, signal: AbortSignal): Promise<boolean>;
  /** Takes it where that needs no wait; false, and nothing taken, where it does. */
  takeNow(conversationId: string, group: boolean): boolean;
}

interface Bucket {
  readonly capacity: number;
  readonly perMs: number;
  tokens: number;
  filledAt: number;
}

/** Buckets of conversations that are kept; a full one says nothing, so the oldest can go. */
const MAX_BUCKETS = 10_000;
const MINUTE_MS = 60_000;

export function createSendRate(rates: SendRates, now: () => number = () => performance.now()): SendRate {
  const account = newBucket(rates.perSecond, rates.perSecond / 1000, now());
  const conversations = new Map<string, Bucket>();
  const waiting: { readonly resolve: (go: boolean) => void }[] = [];
  let timer: NodeJS.Timeout | null = null;

  const bucketOf = (conversationId: string, group: boolean): Bucket => {
    const perGroup = group ? rates.perGroupPerMinute : null;
    const bucket =
      conversations.get(conversationId) ??
      (perGroup === null
        ? newBucket(rates.conversationBurst, rates.perConversationPerSecond / 1000, now())
        : // A minute's worth at once would be followed by a minute of silence.
          newBucket(Math.min(perGroup, rates.conversationBurst), perGroup / MINUTE_MS, now()));
    conversations.delete(conversationId); // moves it to the end: the map is in order of use
    conversations.set(conversationId, bucket);
    const oldest = conversations.keys().next();
    if (conversations.size > MAX_BUCKETS && oldest.done === false) conversations.delete(oldest.value);
    return bucket;
  };

  const serve = (): void => {
    timer = null;
    while (waiting.length > 0 && waitOf(account, now()) === 0) {
      account.tokens -= 1;
      waiting.shift()?.resolve(true);
    }
    if (waiting.length > 0) timer = setTimeout(serve, waitOf(account, now()));
  };
  const takeOfAccount = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const entry = {
        resolve: (go: boolean) => {
          signal.removeEventListener('abort', leave);
          resolve(go);
        },
      };
      const leave = () => {
        const place = waiting.indexOf(entry);
        if (place !== -1) waiting.splice(place, 1);
        resolve(false);
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(entry);
      if (timer === null) serve();
    });

  return {
    async take(conversationId, group, signal) {
      const bucket = bucketOf(conversationId, group);
      for (let waitMs = waitOf(bucket, now()); waitMs > 0; waitMs = waitOf(bucket, now())) {
        if (!(await pause(waitMs, signal))) return false;
      }
      bucket.tokens -= 1;
      return !signal.aborted && takeOfAccount(signal);
    },

    takeNow(conversationId, group) {
      const bucket = bucketOf(conversationId, group);
      if (waiting.length > 0 || waitOf(account, now()) > 0 || waitOf(bucket, now()) > 0) return false;
      account.tokens -= 1;
      bucket.tokens -= 1;
      return true;
    },
  };
}

const newBucket = (capacity: number, perMs: number, filledAt: number): Bucket => ({ capacity, perMs, tokens: capacity, filledAt });

/** Ms until it has a token; at least 1 where it has none. */
function waitOf(bucket: Bucket, at: number): number {
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + (at - bucket.filledAt) * bucket.perMs);
  bucket.filledAt = at;
  return bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / bucket.perMs));
}

/** False when it was aborted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const leave = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', leave, { once: true });
  });
}
