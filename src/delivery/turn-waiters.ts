/**
 * Lets HTTP callers wait for a turn: told at once by this process. The store is looked at only for turns that this process does not expect, because
 * the event came before it started or was taken in elsewhere, and while another instance may run them; then at the pace of `pollMs`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type TurnRecord } from '../domain/turn.js';

export interface TurnWaiters {
  /** The event of this turn was stored here, just now. */
  expect(turnId: string): void;
  wait(turnId: string, timeoutMs: number): Promise<TurnRecord | null>;
  tell(record: TurnRecord): void;
}

/** Turns that are expected and not waited for, and those that were told a moment ago and may still be asked for: the oldest give way. */
const MAX_REMEMBERED = 500;

/**
 * @param find the turn, once its effects are written
 * @param options elsewhere: whether other instances run turns too
 */
export function createTurnWaiters(
  find: (turnId: string) => Promise<TurnRecord | null>,
  options: { pollMs: number; elsewhere: boolean },
): TurnWaiters {
  const waiting = new Map<string, Set<(record: TurnRecord) => void>>();
  const expected = new Map<string, null>();
  const told = new Map<string, TurnRecord>();

  const look = async (turnId: string, end: number, ended: AbortSignal): Promise<TurnRecord | null> => {
    const local = expected.has(turnId);
    for (let looks = 0; ; looks++) {
      const found = local && (looks === 0 || !options.elsewhere) ? null : await find(turnId);
      const leftMs = end - performance.now();
      if (found !== null || leftMs <= 0 || ended.aborted) return found;
      const pauseMs = local && !options.elsewhere ? leftMs : Math.min(options.pollMs, leftMs);
      await sleep(pauseMs, undefined, { signal: ended }).catch(() => undefined);
    }
  };

  return {
    expect: (turnId) => remember(expected, turnId, null),

    tell(record) {
      for (const turnId of [record.id, ...(record.joined ?? []).map((joined) => joined.turnId)]) {
        expected.delete(turnId);
        remember(told, turnId, record);
        for (const resolve of waiting.get(turnId) ?? []) resolve(record);
      }
    },

    async wait(turnId, timeoutMs) {
      const known = told.get(turnId);
      if (known !== undefined) return known;
      const ended = new AbortController();
      let resolveTold: (record: TurnRecord) => void = () => undefined;
      const heard = new Promise<TurnRecord>((resolve) => {
        resolveTold = resolve;
      });
      const callers = waiting.get(turnId) ?? new Set();
      waiting.set(turnId, callers.add(resolveTold));
      try {
        return await Promise.race([heard, look(turnId, performance.now() + timeoutMs, ended.signal)]);
      } finally {
        ended.abort();
        callers.delete(resolveTold);
        if (callers.size === 0) waiting.delete(turnId);
      }
    },
  };
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > MAX_REMEMBERED && oldest.done === false) map.delete(oldest.value);
}
