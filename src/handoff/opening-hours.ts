/**
 * Opening hours as stretches of time: whether a team is there, when it is next, and how much open time lies between two instants. Days are the calendar
 * days of the team's time zone, so that a day of 23 or 25 hours counts as what it is. Pure.
 */
import { DateTime } from 'luxon';
import type { OpenInterval, OpeningHours } from '../domain/desk-settings.js';

/** Instants in ms since 1970; `to` is exclusive. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Beyond this nobody waits: hours that are closed for longer count as closed for good. */
const HORIZON_DAYS = 400;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function isOpenAt(hours: OpeningHours | null, at: Date): boolean {
  return hours === null || (firstStretch(hours, at, 1)?.from ?? Infinity) <= at.getTime();
}

/** That instant itself where it is open then. Null: not within 400 days. */
export function nextOpening(hours: OpeningHours | null, at: Date): Date | null {
  if (hours === null) return at;
  const next = firstStretch(hours, at, HORIZON_DAYS);
  return next === null ? null : new Date(next.from);
}

/** Open time between two instants, in ms; 0 where the second is not later. */
export function openMsBetween(hours: OpeningHours | null, from: Date, to: Date): number {
  if (to <= from) return 0;
  if (hours === null) return to.getTime() - from.getTime();
  const days = Math.ceil((to.getTime() - from.getTime()) / DAY_MS) + 1;
  let sum = 0;
  for (const stretch of stretches(hours, from.getTime(), days)) {
    if (stretch.from >= to.getTime()) break;
    sum += Math.min(stretch.to, to.getTime()) - stretch.from;
  }
  return sum;
}

/** The first instant by which so much open time has gone by. Null: not within 400 days. @param ms 0 or more */
export function addOpenMs(hours: OpeningHours | null, from: Date, ms: number): Date | null {
  if (hours === null || ms === 0) return new Date(from.getTime() + ms);
  let left = ms;
  for (const stretch of stretches(hours, from.getTime())) {
    const length = stretch.to - stretch.from;
    if (length >= left) return new Date(stretch.from + left);
    left -= length;
  }
  return null;
}

/** The holiday on the team's calendar then, by name; null: none. */
export function holidayAt({ zone, holidays }: OpeningHours, at: Date): string | null {
  return holidays[DateTime.fromJSDate(at, { zone }).toISODate() ?? '']?.name ?? null;
}

function firstStretch(hours: OpeningHours, after: Date, days: number): Stretch | null {
  const [first = null] = stretches(hours, after.getTime(), days);
  return first;
}

/** Open stretches that end after an instant, in order, none within another. */
function* stretches(hours: OpeningHours, after: number, days = HORIZON_DAYS): Generator<Stretch, undefined> {
  const { year, month, day } = DateTime.fromMillis(after, { zone: hours.zone });
  const today = Date.UTC(year, month - 1, day) / DAY_MS;
  let told = after;
  // From one day before: its last interval may go on beyond midnight.
  for (let count = -1; count <= days; count++) {
    for (const { from, to } of stretchesOn(hours, today + count)) {
      if (to <= told || to <= from) continue;
      yield { from: Math.max(from, told), to };
      told = to;
    }
  }
}

/** Calendars are costly and do not change: each day is worked out once. */
const daysKnown = new WeakMap<OpeningHours, Map<number, readonly Stretch[]>>();

/** Of the intervals that begin on a day. @param dayNumber of the calendar, in days since 1970 */
function stretchesOn(hours: OpeningHours, dayNumber: number): readonly Stretch[] {
  const days = daysKnown.get(hours) ?? new Map<number, readonly Stretch[]>();
  daysKnown.set(hours, days);
  const known = days.get(dayNumber);
  if (known !== undefined) return known;
  const date = new Date(dayNumber * DAY_MS);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const found = stretchesOf(hours, DateTime.fromObject({ year, month, day }, { zone: hours.zone }));
  days.set(dayNumber, found);
  return found;
}

const byStart = (a: OpenInterval, b: OpenInterval): number => a.from - b.from;

function stretchesOf({ week, holidays }: OpeningHours, day: DateTime): Stretch[] {
  const intervals = holidays[day.toISODate() ?? '']?.open ?? week[day.weekday - 1] ?? [];
  return [...intervals].sort(byStart).map(({ from, to }) => ({ from: instantOf(day, from), to: instantOf(day, to) }));
}

/** What the clock on the wall shows then; an hour that is skipped in spring counts from its end, one that comes twice by its first time. */
function instantOf(day: DateTime, minutes: number): number {
  const date = day.plus({ days: Math.floor(minutes / 1440) });
  const at = date.set({ hour: Math.floor((minutes % 1440) / 60), minute: minutes % 60 });
  let ms = at.toMillis();
  if (at.hour * 60 + at.minute === minutes % 1440) return ms;
  // The clock does not show it that day: luxon goes on by as much as is skipped, from before its end.
  while (DateTime.fromMillis(ms - MINUTE_MS, { zone: at.zone }).offset === at.offset) ms -= MINUTE_MS;
  return ms;
}
