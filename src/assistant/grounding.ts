/**
 * Whether a statement says only what the passages say that it cites. What can be told by looking: numbers, sums of money, percentages, telephone numbers
 * and addresses stand there exactly so, and so do most of the words. A wrong "not" between right words is not noticed; who configures a model accepts that.
 */
import type { Source } from '../domain/knowledge.js';
import type { Language } from '../domain/understanding.js';
import { relatedStems } from '../text/glossary.js';
import { fold, isFunctionWord, isNumber, stemVariants, words } from '../text/words.js';
import type { Statement } from './statements.js';

/** Why a statement is refused, for the trace. */
export type Ungrounded = 'unknown passage' | 'foreign address' | 'foreign number' | 'foreign words';

/** A share of a statement's telling words that the passages must have. */
const LEAST_FOUND = 0.6;

/** Web and e-mail addresses, with or without `https://`. */
const ADDRESS = /[a-z][a-z+.-]*:\/\/[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.-]*\w|(?<![\w@])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/[^\s)>\]]*)?/g;
/** Seven digits or more, as telephone, account and order numbers are written. */
const LONG_NUMBER = /\d(?:[\s().-]{0,2}\d){6,}/g;
/** Of a markdown link, whatever it leads to. */
const LINK_TARGET = /\]\(\s*<?([^)>\s]*)/g;
/** Of an item of a list: it counts nothing. */
const LIST_NUMBER = /^\s*\d{1,2}[.)]\s/gm;
const AMOUNT = /([€$£]\s?)?(\d+(?:[.,:]\d+)*)(\s?(?:€|\$|£|%|euros?\b|eur\b|dollars?\b|pounds?\b|por ciento\b|percent\b|per cent\b))?/g;

/** `uno` and `one` count nothing, mostly. */
const NUMBER_WORDS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  es: named(
    'dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 docena=12 trece=13 catorce=14 quince=15 dieciseis=16 ' +
      'diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 veintiuno=21 veinticuatro=24 veinticinco=25 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 ' +
      'setenta=70 ochenta=80 noventa=90 cien=100 ciento=100 doscientos=200 trescientos=300 quinientos=500 mil=1000',
  ),
  en: named(
    'two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 dozen=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 ' +
      'seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 thousand=1000',
  ),
};

function named(pairs: string): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.split(' ').map((pair) => pair.split('=') as [string, string]));
}

export interface Grounds {
  /** Null: the statement says what the passages say. */
  readonly refuse: (statement: Statement) => Ungrounded | null;
}

/** @param passages the first has the number 1; @param language of the statements */
export function createGrounds(passages: readonly Source[], language: Language): Grounds {
  const known = new Map<number, Grounding>();
  const groundingOf = (number: number): Grounding | null => {
    const passage = passages[number - 1];
    if (passage === undefined) return null;
    const grounding = known.get(number) ?? readGrounding(passage);
    known.set(number, grounding);
    return grounding;
  };
  return {
    refuse({ claim, cited }) {
      const found = cited.map(groundingOf);
      const grounds = found.filter((grounding) => grounding !== null);
      if (grounds.length === 0 || grounds.length < found.length) return 'unknown passage';
      const said = fold(claim.replace(LIST_NUMBER, ''));
      const isThere = (part: string, where: (grounding: Grounding) => string) =>
        grounds.some((grounding) => where(grounding).includes(part));
      if (!addressesIn(said).every((address) => isThere(address, ({ text }) => text))) return 'foreign address';
      if (!longNumbersIn(said).every((number) => isThere(number, ({ longNumbers }) => longNumbers))) return 'foreign number';
      const numbers = [...amountsIn(said), ...namedNumbersIn(said, language)];
      if (!numbers.every((number) => grounds.some((grounding) => grounding.numbers.has(number)))) return 'foreign number';
      return shareFound(said, grounds) < LEAST_FOUND ? 'foreign words' : null;
    },
  };
}

interface Grounding {
  /** Folded. */
  readonly text: string;
  readonly longNumbers: string;
  readonly numbers: ReadonlySet<string>;
  readonly stems: ReadonlySet<string>;
}

function readGrounding({ content, metadata }: Source): Grounding {
  const text = fold([metadata.title, content, metadata.url ?? ''].join('\n'));
  const inText = words(text);
  const names = [...namedNumbersIn(text, 'es'), ...namedNumbersIn(text, 'en')];
  return {
    text,
    longNumbers: longNumbersIn(text).join(' '),
    numbers: new Set([...amountsIn(text), ...inText.flatMap(valuesOf), ...names]),
    stems: new Set(inText.flatMap(stemVariants)),
  };
}

function addressesIn(folded: string): string[] {
  const targets = [...folded.matchAll(LINK_TARGET)].map(([, target = '']) => target);
  return [...targets, ...(folded.match(ADDRESS) ?? [])].map((address) => address.replace(/[.,;:]+$/, ''));
}

const longNumbersIn = (folded: string): string[] => (folded.match(LONG_NUMBER) ?? []).map((number) => number.replace(/\D/g, ''));

/** Every number, in a form that is the same however it is written; a sum of money and a percentage keep what they are. */
const amountsIn = (folded: string): string[] =>
  [...folded.matchAll(AMOUNT)].map(([, before, digits = '', after]) => {
    const unit = before === undefined && after === undefined ? '' : /por ciento|per ?cent|%/.test(after ?? '') ? '%' : 'money';
    return `${valueOf(digits)}${unit}`;
  });

const namedNumbersIn = (folded: string, language: Language): string[] =>
  words(folded).flatMap((word) => NUMBER_WORDS[language][word] ?? []);

/** What a passage's number may be called without what it is: `18,90 €` is also 18.9. */
const valuesOf = (word: string): string[] => (isNumber(word) ? [valueOf(word)] : []);

/** `1.234,50`, `1,234.5` and `1234,5` are one number; three digits behind a single separator are taken for thousands, on both sides. */
function valueOf(digits: string): string {
  if (digits.includes(':')) return digits;
  const [, whole = digits, decimals = ''] = /^(.*)[.,](\d{1,2}|\d{4,})$/.exec(digits) ?? [];
  const fraction = decimals.replace(/0+$/, '');
  return `${whole.replace(/[.,]/g, '').replace(/^0+(?=\d)/, '')}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Of the words that tell something, those that the passages have, or another word for them. 0 where none tells anything. */
function shareFound(folded: string, grounds: readonly Grounding[]): number {
  const telling = words(folded.replace(ADDRESS, ' ')).filter((word) => word.length > 2 && !isFunctionWord(word) && !isNumber(word));
  if (telling.length === 0) return 0;
  const has = (stems: readonly string[]) => stems.some((stem) => grounds.some((grounding) => grounding.stems.has(stem)));
  return telling.filter((word) => has(stemVariants(word)) || has(relatedStems(word))).length / telling.length;
}
