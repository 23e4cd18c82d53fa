// Date expressions that read, format and build dates. Arithmetic on dates is in date-arithmetic.ts.
import { int32, isArray, isDoc, typeOf, type Value } from '../bson/index.js';
import { MongoError } from '../errors.js';
import { wholeNumber } from '../match/tests.js';
import { namedArguments, optionalExpression } from './build.js';
import { checkFormat, dayOfYear, formatDate, isoDayOfWeek, isoWeek, isoWeekYear, week } from './calendar.js';
import { DATE_ARITHMETIC } from './date-arithmetic.js';
import { dateMs, zoneFrom } from './date-instant.js';
import { isTruthy } from './truth.js';
import { constantValue, derived, type Expr, type Parse, parseExpression, type Scope } from './types.js';
import { toLocal, toUtc, utcFromParts } from './timezone.js';

type Item = Value | undefined;

function partOf(name: string, read: (local: Date) => Value): Parse {
  return (operand, scope) => {
    const { date, timezone } = partArguments(name, operand, scope);
    return derived(timezone ? [date, timezone] : [date], (root) => {
      const value = date.run(root);
      if (value == null) return null;
      const zone = zoneFrom(timezone, timezone?.run(root));
      return zone ? read(toLocal(dateMs(value), zone)) : null;
    });
  };
}

function partArguments(name: string, operand: Value, scope: Scope): { date: Expr; timezone: Expr | undefined } {
  if (isArray(operand)) {
    const [only] = operand;
    if (operand.length !== 1 || only === undefined)
      throw new MongoError(40536, `${name} accepts exactly one argument if given an array, but was given ${operand.length}`);
    return { date: parseExpression(only, scope), timezone: undefined };
  }
  if (!isDoc(operand) || operand.keys().next().value?.startsWith('$'))
    return { date: parseExpression(operand, scope), timezone: undefined };
  for (const key of operand.keys())
    if (key !== 'date' && key !== 'timezone') throw new MongoError(40535, `unrecognized option to ${name}: "${key}"`);
  const date = operand.get('date');
  if (date === undefined) throw new MongoError(40539, `missing 'date' argument to ${name}`);
  return { date: parseExpression(date, scope), timezone: optionalExpression(operand, 'timezone', scope) };
}

const dateToString: Parse = (operand, scope) => {
  const codes = { notObject: 18629, unknown: 18534, missing: 18628 };
  const named = namedArguments('$dateToString', operand, ['date', 'format', 'timezone', 'onNull'], ['date'], codes);
  const date = parseExpression(named.get('date') ?? null, scope);
  const format = optionalExpression(named, 'format', scope);
  const timezone = optionalExpression(named, 'timezone', scope);
  const onNull = optionalExpression(named, 'onNull', scope);
  if (format?.constant) formatText(constantValue(format));
  return derived(
    [date, format, timezone, onNull].filter((expr) => expr !== undefined),
    (root) => {
      const pattern = format ? formatText(format.run(root)) : undefined;
      const value = date.run(root);
      const zone = zoneFrom(timezone, timezone?.run(root));
      if (value == null) return onNull ? onNull.run(root) : null;
      if (!zone || pattern === null) return null;
      const utcMs = dateMs(value);
      return formatDate(
        toLocal(utcMs, zone),
        zone.offsetAt(utcMs),
        pattern ?? (zone.isUtc ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L'),
      );
    },
  );
};

function formatText(value: Item): string | null {
  if (value == null) return null;
  if (typeof value !== 'string') throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeOf(value)}`);
  checkFormat(value);
  return value;
}

const dateToParts: Parse = (operand, scope) => {
  const named = namedArguments('$dateToParts', operand, ['date', 'timezone', 'iso8601'], ['date'], {
    notObject: 40524,
    unknown: 40520,
    missing: 40522,
  });
  const date = parseExpression(named.get('date') ?? null, scope);
  const timezone = optionalExpression(named, 'timezone', scope);
  const iso = optionalExpression(named, 'iso8601', scope);
  return derived(
    [date, timezone, iso].filter((expr) => expr !== undefined),
    (root) => {
      const value = date.run(root);
      const zone = zoneFrom(timezone, timezone?.run(root));
      const isoValue = iso?.run(root) ?? false;
      if (iso && isoValue === false && iso.run(root) == null) return null;
      if (typeof isoValue !== 'boolean') throw new MongoError(40521, `iso8601 must evaluate to a bool, found ${typeOf(isoValue)}`);
      if (value == null || !zone) return null;
      return partsOf(toLocal(dateMs(value), zone), isTruthy(isoValue));
    },
  );
};

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

const dateFromParts: Parse = (operand, scope) => {
  const known = [...CALENDAR_PARTS, ...ISO_PARTS, ...TIME_PARTS, 'timezone'];
  const named = namedArguments('$dateFromParts', operand, known, [], { notObject: 40519, unknown: 40518, missing: 0 });
  const byWeek = named.has('isoWeekYear');
  if (!byWeek && !named.has('year')) throw new MongoError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  if ((byWeek ? CALENDAR_PARTS : ISO_PARTS).some((key) => named.has(key))) {
    throw new MongoError(40489, '$dateFromParts does not allow mixing natural dates with ISO 8601 dates');
  }
  const names = [...(byWeek ? ISO_PARTS : CALENDAR_PARTS), ...TIME_PARTS];
  const parts = names.map((name) => ({ name, expr: optionalExpression(named, name, scope) }));
  const timezone = optionalExpression(named, 'timezone', scope);
  const inputs = [...parts.map(({ expr }) => expr), timezone].filter((expr) => expr !== undefined);
  return derived(inputs, (root) => {
    const zone = zoneFrom(timezone, timezone?.run(root));
    const numbers: number[] = [];
    for (const [index, { name, expr }] of parts.entries()) {
      const value = expr ? expr.run(root) : int32(index < 3 ? 1 : 0);
      if (value == null) return null;
      numbers.push(partNumber(name, value, index === 0));
    }
    if (!zone) return null;
    const [first = 1, second = 1, third = 1, hour = 0, minute = 0, sec = 0, ms = 0] = numbers;
    const midnight = byWeek ? isoMidnight(first, second, third) : utcFromParts(first, second - 1, third);
    return new Date(toUtc(midnight + ((hour * 60 + minute) * 60 + sec) * 1000 + ms, zone));
  });
};

function partNumber(name: string, value: Value, isYear: boolean): number {
  const number = wholeNumber(value);
  if (number === undefined) throw new MongoError(40515, `'${name}' must evaluate to an integer, found ${typeOf(value)}`);
  if (isYear && (number < 1 || number > 9999)) {
    throw new MongoError(name === 'year' ? 40523 : 31095, `'${name}' must evaluate to an integer in the range 1 to 9999, found ${number}`);
  }
  if (!isYear && (number < -32768 || number > 32767)) {
    throw new MongoError(31034, `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${number} is not in range`);
  }
  return number;
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
