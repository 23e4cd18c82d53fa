/** Keeps the sends of one account under the rate that its platform takes: a token bucket that holds at most one second's worth. */

export interface SendRate {
  /** Resolves when one more send may go out; callers are served in the order they asked. */
  take(): Promise<void>;
}

export function createSendRate(perSecond: number, now: () => number = () => performance.now()): SendRate {
  let tokens = perSecond;
  let filledAt = now();
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | null = null;

  const refill = () => {
    const at = now();
    tokens = Math.min(perSecond, tokens + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
  };
  const serve = () => {
    timer = null;
    refill();
    while (waiting.length > 0 && tokens >= 1) {
      tokens -= 1;
      waiting.shift()?.();
    }
    if (waiting.length > 0) timer = setTimeout(serve, Math.ceil(((1 - tokens) / perSecond) * 1000));
  };

  return {
    take: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (timer === null) serve();
      }),
  };
}
