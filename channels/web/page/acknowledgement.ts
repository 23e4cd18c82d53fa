/** The one acknowledgement that is waited for, at a time, on a line that may be cut or fall silent. */
import type { ServerFrame } from './wire.js';

export interface Acknowledgement {
  /** Resolves with `acknowledged` or `error`; null: none came. */
  readonly wait: () => Promise<ServerFrame | null>;
  /** Does nothing where nobody waits. */
  readonly settle: (frame: ServerFrame | null) => void;
}

const TIMEOUT_MS = 15_000;

export function createAcknowledgement(): Acknowledgement {
  let answered: ((frame: ServerFrame | null) => void) | null = null;
  const settle = (frame: ServerFrame | null): void => answered?.(frame);
  return {
    settle,
    wait: () =>
      new Promise((resolve) => {
        const timeout = window.setTimeout(() => settle(null), TIMEOUT_MS);
        answered = (frame) => {
          clearTimeout(timeout);
          answered = null;
          resolve(frame);
        };
      }),
  };
}
