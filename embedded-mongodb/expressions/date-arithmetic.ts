// Arithmetic on dates by calendar units in a time zone: $dateAdd, $dateSubtract, $dateDiff, $dateTrunc.
import { type Doc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { namedArguments, optionalExpression } from './build.js';
import { dayNumber } from './calendar.js';
import { dateMs, zoneFrom } from './date-instant.js';
import { toLocal, toUtc, utcFromParts, type Zone } from './timezone.js';
import { derived, type Expr, type Parse, parseExpression, type Scope } from './types.js';

type Item = Value | undefined;

const DAY = 86_400_000;
/** Units of fixed length, in ms. */
const FIXED_MS = { hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 } as const;
const MONTHS = { year: 12, quarter: 3, month: 1 } as const;
const DAYS = { week: 7, day: 1 } as const;

type Unit = keyof typeof FIXED_MS | keyof typeof MONTHS | keyof typeof DAYS;

function unitOf(value: Item): Unit | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw new MongoError(5439013, `time unit must be a string, but got ${typeOf(value)}`);
  if (value in FIXED_MS || value in MONTHS || value in DAYS) return value as Unit;
  throw new MongoError('FailedToParse', `unknown time unit value: ${value}`);
}

function isFixed(unit: Unit): unit is keyof typeof FIXED_MS {
  return unit in FIXED_MS;
}

function isMonths(unit: Unit): unit is keyof typeof MONTHS {
  return unit in MONTHS;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** 0 (Sunday) to 6; names or their first three letters in any case. */
function weekdayOf(name: string, value: Item): number | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw new MongoError(5439015, `${name} requires 'startOfWeek' to be a string, but got ${typeOf(value)}`);
  const text = value.toLowerCase();
  const index = WEEKDAYS.findIndex((day) => day === text || day.slice(0, 3) === text);
  if (index < 0) throw new MongoError(5439016, `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`);
  return index;
}

function checkedDate(ms: number): Date {
  if (!(Math.abs(ms) <= 8.64e15)) throw new MongoError(5166406, 'date overflow');
  return new Date(ms);
}

/** An instant moved by calendar months (the day of the month kept where it exists), days or fixed lengths. */
function moved(utcMs: number, unit: Unit, amount: number, zone: Zone): Date {
  if (isFixed(unit)) return checkedDate(utcMs + amount * FIXED_MS[unit]);
  const local = toLocal(utcMs, zone);
  if (!isMonths(unit)) return checkedDate(toUtc(local.getTime() + amount * DAYS[unit] * DAY, zone));
  const months = local.getUTCFullYear() * 12 + local.getUTCMonth() + amount * MONTHS[unit];
  const year = Math.floor(months / 12);
  const month = months - year * 12;
  const lastDay = new Date(utcFromParts(year, month + 1, 0)).getUTCDate();
  const midnight = utcFromParts(year, month, Math.min(local.getUTCDate(), lastDay));
  return checkedDate(toUtc(midnight + (local.getTime() - dayNumber(local) * DAY), zone));
}

function adding(name: string, sign: 1 | -1): Parse {
  return (operand, scope) => {
    const known = ['startDate', 'unit', 'amount', 'timezone'];
    const named = namedArguments(name, operand, known, known.slice(0, 3), { notObject: 5166400, unknown: 5166401, missing: 5166402 });
    const [start, unit, amount] = known.slice(0, 3).map((key) => parseExpression(named.get(key) ?? null, scope)) as [Expr, Expr, Expr];
    const timezone = optionalExpression(named, 'timezone', scope);
    return derived([start, unit, amount, ...(timezone ? [timezone] : [])], (root) => {
      const startValue = start.run(root);
      const unitName = unitOf(unit.run(root));
      const count = amount.run(root);
      const zone = zoneFrom(timezone, timezone?.run(root));
      if (startValue == null || !unitName || count == null || !zone) return null;
      const ms = dateMs(
        startValue,
        (found) => new MongoError(5166403, `${name} requires startDate to be convertible to a date, but got ${found}`),
      );
      const whole = wholeNumber(count);
      if (whole === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
      return moved(ms, unitName, sign * whole, zone);
    });
  };
}

/** The number of the calendar unit that a local time is in; consecutive units have consecutive numbers. */
function unitNumber(utcMs: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  const local = toLocal(utcMs, zone);
  if (isMonths(unit)) return Math.floor((local.getUTCFullYear() * 12 + local.getUTCMonth()) / MONTHS[unit]);
  if (unit === 'day') return dayNumber(local);
  if (unit === 'week') return Math.floor((dayNumber(local) + 4 - startOfWeek) / 7);
  if (!isFixed(unit)) return 0;
  const length = FIXED_MS[unit];
  return Math.round((utcMs - mod(local.getTime(), length)) / length);
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

const dateDiff: Parse = (operand, scope) => {
  const known = ['startDate', 'endDate', 'unit', 'timezone', 'startOfWeek'];
  const named = namedArguments('$dateDiff', operand, known, [], { notObject: 5166301, unknown: 5166302, missing: 0 });
  const required = (key: string, code: number): Expr => requiredPart(named, key, code, '$dateDiff', scope);
  const [start, end, unit] = [required('startDate', 5166303), required('endDate', 5166304), required('unit', 5166305)] as const;
  const timezone = optionalExpression(named, 'timezone', scope);
  const startOfWeek = optionalExpression(named, 'startOfWeek', scope);
  return derived(
    [start, end, unit, timezone, startOfWeek].filter((expr) => expr !== undefined),
    (root) => {
      const [startValue, endValue] = [start.run(root), end.run(root)];
      const unitName = unitOf(unit.run(root));
      const zone = zoneFrom(timezone, timezone?.run(root));
      if (startValue == null || endValue == null || !unitName || !zone) return null;
      const weekday = unitName === 'week' && startOfWeek ? weekdayOf('$dateDiff', startOfWeek.run(root)) : 0;
      if (weekday === undefined) return null;
      const number = (value: Value, which: string): number =>
        unitNumber(dateMs(value, notDate('$dateDiff', which)), unitName, zone, weekday);
      return BigInt(number(endValue, 'endDate') - number(startValue, 'startDate'));
    },
  );
};

function notDate(name: string, which: string): (found: string) => MongoError {
  return (found) => new MongoError(5166307, `${name} requires '${which}' to be a date, but got ${found}`);
}

function requiredPart(named: Doc, key: string, code: number, name: string, scope: Scope): Expr {
  const value = named.get(key);
  if (value === undefined) throw new MongoError(code, `Missing '${key}' parameter to ${name}`);
  return parseExpression(value, scope);
}

/** The day 2000-01-01: the origin of bins larger than one unit. */
const ORIGIN_DAY = 10_957;
const ORIGIN_MONTH = 24_000;
const SATURDAY = 6;

function truncated(utcMs: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): Date {
  if (isFixed(unit)) {
    const origin = toUtc(ORIGIN_DAY * DAY, zone);
    return checkedDate(utcMs - mod(utcMs - origin, FIXED_MS[unit] * size));
  }
  const local = toLocal(utcMs, zone);
  if (isMonths(unit)) {
    const month = local.getUTCFullYear() * 12 + local.getUTCMonth();
    const first = month - mod(month - ORIGIN_MONTH, MONTHS[unit] * size);
    return checkedDate(toUtc(utcFromParts(Math.floor(first / 12), mod(first, 12), 1), zone));
  }
  const origin = unit === 'week' ? ORIGIN_DAY + mod(startOfWeek - SATURDAY, 7) : ORIGIN_DAY;
  const day = dayNumber(local);
  return checkedDate(toUtc((day - mod(day - origin, DAYS[unit] * size)) * DAY, zone));
}

const dateTrunc: Parse = (operand, scope) => {
  const known = ['date', 'unit', 'binSize', 'timezone', 'startOfWeek'];
  const named = namedArguments('$dateTrunc', operand, known, [], { notObject: 5439007, unknown: 5439008, missing: 0 });
  const date = requiredPart(named, 'date', 5439009, '$dateTrunc', scope);
  const unit = requiredPart(named, 'unit', 5439010, '$dateTrunc', scope);
  const binSize = optionalExpression(named, 'binSize', scope);
  const timezone = optionalExpression(named, 'timezone', scope);
  const startOfWeek = optionalExpression(named, 'startOfWeek', scope);
  return derived(
    [date, unit, binSize, timezone, startOfWeek].filter((expr) => expr !== undefined),
    (root) => {
      const value = date.run(root);
      const unitName = unitOf(unit.run(root));
      const size = binSize ? binSizeOf(binSize.run(root)) : 1;
      const zone = zoneFrom(timezone, timezone?.run(root));
      const weekday = startOfWeek ? weekdayOf('$dateTrunc', startOfWeek.run(root)) : 0;
      if (value == null || !unitName || size === undefined || !zone) return null;
      if (weekday === undefined && unitName === 'week') return null;
      return truncated(dateMs(value, notDate('$dateTrunc', 'date')), unitName, size, zone, weekday ?? 0);
    },
  );
};

function binSizeOf(value: Item): number | undefined {
  if (value == null) return undefined;
  const size = wholeNumber(value);
  if (size === undefined) throw new MongoError(5439017, `$dateTrunc requires 'binSize' to be a 64-bit integer, but got ${typeOf(value)}`);
  if (size <= 0) throw new MongoError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`);
  return size;
}

export const DATE_ARITHMETIC = {
  $dateAdd: adding('$dateAdd', 1),
  $dateDiff: dateDiff,
  $dateSubtract: adding('$dateSubtract', -1),
  $dateTrunc: dateTrunc,
} satisfies Record<string, Parse>;
