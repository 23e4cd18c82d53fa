/** How the fake platforms fail sends: decided by the seed, conversation by conversation, from when they may misbehave. */
import { type Random, randomOf } from './random.js';

/** `failed` names the status that it is answered with. */
export type SendFault = { readonly kind: 'limited' } | { readonly kind: 'failed'; readonly status: number } | { readonly kind: 'cut' };

export interface SendFaults {
  /** What becomes of the next send to this conversation; undefined: nothing but good. */
  faultOf(conversation: string): SendFault | undefined;
  /** How long the platform takes for a send. */
  readonly takesMs: () => number;
  readonly begin: () => void;
  readonly counts: Readonly<Record<string, number>>;
}

/** Shares of the sends. */
const SHARES = { limited: 0.05, failed: 0.03, cut: 0.02 } as const;
/** 500 and 503 say that nothing was done, 502 leaves it open. */
const STATUSES = [500, 502, 503] as const;
const SEND_TAKES_MS = 40;

export function planSendFaults(seed: number, channel: string): SendFaults {
  const counts = { 'sends answered 429': 0, 'sends answered 5xx': 0, 'sends taken, then cut': 0 };
  const chances = new Map<string, Random>();
  const delays = randomOf(seed, `how long sends to ${channel} take`);
  let begun = false;
  return {
    faultOf(conversation) {
      if (!begun) return undefined;
      const random = chances.get(conversation) ?? randomOf(seed, `sends to ${conversation}`);
      chances.set(conversation, random);
      const chance = random();
      if (chance < SHARES.limited) {
        counts['sends answered 429'] += 1;
        return { kind: 'limited' };
      }
      if (chance < SHARES.limited + SHARES.failed) {
        counts['sends answered 5xx'] += 1;
        return { kind: 'failed', status: STATUSES[Math.floor(random() * STATUSES.length)] ?? 500 };
      }
      if (chance >= SHARES.limited + SHARES.failed + SHARES.cut) return undefined;
      counts['sends taken, then cut'] += 1;
      return { kind: 'cut' };
    },
    takesMs: () => (0.3 + delays()) * SEND_TAKES_MS,
    begin: () => void (begun = true),
    counts,
  };
}
