/**
 * Numbers in a message, in figures and in words, in the ways people write them in Spanish and English: `1.500`, `1,5`, `1 1/2`, `½`, `veinticinco`,
 * `treinta y cinco`, `twenty-one`, `2 mil`, `dos docenas`.
 */
import type { Language } from '../../domain/understanding.js';

export interface NumberSpan {
  readonly value: number;
  readonly start: number;
  readonly end: number;
  /** Written as a word that is also an article or pronoun (`un`, `una`, `one`): counts only where a unit or noun follows. */
  readonly article: boolean;
  readonly fraction: boolean;
}

const valuesOf = (values: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(values));

const WORD_VALUES = valuesOf({
  ...{
    uno: 1,
    un: 1,
    una: 1,
    dos: 2,
    tres: 3,
    cuatro: 4,
    cinco: 5,
    seis: 6,
    siete: 7,
    ocho: 8,
    nueve: 9,
    diez: 10,
    once: 11,
    doce: 12,
    trece: 13,
  },
  ...{
    catorce: 14,
    quince: 15,
    dieciseis: 16,
    diecisiete: 17,
    dieciocho: 18,
    diecinueve: 19,
    veinte: 20,
    veintiun: 21,
    veintiuno: 21,
    veintiuna: 21,
  },
  ...{
    veintidos: 22,
    veintitres: 23,
    veinticuatro: 24,
    veinticinco: 25,
    veintiseis: 26,
    veintisiete: 27,
    veintiocho: 28,
    veintinueve: 29,
    treinta: 30,
  },
  ...{
    cuarenta: 40,
    cincuenta: 50,
    sesenta: 60,
    setenta: 70,
    ochenta: 80,
    noventa: 90,
    cien: 100,
    ciento: 100,
    doscientos: 200,
    doscientas: 200,
  },
  ...{ trescientos: 300, trescientas: 300, cuatrocientos: 400, cuatrocientas: 400, quinientos: 500, quinientas: 500, seiscientos: 600 },
  ...{ seiscientas: 600, setecientos: 700, setecientas: 700, ochocientos: 800, ochocientas: 800, novecientos: 900, novecientas: 900 },
  ...{
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
    thirteen: 13,
    fourteen: 14,
  },
  ...{
    fifteen: 15,
    sixteen: 16,
    seventeen: 17,
    eighteen: 18,
    nineteen: 19,
    twenty: 20,
    thirty: 30,
    forty: 40,
    fifty: 50,
    sixty: 60,
    seventy: 70,
  },
  ...{ eighty: 80, ninety: 90, medio: 0.5, media: 0.5, half: 0.5 },
});
/** Multiply what stands before them; alone they count once. */
const MULTIPLIERS = valuesOf({
  ...{ mil: 1000, millon: 1e6, millones: 1e6, docena: 12, docenas: 12, par: 2, centenar: 100, hundred: 100, thousand: 1000, million: 1e6 },
  ...{ dozen: 12, dozens: 12, billion: 1e9 },
});
const ARTICLES = new Set(['un', 'una', 'uno', 'one']);
const VULGAR = valuesOf({ '½': 0.5, '¼': 0.25, '¾': 0.75, '⅓': 1 / 3, '⅔': 2 / 3, '⅛': 0.125, '⅜': 0.375, '⅝': 0.625, '⅞': 0.875 });

const FIGURES =
  /(?:(?<![\p{L}\p{N}])|(?<=(?:^|[\s\d])[x×]))(?:(\d{1,4})[ -](\d{1,3})\/(\d{1,3})|(\d{1,4})\/(\d{1,3})|(\d{0,6}) ?([½¼¾⅓⅔⅛⅜⅝⅞])|(\d{1,12}(?:[.,]\d{1,6}){0,3}))(?![\p{N}])/gu;
const WORDS = /(?<![\p{L}\p{N}])\p{L}{2,15}(?![\p{L}\p{N}])/gu;

/** More are no message of a customer's; they are not read. */
const MAX_NUMBERS = 200;

function* first<Item>(items: Iterable<Item>): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    if (taken === MAX_NUMBERS) return;
    taken += 1;
    yield item;
  }
}

/** Every number of a folded text in order, none overlapping another. Signs are not read: customers do not order -3 boards. */
export function findNumbers(folded: string, language: Language): NumberSpan[] {
  const figures = [...first(folded.matchAll(FIGURES))].flatMap((match) => figureOf(match, language) ?? []);
  const numbers = [...figures, ...findWordNumbers(folded)].sort((a, b) => a.start - b.start);
  return joinMultipliers(folded, numbers);
}

function figureOf(match: RegExpMatchArray, language: Language): NumberSpan | null {
  const [text, whole, upper, lower, top, bottom, before, vulgar, plain] = match;
  const start = match.index ?? 0;
  const span = { start, end: start + text.length, article: false };
  const divide = (a: string, b: string) => Number(a) / Number(b);
  if (upper !== undefined && lower !== undefined) {
    return Number(lower) === 0 ? null : { ...span, value: Number(whole) + divide(upper, lower), fraction: true };
  }
  if (top !== undefined && bottom !== undefined)
    return Number(bottom) === 0 ? null : { ...span, value: divide(top, bottom), fraction: true };
  if (vulgar !== undefined) return { ...span, value: Number(before ?? 0) + (VULGAR.get(vulgar) ?? 0), fraction: true };
  const value = plain === undefined ? null : parseFigures(plain, language);
  return value === null ? null : { ...span, value, fraction: false };
}

/**
 * Figures with separators. Two different ones: the last is decimal. The same twice: thousands. One alone before exactly three figures is
 * a thousands separator if the language uses it so (Spanish `1.500`, English `1,500`) and decimal otherwise. Null for other shapes (`1.2.3`, a version or a date).
 */
export function parseFigures(text: string, language: Language): number | null {
  const separators = text.match(/[.,]/g) ?? [];
  const [first, second] = separators;
  if (first === undefined) return Number(text);
  const thousands = language === 'es' ? '.' : ',';
  const groups = text.split(/[.,]/);
  const grouped = (parts: readonly string[]) =>
    parts.length > 0 && parts.every((part) => part.length === 3) && /^[1-9]\d{0,2}$/.test(groups[0] ?? '');
  if (second === undefined) {
    if (first === thousands && grouped(groups.slice(1))) return Number(groups.join(''));
    return Number(text.replace(',', '.'));
  }
  const last = separators.at(-1);
  if (last !== first && separators.slice(0, -1).every((separator) => separator === first) && grouped(groups.slice(1, -1))) {
    return Number(`${groups.slice(0, -1).join('')}.${groups.at(-1) ?? ''}`);
  }
  return separators.every((separator) => separator === first) && grouped(groups.slice(1)) ? Number(groups.join('')) : null;
}

interface WordNumber extends NumberSpan {
  readonly form: string;
}

/** Runs of number words (`treinta y cinco`, `two hundred and ten`) as one number. */
function findWordNumbers(folded: string): NumberSpan[] {
  const found: NumberSpan[] = [];
  let run: WordNumber[] = [];
  const flush = () => {
    const [first] = run;
    const last = run.at(-1);
    if (first !== undefined && last !== undefined) {
      const article = run.length === 1 && ARTICLES.has(first.form);
      found.push({
        value: valueOfRun(run.map((word) => word.form)),
        start: first.start,
        end: last.end,
        article,
        fraction: run.length === 1 && first.value === 0.5,
      });
    }
    run = [];
  };
  for (const match of folded.matchAll(WORDS)) {
    if (found.length >= MAX_NUMBERS) break;
    const form = match[0];
    const value = WORD_VALUES.get(form) ?? MULTIPLIERS.get(form);
    if (value === undefined) continue;
    const previous = run.at(-1);
    const between = previous === undefined ? '' : folded.slice(previous.end, match.index);
    if (previous !== undefined && !continuesRun(previous, form, value, between)) flush();
    run.push({ form, value, start: match.index, end: match.index + form.length, article: false, fraction: false });
  }
  flush();
  return found;
}

/** `treinta y cinco` is one number, `dos y tres` are two. */
function continuesRun(previous: WordNumber, form: string, value: number, between: string): boolean {
  if (!/^(?: | y |-| and )$/.test(between)) return false;
  if (MULTIPLIERS.has(form)) return between === ' ' || between === '-';
  return previous.value >= 20 && value < previous.value && value >= 1;
}

function valueOfRun(forms: readonly string[]): number {
  let total = 0;
  let current = 0;
  for (const form of forms) {
    const multiplier = MULTIPLIERS.get(form);
    if (multiplier === undefined) current += WORD_VALUES.get(form) ?? 0;
    else if (multiplier <= 100) current = (current === 0 ? 1 : current) * multiplier;
    else {
      total += (current === 0 ? 1 : current) * multiplier;
      current = 0;
    }
  }
  return total + current;
}

/** `2 mil`, `1,5 millones`, `3 docenas`: figures and the multiplier behind them are one number. */
function joinMultipliers(folded: string, numbers: readonly NumberSpan[]): NumberSpan[] {
  const joined: NumberSpan[] = [];
  for (const number of numbers) {
    const previous = joined.at(-1);
    const factor = MULTIPLIERS.get(folded.slice(number.start, number.end));
    if (previous !== undefined && factor !== undefined && folded.slice(previous.end, number.start) === ' ') {
      joined[joined.length - 1] = { ...previous, value: previous.value * factor, end: number.end, article: false };
    } else joined.push(number);
  }
  return joined;
}
