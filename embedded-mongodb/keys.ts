// BSON values as bytes whose plain byte order is MongoDB's comparison order, so that LMDB's sorted keys serve equality, ranges and
// sorts. Every value ends where it ends (no value's bytes are a prefix of another's); a descending field has all its bytes inverted.
import { createHash } from 'node:crypto';
import { encodeNumber } from './key-numbers.js';
import { type KeyPart } from './bson/index-keys.js';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  type Doc,
  Int32,
  type MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Value,
} from './bson/types.js';

/** Leading byte of each type in MongoDB's cross-type order; 0 ends objects and arrays. */
const TYPE = {
  minKey: 0x05,
  emptyArray: 0x0a,
  null: 0x10,
  number: 0x18,
  string: 0x20,
  object: 0x28,
  array: 0x30,
  binary: 0x38,
  objectId: 0x40,
  boolean: 0x48,
  date: 0x50,
  timestamp: 0x58,
  regex: 0x60,
  code: 0x68,
  maxKey: 0x78,
} as const;

/** Longest index key kept as it is; longer ones keep this many bytes and a hash, so LMDB's limit of 1,978 bytes holds. */
const MAX_KEY_BYTES = 1500;
const HASH_BYTES = 32;

let bytes = Buffer.allocUnsafeSlow(16 * 1024);
let at = 0;

/** The key of several fields (`undefined` is an empty array; a missing field is null); `descending[n]` inverts field n. */
export function encodeKey(parts: readonly KeyPart[], descending: readonly boolean[]): Buffer {
  at = 0;
  for (let index = 0; index < parts.length; index += 1) {
    const start = at;
    writePart(parts[index]);
    if (descending[index]) invertFrom(start);
  }
  return Buffer.from(bytes.subarray(0, at));
}

/** The bytes of a single ascending value. */
export function encodePart(part: KeyPart): Buffer {
  return encodeKey([part], [false]);
}

/** The key of NaN, which doubles and decimals share; it is below all other numbers. */
export const NAN_KEY = encodePart(NaN);

/** The bytes that every string starting with `prefix` starts with. */
export function encodeStringPrefix(prefix: string): Buffer {
  at = 0;
  pushByte(TYPE.string);
  pushEscaped(prefix);
  return Buffer.from(bytes.subarray(0, at));
}

/** The half-open byte range of all values of the same type as `value`, which is what `$lt` and `$gt` compare within. */
export function typeBracket(value: Value): { readonly start: Buffer; readonly end: Buffer } {
  const first = encodePart(value).subarray(0, 1);
  return { start: Buffer.from(first), end: successor(first) };
}

/** The smallest key above all keys that start with `prefix`. */
export function successor(prefix: Uint8Array): Buffer {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  const result = Buffer.from(prefix.subarray(0, length));
  if (length > 0) result[length - 1] = (result[length - 1] ?? 0) + 1;
  return result;
}

/** All bits flipped. */
export function inverted(key: Uint8Array): Buffer {
  const result = Buffer.from(key);
  for (let index = 0; index < result.length; index += 1) result[index] = ~(result[index] ?? 0);
  return result;
}

export function isLongKey(key: Buffer): boolean {
  return key.length > MAX_KEY_BYTES;
}

/** A key as stored: itself, or its beginning and a hash of the whole. */
export function storedKey(key: Buffer): Buffer {
  if (key.length <= MAX_KEY_BYTES) return key;
  return Buffer.concat([key.subarray(0, MAX_KEY_BYTES - HASH_BYTES), createHash('sha256').update(key).digest()]);
}

/** A bound of a scan, cut so that it still takes in every stored key that the whole bound takes in. */
export function storedBound(bound: Buffer, isEnd: boolean): Buffer {
  if (bound.length <= MAX_KEY_BYTES - HASH_BYTES) return bound;
  const cut = bound.subarray(0, MAX_KEY_BYTES - HASH_BYTES);
  return isEnd ? successor(cut) : Buffer.from(cut);
}

function writePart(part: KeyPart): void {
  if (part === null) return pushByte(TYPE.null);
  switch (typeof part) {
    case 'undefined':
      return pushByte(TYPE.emptyArray);
    case 'string':
      pushByte(TYPE.string);
      return pushText(part);
    case 'boolean':
      pushByte(TYPE.boolean);
      return pushByte(part ? 1 : 0);
    case 'number':
    case 'bigint':
      pushByte(TYPE.number);
      return encodeNumber(part, pushBytes);
    default:
      return writeObject(part);
  }
}

function writeObject(value: Exclude<Value, null | string | boolean | number | bigint>): void {
  if (value instanceof Int32 || value instanceof Decimal128) {
    pushByte(TYPE.number);
    return encodeNumber(value, pushBytes);
  }
  if (value instanceof ObjectId) {
    pushByte(TYPE.objectId);
    return pushBytes(value.id);
  }
  if (value instanceof Date) {
    pushByte(TYPE.date);
    return push64(BigInt(value.getTime()) + (1n << 63n));
  }
  if (value instanceof Map) {
    pushByte(TYPE.object);
    return writeFields(value);
  }
  if (Array.isArray(value)) {
    pushByte(TYPE.array);
    for (const element of value) writePart(element);
    return pushByte(0);
  }
  return writeRareObject(value);
}

/** MongoDB compares objects field by field: type first, then name, then value. The value's bytes begin with its type already. */
function writeFields(doc: Doc): void {
  for (const [name, value] of doc) {
    const start = at;
    writePart(value);
    const encoded = Buffer.from(bytes.subarray(start, at));
    at = start;
    pushByte(encoded[0] ?? 0);
    pushText(name);
    pushBytes(encoded.subarray(1));
  }
  pushByte(0);
}

function writeRareObject(value: Binary | Timestamp | BSONRegExp | Code | MinKey | MaxKey): void {
  if (value instanceof Binary) {
    const size = value.length();
    pushByte(TYPE.binary);
    reserve(5);
    at = bytes.writeUInt32BE(size, at);
    pushByte(value.sub_type);
    pushBytes(value.buffer.subarray(0, size));
  } else if (value instanceof Timestamp) {
    pushByte(TYPE.timestamp);
    reserve(8);
    at = bytes.writeUInt32BE(value.t, at);
    at = bytes.writeUInt32BE(value.i, at);
  } else if (value instanceof BSONRegExp) {
    pushByte(TYPE.regex);
    pushText(value.pattern);
    pushText(value.options);
  } else if (value instanceof Code) {
    pushByte(TYPE.code);
    pushText(String(value.code));
  } else {
    pushByte(value instanceof MinKey ? TYPE.minKey : TYPE.maxKey);
  }
}

function reserve(size: number): void {
  if (at + size <= bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, at + size));
  bytes.copy(larger, 0, 0, at);
  bytes = larger;
}

function pushByte(byte: number): void {
  reserve(1);
  bytes[at] = byte;
  at += 1;
}

function pushBytes(part: Uint8Array): void {
  reserve(part.length);
  bytes.set(part, at);
  at += part.length;
}

function push64(value: bigint): void {
  reserve(8);
  at = bytes.writeBigUInt64BE(value, at);
}

function pushText(text: string): void {
  pushEscaped(text);
  reserve(2);
  bytes[at] = 0;
  bytes[at + 1] = 0;
  at += 2;
}

/** UTF-8 with NUL written as 00 FF, which keeps the order and leaves 00 00 free as the end. */
function pushEscaped(text: string): void {
  reserve(text.length * 3 + 2);
  if (!text.includes('\0')) {
    at += bytes.write(text, at, 'utf8');
    return;
  }
  for (const byte of Buffer.from(text, 'utf8')) {
    pushByte(byte);
    if (byte === 0) pushByte(0xff);
  }
}

function invertFrom(start: number): void {
  for (let index = start; index < at; index += 1) bytes[index] = ~(bytes[index] ?? 0);
}
