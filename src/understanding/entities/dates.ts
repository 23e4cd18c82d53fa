/**
 * Dates, absolute and relative, as ISO 8601 days: `12/03/2026`, `12 de marzo`, `March 12th`, `mañana`, `next Monday`, `en 3 días`, `2 weeks ago`.
 * Figures are day first, as in Spain and most of the world. A day and month without a year is the nearest such day to today.
 */
import type { DateEntity } from '../../domain/understanding.js';
import type { Claims } from '../tokens.js';
import { findNumbers } from './numbers.js';

const MONTHS =
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|january|february|march|april|may|june|july|august|september|october|november|december|' +
  'ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const monthList = MONTHS.split('|');
const monthOf = (name: string): number => (name === 'sept' || name === 'setiembre' ? 8 : monthList.indexOf(name) % 12);
const MONTH = `${MONTHS}|sept|setiembre`;

const WEEKDAYS = [
  'domingo|sunday',
  'lunes|monday',
  'martes|tuesday',
  'miercoles|wednesday',
  'jueves|thursday',
  'viernes|friday',
  'sabado|saturday',
];
const weekdayOf = (name: string): number => WEEKDAYS.findIndex((names) => names.split('|').includes(name));
const WEEKDAY = WEEKDAYS.join('|');

const UNIT_DAYS: Readonly<Record<string, number>> = { d: 1, s: 7, w: 7 };
const UNIT = 'dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?';
const COUNT = '\\d{1,3}|\\p{L}{1,12}';

interface Day {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
}

interface Pattern {
  readonly pattern: RegExp;
  readonly read: (groups: readonly string[], today: Day) => Day | null;
}

const start = '(?<![\\p{L}\\p{N}/.-])';
const end = '(?![\\p{L}\\p{N}])';
const spelled = (source: string): RegExp => new RegExp(`${start}(?:${source})${end}`, 'gu');

/** In order of precedence: what an earlier pattern has read, a later one leaves alone. */
const PATTERNS: readonly Pattern[] = [
  { pattern: spelled('(\\d{4})-(\\d{1,2})-(\\d{1,2})'), read: ([y, m, d]) => dayOf(Number(y), Number(m) - 1, Number(d)) },
  {
    pattern: spelled('(\\d{1,2})([/.-])(\\d{1,2})\\2(\\d{4}|\\d{2})'),
    read: ([d, , m, y]) => readFigures(Number(d), Number(m), fullYear(y)),
  },
  {
    pattern: spelled('(\\d{1,2})/(\\d{1,2})(?!/)'),
    read: ([d, m], today) => (Number(d) > 12 || Number(d) * Number(m) > 24 ? nearest(Number(d), Number(m) - 1, today) : null),
  },
  {
    pattern: spelled(`(\\d{1,2})(?:st|nd|rd|th|º)?(?: de| of)? (${MONTH})\\.?(?:(?: de| del|,)? (\\d{4}))?`),
    read: ([d, month, y], today) => withYear(Number(d), monthOf(month ?? ''), y, today),
  },
  {
    pattern: spelled(`(${MONTH})\\.? (?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4}))?`),
    read: ([month, d, y], today) => withYear(Number(d), monthOf(month ?? ''), y, today),
  },
  { pattern: spelled('pasado manana|(?:the )?day after tomorrow'), read: (_, today) => shift(today, 2) },
  { pattern: spelled('anteayer|antier|antes de ayer|(?:the )?day before yesterday'), read: (_, today) => shift(today, -2) },
  { pattern: spelled('ayer|yesterday'), read: (_, today) => shift(today, -1) },
  { pattern: spelled('hoy|today|tonight|esta (?:tarde|noche|manana)|this (?:morning|afternoon|evening)'), read: (_, today) => today },
  { pattern: spelled('(?<!(?:la|una|cada|buena|una buena) )(?:manana|tomorrow)'), read: (_, today) => shift(today, 1) },
  { pattern: spelled(`(?:dentro de|en|in|within) (${COUNT}) (${UNIT})`), read: ([count, unit], today) => relative(count, unit, 1, today) },
  { pattern: spelled(`hace (${COUNT}) (${UNIT})`), read: ([count, unit], today) => relative(count, unit, -1, today) },
  { pattern: spelled(`(${COUNT}) (${UNIT}) (?:ago|atras)`), read: ([count, unit], today) => relative(count, unit, -1, today) },
  {
    pattern: spelled('(?:la )?semana que viene|(?:la )?proxima semana|next week'),
    read: (_, today) => shift(today, (8 - weekday(today)) % 7 || 7),
  },
  { pattern: spelled('(?:la )?semana pasada|last week'), read: (_, today) => shift(today, -7) },
  {
    pattern: spelled(`(?:el |the )?(${WEEKDAY}) pasado|(?:last|el pasado) (${WEEKDAY})`),
    read: ([a, b], today) => previousWeekday(a ?? b ?? '', today),
  },
  {
    pattern: spelled(
      `(?:(?:(?:el|este|proximo|para|on|next|this|by) ){1,3}(${WEEKDAY})(?: que viene| proximo)?|(${WEEKDAY}) (?:que viene|proximo))`,
    ),
    read: ([a, b], today) => shift(today, (weekdayOf(a ?? b ?? '') - weekday(today) + 7) % 7 || 7),
  },
];

/** `now` gives the day that `hoy` is, in the server's time zone. Claims what it reads. */
export function findDates(text: string, folded: string, now: () => Date, claims: Claims): DateEntity[] {
  const found: DateEntity[] = [];
  let today: Day | null = null;
  for (const { pattern, read } of PATTERNS) {
    for (const match of folded.matchAll(pattern)) {
      const from = match.index;
      const to = from + match[0].length;
      if (!claims.isFree(from, to)) continue;
      today ??= calendarDay(now());
      const day = read(match.slice(1), today);
      if (day === null) continue;
      claims.claim(from, to);
      found.push({ text: text.slice(from, to), start: from, end: to, date: isoOf(day) });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

const calendarDay = (at: Date): Day => ({ year: at.getFullYear(), month: at.getMonth(), day: at.getDate() });

const utcOf = ({ year, month, day }: Day): Date => new Date(Date.UTC(year, month, day));

const fromUtc = (at: Date): Day => ({ year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate() });

const isoOf = (day: Day): string => utcOf(day).toISOString().slice(0, 10);

const weekday = (day: Day): number => utcOf(day).getUTCDay();

const shift = ({ year, month, day }: Day, days: number): Day => fromUtc(new Date(Date.UTC(year, month, day + days)));

/** Null where the calendar has no such day. */
function dayOf(year: number, month: number, day: number): Day | null {
  const real = fromUtc(new Date(Date.UTC(year, month, day)));
  return real.month === month && real.day === day && year >= 1900 && year <= 2200 ? real : null;
}

/** Day first; month first only where there is no such month otherwise. */
const readFigures = (first: number, second: number, year: number): Day | null =>
  dayOf(year, second - 1, first) ?? dayOf(year, first - 1, second);

const fullYear = (year: string | undefined): number => (year?.length === 2 ? 2000 + Number(year) : Number(year));

const withYear = (day: number, month: number, year: string | undefined, today: Day): Day | null =>
  year === undefined ? nearest(day, month, today) : dayOf(Number(year), month, day);

function nearest(day: number, month: number, today: Day): Day | null {
  const distance = (candidate: Day): number => Math.abs(utcOf(candidate).getTime() - utcOf(today).getTime());
  const candidates = [-1, 0, 1].flatMap((years) => dayOf(today.year + years, month, day) ?? []);
  return candidates.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function previousWeekday(name: string, today: Day): Day {
  return shift(today, -((weekday(today) - weekdayOf(name) + 7) % 7 || 7));
}

/** A month or year on keeps the day of the month where there is one; the 31st becomes the last day. */
function relative(count: string | undefined, unit: string | undefined, direction: 1 | -1, today: Day): Day | null {
  const [number] = findNumbers(count ?? '', 'es');
  const value = number === undefined && /^an?$/.test(count ?? '') ? 1 : number?.value;
  if (value === undefined || unit === undefined || !Number.isInteger(value)) return null;
  const days = UNIT_DAYS[unit.charAt(0)];
  if (days !== undefined) return shift(today, direction * value * days);
  const months = direction * value * (unit.startsWith('m') ? 1 : 12);
  const lastDay = new Date(Date.UTC(today.year, today.month + months + 1, 0)).getUTCDate();
  return fromUtc(new Date(Date.UTC(today.year, today.month + months, Math.min(today.day, lastDay))));
}
