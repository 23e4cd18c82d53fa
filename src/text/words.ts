/**
 * How a text becomes comparable words: folded (lower case, no accents), cut, stemmed in Spanish or English. Search, embeddings and the
 * answerer must agree on it to the letter, so it is here, below all of them.
 */
import englishStemmer from 'natural/lib/natural/stemmers/porter_stemmer.js';
import spanishStemmer from 'natural/lib/natural/stemmers/porter_stemmer_es.js';

/** Lower case without accents; `ñ` becomes `n`, since half of the customers type it so. */
export const fold = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '');

const WORD = /\p{L}[\p{L}\p{N}]*|\p{N}+(?:[.,:]\p{N}+)*/gu;

/** The folded words of a text in order. A number keeps its separators (`18,90`, `7:30`); a unit written to it is a word of its own (`50mm`: `50`, `mm`). */
export const words = (text: string): string[] => fold(text).match(WORD) ?? [];

export const isNumber = (word: string): boolean => /^\p{N}/u.test(word);

const CACHE_LIMIT = 50_000;
const caches = { es: new Map<string, string>(), en: new Map<string, string>() };

/** The stem of one folded word in `language`; other languages than Spanish are stemmed as English. */
export function stem(word: string, language: string): string {
  if (word.length < 3 || isNumber(word)) return word;
  const spanish = language === 'es';
  const cache = spanish ? caches.es : caches.en;
  const known = cache.get(word);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const stemmed = spanish ? spanishStem(word) : englishStemmer.stem(word);
  cache.set(word, stemmed);
  return stemmed;
}

/** natural's Spanish stemmer expects accents and misses short plurals and `vosotros`: all are put right first, so that the forms of a word meet. */
function spanishStem(word: string): string {
  const singular = word
    .replace(/([cs]ion)es$/, '$1')
    .replace(/([aeo])s$/, '$1')
    .replace(/(\w{3}[ae])is$/, '$1r');
  return fold(spanishStemmer.stem(singular.replace(/([cs])ion$/, '$1ión')));
}

/** What a word of a question may be in a text whose language is not known beforehand: its stem in either language. */
export function stemVariants(word: string): readonly string[] {
  const spanish = stem(word, 'es');
  const english = stem(word, 'en');
  return spanish === english ? [spanish] : [spanish, english];
}

const SPANISH_FUNCTION_WORDS = new Set(
  (
    'a al algo algun alguna algunas alguno algunos ante antes aqui asi aun aunque cada casi como con contra cual cuales cualquier cuando cuanta cuantas ' +
    'cuanto cuantos de del desde donde dos e el ella ellas ellos en entre era eran eres es esa esas ese eso esos esta estaba estan estar estas este esto estos ' +
    'estoy fue fueron ha haber habia han has hasta hay he hemos la las le les lo los mas me mi mia mias mio mios mis misma mismo mucha muchas mucho muchos muy ' +
    'nada ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco por porque pues que quien quienes se sea sean segun ser ' +
    'si sido siempre sin sobre sois solo somos son soy su sus suya suyas suyo suyos tambien tampoco tan tanta tantas tanto te ti toda todas todavia todo todos ' +
    'tu tus tuya tuyo u un una unas uno unos usted ustedes va vamos van voy vosotros vuestra vuestro y ya yo ' +
    'puedo puede pueden podeis podria podrias podriamos poder quiero quiere quieren quisiera queria querria necesito necesita tengo tiene tienen tenia teneis tener ' +
    'hago hace hacen hacer haceis falta tipo clase hola buenas buenos gracias favor saber sabe decir decirme digame dime gustaria debo debe deben'
  ).split(' '),
);

const ENGLISH_FUNCTION_WORDS = new Set(
  (
    'a about above after many soon long again all also am an and any anyone are as at be because been before being below between both but by can cannot could did do does doing ' +
    'down during each either else ever every few for from further get gets give got had has have having he her here hers him his how i if in into is it its itself ' +
    'just like may me might more most much must my no nor not now of off on once only or other our ours out over own per please same shall she should so some ' +
    'someone such than thank thanks that the their them then there these they this those through to too under until up us very want wants was we were what when ' +
    'where which while who whom why will with would you your yours hello hi hey need needs know tell say there s t don'
  ).split(' '),
);

/** A word that says nothing about the subject: articles, pronouns, auxiliaries, courtesies, in both languages. Takes a folded word. */
export const isFunctionWord = (word: string): boolean => SPANISH_FUNCTION_WORDS.has(word) || ENGLISH_FUNCTION_WORDS.has(word);

/** The language of a text of a few sentences or more, by its function words: `es` or `en`; `es` where they do not tell. */
export function languageOfText(text: string): 'es' | 'en' {
  let balance = 0;
  for (const word of words(text.slice(0, 20_000))) {
    if (SPANISH_FUNCTION_WORDS.has(word)) balance += 1;
    if (ENGLISH_FUNCTION_WORDS.has(word)) balance -= 1;
  }
  return balance >= 0 ? 'es' : 'en';
}
