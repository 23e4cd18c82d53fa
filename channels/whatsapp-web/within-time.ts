/** Limits of time for a browser that may stop answering without a word. */

/** Rejects with `late` when `work` takes longer; what it does then is its own business. */
export async function withinTime<Result>(work: Promise<Result>, ms: number, late: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${late} (${ms} ms)`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does it after that time, unless the signal was aborted. */
export function after(ms: number, signal: AbortSignal, act: () => void): NodeJS.Timeout {
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', forget);
    act();
  }, ms);
  const forget = () => clearTimeout(timer);
  signal.addEventListener('abort', forget, { once: true });
  if (signal.aborted) forget();
  return timer;
}
