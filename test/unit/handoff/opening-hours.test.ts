import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenInterval, OpeningHours } from '../../../src/domain/desk-settings.js';
import { addOpenMs, holidayAt, isOpenAt, nextOpening, openMsBetween } from '../../../src/handoff/opening-hours.js';

const HOUR = 3_600_000;
const at = (iso: string): Date => new Date(iso);
const day = (...hours: [number, number][]): OpenInterval[] => hours.map(([from, to]) => ({ from: from * 60, to: to * 60 }));

/** Monday to Friday in two intervals, Saturday morning. */
const SHOP: OpeningHours = {
  zone: 'Europe/Madrid',
  week: [...Array.from({ length: 5 }, () => day([9, 14], [16, 19])), day([9, 13]), []],
  holidays: { '2026-12-08': { name: 'Inmaculada', open: [] }, '2026-12-24': { name: 'Nochebuena', open: day([8, 13]) } },
};
/** Friday 22:00 to Saturday 6:00. */
const NIGHT: OpeningHours = { zone: 'Europe/Madrid', week: [[], [], [], [], day([22, 30]), [], []], holidays: {} };
const ALWAYS: OpeningHours = { zone: 'Europe/Madrid', week: Array.from({ length: 7 }, () => day([0, 24])), holidays: {} };

describe('opening hours', () => {
  it.each([
    ['2026-11-23T07:59:59Z', false],
    ['2026-11-23T08:00:00Z', true],
    ['2026-11-23T12:59:59.999Z', true],
    ['2026-11-23T13:00:00Z', false],
    ['2026-11-23T15:00:00Z', true],
    ['2026-11-22T10:00:00Z', false],
    ['2026-12-08T10:00:00Z', false],
    ['2026-12-24T07:30:00Z', true],
    ['2026-12-24T15:30:00Z', false],
  ])('at %s: %s', (instant, open) => {
    expect(isOpenAt(SHOP, at(instant))).toBe(open);
  });

  it.each([
    ['2026-11-21T12:30:00Z', '2026-11-23T08:00:00Z'],
    ['2026-11-23T13:30:00Z', '2026-11-23T15:00:00Z'],
    ['2026-12-07T18:30:00Z', '2026-12-09T08:00:00Z'],
    ['2026-11-23T08:30:00Z', '2026-11-23T08:30:00Z'],
  ])('open next after %s at %s', (instant, next) => {
    expect(nextOpening(SHOP, at(instant))).toEqual(at(next));
  });

  it('name the holiday by the calendar of the team, not by that of UTC', () => {
    expect(holidayAt(SHOP, at('2026-12-07T23:30:00Z'))).toBe('Inmaculada');
    expect(holidayAt(SHOP, at('2026-12-08T23:30:00Z'))).toBeNull();
  });

  it('go on beyond midnight, on the day that they began', () => {
    expect(isOpenAt(NIGHT, at('2026-11-21T04:59:00Z'))).toBe(true);
    expect(isOpenAt(NIGHT, at('2026-11-21T05:00:00Z'))).toBe(false);
    const closedFriday = { ...NIGHT, holidays: { '2026-11-20': { name: 'x', open: [] } } };
    expect(isOpenAt(closedFriday, at('2026-11-21T04:00:00Z'))).toBe(false);
    const closedSaturday = { ...NIGHT, holidays: { '2026-11-21': { name: 'x', open: [] } } };
    expect(isOpenAt(closedSaturday, at('2026-11-21T04:00:00Z'))).toBe(true);
  });

  it('know days of 23 and 25 hours', () => {
    const spring = [at('2027-03-27T23:00:00Z'), at('2027-03-28T22:00:00Z')] as const;
    const autumn = [at('2026-10-24T22:00:00Z'), at('2026-10-25T23:00:00Z')] as const;
    expect(openMsBetween(ALWAYS, ...spring)).toBe(23 * HOUR);
    expect(openMsBetween(ALWAYS, ...autumn)).toBe(25 * HOUR);
    // Open from 1:00 to 5:00 by the clock on the wall: three hours in the night that skips one, five in the one that has it twice.
    const early = { ...ALWAYS, week: Array.from({ length: 7 }, () => day([1, 5])) };
    expect(openMsBetween(early, ...spring)).toBe(3 * HOUR);
    expect(openMsBetween(early, ...autumn)).toBe(5 * HOUR);
    // 9:00 is 9:00 before and after.
    expect(nextOpening(SHOP, at('2026-10-23T18:00:00Z'))).toEqual(at('2026-10-24T07:00:00Z'));
    expect(nextOpening(SHOP, at('2026-10-25T18:00:00Z'))).toEqual(at('2026-10-26T08:00:00Z'));
  });

  it('are never, where no day is open within a year', () => {
    const never = { ...SHOP, week: SHOP.week.map(() => []), holidays: {} };
    expect(nextOpening(never, at('2026-11-23T08:00:00Z'))).toBeNull();
    expect(addOpenMs(never, at('2026-11-23T08:00:00Z'), 1)).toBeNull();
    expect(isOpenAt(never, at('2026-11-23T08:00:00Z'))).toBe(false);
  });

  it('are always, where they are not known', () => {
    const now = at('2026-11-22T03:00:00Z');
    expect(isOpenAt(null, now)).toBe(true);
    expect(nextOpening(null, now)).toEqual(now);
    expect(addOpenMs(null, now, HOUR)).toEqual(at('2026-11-22T04:00:00Z'));
  });
});

const minute = fc.integer({ min: 0, max: 1439 });
const dayHours = fc.uniqueArray(minute, { maxLength: 6 }).map((given): OpenInterval[] => {
  const sorted = [...given].sort((a, b) => a - b);
  return sorted.flatMap((from, index) =>
    index % 2 === 0 && sorted[index + 1] !== undefined ? [{ from, to: sorted[index + 1] ?? 0 }] : [],
  );
});
/** The last interval of a day may go on beyond midnight. */
const anyHours: fc.Arbitrary<OpeningHours> = fc
  .record({
    zone: fc.constantFrom('Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'),
    week: fc.array(dayHours, { minLength: 7, maxLength: 7 }),
    night: fc.boolean(),
  })
  .map(({ zone, week, night }) => ({ zone, week: night ? [...week.slice(0, 6), day([20, 27])] : week, holidays: {} }));
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 1) }).map((ms) => new Date(ms));
const stretch = fc.integer({ min: 0, max: 20 * 24 * HOUR });

describe('open time, whatever the hours', () => {
  it('adds up: what is between a and c is what is between a and b, and b and c', () => {
    fc.assert(
      fc.property(anyHours, instant, stretch, stretch, (hours, a, first, second) => {
        const b = new Date(a.getTime() + first);
        const c = new Date(b.getTime() + second);
        expect(openMsBetween(hours, a, c)).toBe(openMsBetween(hours, a, b) + openMsBetween(hours, b, c));
        expect(openMsBetween(hours, a, b)).toBeLessThanOrEqual(first);
      }),
      { numRuns: 100 },
    );
  });

  it('that was added has gone by, at an instant that is open until then', () => {
    fc.assert(
      fc.property(anyHours, instant, stretch, (hours, from, ms) => {
        const due = addOpenMs(hours, from, ms);
        fc.pre(due !== null && ms > 0);
        expect(openMsBetween(hours, from, due)).toBe(ms);
        expect(isOpenAt(hours, new Date(due.getTime() - 1))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('begins at the next opening and not before', () => {
    fc.assert(
      fc.property(anyHours, instant, (hours, from) => {
        const next = nextOpening(hours, from);
        fc.pre(next !== null);
        expect(isOpenAt(hours, next)).toBe(true);
        expect(openMsBetween(hours, from, next)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
