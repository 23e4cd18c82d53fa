// Fields that an update does not touch keep their exact bytes, also where values in memory do not hold all of them.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, type Doc, encode, rewrite, type Value } from '../../../embedded-mongodb/bson/index.js';
import { compileUpdate } from '../../../embedded-mongodb/update/index.js';
import { type Plain, toDoc } from '../differential/case.js';
import { documentOf, path, value } from '../fuzz/values.js';

function element(type: number, name: string, ...value: (Buffer | string | number)[]): Buffer {
  return Buffer.concat([
    Buffer.of(type),
    Buffer.from(`${name}\0`),
    ...value.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))),
  ]);
}

function document(...elements: Buffer[]): Buffer {
  const raw = Buffer.concat([Buffer.alloc(4), ...elements, Buffer.alloc(1)]);
  raw.writeInt32LE(raw.length);
  return raw;
}

const INT = Buffer.from([7, 0, 0, 0]);
type Odd = (name: string) => Buffer;

/** Each is decoded to a value that is encoded to other bytes. */
const LOST: Readonly<Record<string, Odd>> = {
  'options out of order': (name) => element(0x0b, name, 'a\0', 'si\0'),
  'the names in an array': (name) => element(0x04, name, document(element(0x10, 'x', INT), element(0x10, '', INT))),
  'text that is not UTF-8': (name) => element(0x02, name, Buffer.from([3, 0, 0, 0, 0xff, 0xfe, 0])),
};

/** What JavaScript may or may not hold. */
const UNSURE: Readonly<Record<string, Odd>> = {
  'the bits of a NaN': (name) => element(0x01, name, Buffer.from('f8ffdeadbeef0201', 'hex').reverse()),
};

function updated(raw: Buffer, update: Plain): Buffer {
  const before = decode(raw);
  const { doc } = compileUpdate(toDoc(update)).apply(before, { isInsert: false, now: new Date(0) });
  return rewrite(doc, before, raw);
}

it.each(Object.entries(LOST))('%s would be lost by encoding', (_what, odd) => {
  const raw = document(odd('a'));
  expect(encode(decode(raw))).not.toEqual(raw);
});

describe.each(Object.entries({ ...LOST, ...UNSURE }))('%s', (_what, odd) => {
  it('stays in a field beside the one that changes', () => {
    const raw = document(element(0x10, '_id', INT), odd('a'), element(0x10, 'n', INT));
    const eight = Buffer.from([8, 0, 0, 0]);
    expect(updated(raw, { $inc: { n: 1 } })).toEqual(document(element(0x10, '_id', INT), odd('a'), element(0x10, 'n', eight)));
  });

  it('stays beside a change inside a document', () => {
    const raw = document(element(0x03, 'd', document(odd('a'), element(0x10, 'n', INT))));
    expect(updated(raw, { $unset: { 'd.n': 1 } })).toEqual(document(element(0x03, 'd', document(odd('a')))));
  });

  it('stays in an element of an array that others join, leave and replace', () => {
    const item = document(odd('a'));
    const raw = document(element(0x04, 'l', document(element(0x10, '0', INT), element(0x03, '1', item))));
    expect(updated(raw, { $push: { l: null } })).toEqual(
      document(element(0x04, 'l', document(element(0x10, '0', INT), element(0x03, '1', item), element(0x0a, '2')))),
    );
    expect(updated(raw, { $pop: { l: -1 } })).toEqual(document(element(0x04, 'l', document(element(0x03, '0', item)))));
    expect(updated(raw, { $set: { 'l.0': null } })).toEqual(
      document(element(0x04, 'l', document(element(0x0a, '0'), element(0x03, '1', item)))),
    );
  });
});

it('gives the bytes that encoding gives, for any document and any change', () => {
  const anyDoc = documentOf(value).map(toDoc);
  fc.assert(
    fc.property(anyDoc, fc.array(fc.tuple(path, fc.oneof(value, fc.constant(undefined))), { maxLength: 4 }), (before, changes) => {
      const raw = encode(before);
      const decoded = decode(raw);
      const after = changes.reduce(
        (doc, [at, to]) => withChange(doc, at.split('.'), to === undefined ? to : toDoc({ to }).get('to')),
        decoded,
      );
      expect(rewrite(after, decoded, raw)).toEqual(encode(after));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

/** A copy with one value set or removed, entering documents and arrays. */
function withChange(doc: Doc, [first = '', ...rest]: readonly string[], to: Value | undefined): Doc {
  const result = new Map(doc);
  const old = doc.get(first);
  const next =
    rest.length === 0
      ? to
      : old instanceof Map
        ? withChange(old, rest, to)
        : Array.isArray(old)
          ? [...old.slice(1), to ?? null, ...old.slice(0, 1)]
          : to;
  if (next === undefined) result.delete(first);
  else result.set(first, next);
  return result;
}
