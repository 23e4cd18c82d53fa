/**
 * A linear support vector machine over TF-IDF features, one against the rest: small, exact, trained at start from the example files.
 * Training is dual coordinate descent on the squared hinge loss (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM",
 * ICML 2008, algorithm 1), which needs some ten passes over the examples. Deterministic: the same examples give the same weights.
 */
import type { FeatureCounts, TextFeatures } from './intent-features.js';

/** A sparse vector of length 1. */
export interface SparseVector {
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export interface LinearClassifier {
  /** One margin a class; above 0 speaks for it. */
  margins(vector: SparseVector): Float64Array;
}

/** Share of the squared length that words get; the rest goes to character n-grams. */
const WORD_SHARE = 0.5;
const PASSES = 12;
const COST = 2;
/** From here on an example is taken for settled: its margin is 0.1 beyond what is asked. */
const SETTLED_GRADIENT = 0.1;

export interface Vectorizer {
  readonly size: number;
  vectorize(features: TextFeatures): SparseVector;
  /** Share of a text's single words that the corpus has; 1 for a text without words. */
  knownShare(features: TextFeatures): number;
}

/** TF-IDF with sublinear term frequency and smoothed document frequency; features that training has not seen are left out. */
export function fitVectorizer(corpus: readonly TextFeatures[]): Vectorizer {
  const blocks = (['words', 'grams'] as const).map((kind) => fitBlock(corpus.map((features) => features[kind])));
  const [words, grams] = blocks;
  if (words === undefined || grams === undefined) throw new Error('a vectorizer has two blocks');
  return {
    size: words.size + grams.size,
    vectorize(features) {
      const parts = [
        { ...words.weigh(features.words), offset: 0, share: WORD_SHARE },
        { ...grams.weigh(features.grams), offset: words.size, share: 1 - WORD_SHARE },
      ];
      const length = parts.reduce((sum, part) => sum + part.indices.length, 0);
      const indices = new Int32Array(length);
      const values = new Float32Array(length);
      let at = 0;
      for (const part of parts) {
        const scale = part.norm === 0 ? 0 : Math.sqrt(part.share) / part.norm;
        for (let i = 0; i < part.indices.length; i += 1) {
          indices[at] = part.offset + (part.indices[i] ?? 0);
          values[at] = (part.weights[i] ?? 0) * scale;
          at += 1;
        }
      }
      return { indices, values };
    },
    knownShare(features) {
      const singles = [...features.words.keys()].filter((word) => !word.includes(' '));
      return singles.length === 0 ? 1 : singles.filter((word) => words.has(word)).length / singles.length;
    },
  };
}

function fitBlock(corpus: readonly FeatureCounts[]) {
  const documentFrequency = new Map<string, number>();
  for (const counts of corpus)
    for (const feature of counts.keys()) documentFrequency.set(feature, (documentFrequency.get(feature) ?? 0) + 1);
  const entries = new Map<string, { index: number; idf: number }>();
  for (const [feature, frequency] of documentFrequency) {
    entries.set(feature, { index: entries.size, idf: Math.log((1 + corpus.length) / (1 + frequency)) + 1 });
  }
  return {
    size: entries.size,
    has: (feature: string) => entries.has(feature),
    weigh(counts: FeatureCounts) {
      const indices: number[] = [];
      const weights: number[] = [];
      let squares = 0;
      for (const [feature, occurrences] of counts) {
        const entry = entries.get(feature);
        if (entry === undefined) continue;
        const weight = (1 + Math.log(occurrences)) * entry.idf;
        indices.push(entry.index);
        weights.push(weight);
        squares += weight * weight;
      }
      return { indices, weights, norm: Math.sqrt(squares) };
    },
  };
}

export function trainClassifier(
  vectors: readonly SparseVector[],
  labels: readonly number[],
  classes: number,
  size: number,
): LinearClassifier {
  const weights = new Float32Array(size * classes);
  const bias = new Float64Array(classes);
  for (let label = 0; label < classes; label += 1) {
    const trained = trainBinary(vectors, labels, label, size);
    for (let feature = 0; feature < size; feature += 1) weights[feature * classes + label] = trained.weights[feature] ?? 0;
    bias[label] = trained.bias;
  }
  return {
    margins(vector) {
      const margins = Float64Array.from(bias);
      for (let i = 0; i < vector.indices.length; i += 1) {
        const offset = (vector.indices[i] ?? 0) * classes;
        const value = vector.values[i] ?? 0;
        for (let label = 0; label < classes; label += 1) margins[label] = (margins[label] ?? 0) + value * (weights[offset + label] ?? 0);
      }
      return margins;
    },
  };
}

/**
 * The weights of one class. An example that the weights already get right by a wide margin is left out of the following passes (algorithm 2 of
 * the paper, with a fixed bound) and looked at again in the last two. The bias is a feature of value 1.
 */
function trainBinary(vectors: readonly SparseVector[], labels: readonly number[], positive: number, size: number) {
  const weights = new Float64Array(size);
  const alphas = new Float64Array(vectors.length);
  const settled = new Uint8Array(vectors.length);
  const order = Uint32Array.from(vectors.keys());
  const diagonal = 1 / (2 * COST);
  let bias = 0;
  let seed = 1 + positive;
  for (let pass = 0; pass < PASSES; pass += 1) {
    seed = shuffle(order, seed);
    if (pass === PASSES - 2) settled.fill(0);
    for (const index of order) {
      const vector = vectors[index];
      if (vector === undefined || settled[index] === 1) continue;
      const sign = labels[index] === positive ? 1 : -1;
      const alpha = alphas[index] ?? 0;
      const gradient = sign * (bias + dotProduct(vector, weights)) - 1 + diagonal * alpha;
      const next = Math.max(alpha - gradient / (2 + diagonal), 0);
      if (next === 0 && gradient > SETTLED_GRADIENT) settled[index] = 1;
      if (next === alpha) continue;
      alphas[index] = next;
      const change = (next - alpha) * sign;
      bias += change;
      addScaled(weights, vector, change);
    }
  }
  return { weights, bias };
}

function dotProduct({ indices, values }: SparseVector, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < indices.length; i += 1) sum += (values[i] as number) * (weights[indices[i] as number] as number);
  return sum;
}

function addScaled(weights: Float64Array, { indices, values }: SparseVector, scale: number): void {
  for (let i = 0; i < indices.length; i += 1) {
    const index = indices[i] as number;
    weights[index] = (weights[index] as number) + scale * (values[i] as number);
  }
}

/** Fisher and Yates with a linear congruential generator (Numerical Recipes' constants); returns the next seed. */
function shuffle(order: Uint32Array, seed: number): number {
  let state = seed;
  for (let at = order.length - 1; at > 0; at -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (at + 1);
    const held = order[at] as number;
    order[at] = order[other] as number;
    order[other] = held;
  }
  return state;
}
