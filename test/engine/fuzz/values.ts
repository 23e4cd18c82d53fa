// Random values, documents and paths, with malice: numbers at the limits of their types, values equal across types, names that look like numbers or
// operators. A few field names only, so that paths meet values often.
import * as bson from 'bson';
import fc from 'fast-check';
import { D, F, L, type Plain } from '../differential/case.js';

export const numbers: readonly unknown[] = [
  ...[0, 1, 2, 3, -1, 5, 7, 2147483647, -2147483648],
  ...[F(0), F(1), F(2), F(1.5), F(-0), F(-2.5), F(NaN), F(Infinity), F(-Infinity), F(1e300), F(9007199254740992), F(5e-324)],
  ...[L(0), L(1), L(3), L('9007199254740993'), L('9223372036854775807'), L('-9223372036854775808'), L('2147483648')],
  ...[
    '1',
    '1.0',
    '1.50',
    '0',
    '-0',
    '0E+3',
    '-2.5',
    'NaN',
    'Infinity',
    '-Infinity',
    '0.1',
    '9223372036854775808',
    '1E+6144',
    '1E-6176',
  ].map(D),
];

export const number = fc.constantFrom(...numbers);

export const text = fc.constantFrom('', 'a', 'b', 'ab', 'A', 'aB', 'ñ', 'é', 'a\nb', 'a.b', '$a', '1', '10', '2', 'ß', '😀', 'a\u0000b');

export const date = fc
  .constantFrom(0, 1, -1, 1710055800000, -62135596800000, -2208988800001, 253402300799999, -86400000, 4102444800000)
  .map((milliseconds) => new Date(milliseconds));

export const objectId = fc
  .constantFrom('65f000000000000000000000', '65f000000000000000000001', '000000000000000000000000', 'ffffffffffffffffffffffff')
  .map((hex) => new bson.ObjectId(hex));

const rare = fc.oneof(
  fc.constantFrom<unknown>(
    new bson.MinKey(),
    new bson.MaxKey(),
    new bson.Timestamp({ t: 1, i: 1 }),
    new bson.Timestamp({ t: 4294967295, i: 2 }),
  ),
  fc.constantFrom<unknown>(
    new bson.Binary(Buffer.from('a')),
    new bson.Binary(Buffer.alloc(0)),
    new bson.Binary(Buffer.from('a'), 5),
    new bson.Binary(Buffer.alloc(16, 7), 4),
    new bson.Binary(Buffer.from('ab'), 128),
  ),
  fc.constantFrom<unknown>(new bson.Code('1'), new bson.BSONRegExp('a', 'i'), new bson.BSONRegExp('^b')),
);

export const scalar: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: number, weight: 6 },
  { arbitrary: text, weight: 4 },
  { arbitrary: fc.constantFrom<unknown>(null, true, false), weight: 3 },
  { arbitrary: date, weight: 1 },
  { arbitrary: objectId, weight: 1 },
  { arbitrary: rare, weight: 1 },
);

/** Names of fields at the top of documents. */
export const field = fc.constantFrom('a', 'b', 'c');
/** Names of fields anywhere. */
export const anyName = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'c', '0', '1'), weight: 12 },
  { arbitrary: fc.constantFrom('', '__proto__', '01', '-1', '10', 'constructor'), weight: 1 },
);

/** Documents as maps, because plain objects reorder integer-like keys. Repeated names keep one value. */
export function documentOf(value: fc.Arbitrary<unknown>, names: fc.Arbitrary<string> = anyName): fc.Arbitrary<Map<string, unknown>> {
  return fc.array(fc.tuple(names, value), { maxLength: 3 }).map((fields) => new Map(fields));
}

const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
    { arbitrary: documentOf(tie('value')), weight: 2 },
  ),
}));

/** Any value a document may hold. */
export const value: fc.Arbitrary<unknown> = tree.value;

/** Paths of one to three names that meet the fields of the documents. */
export const path: fc.Arbitrary<string> = fc
  .tuple(field, fc.array(anyName, { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest.filter((name) => name !== '')].join('.'));

/** Documents to insert, numbered by `_id`. */
export function documents(constraints: { minLength: number; maxLength: number }): fc.Arbitrary<Plain[]> {
  const names = fc.oneof({ arbitrary: field, weight: 8 }, { arbitrary: anyName, weight: 1 });
  return fc
    .array(documentOf(value, names), constraints)
    .map((list) => list.map((doc, _id): Plain => new Map<string, unknown>([['_id', _id], ...doc])));
}

/** `{ name: operand }`. */
export function op(name: string, operand: fc.Arbitrary<unknown>): fc.Arbitrary<Plain> {
  return operand.map((given) => ({ [name]: given }));
}

/** Objects with some of the given fields. */
export function optional(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

/** The value once in `oneIn` times, else null. */
export function seldom<T>(arbitrary: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: oneIn - 1 }, { arbitrary, weight: 1 });
}
