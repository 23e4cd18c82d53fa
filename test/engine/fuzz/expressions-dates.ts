// Operands of the operators on dates: units, zones with past and present clock changes, formats, parts.
import fc from 'fast-check';
import { F, L } from '../differential/case.js';
import { type Give, named, type Shape } from './expressions-shape.js';
import { small } from './expressions-values.js';

const ZONES = ['UTC', 'GMT', 'Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Apia', 'Pacific/Kiritimati', 'Africa/Casablanca', 'Etc/GMT+5', 'EST']; // prettier-ignore
const OFFSETS = ['+02:00', '-0530', '+05:45', '-03', '+00:00', '-00:30', '+14:00'];
const NO_ZONES = ['Nowhere', '', 'utc', '+2', 'Z', '+25:00', 'Europe/madrid', null, 5];

const zone = (give: Give): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.constantFrom<unknown>(...ZONES), weight: 20 },
    { arbitrary: fc.constantFrom<unknown>(...OFFSETS), weight: 6 },
    { arbitrary: fc.constantFrom<unknown>(...NO_ZONES), weight: 1 },
    { arbitrary: give('text'), weight: 1 },
  );

const unit = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>('year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'), weight: 30 },
  { arbitrary: fc.constantFrom<unknown>(null, 'days', 'Year', '', 5), weight: 1 },
);
const startOfWeek = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>('sunday', 'mon', 'Tuesday', 'WED', 'thu', 'friday', 'sat'), weight: 12 },
  { arbitrary: fc.constantFrom<unknown>(null, 'x', 1), weight: 1 },
);
const amount = fc.oneof(
  { arbitrary: small, weight: 6 },
  { arbitrary: fc.integer({ min: -5000, max: 5000 }), weight: 4 },
  { arbitrary: fc.constantFrom<unknown>(L('1000000000000'), L('-9223372036854775808'), F(3), F(0.5), 2147483647), weight: 1 },
);

const part = (give: Give): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: give('date'), weight: 2 },
    { arbitrary: give('date').map((value): unknown => [value]), weight: 1 },
    { arbitrary: named({ date: give('date') }, { timezone: zone(give) }), weight: 5 },
  );

const directive = fc.constantFrom('%Y', '%m', '%d', '%H', '%M', '%S', '%L', '%j', '%G', '%V', '%u', '%U', '%w', '%z', '%Z', '%%', '%b', '%B', '-', ' ', 'T', 'ñ'); // prettier-ignore
const format = fc.oneof(
  { arbitrary: fc.array(directive, { maxLength: 6 }).map((parts): unknown => parts.join('')), weight: 12 },
  { arbitrary: fc.constantFrom<unknown>('%', '%q', '%Y%', null, 5, '%y', '%e'), weight: 1 },
);

const adding = (give: Give): fc.Arbitrary<unknown> =>
  named({ startDate: give('date'), unit, amount: fc.oneof({ arbitrary: amount, weight: 8 }, { arbitrary: give('small'), weight: 1 }) }, { timezone: zone(give) }); // prettier-ignore

const fewOf = (most: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: most }), weight: 8 },
    { arbitrary: fc.integer({ min: -40, max: 140 }), weight: 2 },
    { arbitrary: fc.constantFrom<unknown>(F(2), L(3), F(1.5), null, 'x', 32767, -32768, 40000), weight: 1 },
  );
const year = fc.oneof(
  { arbitrary: fc.integer({ min: 1880, max: 2100 }), weight: 8 },
  { arbitrary: fc.constantFrom<unknown>(1, 0, 99, 9999, 10000, -5, F(2024), L(2024), null), weight: 1 },
);
const clock = { hour: fewOf(23), minute: fewOf(59), second: fewOf(59), millisecond: fewOf(999) };

export const DATE_SHAPES = {
  $dateAdd: { gives: 'date', operand: adding },
  $dateDiff: { gives: 'number', operand: (give) => named({ startDate: give('date'), endDate: give('date'), unit }, { timezone: zone(give), startOfWeek }) }, // prettier-ignore
  $dateFromParts: {
    gives: 'date',
    operand: (give) =>
      fc.oneof(
        named({ year }, { month: fewOf(12), day: fewOf(31), ...clock, timezone: zone(give) }),
        named({ isoWeekYear: year }, { isoWeek: fewOf(53), isoDayOfWeek: fewOf(7), ...clock, timezone: zone(give) }),
      ),
  },
  $dateSubtract: { gives: 'date', operand: adding },
  $dateToParts: { gives: 'object', operand: (give) => named({ date: give('date') }, { timezone: zone(give), iso8601: fc.constantFrom<unknown>(true, false, true, null, 1) }) }, // prettier-ignore
  $dateToString: { gives: 'text', operand: (give) => named({ date: give('date') }, { format, timezone: zone(give), onNull: give('any') }) },
  $dateTrunc: { gives: 'date', operand: (give) => named({ date: give('date'), unit }, { binSize: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 30 }), weight: 6 }, { arbitrary: amount, weight: 1 }), timezone: zone(give), startOfWeek }) }, // prettier-ignore
  $dayOfMonth: { gives: 'small', operand: part },
  $dayOfWeek: { gives: 'small', operand: part },
  $dayOfYear: { gives: 'number', operand: part },
  $hour: { gives: 'small', operand: part },
  $isoDayOfWeek: { gives: 'small', operand: part },
  $isoWeek: { gives: 'small', operand: part },
  $isoWeekYear: { gives: 'number', operand: part },
  $millisecond: { gives: 'number', operand: part },
  $minute: { gives: 'small', operand: part },
  $month: { gives: 'small', operand: part },
  $second: { gives: 'small', operand: part },
  $week: { gives: 'small', operand: part },
  $year: { gives: 'number', operand: part },
} satisfies Record<string, Shape>;
