// Dates around the clock changes of a few time zones, many in one comparison: what every date operator with a time zone makes of the instants and the
// local times around a change, of now and of the past.
import fc from 'fast-check';
import type { Plain } from '../differential/case.js';
import { COLLECTION, type Generator } from './probe.js';

const ZONES = ['Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
const FIRST = Date.UTC(1900, 0, 1);
const LAST = Date.UTC(2037, 11, 31);
const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/** The instants, to the minute, at which the clocks of a zone changed. */
function changesOf(zone: string): number[] {
  const offset = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsetAt = (ms: number): string => offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const changes: number[] = [];
  for (let from = FIRST; from < LAST; from += WEEK) {
    let [before, after] = [from, from + WEEK];
    if (offsetAt(before) === offsetAt(after)) continue;
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
      if (offsetAt(middle) === offsetAt(before)) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

const CHANGES = ZONES.flatMap(changesOf);

const shift = fc.oneof(
  { arbitrary: fc.constantFrom(0, -1, 1, 1_800_000, -1_800_000, 3_600_000, -3_600_000, 5_400_000, 86_400_000, -86_400_000), weight: 3 },
  { arbitrary: fc.integer({ min: -10_800_000, max: 10_800_000 }), weight: 3 },
  { arbitrary: fc.integer({ min: -40 * 86_400_000, max: 40 * 86_400_000 }), weight: 1 },
);
const near = fc.tuple(fc.constantFrom(...CHANGES), shift).map(([change, by]) => new Date(change + by));
const instant = fc.oneof(
  { arbitrary: near, weight: 8 },
  { arbitrary: fc.integer({ min: Date.UTC(1880, 0), max: Date.UTC(2120, 0) }).map((ms) => new Date(ms)), weight: 1 },
);

const DAY = 86_400_000;
const inYear = (date: Date, years: number): Date => new Date(new Date(date).setUTCFullYear(date.getUTCFullYear() + years));

/**
 * `d` and `e` are instants, `y` to `ms` a local time by its parts; `k` days after `days` and `k` years after `years` it is about a change of the clocks.
 */
const documents: fc.Arbitrary<Plain[]> = fc
  .array(fc.tuple(instant, instant, near, fc.integer({ min: -4, max: 4 })), { minLength: 1, maxLength: 40, size: 'max' })
  .map((list) =>
    list.map(([d, e, l, k], _id): Plain => ({
      ...{ _id, d, e, y: l.getUTCFullYear(), m: l.getUTCMonth() + 1, day: l.getUTCDate() },
      ...{ h: l.getUTCHours(), min: l.getUTCMinutes(), s: l.getUTCSeconds(), ms: l.getUTCMilliseconds() },
      ...{ k, days: new Date(l.getTime() - k * DAY), years: inYear(l, -k) },
    })),
  );

const timezone = fc.oneof({ arbitrary: fc.constantFrom(...ZONES), weight: 12 }, { arbitrary: fc.constantFrom('UTC', '+05:45'), weight: 1 });
const unit = fc.constantFrom('year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond');
const startOfWeek = fc.constantFrom('sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday');
const binSize = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 40 }));
const amount = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -30, max: 30 }), fc.integer({ min: -3000, max: 3000 }));

const PARTS = ['$year', '$month', '$dayOfMonth', '$dayOfWeek', '$dayOfYear', '$hour', '$minute', '$second', '$millisecond', '$week', '$isoWeek', '$isoWeekYear', '$isoDayOfWeek']; // prettier-ignore
const FORMATS = ['%Y-%m-%dT%H:%M:%S.%L%z', '%G-W%V-%u %Z', '%Y %j %U %w %B %b'];

const truncated = fc.record({ timezone, unit, binSize, startOfWeek }).map((given) => ({ $dateTrunc: { date: '$d', ...given } }));
const written = fc.record({ timezone, format: fc.constantFrom(...FORMATS) }).map((given) => ({ $dateToString: { date: '$d', ...given } }));

const expression: fc.Arbitrary<Plain> = fc.oneof(
  truncated,
  written,
  fc
    .tuple(fc.constantFrom('$dateAdd', '$dateSubtract'), fc.record({ timezone, unit, amount }))
    .map(([name, given]) => ({ [name]: { startDate: '$d', ...given } })),
  fc
    .tuple(timezone, fc.constantFrom('day', 'year'))
    .map(([zone, by]) => ({ $dateAdd: { startDate: `$${by}s`, unit: by, amount: '$k', timezone: zone } })),
  fc.record({ timezone, unit, startOfWeek }).map((given) => ({ $dateDiff: { startDate: '$d', endDate: '$e', ...given } })),
  fc.record({ timezone, iso8601: fc.boolean() }).map((given) => ({ $dateToParts: { date: '$d', ...given } })),
  timezone.map((zone) => ({
    $dateFromParts: { year: '$y', month: '$m', day: '$day', hour: '$h', minute: '$min', second: '$s', millisecond: '$ms', timezone: zone },
  })),
  fc
    .record({ hour: fc.integer({ min: -30, max: 50 }), isoWeek: fc.integer({ min: 0, max: 54 }), timezone })
    .map((given) => ({ $dateFromParts: { isoWeekYear: '$y', isoDayOfWeek: '$day', minute: '$min', ...given } })),
  timezone.map((zone) => Object.fromEntries(PARTS.map((name) => [name.slice(1), { [name]: { date: '$d', timezone: zone } }]))),
);

const projected = expression.map((r): Plain[] => [{ $project: { r } }]);
/** The documents of a day, a week, a month as people there call it. */
const grouped = fc
  .oneof(truncated, written)
  .map((_id): Plain[] => [{ $group: { _id, n: { $sum: 1 }, first: { $min: '$d' }, last: { $max: '$d' } } }, { $sort: { _id: 1 } }]);

const probes = fc
  .oneof({ arbitrary: projected, weight: 4 }, { arbitrary: grouped, weight: 1 })
  .map((pipeline) => ({ kind: 'zones', command: { aggregate: COLLECTION, pipeline, cursor: { batchSize: 1000 } } }));

/** Each comparison is of up to 40 dates. */
export const ZONE_GENERATORS: readonly Generator[] = [{ kind: 'zones', weight: 6, probes, documents }];
