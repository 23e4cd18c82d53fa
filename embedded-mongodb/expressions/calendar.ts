// Calendar arithmetic on local times (dates whose UTC fields hold local ones): weeks, day numbers, formats.
import { MongoError } from '../errors.js';
import { utcFromParts } from './timezone.js';

const DAY = 86_400_000;

export function dayNumber(local: Date): number {
  return Math.floor(local.getTime() / DAY);
}

export function dayOfYear(local: Date): number {
  return dayNumber(local) - Math.floor(utcFromParts(local.getUTCFullYear(), 0, 1) / DAY) + 1;
}

/** 1 (Monday) to 7 (Sunday). */
export function isoDayOfWeek(local: Date): number {
  return local.getUTCDay() === 0 ? 7 : local.getUTCDay();
}

/** The year that the ISO week belongs to. */
export function isoWeekYear(local: Date): number {
  return thursday(local).getUTCFullYear();
}

export function isoWeek(local: Date): number {
  return Math.floor((dayOfYear(thursday(local)) - 1) / 7) + 1;
}

function thursday(local: Date): Date {
  return new Date(local.getTime() + (4 - isoDayOfWeek(local)) * DAY);
}

/** Week of the year, 0 to 53, weeks beginning on Sunday. */
export function week(local: Date): number {
  return Math.floor((dayOfYear(local) - 1 + 7 - local.getUTCDay()) / 7);
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

type Field = (local: Date, offsetMs: number) => string;

const FIELDS: Readonly<Record<string, Field>> = {
  '%': () => '%',
  b: (local) => (MONTHS[local.getUTCMonth()] ?? '').slice(0, 3),
  B: (local) => MONTHS[local.getUTCMonth()] ?? '',
  d: (local) => pad(local.getUTCDate(), 2),
  G: (local) => pad(inRange(isoWeekYear(local)), 4),
  H: (local) => pad(local.getUTCHours(), 2),
  j: (local) => pad(dayOfYear(local), 3),
  L: (local) => pad(local.getUTCMilliseconds(), 3),
  m: (local) => pad(local.getUTCMonth() + 1, 2),
  M: (local) => pad(local.getUTCMinutes(), 2),
  S: (local) => pad(local.getUTCSeconds(), 2),
  u: (local) => String(isoDayOfWeek(local)),
  U: (local) => pad(week(local), 2),
  V: (local) => pad(isoWeek(local), 2),
  w: (local) => String(local.getUTCDay() + 1),
  Y: (local) => pad(inRange(local.getUTCFullYear()), 4),
  z: (_local, offset) => {
    const minutes = Math.abs(Math.trunc(offset / 60_000));
    return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${pad(minutes % 60, 2)}`;
  },
  Z: (_local, offset) => String(Math.trunc(offset / 60_000)),
};

function inRange(year: number): number {
  if (year < 0 || year > 9999)
    throw new MongoError(18537, 'Could not convert date to string: date component was outside the supported range of 0-9999');
  return year;
}

/** Checks a format once. Errors 18535, 18536 as MongoDB. */
export function checkFormat(format: string): void {
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', at + 2)) {
    const letter = format[at + 1];
    if (letter === undefined) throw new MongoError(18535, "Unmatched '%' at end of format string");
    if (!Object.hasOwn(FIELDS, letter)) throw new MongoError(18536, `Invalid format character '%${letter}' in format string`);
  }
}

/** A local time in a checked format. */
export function formatDate(local: Date, offsetMs: number, format: string): string {
  return format.replace(/%(.)/gs, (_match, letter: string) => FIELDS[letter]?.(local, offsetMs) ?? '');
}
