/** The plain way to tell intents, to compare with on the same folds: TF-IDF over single words and softmax regression by gradient descent. */
import { words } from '../../src/text/words.js';

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

const PASSES = 30;
const RATE = 8;
const DECAY = 1e-6;

export function trainBaseline(rows: readonly LabelledText[]): (text: string) => string {
  const frequency = new Map<string, number>();
  for (const { text } of rows) for (const word of new Set(words(text))) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const index = new Map([...frequency.keys()].map((word, at) => [word, at]));
  const vectorOf = (text: string): [number, number][] => {
    const counts = new Map<string, number>();
    for (const word of words(text)) if (index.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const weighed = [...counts].map(([word, count]): [number, number] => [
      index.get(word) ?? 0,
      count * (Math.log((1 + rows.length) / (1 + (frequency.get(word) ?? 0))) + 1),
    ]);
    const norm = Math.hypot(...weighed.map(([, weight]) => weight)) || 1;
    return weighed.map(([at, weight]) => [at, weight / norm]);
  };
  const labels = [...new Set(rows.map((row) => row.label))];
  const weights = labels.map(() => new Float64Array(index.size + 1));
  const scores = (vector: readonly [number, number][]): number[] =>
    weights.map((row) => vector.reduce((sum, [at, value]) => sum + value * (row[at] ?? 0), row[index.size] ?? 0));
  const examples = rows.map((row) => ({ vector: vectorOf(row.text), label: labels.indexOf(row.label) }));
  for (let pass = 0; pass < PASSES; pass += 1) {
    const rate = RATE / (1 + pass);
    // A stride that shares no factor with most lengths visits all examples in a scattered order.
    for (let step = 0; step < examples.length; step += 1) {
      const example = examples[(step * 7919 + pass) % examples.length];
      if (example === undefined) continue;
      const logits = scores(example.vector);
      const top = Math.max(...logits);
      const exponentials = logits.map((logit) => Math.exp(logit - top));
      const total = exponentials.reduce((sum, value) => sum + value, 0);
      weights.forEach((row, label) => {
        const error = (exponentials[label] ?? 0) / total - (label === example.label ? 1 : 0);
        if (Math.abs(error) < 1e-4) return;
        for (const [at, value] of example.vector) row[at] = (row[at] ?? 0) * (1 - DECAY) - rate * error * value;
        row[index.size] = (row[index.size] ?? 0) - rate * error;
      });
    }
  }
  return (text) => {
    const logits = scores(vectorOf(text));
    return labels[logits.indexOf(Math.max(...logits))] ?? '';
  };
}
