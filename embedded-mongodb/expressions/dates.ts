// Date expressions that read, format and build dates. Arithmetic on dates is in date-arithmetic.ts.
import { type Doc, int32, isArray, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { allConstant, given, namedArguments, namedBackwards, namedExpressions } from './build.js';
import { checkFormat, dayOfYear, formatDate, isoDayOfWeek, isoWeek, isoWeekYear, week } from './calendar.js';
import { DATE_ARITHMETIC } from './date-arithmetic.js';
import { dateAt, dateMs, type Meaning, meaningOf, zoneMeaning } from './date-instant.js';
import { int64Of } from './integers.js';
import { toLocal, toUtc, utcFromParts, type Zone } from './timezone.js';
import { constant, derived, type Expr, type Parse, parseExpression, prepared, type Scope } from './types.js';

type Item = Value | undefined;

function partOf(name: string, read: (local: Date) => Value): Parse {
  return (operand, scope) => {
    const { date, timezone } = partArguments(name, operand, scope);
    const eager = scope.folds && !allConstant([date, timezone]);
    return prepared(() => {
      const zone = zoneMeaning(timezone, eager);
      return derived(given(date, timezone), (root) => {
        const value = date.run(root);
        if (value == null) return null;
        const ms = dateMs(value);
        const found = zone.read(root);
        return found ? read(toLocal(ms, found)) : null;
      });
    });
  };
}

function partArguments(name: string, operand: Value, scope: Scope): { date: Expr; timezone?: Expr } {
  if (isArray(operand)) {
    const [only] = operand;
    if (operand.length !== 1 || only === undefined)
      throw new MongoError(40536, `${name} accepts exactly one argument if given an array, but was given ${operand.length}`);
    return { date: parseExpression(only, scope) };
  }
  if (!isDoc(operand) || operand.keys().next().value?.startsWith('$')) return { date: parseExpression(operand, scope) };
  return namedExpressions(name, operand, [['date', 40539], ['timezone']], { notObject: 40539, unknown: 40535 }, scope);
}

const dateToString: Parse = (operand, scope) => {
  const parameters = [['date', 18628], ['timezone'], ['onNull'], ['format']] as const; // prettier-ignore
  const codes = { notObject: 18629, unknown: 18534 };
  const named = namedArguments('$dateToString', operand, parameters, codes);
  const parsedIn = ['onNull', 'timezone', 'format', 'date'].filter((key) => named.has(key));
  const ordered = new Map(parsedIn.map((key) => [key, named.get(key) ?? null]));
  const { date, format, timezone, onNull } = namedExpressions('$dateToString', ordered, parameters, codes, scope);
  const exprs = given(date, timezone, onNull, format);
  return prepared(() => {
    const zone = zoneMeaning(timezone, scope.folds && !allConstant(exprs));
    return derived(exprs, (root) => {
      const value = date.run(root);
      const pattern = format ? formatText(format.run(root)) : undefined;
      const found = zone.read(root);
      if (value == null) return onNull ? onNull.run(root) : null;
      if (!found || pattern === null) return null;
      const utcMs = dateMs(value);
      const standard = found.isUtc ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L';
      return formatDate(toLocal(utcMs, found), shownOffset(utcMs, found), pattern ?? standard);
    });
  });
};

/** MongoDB takes the offset it writes from the second towards 1970, which before 1970 may be behind a change of the clocks. */
function shownOffset(utcMs: number, zone: Zone): number {
  return zone.offsetAt(Math.trunc(utcMs / 1000) * 1000);
}

function formatText(value: Item): string | null {
  if (value == null) return null;
  if (typeof value !== 'string') throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeOf(value)}`);
  checkFormat(value);
  return value;
}

const dateToParts: Parse = (operand, scope) => {
  const parameters = [['date', 40522], ['timezone'], ['iso8601']] as const; // prettier-ignore
  const { date, timezone, iso8601 } = namedBackwards('$dateToParts', operand, parameters, { notObject: 40524, unknown: 40520 }, scope);
  const exprs = given(date, timezone, iso8601);
  return prepared(() => {
    const zone = zoneMeaning(timezone, scope.folds && !allConstant(exprs));
    if (zone.isNull) return constant(null);
    const iso = meaningOf(iso8601, false, false, isoFlag);
    return derived(exprs, (root) => {
      const value = date.run(root);
      const found = zone.read(root);
      if (!found) return null;
      const byWeek = iso.read(root);
      if (byWeek === undefined || value == null) return null;
      return partsOf(toLocal(dateMs(value), found), byWeek);
    });
  });
};

function isoFlag(value: Value): boolean {
  if (typeof value !== 'boolean') throw new MongoError(40521, `iso8601 must evaluate to a bool, found ${typeOf(value)}`);
  return value;
}

function partsOf(local: Date, iso: boolean): Value {
  const days: [string, number][] = iso
    ? [
        ['isoWeekYear', isoWeekYear(local)],
        ['isoWeek', isoWeek(local)],
        ['isoDayOfWeek', isoDayOfWeek(local)],
      ]
    : [
        ['year', local.getUTCFullYear()],
        ['month', local.getUTCMonth() + 1],
        ['day', local.getUTCDate()],
      ];
  const time: [string, number][] = [
    ['hour', local.getUTCHours()],
    ['minute', local.getUTCMinutes()],
    ['second', local.getUTCSeconds()],
    ['millisecond', local.getUTCMilliseconds()],
  ];
  return new Map([...days, ...time].map(([name, value]) => [name, int32(value)]));
}

const TIME_PARTS = ['hour', 'minute', 'second', 'millisecond'];
const CALENDAR_PARTS = ['year', 'month', 'day'];
const ISO_PARTS = ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'];
/** Parts that may be any 64-bit integer. */
const UNBOUNDED = ['year', 'isoWeekYear', 'second', 'millisecond'];

const dateFromParts: Parse = (operand, scope) => {
  const known = [...CALENDAR_PARTS, ...TIME_PARTS, ...ISO_PARTS, 'timezone'].map((name) => [name] as const);
  const raw = namedArguments('$dateFromParts', operand, known, { notObject: 40519, unknown: 40518 });
  const byWeek = raw.has('isoWeekYear');
  if (!byWeek && !raw.has('year')) throw new MongoError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  if ((byWeek ? CALENDAR_PARTS : ISO_PARTS).some((key) => raw.has(key)))
    throw new MongoError(40489, '$dateFromParts does not allow mixing natural dates with ISO 8601 dates');
  const named = namedBackwards('$dateFromParts', operand, known, { notObject: 40519, unknown: 40518 }, scope);
  const { timezone } = named;
  const partOfDate = (name: string, absent: bigint): Meaning<bigint> =>
    meaningOf(named[name], absent, false, (value) => partNumber(name, value));
  const clock = TIME_PARTS.map((name) => partOfDate(name, 0n));
  const calendar = (byWeek ? ISO_PARTS : CALENDAR_PARTS).map((name) => partOfDate(name, 1n));
  const exprs = given(...Object.values(named));
  return prepared(() => {
    const zone = zoneMeaning(timezone, scope.folds && !allConstant(exprs));
    if (zone.isNull) return constant(null);
    return derived(exprs, (root) => {
      const time = readAll(clock, root);
      const found = time && zone.read(root);
      const days = found && readAll(calendar, root);
      if (!days) return null;
      return dateOfParts(byWeek, days, time, found);
    });
  });
};

/** All parts; undefined from the first on that is null. */
function readAll(parts: readonly Meaning<bigint>[], root: Doc): bigint[] | undefined {
  const values: bigint[] = [];
  for (const part of parts) {
    const value = part.read(root);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function partNumber(name: string, value: Value): bigint {
  const number = int64Of(value);
  if (number === undefined) throw new MongoError(40515, `'${name}' must evaluate to an integer, found ${typeOf(value)}`);
  if (!UNBOUNDED.includes(name) && (number < -32768n || number > 32767n))
    throw new MongoError(31034, `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${number} is not in range`);
  return number;
}

function dateOfParts(byWeek: boolean, days: readonly bigint[], time: readonly bigint[], zone: Zone): Date {
  const [year = 1, second = 1, third = 1] = days.map(Number);
  const [hour = 0, minute = 0, sec = 0, ms = 0] = time.map(Number);
  if (year < 1 || year > 9999)
    throw new MongoError(byWeek ? 31095 : 40523, `the year must evaluate to an integer in the range 1 to 9999, found ${year}`);
  const midnight = byWeek ? isoMidnight(year, second, third) : utcFromParts(year, second - 1, third);
  return dateAt(toUtc(dateAt(midnight + ((hour * 60 + minute) * 60 + sec) * 1000 + ms).getTime(), zone, 0));
}

function isoMidnight(year: number, weekNumber: number, day: number): number {
  const fourth = new Date(utcFromParts(year, 0, 4));
  return fourth.getTime() + ((weekNumber - 1) * 7 + day - isoDayOfWeek(fourth)) * 86_400_000;
}

export const DATES = {
  ...DATE_ARITHMETIC,
  $dateFromParts: dateFromParts,
  $dateToParts: dateToParts,
  $dateToString: dateToString,
  $dayOfMonth: partOf('$dayOfMonth', (local) => int32(local.getUTCDate())),
  $dayOfWeek: partOf('$dayOfWeek', (local) => int32(local.getUTCDay() + 1)),
  $dayOfYear: partOf('$dayOfYear', (local) => int32(dayOfYear(local))),
  $hour: partOf('$hour', (local) => int32(local.getUTCHours())),
  $isoDayOfWeek: partOf('$isoDayOfWeek', (local) => int32(isoDayOfWeek(local))),
  $isoWeek: partOf('$isoWeek', (local) => int32(isoWeek(local))),
  $isoWeekYear: partOf('$isoWeekYear', (local) => BigInt(isoWeekYear(local))),
  $millisecond: partOf('$millisecond', (local) => int32(local.getUTCMilliseconds())),
  $minute: partOf('$minute', (local) => int32(local.getUTCMinutes())),
  $month: partOf('$month', (local) => int32(local.getUTCMonth() + 1)),
  $second: partOf('$second', (local) => int32(local.getUTCSeconds())),
  $week: partOf('$week', (local) => int32(week(local))),
  $year: partOf('$year', (local) => int32(local.getUTCFullYear())),
} satisfies Record<string, Parse>;
