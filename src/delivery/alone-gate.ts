/**
 * Lets turns run side by side, but a suspect (one that was running when processes died) by itself, so that what it does can be blamed on it
 * and on no other.
 */

export interface AloneGate {
  /** Beside others; waits where somebody wants to be alone. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Once those who run have ended, and with nobody beside. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createAloneGate(): AloneGate {
  let running = 0;
  let isAlone = false;
  const waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined && !isAlone && (!next.alone || running === 0); next = waiting[0]) {
      waiting.shift();
      running += 1;
      isAlone = next.alone;
      next.enter();
    }
  };
  const run = async <Result>(alone: boolean, work: () => Promise<Result>): Promise<Result> => {
    await new Promise<void>((resolve) => {
      waiting.push({ alone, enter: resolve });
      admit();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      if (alone) isAlone = false;
      admit();
    }
  };
  return { together: (work) => run(false, work), alone: (work) => run(true, work) };
}
