/**
 * Understanding: reads language, intent, entities and mood out of a message. Everything is built at start from the example files and the catalogue;
 * a message then costs well under a millisecond and no I/O.
 */
import { LRUCache } from 'lru-cache';
import type { CatalogueProduct } from '../domain/knowledge.js';
import type { Entities, Language, Understanding, UnderstandingService } from '../domain/understanding.js';
import { fold } from '../text/words.js';
import { createEntityExtractor } from './entities/extract.js';
import type { IntentExamples } from './intent-examples.js';
import { trainIntents } from './intents.js';
import { createLanguageDetector } from './language.js';
import { readSentiment } from './sentiment.js';

export { loadIntentExamples, type IntentExamples } from './intent-examples.js';

export interface UnderstandingOptions {
  readonly catalogue: readonly CatalogueProduct[];
  /** At least two intents; see `loadIntentExamples`. */
  readonly examples: readonly IntentExamples[];
  /** The clock behind `hoy` and `tomorrow`. */
  readonly now?: () => Date;
}

export interface TrainedUnderstanding extends UnderstandingService {
  /** Takes a changed catalogue into use for the next message. */
  setCatalogue(catalogue: readonly CatalogueProduct[]): void;
}

/** Messages of more than this are cut: customers may send 4,000 characters (CONTRACT), other channels more. */
const MAX_CHARS = 4000;
/** Messages whose reading is kept: a greeting, a thank-you and the usual questions come again and again. */
const READINGS_KEPT = 2_000;
/** An example word seen this often is everyday language, not a product misspelt by one customer. */
const ORDINARY_FROM = 2;

/** Trains at once, in about half a second. Offsets of entities count in the text's NFC form, which is what keyboards send. */
export function createUnderstanding({ catalogue, examples, now = () => new Date() }: UnderstandingOptions): TrainedUnderstanding {
  const intents = trainIntents(examples);
  const languages = createLanguageDetector(examples.flatMap(({ language, examples: texts }) => texts.map((text) => ({ text, language }))));
  const isOrdinary = ordinaryWords(examples);
  let extract = createEntityExtractor({ catalogue, isOrdinary, now });
  const readings = new LRUCache<string, Understanding>({ max: READINGS_KEPT });

  const read = (text: string, previousLanguage: Language | null): Understanding => {
    const language = languages.detect(text, previousLanguage);
    const intent = intents.classify(text, language);
    const entities = extract(text, language);
    return {
      language,
      intent,
      entities,
      sentiment: readSentiment(text),
      // “sí, el de 50 mm” is more than a yes: what it names is looked up.
      cannedReply: intent === null || namesAnything(entities) ? null : cannedReplyOf(examples, intent.name, language, text),
    };
  };
  return {
    understand(given, previousLanguage) {
      const text = given.slice(0, MAX_CHARS).normalize('NFC');
      // All that a reading depends on beside the catalogue; the day, because "tomorrow" is one.
      const key = `${previousLanguage ?? ''}\n${now().toDateString()}\n${text}`;
      const reading = readings.get(key) ?? read(text, previousLanguage);
      readings.set(key, reading);
      return reading;
    },
    setCatalogue(changed) {
      extract = createEntityExtractor({ catalogue: changed, isOrdinary, now });
      readings.clear();
    },
  };
}

function ordinaryWords(examples: readonly IntentExamples[]): (form: string) => boolean {
  const counts = new Map<string, number>();
  for (const text of examples.flatMap((intent) => intent.examples)) {
    for (const form of fold(text).match(/\p{L}+/gu) ?? []) counts.set(form, (counts.get(form) ?? 0) + 1);
  }
  return (form) => (counts.get(form) ?? 0) >= ORDINARY_FROM;
}

const namesAnything = (entities: Entities): boolean => Object.values<readonly unknown[]>({ ...entities }).some((found) => found.length > 0);

/** Which of the replies is told from the message, so that running a turn again says the same. */
function cannedReplyOf(examples: readonly IntentExamples[], name: string, language: Language, text: string): Understanding['cannedReply'] {
  const intent = examples.find((candidate) => candidate.name === name && candidate.language === language);
  const reply = intent?.replies[text.length % Math.max(1, intent.replies.length)];
  return intent === undefined || reply === undefined ? null : { text: reply, buttons: intent.buttons };
}
