// Values of each kind with an eye to the corners (number types, code points, clock changes), and documents whose fields mostly hold the kind that
// their name says, so that random expressions often get as far as a result.
import * as bson from 'bson';
import fc from 'fast-check';
import { D, F, L, type Plain } from '../differential/case.js';

/** What an expression is expected to give. */
export type Kind = 'number' | 'small' | 'text' | 'date' | 'list' | 'numbers' | 'texts' | 'objects' | 'object' | 'flag' | 'any';

const INTS = [0, 1, -1, 2, 3, 5, -7, 10, 100, 2147483647, -2147483648];
const LONGS = ['0', '1', '-1', '2', '2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775808'].map(L);
const DOUBLES = [
  0,
  -0,
  1,
  -1,
  2,
  1.5,
  -2.5,
  2.5,
  0.1,
  0.5,
  1e16,
  1e-7,
  1e308,
  5e-324,
  NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  9.3e18,
  123456.789,
].map(F);
const DECIMALS = ['0', '-0', '1', '1.0', '1.50', '-2.5', '0.1', 'NaN', 'Infinity', '-Infinity', '9'.repeat(34), '1E+6144', '1E-6176', '1E+3', '12345678901234567.5', '0E+10', '-0.000'].map(D); // prettier-ignore

const randomDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -40, max: 10 }))
  .map(([digits, exponent]) => D(`${digits}E${exponent}`));

export const number: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(...INTS), weight: 4 },
  { arbitrary: fc.constantFrom<unknown>(...LONGS), weight: 2 },
  { arbitrary: fc.constantFrom<unknown>(...DOUBLES), weight: 4 },
  { arbitrary: fc.constantFrom<unknown>(...DECIMALS), weight: 3 },
  { arbitrary: fc.integer({ min: -1000, max: 1000 }), weight: 2 },
  { arbitrary: fc.double().map(F), weight: 1 },
  { arbitrary: fc.integer({ min: -100_000, max: 100_000 }).map((units) => F(units / 1000)), weight: 2 },
  { arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => L(String(value))), weight: 1 },
  { arbitrary: randomDecimal, weight: 1 },
);

export const small: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 6 }), weight: 6 },
  { arbitrary: fc.integer({ min: -3, max: 6 }).map((value) => F(value)), weight: 1 },
  { arbitrary: fc.integer({ min: -3, max: 6 }).map((value) => L(value)), weight: 1 },
  {
    arbitrary: fc.constantFrom<unknown>(D('2'), D('1.5'), F(1.5), F(NaN), F(-0), L('9223372036854775807'), 2147483647, -2147483648),
    weight: 1,
  },
);

const TEXTS = ['', 'a', 'A', 'b', 'ab', 'aB', 'abc', 'abab', 'ñ', 'Ñandú', '😀a', 'e\u0301', 'a,b,,c', ',', ' ', ' a ', '\ta\n', '\u00a0x', 'ß', '$a', 'a.b', 'x\0y', '日本語']; // prettier-ignore
const NUMERALS = ['1', '-5', '+7', '1.5', '1e3', '-1E-3', '0x10', 'NaN', 'nan', 'Infinity', '-inf', '007', ' 1', '1 ', '.5', '5.', '1e400', '1e-400', '9223372036854775807', '9223372036854775808', '2147483648', '12345678901234567890123456789012345.5', '-0', '-0.0', '']; // prettier-ignore
const DATE_TEXTS = ['2024-03-10', '2024-03-10T07:30:00Z', '2024-03-10T07:30:00.123Z', '2024-03-10T07:30:00.123+02:00', '2024-02-30', '2024-13-01', '1969-12-31T23:59:59', '0001-01-01', '9999-12-31', 'now', 'x']; // prettier-ignore
export const text: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(...TEXTS), weight: 8 },
  { arbitrary: fc.constantFrom<unknown>(...NUMERALS), weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(...DATE_TEXTS, '65f000000000000000000000', 'true', 'false'), weight: 2 },
  { arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'ñ', '😀', ' ', ','), maxLength: 6 }), weight: 2 },
);

/** Instants around the clock changes of the zones below, of calendars and of the numbers that hold dates. */
const INSTANTS = [
  '1970-01-01T00:00:00Z', '2024-03-31T01:00:00Z', '2024-10-27T01:00:00Z', '2024-03-10T07:00:00Z', '2024-11-03T06:00:00Z', '2024-04-06T15:00:00Z',
  '2024-10-05T15:30:00Z', '2018-11-04T03:00:00Z', '2019-02-17T02:00:00Z', '1985-11-02T03:00:00Z', '2011-12-30T10:00:00Z', '2024-02-29T12:00:00Z',
  '2023-12-31T23:59:59.999Z', '2024-12-30T00:00:00Z', '2021-01-03T12:34:56.789Z', '2020-12-31T00:00:00Z', '2000-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999Z', '1900-01-01T00:00:00Z', '1883-11-18T17:00:00Z', '1582-10-15T00:00:00Z', '0001-01-01T00:00:00Z', '0000-12-31T00:00:00Z',
  '2038-01-19T03:14:08Z', '2099-07-01T12:00:00Z', '9999-12-31T23:59:59.999Z', '+010000-01-01T00:00:00Z', '-000001-06-15T00:00:00Z',
].map((iso) => Date.parse(iso)); // prettier-ignore

export const date: fc.Arbitrary<unknown> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...INSTANTS), fc.constantFrom(0, 0, -1, 1, 1_800_000, -1_800_000, 3_600_000, 86_399_999, -86_400_000))
      .map(([instant, shift]) => new Date(instant + shift)),
    weight: 6,
  },
  { arbitrary: fc.integer({ min: Date.parse('1930-01-01'), max: Date.parse('2090-01-01') }).map((ms) => new Date(ms)), weight: 3 },
  { arbitrary: fc.constantFrom(8.64e15, -8.64e15, -6e13).map((ms) => new Date(ms)), weight: 1 },
  {
    arbitrary: fc.constantFrom<unknown>(new bson.ObjectId('65f000000000000000000000'), new bson.Timestamp({ t: 1710055800, i: 1 })),
    weight: 1,
  },
);

export const flag: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(true, false, true, false, null, 0, 1, F(NaN), D('0'), '');

const other = fc.constantFrom<unknown>(
  null,
  null,
  new bson.MinKey(),
  new bson.MaxKey(),
  new bson.ObjectId('65f0000000000000000000aa'),
  new bson.Timestamp({ t: 1, i: 2 }),
  new bson.Binary(Buffer.from('ab')),
  new bson.UUID('00112233-4455-6677-8899-aabbccddeeff'),
  new bson.BSONRegExp('^a', 'i'),
  new bson.Code('x'),
);

export const scalar: fc.Arbitrary<unknown> = fc.oneof(number, small, text, date, flag, other);

const NAMES = ['n', 's', 'd', 'a', 'o', 'k', 'v', '0'];

function documentOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Plain> {
  return fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 3 }).map((entries) => new Map(entries));
}

export const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { arbitrary: scalar, weight: 6 },
    { arbitrary: fc.array(tie('any'), { maxLength: 3 }), weight: 2 },
    { arbitrary: documentOf(tie('any')), weight: 2 },
  ),
}));

const object = fc.record({ n: number, s: text, d: date, a: fc.array(small, { maxLength: 3 }), k: text, v: any }, { requiredKeys: [] });

/** Literal values of each kind. */
export const LITERALS: Readonly<Record<Kind, fc.Arbitrary<unknown>>> = {
  number,
  small,
  text,
  date,
  flag,
  any,
  object: fc.oneof(object, documentOf(any)),
  list: fc.oneof(fc.array(any, { maxLength: 4 }), fc.array(fc.oneof(small, text), { maxLength: 4 })),
  numbers: fc.array(number, { maxLength: 4 }),
  texts: fc.array(text, { maxLength: 4 }),
  objects: fc.array(object, { maxLength: 3 }),
};

/** The fields of the documents by what they mostly hold. */
export const FIELDS: Readonly<Record<Kind, string>> = {
  number: 'n',
  small: 'i',
  text: 's',
  date: 'd',
  flag: 'b',
  object: 'o',
  list: 'a',
  numbers: 'ns',
  texts: 'ss',
  objects: 'os',
  any: 'x',
};

function mostly(kind: Kind): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: LITERALS[kind], weight: 9 }, { arbitrary: any, weight: 1 });
}

const fields = fc.record(
  Object.fromEntries(Object.entries(FIELDS).map(([kind, name]) => [name, mostly(kind as Kind)])),
  { requiredKeys: ['n', 's'] }, // the others are missing now and then
);

/** A few documents with the ids 0, 1, 2…; sometimes none. */
export const documents: fc.Arbitrary<Plain[]> = fc
  .array(fields, { minLength: 0, maxLength: 4, size: 'max' })
  .map((list) => list.map((doc, _id): Plain => new Map<string, unknown>([['_id', _id], ...Object.entries(doc)])));
