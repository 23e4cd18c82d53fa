// Time zones by name (through Node's ICU data) or offset, exact over changes of daylight saving time.
import { type Value, typeOf } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';

/** A time zone: what to add to UTC to get local time, at an instant. */
export interface Zone {
  readonly isUtc: boolean;
  /** Offset in ms at a UTC instant in ms. */
  readonly offsetAt: (utcMs: number) => number;
  /** Whether clocks are ahead for the summer at a UTC instant in ms. Refuses where that is not known: before 1970, mostly. */
  readonly isSummer: (utcMs: number) => boolean;
}

const never = (): boolean => false;

export const UTC: Zone = { isUtc: true, offsetAt: () => 0, isSummer: never };

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
  return { isUtc: offset === 0, offsetAt: () => offset, isSummer: never };
}

const QUARTER_HOUR = 15 * 60_000;

function namedZone(name: string): Zone {
  const format = zoneFormat(name);
  // One look-up serves a quarter of an hour, but for the few in the past within which a clock changed.
  const offsets = new Map<number, number | undefined>();
  const exactly = (utcMs: number): number => {
    const second = Math.floor(utcMs / 1000) * 1000;
    return localMs(format, second) - second;
  };
  const offsetAt = (utcMs: number): number => {
    const slot = Math.floor(utcMs / QUARTER_HOUR);
    if (!offsets.has(slot)) {
      if (offsets.size > 20_000) offsets.clear();
      const start = exactly(slot * QUARTER_HOUR);
      offsets.set(slot, start === exactly((slot + 1) * QUARTER_HOUR - 1) ? start : undefined);
    }
    return offsets.get(slot) ?? exactly(utcMs);
  };
  const isSummer = (utcMs: number): boolean => {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'long' }).formatToParts(utcMs);
    const called = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (called.startsWith('GMT')) throw refusal('BadValue', `A local time that came twice in ${name} in the past`); // an offset instead of a name
    return /Summer|Daylight/.test(called);
  };
  return { isUtc: false, offsetAt, isSummer };
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

const TWO_HOURS = 7_200_000;

/**
 * The instant of a local time: after the gap where clocks were set forward; where they were set back and it comes twice, the one in summer time if
 * `from` is in summer time. `from` is the instant that the computation began with. As timelib does it, which MongoDB uses: it looks at the offset of the
 * local time taken for UTC first.
 */
export function toUtc(localTime: number, zone: Zone, from: number): number {
  checkReach(localTime);
  const { offsetAt, isSummer } = zone;
  const offset = offsetAt(localTime);
  const utc = localTime - offset;
  const after = offsetAt(utc);
  if (offset !== after) return offset < after && offsetAt(localTime - after) !== after ? utc : localTime - after;
  if (offset >= 0) {
    const earlier = offsetAt(utc - TWO_HOURS);
    const twice = earlier > offset && offsetAt(localTime - earlier) !== offset;
    if (twice && isSummer(from) && !isSummer(localTime)) return localTime - earlier;
  }
  if (offset <= 0) {
    const later = offsetAt(utc + TWO_HOURS);
    const twice = later !== offset && offsetAt(localTime - later) === later;
    if (twice && !isSummer(from) && isSummer(localTime)) return localTime - later;
  }
  return utc;
}

/** Local time of an instant, to be read with the UTC methods of `Date`. */
export function toLocal(utcMs: number, zone: Zone): Date {
  checkReach(utcMs);
  return new Date(utcMs + zone.offsetAt(utcMs));
}
