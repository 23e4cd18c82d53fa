// Values to BSON bytes. One growing scratch buffer serves every call; the result is a copy of exactly the right size.
import { Binary, BSONRegExp, Code, Decimal128, type Doc, Int32, MinKey, ObjectId, Timestamp, type Value } from './types.js';

let scratch = Buffer.allocUnsafeSlow(64 * 1024);
let at = 0;

/** The bytes of a document. Key order is kept; values equal what `decode` gave. */
export function encode(doc: Doc): Buffer {
  at = 0;
  writeDoc(doc);
  return Buffer.from(scratch.subarray(0, at));
}

/** Size in bytes that `encode` would give. */
export function encodedSize(doc: Doc): number {
  at = 0;
  writeDoc(doc);
  return at;
}

function reserve(bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function writeDoc(doc: Doc): void {
  const start = open();
  for (const [name, value] of doc) writeElement(name, value);
  close(start);
}

function writeArray(array: readonly Value[]): void {
  const start = open();
  for (let index = 0; index < array.length; index += 1) writeElement(String(index), array[index] ?? null);
  close(start);
}

function open(): number {
  reserve(5);
  const start = at;
  at += 4;
  return start;
}

function close(start: number): void {
  reserve(1);
  scratch[at] = 0;
  at += 1;
  scratch.writeInt32LE(at - start, start);
}

function writeElement(name: string, value: Value): void {
  reserve(name.length * 3 + 32);
  const typeAt = at;
  at += 1;
  writeCString(name);
  const type = writeValue(value); // first: a long value moves everything to a larger buffer
  scratch[typeAt] = type;
}

/** Writes the value and gives its type byte. */
function writeValue(value: Value): number {
  switch (typeof value) {
    case 'string':
      writeString(value);
      return 0x02;
    case 'number':
      at = scratch.writeDoubleLE(value, at);
      return 0x01;
    case 'boolean':
      scratch[at] = value ? 1 : 0;
      at += 1;
      return 0x08;
    case 'bigint':
      at = scratch.writeBigInt64LE(value, at);
      return 0x12;
    default:
      return writeObject(value);
  }
}

function writeObject(value: Exclude<Value, string | number | boolean | bigint>): number {
  if (value === null) return 0x0a;
  if (value instanceof Int32) {
    at = scratch.writeInt32LE(value.value, at);
    return 0x10;
  }
  if (value instanceof Map) {
    writeDoc(value);
    return 0x03;
  }
  if (Array.isArray(value)) {
    writeArray(value);
    return 0x04;
  }
  if (value instanceof ObjectId) {
    scratch.set(value.id, at);
    at += 12;
    return 0x07;
  }
  if (value instanceof Date) {
    at = scratch.writeBigInt64LE(BigInt(value.getTime()), at);
    return 0x09;
  }
  return writeRareObject(value);
}

function writeRareObject(value: object): number {
  if (value instanceof Decimal128) {
    scratch.set(value.bytes, at);
    at += 16;
    return 0x13;
  }
  if (value instanceof Binary) {
    writeBinary(value);
    return 0x05;
  }
  if (value instanceof Timestamp) {
    at = scratch.writeUInt32LE(value.i, at);
    at = scratch.writeUInt32LE(value.t, at);
    return 0x11;
  }
  if (value instanceof BSONRegExp) {
    reserve(value.pattern.length * 3 + value.options.length + 32);
    writeCString(value.pattern);
    writeCString(value.options);
    return 0x0b;
  }
  if (value instanceof Code) {
    writeString(value.code);
    return 0x0d;
  }
  return value instanceof MinKey ? 0xff : 0x7f;
}

function writeBinary(value: Binary): void {
  const size = value.length();
  reserve(size + 8);
  at = scratch.writeInt32LE(size, at);
  scratch[at] = value.sub_type;
  at += 1;
  scratch.set(value.buffer.subarray(0, size), at);
  at += size;
}

function writeString(value: string): void {
  reserve(value.length * 3 + 8);
  const sizeAt = at;
  at += 4;
  writeCString(value);
  scratch.writeInt32LE(at - sizeAt - 4, sizeAt);
}

function writeCString(value: string): void {
  if (value.length > 24) {
    at += scratch.write(value, at, 'utf8');
  } else {
    const start = at;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 127) {
        at = start + scratch.write(value, start, 'utf8');
        break;
      }
      scratch[at] = unit;
      at += 1;
    }
  }
  scratch[at] = 0;
  at += 1;
}
