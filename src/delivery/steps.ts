/** The durable steps of a message's path, and how long each takes. Between any two of them a process may die without losing or doubling anything. */
import { type Metrics } from '../telemetry/metrics.js';

export type DeliveryStep =
  | 'emit:stored'
  | 'lane:claimed'
  | 'turn:computed'
  | 'turn:committed'
  | 'effects:applied'
  | 'inbox:done'
  | 'outbox:sending'
  | 'outbox:called'
  | 'outbox:sent';

export interface StepIds {
  readonly conversationId: string;
  readonly inboxId?: string;
  readonly turnId?: string;
  readonly outboxId?: string;
}

/** Called when a step is behind us. */
export type OnStep = (step: DeliveryStep, ids: StepIds) => void;

/** Runs the work and adds its time to the histogram of steps. */
export async function timed<Result>(metrics: Metrics, step: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    metrics.stepSeconds.observe({ step: `delivery:${step}` }, (performance.now() - began) / 1000);
  }
}
