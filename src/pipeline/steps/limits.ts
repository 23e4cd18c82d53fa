/**
 * Holds back a contact that floods: a token bucket for each conversation, kept by the instance that has the lane. A flood is told so once;
 * its messages are logged all the same.
 */
import type { Step } from '../compose.js';
import { TEXTS } from '../texts.js';

interface Bucket {
  tokens: number;
  filledAt: number;
  told: boolean;
}

/** @param perMinute messages of one conversation that are answered in a minute; also the largest burst */
export function limitsStep(perMinute: number, now: () => number = Date.now): Step {
  const buckets = new Map<string, Bucket>();
  return {
    name: 'limits',
    run(turn) {
      const bucket = take(buckets, turn.input.conversation.id, perMinute, now());
      if (bucket.tokens >= 0) return undefined;
      const markdown = bucket.told ? '' : TEXTS[turn.language].tooManyMessages;
      bucket.told = true;
      bucket.tokens = 0;
      turn.answer = { markdown, sources: [], choices: [], confidence: 0, outcome: 'limited' };
      return 'over the limit for one conversation';
    },
  };
}

const MAX_BUCKETS = 10_000;

function take(buckets: Map<string, Bucket>, key: string, perMinute: number, now: number): Bucket {
  const bucket = buckets.get(key) ?? { tokens: perMinute, filledAt: now, told: false };
  bucket.tokens = Math.min(perMinute, bucket.tokens + ((now - bucket.filledAt) / 60_000) * perMinute) - 1;
  bucket.filledAt = now;
  if (bucket.tokens >= 1) bucket.told = false;
  buckets.delete(key); // moves it to the end: the map is in order of use
  buckets.set(key, bucket);
  const oldest = buckets.keys().next();
  if (buckets.size > MAX_BUCKETS && oldest.done === false) buckets.delete(oldest.value);
  return bucket;
}
