// BSON bytes to values. A parser of our own, because the bson package yields plain objects, which reorder integer-like keys, and
// because the engine must refuse (not bend) what it cannot hold exactly: deprecated types, repeated field names, far dates.
import { MongoError, refusal } from '../errors.js';
import { Binary, BSONRegExp, Code, Decimal128, type Doc, int32, MaxKey, MinKey, ObjectId, Timestamp, type Value } from './types.js';

/** Deepest nesting of documents and arrays, as a server accepts it. */
export const MAX_DEPTH = 180;
/** Largest document in bytes, as a server stores it. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const MAX_DATE_MS = 8.64e15;

/** Position in a buffer while it is read. */
export interface Reader {
  readonly buffer: Buffer;
  at: number;
}

/**
 * Reads the document that starts at `offset`. Copies everything out of the buffer, so the buffer may be reused afterwards.
 * Errors: InvalidBSON for malformed bytes, BadValue for what the engine refuses to hold.
 */
export function decode(buffer: Buffer, offset = 0): Doc {
  const reader: Reader = { buffer, at: offset };
  return readDoc(reader, 0);
}

function readDoc(reader: Reader, depth: number): Doc {
  const end = enter(reader, depth);
  const doc: Doc = new Map();
  let fields = 0;
  for (let type = readByte(reader); type !== 0; type = readByte(reader)) {
    const name = readName(reader);
    doc.set(name, readValue(reader, type, depth));
    fields += 1;
  }
  leave(reader, end);
  if (doc.size !== fields) throw refusal('BadValue', 'A document that repeats a field name');
  return doc;
}

function readArray(reader: Reader, depth: number): Value[] {
  const end = enter(reader, depth);
  const array: Value[] = [];
  for (let type = readByte(reader); type !== 0; type = readByte(reader)) {
    skipCString(reader);
    array.push(readValue(reader, type, depth));
  }
  leave(reader, end);
  return array;
}

function enter(reader: Reader, depth: number): number {
  if (depth > MAX_DEPTH) throw new MongoError('Overflow', `Document exceeds the maximum nesting of ${MAX_DEPTH} levels`);
  const start = reader.at;
  const size = readInt32(reader);
  if (size < 5 || start + size > reader.buffer.length) throw invalid('document length');
  return start + size;
}

function leave(reader: Reader, end: number): void {
  if (reader.at !== end) throw invalid('document end');
}

/** Reads a value of a type (its byte) and steps past it. */
export function readValue(reader: Reader, type: number, depth: number): Value {
  switch (type) {
    case 0x01:
      return readDouble(reader);
    case 0x02:
      return readString(reader);
    case 0x03:
      return readDoc(reader, depth + 1);
    case 0x04:
      return readArray(reader, depth + 1);
    case 0x07:
      return new ObjectId(readBytes(reader, 12));
    case 0x08:
      return readBoolean(reader);
    case 0x09:
      return readDate(reader);
    case 0x0a:
      return null;
    case 0x10:
      return int32(readInt32(reader));
    case 0x12:
      return readInt64(reader);
    default:
      return readRareValue(reader, type);
  }
}

function readRareValue(reader: Reader, type: number): Value {
  switch (type) {
    case 0x05:
      return readBinary(reader);
    case 0x0b: {
      const pattern = readCString(reader);
      return new BSONRegExp(pattern, readCString(reader));
    }
    case 0x0d:
      return new Code(readString(reader));
    case 0x11:
      return new Timestamp(readInt64(reader));
    case 0x13:
      return new Decimal128(Uint8Array.prototype.slice.call(readBytes(reader, 16)));
    case 0x7f:
      return new MaxKey();
    case 0xff:
      return new MinKey();
    case 0x06:
    case 0x0c:
    case 0x0e:
    case 0x0f:
      throw refusal('BadValue', `The deprecated BSON type ${type}`);
    default:
      throw invalid(`type ${type}`);
  }
}

function readBoolean(reader: Reader): boolean {
  const byte = readByte(reader);
  if (byte > 1) throw invalid('boolean');
  return byte === 1;
}

function readDate(reader: Reader): Date {
  need(reader, 8);
  const low = reader.buffer.readUInt32LE(reader.at);
  const ms = reader.buffer.readInt32LE(reader.at + 4) * 2 ** 32 + low; // exact as far as a date may go
  reader.at += 8;
  if (Math.abs(ms) > MAX_DATE_MS) throw refusal('BadValue', 'A date more than 100,000,000 days away from 1970');
  return new Date(ms);
}

function readBinary(reader: Reader): Binary {
  const size = readInt32(reader);
  const subtype = readByte(reader);
  if (size < 0) throw invalid('binary length');
  return new Binary(Uint8Array.prototype.slice.call(readBytes(reader, size)), subtype);
}

function readString(reader: Reader): string {
  const size = readInt32(reader);
  const start = reader.at;
  if (size < 1 || start + size > reader.buffer.length || reader.buffer[start + size - 1] !== 0) throw invalid('string');
  reader.at = start + size;
  return text(reader.buffer, start, start + size - 1);
}

function readCString(reader: Reader): string {
  const start = reader.at;
  skipCString(reader);
  return text(reader.buffer, start, reader.at - 1);
}

const NAME_SLOTS = 2048;
const LONGEST_SHARED_NAME = 32;
/** Names seen last, by a hash of their bytes: field names are few, and making their texts anew is a good part of decoding. */
const seenNames: (string | undefined)[] = Array.from({ length: NAME_SLOTS });

function readName(reader: Reader): string {
  const { buffer, at: start } = reader;
  let hash = 0;
  let end = start;
  for (let byte = buffer[end]; byte !== 0; byte = buffer[end]) {
    if (byte === undefined) throw invalid('name');
    hash = (hash * 31 + byte) | 0;
    end += 1;
  }
  reader.at = end + 1;
  const slot = (hash ^ (hash >>> 16)) & (NAME_SLOTS - 1);
  const seen = seenNames[slot];
  if (seen !== undefined && isAscii(seen, buffer, start, end)) return seen;
  const name = text(buffer, start, end);
  if (end - start <= LONGEST_SHARED_NAME) seenNames[slot] = name;
  return name;
}

/** Whether these bytes are this text and nothing else: true for ASCII only. */
function isAscii(text: string, buffer: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== buffer[start + index]) return false;
  return true;
}

function skipCString(reader: Reader): void {
  const { buffer } = reader;
  let at = reader.at;
  while (at < buffer.length && buffer[at] !== 0) at += 1;
  if (at >= buffer.length) throw invalid('name');
  reader.at = at + 1;
}

/** Short ASCII text is faster built here than through the decoder's call into native code. */
function text(buffer: Buffer, start: number, end: number): string {
  if (end - start > 24) return buffer.toString('utf8', start, end);
  let result = '';
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] ?? 0;
    if (byte > 127) return buffer.toString('utf8', start, end);
    result += String.fromCharCode(byte);
  }
  return result;
}

function readByte(reader: Reader): number {
  const byte = reader.buffer[reader.at];
  if (byte === undefined) throw invalid('end of bytes');
  reader.at += 1;
  return byte;
}

function readBytes(reader: Reader, size: number): Buffer {
  const end = reader.at + size;
  if (end > reader.buffer.length) throw invalid('end of bytes');
  const bytes = reader.buffer.subarray(reader.at, end);
  reader.at = end;
  return bytes;
}

function readInt32(reader: Reader): number {
  need(reader, 4);
  const value = reader.buffer.readInt32LE(reader.at);
  reader.at += 4;
  return value;
}

function readInt64(reader: Reader): bigint {
  need(reader, 8);
  const value = reader.buffer.readBigInt64LE(reader.at);
  reader.at += 8;
  return value;
}

function readDouble(reader: Reader): number {
  need(reader, 8);
  const value = reader.buffer.readDoubleLE(reader.at);
  reader.at += 8;
  return value;
}

function need(reader: Reader, size: number): void {
  if (reader.at + size > reader.buffer.length) throw invalid('end of bytes');
}

function invalid(what: string): MongoError {
  return new MongoError('InvalidBSON', `Invalid BSON: ${what}`);
}

/**
 * The value of one top-level field, read without decoding the rest; `undefined` when it is missing. Meant for `_id` and for
 * single index keys.
 */
export function rawGet(buffer: Buffer, field: string, offset = 0): Value | undefined {
  const reader: Reader = { buffer, at: offset + 4 };
  for (let type = readByte(reader); type !== 0; type = readByte(reader)) {
    const start = reader.at;
    skipCString(reader);
    if (sameName(buffer, start, reader.at - 1, field)) return readValue(reader, type, 0);
    skipValue(reader, type);
  }
  return undefined;
}

function sameName(buffer: Buffer, start: number, end: number, field: string): boolean {
  if (end - start < field.length) return false;
  return text(buffer, start, end) === field;
}

/** Bytes of the types that always have as many, by type. */
const FIXED_SIZES: readonly (number | undefined)[] = Array.from({ length: 256 }, (_, type) => fixedSize(type));

function fixedSize(type: number): number | undefined {
  switch (type) {
    case 0x0a:
    case 0x7f:
    case 0xff:
      return 0;
    case 0x08:
      return 1;
    case 0x10:
      return 4;
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return 8;
    case 0x07:
      return 12;
    case 0x13:
      return 16;
    default:
      return undefined;
  }
}

/** Steps past a value of a type. */
export function skipValue(reader: Reader, type: number): void {
  const fixed = FIXED_SIZES[type];
  if (fixed !== undefined) {
    reader.at += fixed;
    return;
  }
  if (type === 0x0b) {
    skipCString(reader);
    skipCString(reader);
    return;
  }
  const size = readInt32(reader);
  if (type === 0x02 || type === 0x0d) reader.at += size;
  else if (type === 0x03 || type === 0x04) reader.at += size - 4;
  else if (type === 0x05) reader.at += size + 1;
  else throw invalid(`type ${type}`);
}
