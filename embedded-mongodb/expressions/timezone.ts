// Time zones by name (through Node's ICU data) or offset, exact over changes of daylight saving time.
import { type Value, typeOf } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';

/** A time zone: what to add to UTC to get local time, at an instant. */
export interface Zone {
  readonly isUtc: boolean;
  /** Offset in ms at a UTC instant in ms. */
  readonly offsetAt: (utcMs: number) => number;
}

export const UTC: Zone = { isUtc: true, offsetAt: () => 0 };

const ZONES = new Map<string, Zone>([['UTC', UTC]]);

/** The zone of a timezone argument. Errors 40485 and 40517 as MongoDB. */
export function zoneOf(value: Value): Zone {
  if (typeof value !== 'string') throw new MongoError(40517, `timezone must evaluate to a string, found ${typeOf(value)}`);
  const known = ZONES.get(value);
  if (known) return known;
  const zone = offsetZone(value) ?? namedZone(value);
  ZONES.set(value, zone);
  return zone;
}

function offsetZone(text: string): Zone | undefined {
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  const offset = (match[1] === '-' ? -minutes : minutes) * 60_000;
  return { isUtc: offset === 0, offsetAt: () => offset };
}

const QUARTER_HOUR = 15 * 60_000;

function namedZone(name: string): Zone {
  const format = zoneFormat(name);
  // Offsets only change at quarter hours, so one look-up serves a quarter of an hour.
  const offsets = new Map<number, number>();
  const offsetAt = (utcMs: number): number => {
    const slot = Math.floor(utcMs / QUARTER_HOUR);
    let offset = offsets.get(slot);
    if (offset === undefined) {
      offset = localMs(format, slot * QUARTER_HOUR) - slot * QUARTER_HOUR;
      if (offsets.size > 20_000) offsets.clear();
      offsets.set(slot, offset);
    }
    return offset;
  };
  return { isUtc: false, offsetAt };
}

function zoneFormat(name: string): Intl.DateTimeFormat {
  try {
    if (!/^(?:[A-Z][A-Za-z_+\-0-9]*)(?:\/[A-Z][A-Za-z_+\-0-9]*)*$/.test(name) || name === 'Z' || name.length === 0)
      throw new RangeError(name);
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MongoError(40485, `unrecognized time zone identifier: "${name}"`);
  }
}

function localMs(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  return utcFromParts(year, number('month') - 1, number('day'), number('hour'), number('minute'), number('second'), 0);
}

/** As `Date.UTC`, without its habit of taking years below 100 for the 20th century. */
export function utcFromParts(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second, ms);
  return date.getTime();
}

const DAY = 86_400_000;

/** Local times further out have no calendar in JavaScript; a year of room is left for the arithmetic on them. */
const MAX_LOCAL_MS = 8.64e15 - 400 * DAY;

function checkReach(ms: number): void {
  if (!(Math.abs(ms) <= MAX_LOCAL_MS)) throw refusal('Overflow', 'A calendar more than 270,000 years away from 1970');
}

/** The instant of a local time: the later one where clocks were set back, after the gap where they were set forward. */
export function toUtc(localTime: number, zone: Zone): number {
  checkReach(localTime);
  const after = localTime - zone.offsetAt(localTime + DAY);
  if (localTime - after === zone.offsetAt(after)) return after;
  return localTime - zone.offsetAt(localTime - DAY);
}

/** Local time of an instant, to be read with the UTC methods of `Date`. */
export function toLocal(utcMs: number, zone: Zone): Date {
  checkReach(utcMs);
  return new Date(utcMs + zone.offsetAt(utcMs));
}
