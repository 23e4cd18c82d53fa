/**
 * Where what an instance does to the outside (a command to the database, a call of the platform) waits until the test lets it go on: once on its
 * way there, once more with its answer. Letting it go one at a time, in any order, makes any interleaving of several instances happen at will.
 */

import { asError } from '../../../src/domain/errors.js';

/** `frozen`: nothing of it moves, as under SIGSTOP; `dead`: nothing of it ever moves again. */
export type Power = 'running' | 'frozen' | 'dead';

export interface Gate {
  readonly instance: string;
  /** Set by the test. */
  power: Power;
  pass<Result>(what: string, work: () => Promise<Result>): Promise<Result>;
}

export interface Gates {
  open(instance: string): Gate;
  /** What could go on now: of instances that run, first come first. */
  movable(): readonly Waiting[];
  /** Lets one go on, and everything that follows from it up to the next gates. */
  move(waiting: Waiting): Promise<void>;
}

export interface Waiting {
  readonly gate: Gate;
  /** Such as `insert inbox` or `send`. */
  readonly what: string;
  readonly stage: 'request' | 'answer';
}

interface Entry extends Waiting {
  readonly go: () => Promise<void> | void;
}

export function createGates(): Gates {
  const waiting = new Set<Entry>();

  return {
    open(instance) {
      const gate: Gate = {
        instance,
        power: 'running',
        pass: (what, work) =>
          new Promise((resolve, reject) => {
            const answer = (go: () => void) => waiting.add({ gate, what, stage: 'answer', go });
            const go = () =>
              work().then(
                (result) => void answer(() => resolve(result)),
                (thrown: unknown) => void answer(() => reject(asError(thrown))),
              );
            waiting.add({ gate, what, stage: 'request', go });
          }),
      };
      return gate;
    },
    movable: () => [...waiting].filter((entry) => entry.gate.power === 'running'),
    async move(chosen) {
      const entry = chosen as Entry;
      waiting.delete(entry);
      await entry.go();
      await quiet();
    },
  };
}

/** Everything that promises bring about by themselves has happened. Real turns of the event loop: neither is faked. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
