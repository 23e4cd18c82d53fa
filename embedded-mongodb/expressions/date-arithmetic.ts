// Arithmetic on dates by calendar units in a time zone: $dateAdd, $dateSubtract, $dateDiff, $dateTrunc.
import { typeOf, type Value } from '../bson/index.js';
import { MongoError, refusal } from '../errors.js';
import { allConstant, given, namedBackwards, namedExpressions } from './build.js';
import { dayNumber } from './calendar.js';
import { dateAt, dateMs, meaningOf, zoneMeaning } from './date-instant.js';
import { int64Of } from './integers.js';
import { toLocal, toUtc, utcFromParts, type Zone } from './timezone.js';
import { constant, derived, type Parse, prepared } from './types.js';

const DAY = 86_400_000;
/** Units of fixed length, in ms. */
const FIXED_MS = { hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 } as const;
const MONTHS = { year: 12, quarter: 3, month: 1 } as const;
const DAYS = { week: 7, day: 1 } as const;

type Unit = keyof typeof FIXED_MS | keyof typeof MONTHS | keyof typeof DAYS;

function unitOf(value: Value): Unit {
  if (typeof value !== 'string') throw new MongoError(5439013, `time unit must be a string, but got ${typeOf(value)}`);
  if (Object.hasOwn(FIXED_MS, value) || Object.hasOwn(MONTHS, value) || Object.hasOwn(DAYS, value)) return value as Unit;
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
function weekdayOf(name: string): (value: Value) => number {
  return (value) => {
    if (typeof value !== 'string') throw new MongoError(5439015, `${name} requires 'startOfWeek' to be a string, but got ${typeOf(value)}`);
    const text = value.toLowerCase();
    const index = WEEKDAYS.findIndex((day) => day === text || day.slice(0, 3) === text);
    if (index < 0) throw new MongoError(5439016, `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`);
    return index;
  };
}

/** An instant moved by calendar months (the day of the month kept where it exists), days or fixed lengths. */
function moved(utcMs: number, unit: Unit, amount: number, zone: Zone): Date {
  if (amount === 0) return dateAt(utcMs);
  if (isFixed(unit)) return dateAt(utcMs + amount * FIXED_MS[unit]);
  const local = toLocal(utcMs, zone);
  if (!isMonths(unit)) return dateAt(toUtc(local.getTime() + amount * DAYS[unit] * DAY, zone, utcMs));
  const months = local.getUTCFullYear() * 12 + local.getUTCMonth() + amount * MONTHS[unit];
  const year = Math.floor(months / 12);
  const month = months - year * 12;
  const lastDay = new Date(utcFromParts(year, month + 1, 0)).getUTCDate();
  const midnight = utcFromParts(year, month, Math.min(local.getUTCDate(), lastDay));
  return dateAt(toUtc(midnight + (local.getTime() - dayNumber(local) * DAY), zone, utcMs));
}

/** Days that 64 bits of milliseconds span: amounts beyond are refused by MongoDB before it computes with them. */
const MAX_DAYS = 213_503_982_335n;
const MAX_YEARS = MAX_DAYS / 365n + 1n;
const MOST: Readonly<Record<Exclude<Unit, 'millisecond'>, bigint>> = {
  year: MAX_YEARS,
  quarter: MAX_YEARS * 4n,
  month: MAX_YEARS * 12n,
  week: MAX_DAYS / 7n,
  day: MAX_DAYS,
  hour: MAX_DAYS * 24n,
  minute: MAX_DAYS * 1440n,
  second: MAX_DAYS * 86_400n,
};

function checkAmount(unit: Unit, amount: bigint): void {
  if (unit === 'millisecond') return;
  if (amount <= -MOST[unit] || amount >= MOST[unit])
    throw new MongoError(5976500, `invalid dateAdd 'amount' parameter value: ${amount} ${unit}`);
}

const ADD_PARTS = [['startDate', 5166402], ['unit', 5166402], ['amount', 5166402], ['timezone']] as const; // prettier-ignore

function adding(name: string, sign: 1n | -1n): Parse {
  return (operand, scope) => {
    const codes = { notObject: 5166400, unknown: 5166401 };
    const { startDate, unit, amount, timezone } = namedExpressions(name, operand, ADD_PARTS, codes, scope);
    const exprs = given(startDate, unit, amount, timezone);
    const eager = scope.folds && !allConstant(exprs);
    return prepared(() => {
      const unitMeaning = meaningOf<Unit>(unit, 'day', eager, unitOf);
      if (unitMeaning.isNull) return constant(null);
      const zone = zoneMeaning(timezone, eager);
      if (zone.isNull) return constant(null);
      return derived(exprs, (root) => {
        const start = startDate.run(root);
        const unitName = start == null ? undefined : unitMeaning.read(root);
        const count = unitName ? amount.run(root) : undefined;
        const found = count == null ? undefined : zone.read(root);
        if (start == null || !unitName || count == null || !found) return null;
        const ms = dateMs(
          start,
          (type) => new MongoError(5166403, `${name} requires startDate to be convertible to a date, but got ${type}`),
        );
        const whole = int64Of(count);
        if (whole === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
        if (sign === -1n && whole === -(2n ** 63n))
          throw new MongoError(6045000, `invalid $dateSubtract 'amount' parameter value: ${whole}`);
        checkAmount(unitName, sign * whole);
        return moved(ms, unitName, Number(sign * whole), found);
      });
    });
  };
}

/** The units between two instants: boundaries of the unit that are crossed in local time. */
function unitsBetween(startMs: number, endMs: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  if (unit === 'millisecond') return endMs - startMs;
  const [start, end] = [toLocal(startMs, zone), toLocal(endMs, zone)];
  if (!isFixed(unit)) return unitNumber(end, unit, startOfWeek) - unitNumber(start, unit, startOfWeek);
  const length = FIXED_MS[unit];
  const shift = Math.trunc((zone.offsetAt(startMs) - zone.offsetAt(endMs)) / length);
  return Math.floor(end.getTime() / length) - Math.floor(start.getTime() / length) + shift;
}

/** The number of the calendar unit that a local time is in; consecutive units have consecutive numbers. */
function unitNumber(local: Date, unit: keyof typeof MONTHS | keyof typeof DAYS, startOfWeek: number): number {
  if (isMonths(unit)) return Math.floor((local.getUTCFullYear() * 12 + local.getUTCMonth()) / MONTHS[unit]);
  return unit === 'day' ? dayNumber(local) : Math.floor((dayNumber(local) + 4 - startOfWeek) / 7);
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

const DIFF_PARTS = [['startDate', 5166303], ['endDate', 5166304], ['unit', 5166305], ['timezone'], ['startOfWeek']] as const; // prettier-ignore

const dateDiff: Parse = (operand, scope) => {
  const { startDate, endDate, unit, timezone, startOfWeek } = namedBackwards(
    '$dateDiff',
    operand,
    DIFF_PARTS,
    { notObject: 5166301, unknown: 5166302 },
    scope,
  );
  const exprs = given(startDate, endDate, unit, timezone, startOfWeek);
  const eager = scope.folds && !allConstant(exprs);
  return prepared(() => {
    const unitMeaning = meaningOf<Unit>(unit, 'day', eager, unitOf);
    if (unitMeaning.isNull) return constant(null);
    const weekday = meaningOf(startOfWeek, 0, eager, weekdayOf('$dateDiff'));
    if (weekday.isNull) return constant(null);
    const zone = zoneMeaning(timezone, eager);
    if (zone.isNull) return constant(null);
    return derived(exprs, (root) => {
      const start = startDate.run(root);
      const end = start == null ? undefined : endDate.run(root);
      const unitName = end == null ? undefined : unitMeaning.read(root);
      const day = unitName === 'week' ? weekday.read(root) : 0;
      const found = unitName === undefined || day === undefined ? undefined : zone.read(root);
      if (start == null || end == null || !unitName || day === undefined || !found) return null;
      const [startMs, endMs] = [dateMs(start, notDate('$dateDiff', 'startDate')), dateMs(end, notDate('$dateDiff', 'endDate'))];
      return BigInt(unitsBetween(startMs, endMs, unitName, found, day));
    });
  });
};

function notDate(name: string, which: string): (found: string) => MongoError {
  return (found) => new MongoError(5166307, `${name} requires '${which}' to be a date, but got ${found}`);
}

/** The day 2000-01-01: the origin of bins larger than one unit. */
const ORIGIN_DAY = 10_957;
const ORIGIN_MONTH = 24_000;
const SATURDAY = 6;

function truncated(utcMs: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): Date {
  const origin = ORIGIN_DAY * DAY - zone.offsetAt(ORIGIN_DAY * DAY);
  if (isFixed(unit)) return dateAt(utcMs - mod(utcMs - origin, FIXED_MS[unit] * size));
  const local = toLocal(utcMs, zone);
  if (isMonths(unit)) {
    const month = local.getUTCFullYear() * 12 + local.getUTCMonth();
    const first = month - mod(month - ORIGIN_MONTH, MONTHS[unit] * size);
    return dateAt(toUtc(utcFromParts(Math.floor(first / 12), mod(first, 12), 1), zone, origin));
  }
  const originDay = unit === 'week' ? ORIGIN_DAY + mod(startOfWeek - SATURDAY, 7) : ORIGIN_DAY;
  const day = dayNumber(local);
  return dateAt(toUtc((day - mod(day - originDay, DAYS[unit] * size)) * DAY, zone, origin));
}

const TRUNC_PARTS = [['date', 5439009], ['unit', 5439010], ['binSize'], ['timezone'], ['startOfWeek']] as const; // prettier-ignore

const dateTrunc: Parse = (operand, scope) => {
  const { date, unit, binSize, timezone, startOfWeek } = namedBackwards(
    '$dateTrunc',
    operand,
    TRUNC_PARTS,
    { notObject: 5439007, unknown: 5439008 },
    scope,
  );
  const exprs = given(date, unit, binSize, timezone, startOfWeek);
  const eager = scope.folds && !allConstant(exprs);
  return prepared(() => {
    const unitMeaning = meaningOf<Unit>(unit, 'day', eager, unitOf);
    if (unitMeaning.isNull) return constant(null);
    const weekday = meaningOf(startOfWeek, 0, eager, weekdayOf('$dateTrunc'));
    if (weekday.isNull) return constant(null);
    const zone = zoneMeaning(timezone, eager);
    if (zone.isNull) return constant(null);
    const sizeMeaning = meaningOf(binSize, 1n, eager, binSizeOf);
    if (sizeMeaning.isNull) return constant(null);
    return derived(exprs, (root) => {
      const value = date.run(root);
      const size = value == null ? undefined : sizeMeaning.read(root);
      const unitName = size === undefined ? undefined : unitMeaning.read(root);
      const day = unitName === 'week' ? weekday.read(root) : 0;
      const found = unitName === undefined || day === undefined ? undefined : zone.read(root);
      if (value == null || size === undefined || !unitName || day === undefined || !found) return null;
      const ms = dateMs(value, notDate('$dateTrunc', 'date'));
      if (size > MAX_BIN_SIZE) throw refusal(5439006, `A binSize over ${MAX_BIN_SIZE}`);
      return truncated(ms, unitName, Number(size), found, day);
    });
  });
};

/** Larger ones meet limits of MongoDB's own arithmetic. */
const MAX_BIN_SIZE = 100_000n;

function binSizeOf(value: Value): bigint {
  const size = int64Of(value);
  if (size === undefined) throw new MongoError(5439017, `$dateTrunc requires 'binSize' to be a 64-bit integer, but got ${typeOf(value)}`);
  if (size <= 0n) throw new MongoError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`);
  return size;
}

export const DATE_ARITHMETIC = {
  $dateAdd: adding('$dateAdd', 1n),
  $dateDiff: dateDiff,
  $dateSubtract: adding('$dateSubtract', -1n),
  $dateTrunc: dateTrunc,
} satisfies Record<string, Parse>;
