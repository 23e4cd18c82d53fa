// Work in steps: a command that may take long is a generator that says at each `yield` where it may be paused, so that other clients
// are served in between.

/**
 * Each `yield` allows a pause, `yield 'wait'` asks for one: nothing can be done before another task has gone on. Between a yield and the next
 * line others may have written.
 */
export type Task<T> = Generator<undefined | 'wait', T, undefined>;

/** How long tasks run before they are paused, in ms; 0 pauses them wherever they may be paused. */
export interface Slices {
  /** Those that read: to pause them costs nothing. */
  readonly readMs: number;
  /** Those that write, beside other clients. */
  readonly ms: number;
  /** Those that write, where nobody has asked for anything lately: each pause is a commit. */
  readonly quietMs: number;
}

export const SLICES: Slices = { readMs: 5, ms: 10, quietMs: 15 };

/**
 * Goes on with a task by a step at least, until about `end` (of `performance.now`) or until it `isEnough`; its result, or absent when it was paused.
 * Errors are the task's own.
 */
export function runSlice<T>(task: Task<T>, end: number, isEnough: () => boolean): { readonly result: T } | undefined {
  for (;;) {
    const step = task.next();
    if (step.done) return { result: step.value };
    if (step.value === 'wait' || performance.now() >= end || isEnough()) return undefined;
  }
}

/** True for what a generator function gives, and for no reply of a command. */
export function isTask<T>(value: unknown): value is Task<T> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

/** Runs a task to its end without a pause: for callers that nobody waits behind. Error: one that waits for another task. */
export function runWhole<T>(task: Task<T>): T {
  for (;;) {
    const step = task.next();
    if (step.done) return step.value;
    if (step.value === 'wait') throw new Error('a task that waits for another cannot run alone');
  }
}
