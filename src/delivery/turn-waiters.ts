/** Lets HTTP callers wait for a turn: told at once by this process, found by looking where another instance runs it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type TurnRecord } from '../domain/turn.js';

export interface TurnWaiters {
  wait(turnId: string, timeoutMs: number): Promise<TurnRecord | null>;
  tell(record: TurnRecord): void;
}

/** @param find the turn, once its effects are written */
export function createTurnWaiters(find: (turnId: string) => Promise<TurnRecord | null>, pollMs: number): TurnWaiters {
  const waiting = new Map<string, Set<(record: TurnRecord) => void>>();

  return {
    tell(record) {
      for (const resolve of waiting.get(record.id) ?? []) resolve(record);
    },

    async wait(turnId, timeoutMs) {
      const end = performance.now() + timeoutMs;
      const ended = new AbortController();
      let resolveTold: (record: TurnRecord) => void = () => undefined;
      const told = new Promise<TurnRecord>((resolve) => {
        resolveTold = resolve;
      });
      const callers = waiting.get(turnId) ?? new Set();
      waiting.set(turnId, callers.add(resolveTold));
      const look = async (): Promise<TurnRecord | null> => {
        for (;;) {
          const found = await find(turnId);
          const leftMs = end - performance.now();
          if (found !== null || leftMs <= 0 || ended.signal.aborted) return found;
          await sleep(Math.min(pollMs, leftMs), undefined, { signal: ended.signal }).catch(() => undefined);
        }
      };
      try {
        return await Promise.race([told, look()]);
      } finally {
        ended.abort();
        callers.delete(resolveTold);
        if (callers.size === 0) waiting.delete(turnId);
      }
    },
  };
}
