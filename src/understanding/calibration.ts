/** Turns a classifier's margins into a confidence: logistic regression on judged cases (Platt scaling with three inputs). */

export interface Judged {
  /** The best class's margin. */
  readonly margin: number;
  /** How far it is ahead of the second. */
  readonly lead: number;
  /** Share of the message's words that training has seen, 0 to 1. */
  readonly known: number;
}

export type Calibration = (judged: Judged) => number;

const STEPS = 300;
const RATE = 0.5;
/** Pulls the weights towards the prior: with a handful of cases the prior decides. */
const DECAY = 0.002;
/** Roughly what sets of some hundred examples come to. */
const PRIOR: readonly number[] = [1, 2, 2, 1];

const inputs = ({ margin, lead, known }: Judged): readonly [number, number, number, number] => [1, margin, Math.min(lead, 2), known];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Gradient descent on the log loss; exact enough after a few hundred steps for four weights. */
export function fitCalibration(cases: readonly (Judged & { readonly right: boolean })[]): Calibration {
  const rows = cases.map((judged) => ({ x: inputs(judged), y: judged.right ? 1 : 0 }));
  const weights = [...PRIOR];
  const predict = (x: readonly number[]): number => sigmoid(x.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0));
  for (let step = 0; step < STEPS && rows.length > 0; step += 1) {
    const gradient = weights.map((weight, index) => DECAY * (weight - (PRIOR[index] ?? 0)));
    for (const { x, y } of rows) {
      const error = (predict(x) - y) / rows.length;
      x.forEach((value, index) => (gradient[index] = (gradient[index] ?? 0) + error * value));
    }
    gradient.forEach((slope, index) => (weights[index] = (weights[index] ?? 0) - RATE * slope));
  }
  return (judged) => predict(inputs(judged));
}
