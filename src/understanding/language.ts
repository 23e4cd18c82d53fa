/**
 * Tells Spanish from English, down to single words: function words first, then letters that only one of them uses, then letter trigrams learnt from
 * the example files. The language of the conversation so far weighs as much as half a function word and decides where the text does not tell.
 */
import { LANGUAGES, type Language } from '../domain/understanding.js';
import { fold } from '../text/words.js';

export interface LanguageDetector {
  detect(text: string, previousLanguage: Language | null): Language;
}

/** Words that are frequent in one of the two and do not exist, or hardly, in the other. Folded. */
const MARKERS: Readonly<Record<Language, string>> = {
  es:
    'el la los las un una unos unas de del al y o u en con por para que como cual cuales cuando cuanto cuanta cuantos cuantas donde quien porque pero si ' +
    'mi tu su sus mis tus yo ella ellos nosotros usted ustedes vosotros les se lo le nos os es son esta estan estoy este estos esa ese eso esto aqui ahi hay ' +
    'tengo tiene tienen teneis tienes tenemos quiero quiere quisiera queria necesito necesita puedo puede puedes pueden podeis podria hola buenas buenos gracias adios muy mas ' +
    'tambien ya todavia hasta desde sobre entre sin ni vale bueno bien favor ayuda precio cuesta vale hace hacer saber decir dime dias tardes noches ayer hoy manana ahora nada algo ' +
    'todo todos otra otro mucho mucha pedido envio factura persona hablar perfecto claro genial venga chao ola grasias q pq xq porfa',
  en:
    'the an of and or to in on at for with from by is are was were be been am do does did have has had can could will would should may might must ' +
    'what which who when where why how this that these those it its my your his her our their you he she we they them us there here not yes yeah yep nope ' +
    'hello hi hey thanks thank please bye goodbye sorry ok okay need want know get got give let tell help much many any some all more most very about ' +
    'price cost costs order delivery invoice person speak talk today tomorrow yesterday now good morning afternoon evening great perfect sure fine im dont cant isnt whats u ur thx pls',
};

const MARKER_WEIGHT = 2;
const LETTER_WEIGHT = 2;
const PREVIOUS_WEIGHT = 1;
/** The most that the trigrams of one word may say: less than a function word. */
const MOST_PER_WORD = 1.5;
const DEFAULT_LANGUAGE: Language = 'es';

/** Words that speak for both (`ok`, `no`) are left out of the lists' difference. */
const NEUTRAL = new Set(['ok', 'okay', 'no', 'a', 'me', 'email', 'panel', 'pir', 'eps', 'xps']);

const markerWeights = new Map<string, number>();
for (const language of LANGUAGES) {
  for (const word of MARKERS[language].split(' ')) {
    if (!NEUTRAL.has(word)) markerWeights.set(word, (markerWeights.get(word) ?? 0) + signOf(language) * MARKER_WEIGHT);
  }
}

/** Beyond this the language is clear. */
const MAX_CHARS = 600;

function signOf(language: Language): 1 | -1 {
  return language === 'es' ? 1 : -1;
}

/** Learns the trigrams of each language from `samples`; without samples words and letters decide alone. */
export function createLanguageDetector(samples: readonly { readonly text: string; readonly language: Language }[]): LanguageDetector {
  const trigrams = learnTrigrams(samples);
  return {
    detect(text, previousLanguage) {
      const start = text.slice(0, MAX_CHARS).normalize('NFC').toLowerCase();
      let score = previousLanguage === null ? 0 : signOf(previousLanguage) * PREVIOUS_WEIGHT;
      if (/[ñ¿¡áéíóú]/.test(start)) score += LETTER_WEIGHT;
      if (/\b(?:can|don|isn|doesn|won|didn|i|it|that|what|let|you|we)['’](?:t|s|m|re|ve|ll|d)\b/.test(start)) score -= LETTER_WEIGHT;
      for (const word of fold(start).match(/\p{L}+/gu) ?? []) {
        if (!NEUTRAL.has(word)) score += markerWeights.get(word) ?? trigrams(word);
      }
      if (score === 0) return previousLanguage ?? DEFAULT_LANGUAGE;
      return score > 0 ? 'es' : 'en';
    },
  };
}

/** How much the trigrams of a word speak for Spanish (above 0) or English (below). */
function learnTrigrams(samples: readonly { readonly text: string; readonly language: Language }[]): (word: string) => number {
  const counts: Record<Language, Map<string, number>> = { es: new Map(), en: new Map() };
  const totals: Record<Language, number> = { es: 0, en: 0 };
  for (const { text, language } of samples) {
    for (const word of fold(text).match(/\p{L}+/gu) ?? []) {
      for (const trigram of trigramsOf(word)) {
        counts[language].set(trigram, (counts[language].get(trigram) ?? 0) + 1);
        totals[language] += 1;
      }
    }
  }
  const share = (language: Language, trigram: string): number => ((counts[language].get(trigram) ?? 0) + 0.5) / (totals[language] + 0.5);
  return (word) => {
    if (totals.es === 0 || totals.en === 0) return 0;
    const grams = trigramsOf(word);
    const evidence = grams.reduce((sum, trigram) => sum + Math.log(share('es', trigram) / share('en', trigram)), 0);
    return Math.max(-MOST_PER_WORD, Math.min(MOST_PER_WORD, evidence / 3));
  };
}

function trigramsOf(word: string): string[] {
  const padded = ` ${word} `;
  return Array.from({ length: Math.max(0, padded.length - 2) }, (_, at) => padded.slice(at, at + 3));
}
