// The BSON layer: bytes survive a round trip, and the order and arithmetic of values are exact. The bson package is the second opinion.
import { describe, expect, it } from '@jest/globals';
import * as bson from 'bson';
import fc from 'fast-check';
import {
  compare,
  decode,
  deepEqual,
  type Doc,
  encode,
  hashKey,
  indexKeys,
  rawDocuments,
  rawGet,
  type Value,
  valuesAt,
} from '../../../embedded-mongodb/bson/index.js';
import * as decimal from '../../../embedded-mongodb/bson/decimal.js';
import { parseDecimal, toDouble } from '../../../embedded-mongodb/bson/decimal-convert.js';

const doc = (value: bson.Document): Doc => decode(Buffer.from(bson.serialize(value)));
const dec = (text: string): bson.Decimal128 => bson.Decimal128.fromString(text);

const everyType = {
  double: new bson.Double(1.5),
  negativeZero: new bson.Double(-0),
  string: 'ñandú \u{1f600} a longer text than the short path takes, with \u{10ffff}',
  object: { nested: { deeper: [1, [2, { x: 3 }]] } },
  array: [1, 'two', null],
  binary: new bson.Binary(Buffer.from([1, 2, 3]), 5),
  id: new bson.ObjectId('0123456789abcdef01234567'),
  yes: true,
  no: false,
  date: new Date(-1),
  nothing: null,
  regex: new bson.BSONRegExp('^a', 'im'),
  code: new bson.Code('return 1'),
  int: -2147483648,
  timestamp: new bson.Timestamp({ t: 4294967295, i: 7 }),
  long: bson.Long.MIN_VALUE,
  decimal: dec('-1.500E-10'),
  min: new bson.MinKey(),
  max: new bson.MaxKey(),
};

describe('bytes', () => {
  it('survive decoding and encoding, for every type', () => {
    const bytes = Buffer.from(bson.serialize(everyType));
    expect(encode(decode(bytes)).equals(bytes)).toBe(true);
  });

  it('survive in documents larger than any before', () => {
    for (const size of [40_000, 200_000, 1_000_000]) {
      const doc: Doc = new Map<string, Value>([['text', 'x'.repeat(size)], ['bytes', new bson.Binary(Buffer.alloc(size * 3))]]); // prettier-ignore
      expect(deepEqual(decode(encode(doc)), doc)).toBe(true);
    }
  });

  it('keep the order of integer-like keys and hold __proto__', () => {
    const source: Doc = new Map<string, Value>([
      ['b', 1],
      ['1', 2],
      ['__proto__', 3],
      ['0', 4],
    ]);
    expect([...decode(encode(source)).keys()]).toEqual(['b', '1', '__proto__', '0']);
  });

  it('give single top-level fields without decoding', () => {
    const bytes = Buffer.from(bson.serialize(everyType));
    const whole = decode(bytes);
    for (const [name, value] of whole) expect(deepEqual(rawGet(bytes, name), value)).toBe(true);
    expect(rawGet(bytes, 'absent')).toBeUndefined();
  });

  it('of the documents in an array are given as they came', () => {
    const documents = [everyType, {}, { documents: [{ a: 1 }] }].map((one) => bson.serialize(one));
    const command = bson.serialize({ insert: 'rows', none: { documents: [{ a: 2 }] }, documents: [everyType, {}, { documents: [{ a: 1 }] }], last: [1] }); // prettier-ignore
    expect(rawDocuments(Buffer.from(command), 'documents')).toEqual(documents.map((bytes) => Buffer.from(bytes)));
    expect(rawDocuments(Buffer.from(command), 'last')).toEqual([]);
    expect(rawDocuments(Buffer.from(command), 'insert')).toEqual([]);
    expect(rawDocuments(Buffer.from(command), 'absent')).toEqual([]);
  });

  it('are refused when they are not BSON, repeat a field or use a deprecated type', () => {
    const bytes = Buffer.from(bson.serialize({ a: 1, b: 'x' }));
    for (let size = 0; size < bytes.length; size += 1) expect(() => decode(bytes.subarray(0, size))).toThrow(/Invalid BSON/);
    expect(() => decode(Buffer.from(bson.serialize(new Map([['a', 1]]))).subarray(1))).toThrow();
    const repeated = Buffer.from(bson.serialize({ a: 1, b: 2 }));
    repeated[12] = 'a'.charCodeAt(0);
    expect(() => decode(repeated)).toThrow(/repeats a field name.*MONGODB_URI/);
    expect(() => decode(Buffer.from(bson.serialize({ a: new bson.BSONSymbol('s') })))).toThrow(/deprecated/);
  });
});

describe('order', () => {
  it('ranks types as BSON does', () => {
    const ascending: (Value | undefined)[] = [
      new bson.MinKey(),
      undefined,
      null,
      Number.NaN,
      -Infinity,
      dec('-1E+400'),
      -5n,
      new bson.Int32(0),
      dec('0.1'),
      0.1,
      9007199254740993n,
      9007199254740994,
      '',
      '\ue000',
      '\u{10000}',
      new Map(),
      [],
      new bson.Binary(Buffer.from([]), 0),
      new bson.ObjectId('0123456789abcdef01234567'),
      false,
      true,
      new Date(0),
      new bson.Timestamp({ t: 1, i: 1 }),
      new bson.BSONRegExp('a'),
      new bson.Code('x'),
      new bson.MaxKey(),
    ];
    for (let index = 1; index < ascending.length; index += 1) expect(compare(ascending[index - 1], ascending[index])).toBeLessThan(0);
  });

  it('gives equal numbers of different types one hash key', () => {
    const same: Value[][] = [
      [new bson.Int32(1), 1, 1n, dec('1.000')],
      [0.5, dec('0.50')],
      [4611686018427387904n, 4611686018427387904, dec('4611686018427387904')],
      [0, -0, dec('-0.00')],
      [Number.NaN, dec('NaN')],
    ];
    for (const group of same) expect(new Set(group.map((value) => hashKey(value))).size).toBe(1);
    expect(hashKey(0.1)).not.toBe(hashKey(dec('0.1')));
  });
});

describe('decimals', () => {
  it('pack and unpack to the same bytes', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.bigInt(0n, 10n ** 34n - 1n),
        fc.integer({ min: -6176, max: 6111 }),
        (negative, coefficient, exponent) => {
          const packed = decimal.pack(decimal.finite(negative, coefficient, exponent));
          expect(decimal.unpack(packed)).toEqual(decimal.finite(negative, coefficient, exponent));
          const text = packed.toString();
          expect(parseDecimal(text)).toEqual(decimal.finite(negative, coefficient, exponent));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('round half to even at 34 digits', () => {
    expect(decimal.pack(decimal.finite(false, 10n ** 35n - 5n, -1)).toString()).toBe('1.000000000000000000000000000000000E+34');
    expect(toDouble(decimal.divide(decimal.finite(false, 1n, 0), decimal.finite(false, 8n, 0)))).toBe(0.125);
    expect(decimal.pack(decimal.divide(decimal.finite(false, 2n, 0), decimal.finite(false, 3n, 0))).toString()).toBe(
      '0.6666666666666666666666666666666667',
    );
  });
});

describe('paths and keys', () => {
  it('walks arrays by index and through elements', () => {
    const value = doc({ a: [{ b: 1 }, { b: [2, 3] }, 4], c: { d: [] } });
    expect(valuesAt(value, 'a.b').map(Number)).toEqual([1, 2, 3]);
    expect(valuesAt(value, 'a.1.b').map(Number)).toEqual([2, 3]);
    expect(valuesAt(value, 'c.d')).toEqual([]);
  });

  it('keeps paths through one array together and refuses parallel arrays', () => {
    const value = doc({ a: [{ x: 1, y: 2 }, { x: 3 }], b: [1] });
    const { keys } = indexKeys(value, ['a.x', 'a.y']);
    expect(keys.map((key) => key.map((part) => (part === null ? null : Number(part))))).toEqual([
      [1, 2],
      [3, null],
    ]);
    expect(() => indexKeys(value, ['a.x', 'b'])).toThrow(/parallel/);
    expect(indexKeys(doc({ a: [] }), ['a']).keys).toEqual([[undefined]]);
  });
});
