/**
 * Tells the intent of a message, with a confidence that means what it says. One classifier serves all languages, so that a message that mixes
 * them, or whose language was told wrongly, is still understood.
 */
import type { IntentMatch, Language } from '../domain/understanding.js';
import { fitCalibration, type Calibration, type Judged } from './calibration.js';
import { OUT_OF_SCOPE, type IntentExamples } from './intent-examples.js';
import { featuresOf, type TextFeatures } from './intent-features.js';
import { fitVectorizer, trainClassifier, type LinearClassifier, type Vectorizer } from './linear-classifier.js';

export interface IntentClassifier {
  /** The likeliest intent; null where nothing is near enough (confidence under the threshold) or the message is none of them. */
  classify(text: string, language: Language): IntentMatch | null;
  /** The same without a threshold, for measuring. */
  rank(text: string, language: Language): IntentMatch | null;
}

export interface IntentOptions {
  /** Least confidence, 0 to 1. */
  readonly threshold?: number;
}

/** Below even odds an intent is a guess. */
const DEFAULT_THRESHOLD = 0.5;
const CALIBRATION_FOLDS = 3;

interface Example {
  readonly features: TextFeatures;
  readonly label: number;
}

interface Model {
  readonly vectorizer: Vectorizer;
  readonly classifier: LinearClassifier;
}

/** Trains at once: about half a second for 1,500 examples of 22 intents. Throws where there are fewer than two intents. */
export function trainIntents(
  intents: readonly Pick<IntentExamples, 'name' | 'language' | 'examples'>[],
  options: IntentOptions = {},
): IntentClassifier {
  const names = [...new Set(intents.map((intent) => intent.name))];
  if (names.length < 2) throw new Error('Intent examples need at least two intents to tell apart');
  const threshold = options.threshold ?? DEFAULT_THRESHOLD;
  const examples = intents.flatMap(({ name, language, examples: texts }) =>
    texts.map((text): Example => ({ features: featuresOf(text, language), label: names.indexOf(name) })),
  );
  const calibration = calibrate(examples, names);
  const model = train(examples, names.length);

  const rank = (text: string, language: Language): IntentMatch | null => {
    const judged = judge(model, featuresOf(text, language));
    return judged === null ? null : { name: names[judged.label] ?? OUT_OF_SCOPE, confidence: calibration(judged) };
  };
  return {
    rank,
    classify(text, language) {
      const best = rank(text, language);
      return best === null || best.name === OUT_OF_SCOPE || best.confidence < threshold ? null : best;
    },
  };
}

function train(examples: readonly Example[], classes: number): Model {
  const vectorizer = fitVectorizer(examples.map((example) => example.features));
  const vectors = examples.map((example) => vectorizer.vectorize(example.features));
  const labels = examples.map((example) => example.label);
  return { vectorizer, classifier: trainClassifier(vectors, labels, classes, vectorizer.size) };
}

/** The best class with what its confidence is told from; null where the message has no known feature. */
function judge({ vectorizer, classifier }: Model, features: TextFeatures): (Judged & { readonly label: number }) | null {
  const vector = vectorizer.vectorize(features);
  if (vector.indices.length === 0) return null;
  const margins = classifier.margins(vector);
  let label = 0;
  let second = -Infinity;
  for (let index = 1; index < margins.length; index += 1) {
    const margin = margins[index] ?? -Infinity;
    if (margin > (margins[label] ?? -Infinity)) {
      second = margins[label] ?? -Infinity;
      label = index;
    } else if (margin > second) second = margin;
  }
  const margin = margins[label] ?? 0;
  return { label, margin, lead: margin - second, known: vectorizer.knownShare(features) };
}

/** Every example is judged by a classifier that has not seen it; how often such judgements are right is what confidence means. */
function calibrate(examples: readonly Example[], names: readonly string[]): Calibration {
  const seen = new Map<number, number>();
  const folds = examples.map(({ label }) => {
    const fold = seen.get(label) ?? 0; // every intent is spread evenly over the folds
    seen.set(label, fold + 1);
    return fold % CALIBRATION_FOLDS;
  });
  const cases: (Judged & { right: boolean })[] = [];
  for (let fold = 0; fold < CALIBRATION_FOLDS; fold += 1) {
    const model = train(
      examples.filter((_, index) => folds[index] !== fold),
      names.length,
    );
    examples.forEach(({ features, label }, index) => {
      if (folds[index] !== fold) return;
      const judged = judge(model, features);
      if (judged === null || names[judged.label] === OUT_OF_SCOPE) return;
      cases.push({ ...judged, right: judged.label === label });
    });
  }
  return fitCalibration(cases);
}
