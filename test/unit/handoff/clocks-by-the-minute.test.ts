/** Opening hours and service levels against models that go through time minute by minute: over changed clocks, holidays, nights, breaks, and weeks that are closed. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  DEFAULT_DESK_SETTINGS,
  type DeskSettings,
  type OpenInterval,
  type OpeningHours,
  type Team,
} from '../../../src/domain/desk-settings.js';
import { foldAll } from '../../../src/domain/fold-ticket.js';
import { OPENING_STATE, type Ticket, type TicketChange, type TicketEvent } from '../../../src/domain/ticket.js';
import { clocksOf } from '../../../src/handoff/case/service-levels.js';
import { addOpenMs, isOpenAt, nextOpening, openMsBetween } from '../../../src/handoff/opening-hours.js';

const MINUTE = 60_000;
const DAYS = 4;
const LENGTH = DAYS * 1440;

/** What the clock on the wall shows at each minute of some days. */
interface Wall {
  readonly zone: string;
  readonly startMs: number;
  /** Days since 1970 by the calendar there, and minutes from midnight. */
  readonly shows: readonly (readonly [day: number, minute: number])[];
}

function wallOf([zone, date]: readonly [string, string]): Wall {
  const startMs = DateTime.fromISO(`${date}T00:00:00Z`).minus({ days: 2 }).toMillis();
  const shows = Array.from({ length: LENGTH + 2880 }, (_, index) => {
    const at = DateTime.fromMillis(startMs + index * MINUTE, { zone });
    return [Date.UTC(at.year, at.month - 1, at.day) / 86_400_000, at.hour * 60 + at.minute] as const;
  });
  return { zone, startMs, shows };
}

/** Days on which an hour is skipped or comes twice: at two, at midnight, half an hour only; and one like any other. */
const WALLS = (
  [
    ['Europe/Madrid', '2027-03-28'],
    ['Europe/Madrid', '2026-10-25'],
    ['America/New_York', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-10-04'],
    ['Australia/Lord_Howe', '2026-04-05'],
    ['America/Santiago', '2026-09-06'],
    ['Asia/Kathmandu', '2026-06-10'],
  ] as const
).map(wallOf);

/** Open or not, minute by minute: an interval lasts from the first minute that shows its beginning, or later, until the first that shows its end. */
function openMinutes({ shows }: Wall, { week, holidays }: OpeningHours): boolean[] {
  const open = shows.map(() => false);
  const firstAt = (day: number, minute: number) => {
    const found = shows.findIndex(([onDay, at]) => onDay > day || (onDay === day && at >= minute));
    return found < 0 ? shows.length : found;
  };
  const [[first] = [0]] = shows;
  for (let day = first; day <= first + DAYS + 2; day++) {
    const date = new Date(day * 86_400_000);
    const intervals = holidays[date.toISOString().slice(0, 10)]?.open ?? week[(date.getUTCDay() + 6) % 7] ?? [];
    for (const { from, to } of intervals) open.fill(true, firstAt(day, from), firstAt(day + Math.floor(to / 1440), to % 1440));
  }
  return open;
}

const minute = fc.integer({ min: 0, max: 1439 });
const intervals = fc
  .tuple(fc.uniqueArray(minute, { maxLength: 6 }), fc.integer({ min: 0, max: 600 }))
  .map(([given, beyond]): OpenInterval[] => {
    const sorted = [...given].sort((a, b) => a - b);
    return sorted.flatMap((from, index): OpenInterval[] => {
      if (index % 2 === 1) return [];
      const to = sorted[index + 1];
      // The last of a day may end on the next.
      return to === undefined ? (beyond === 0 ? [] : [{ from, to: 1440 + Math.min(beyond, from) }]) : [{ from, to }];
    });
  });
const hoursAt = ({ startMs, zone }: Wall): fc.Arbitrary<OpeningHours> =>
  fc
    .record({
      week: fc.array(intervals, { minLength: 7, maxLength: 7 }),
      holiday: fc.option(fc.tuple(fc.integer({ min: 1, max: 4 }), intervals)),
    })
    .map(({ week, holiday }) => ({
      ...{ zone, week },
      holidays:
        holiday === null
          ? {}
          : { [new Date(startMs + holiday[0] * 86_400_000).toISOString().slice(0, 10)]: { name: 'x', open: holiday[1] } },
    }));
const wallAndHours = fc.constantFrom(...WALLS).chain((wall) => fc.tuple(fc.constant(wall), hoursAt(wall)));
/** A day in at least, so that what began before the first is known. */
const when = fc.integer({ min: 1440, max: LENGTH - 1 });

describe('opening hours are those of the clock on the wall', () => {
  it('minute by minute', () => {
    fc.assert(
      fc.property(wallAndHours, when, when, ([wall, hours], one, two) => {
        const open = openMinutes(wall, hours);
        const at = (index: number) => new Date(wall.startMs + index * MINUTE);
        const [from, to] = [Math.min(one, two), Math.max(one, two)];
        const between = open.slice(from, to).filter(Boolean).length;
        expect(openMsBetween(hours, at(from), at(to))).toBe(between * MINUTE);
        expect(isOpenAt(hours, at(from))).toBe(open[from]);
        const next = open.indexOf(true, from);
        if (next >= 0 && next < LENGTH) expect(nextOpening(hours, at(from))).toEqual(at(next));
        if (between > 0) expect(addOpenMs(hours, at(from), between * MINUTE)?.getTime()).toBeLessThanOrEqual(at(to).getTime());
      }),
      { numRuns: 150 },
    );
  });

  it('where an hour is skipped, begin and end in it at its end', () => {
    const early = {
      zone: 'Europe/Madrid',
      week: Array.from({ length: 7 }, () => [
        { from: 60, to: 150 },
        { from: 155, to: 240 },
      ]),
      holidays: {},
    };
    const [midnight, six] = [new Date('2027-03-27T23:00:00Z'), new Date('2027-03-28T04:00:00Z')];
    // 1:00 to 2:00, and 3:00 to 4:00: the hour between is none.
    expect(openMsBetween(early, midnight, six)).toBe(120 * MINUTE);
  });
});

const OPENED = WALLS[0] as Wall;
const event = fc.oneof(
  fc.constantFrom<TicketChange>(
    { kind: 'claimed' },
    { kind: 'released' },
    { kind: 'customer-wrote', messageId: 'm' },
    { kind: 'reply-dispatched', of: 2 },
    { kind: 'resolved', reason: 'x' },
    { kind: 'returned', note: '' },
    { kind: 'reopened' },
  ),
  fc.constantFrom('day', 'night').map((team): TicketChange => ({ kind: 'marked', mark: `to:${team}`, team, say: null })),
);
const happenings = fc
  .array(fc.tuple(fc.integer({ min: 1441, max: LENGTH - 10 }), event), { maxLength: 14 })
  .map((given) => [...given].sort(([a], [b]) => a - b));

describe('the clocks of a case', () => {
  it('count the minutes in which the team that had it was there and the customer waited', () => {
    fc.assert(
      fc.property(happenings, hoursAt(OPENED), hoursAt(OPENED), fc.integer({ min: 0, max: 2000 }), (given, day, night, later) => {
        const at = (index: number) => new Date(OPENED.startMs + index * MINUTE);
        const team = (id: string, hours: OpeningHours): Team => ({ ...(DEFAULT_DESK_SETTINGS.teams[0] as Team), id, hours });
        const settings: DeskSettings = { ...DEFAULT_DESK_SETTINGS, teams: [team('day', day), team('night', night)] };
        const log = possible([[1440, { kind: 'opened', team: 'day' }], ...given]);
        const now = Math.min((log.at(-1)?.[0] ?? 0) + later, LENGTH);
        const agent = { id: 'marta', name: 'Marta' };
        const events = log.map(([when_, change], index): TicketEvent => ({
          ...{ ticketId: 'T-1', seq: index + 1, at: at(when_), actionId: `a${index}`, change, by: { kind: 'agent', agent, desk: 'slack' } },
        }));
        const opening: Ticket = {
          ...OPENING_STATE,
          ...{ id: 'T-1', conversationId: 'c', threadId: 't', contactId: 'p', channel: 'web', priority: 'normal', language: 'es' },
          ...{ reasons: ['asked-for-person'], summary: '', createdAt: at(1440), team: 'day' },
        };
        const clocks = clocksOf({ ticket: foldAll(opening, events), events }, settings, at(now));
        const counted = countMinutes(log, now, { day: openMinutes(OPENED, day), night: openMinutes(OPENED, night) });
        expect(
          Object.fromEntries(clocks.map(({ name, elapsedMs }) => [name === 'resolution' ? name : 'answer', elapsedMs / MINUTE])),
        ).toEqual(counted);
      }),
      { numRuns: 150 },
    );
  });
});

/** Nobody takes a case that is closed, nor moves it. */
function possible(log: readonly (readonly [number, TicketChange])[]): readonly (readonly [number, TicketChange])[] {
  let open = false;
  return log.filter(([, { kind }]) => {
    if (kind === 'opened' || kind === 'reopened') open = true;
    if (kind === 'resolved' || kind === 'returned') open = false;
    return open || kind === 'resolved' || kind === 'returned' || kind === 'customer-wrote' || kind === 'reply-dispatched';
  });
}

function countMinutes(log: readonly (readonly [number, TicketChange])[], now: number, teams: Readonly<Record<string, readonly boolean[]>>) {
  let [open, waiting, team] = [false, false, 'day'];
  let [answer, resolution] = [0, 0];
  for (let index = 1440; index <= now; index++) {
    for (const [, { kind, ...change }] of log.filter(([when_]) => when_ === index)) {
      if (kind === 'opened' || kind === 'reopened') [open, waiting, answer, resolution] = [true, true, 0, 0];
      else if (kind === 'customer-wrote' && open && !waiting) [waiting, answer] = [true, 0];
      else if (kind === 'reply-dispatched') waiting = false;
      else if (kind === 'resolved' || kind === 'returned') open = false;
      else if (kind === 'marked' && 'team' in change) team = change.team ?? team;
    }
    if (index === now || !open || !waiting || teams[team]?.[index] !== true) continue;
    answer += 1;
    resolution += 1;
  }
  if (!open) return {};
  return waiting ? { answer, resolution } : { resolution };
}
