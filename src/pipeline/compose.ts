/** Runs the steps of a turn in order, times each and stops answering as soon as a step has settled the answer. */
import type { Turn } from './turn.js';

export interface Step {
  readonly name: string;
  /** Runs also when the answer is settled already. */
  readonly always?: true;
  /** Fills in the turn; returns a short note for the trace, without customer text. */
  run(turn: Turn): Promise<string | undefined> | string | undefined;
}

export function compose(steps: readonly Step[], onStep: (step: string, seconds: number) => void): (turn: Turn) => Promise<void> {
  return async (turn) => {
    for (const step of steps) {
      if (turn.answer !== null && step.always !== true) continue;
      const began = performance.now();
      const note = await step.run(turn);
      const durationMs = performance.now() - began;
      onStep(step.name, durationMs / 1000);
      turn.steps.push({ step: step.name, durationMs: Math.round(durationMs * 100) / 100, note: note ?? null });
    }
  };
}
