/** Conversations that are looked at again after a while, one timer for each: a customer who may write on, a send that is due, a rest after a failure. */
import { type Lane } from './lane.js';

export type Roused = Pick<Lane, 'conversationId' | 'seed'>;

export interface LaneTimers {
  /** In the place of the one that runs. @param sends the outbox is to be read too */
  set(lane: Roused, afterMs: number, sends: boolean): void;
  cancel(conversationId: string): void;
  has(conversationId: string): boolean;
  clear(): void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** @param rouse cancels the conversation's timer, which has run out */
export function createLaneTimers(rouse: (lane: Roused, sends: boolean) => void): LaneTimers {
  const timers = new Map<string, NodeJS.Timeout>();
  return {
    set({ conversationId, seed }, afterMs, sends) {
      clearTimeout(timers.get(conversationId));
      const delayMs = Math.max(0, Math.min(afterMs, MAX_TIMER_MS));
      timers.set(
        conversationId,
        setTimeout(() => rouse({ conversationId, seed }, sends), delayMs),
      );
    },
    cancel(conversationId) {
      clearTimeout(timers.get(conversationId));
      timers.delete(conversationId);
    },
    has: (conversationId) => timers.has(conversationId),
    clear() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
