// MongoDB's wire protocol: frames in (OP_MSG with its sections, the one OP_QUERY a driver opens with), frames out. Bytes only; no command is
// understood here.
import { encode, type Value } from '../bson/index.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const HEADER_BYTES = 16;
/** Largest frame accepted, as `maxMessageSizeBytes` announces. */
export const MAX_MESSAGE_BYTES = 48_000_000;

const FLAG_CHECKSUM = 1;
const FLAG_MORE_TO_COME = 2;
/** Bits below 16 must be understood by the receiver. */
const REQUIRED_FLAGS = 0xffff;

export interface Request {
  readonly id: number;
  /** The command document. */
  readonly body: Buffer;
  /** Document sequences (kind 1 sections) by field name. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  /** The client wants no answer (unacknowledged writes). */
  readonly silent: boolean;
  /** The client asked with OP_QUERY and must be answered with OP_REPLY. */
  readonly legacy: boolean;
  /** Database of a legacy query, from its collection name. */
  readonly legacyDb: string | undefined;
}

/** A frame the peer must not send; the connection is closed. */
export class ProtocolViolation extends Error {}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private pending: Buffer[] = [];
  private size = 0;

  /** Takes the next piece of the stream and gives the frames it completes. Error: ProtocolViolation. */
  push(piece: Buffer): Buffer[] {
    this.pending.push(piece);
    this.size += piece.length;
    const frames: Buffer[] = [];
    for (let length = this.nextLength(); length !== undefined && this.size >= length; length = this.nextLength()) {
      const all = this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending, this.size);
      frames.push(all.subarray(0, length));
      this.pending = length < all.length ? [all.subarray(length)] : [];
      this.size -= length;
    }
    return frames;
  }

  private nextLength(): number | undefined {
    if (this.size < 4) return undefined;
    let [first] = this.pending;
    if (!first || first.length < 4) {
      first = Buffer.concat(this.pending, this.size);
      this.pending = [first];
    }
    const length = first.readInt32LE(0);
    if (length < HEADER_BYTES + 5 || length > MAX_MESSAGE_BYTES) throw new ProtocolViolation(`a message of ${length} bytes`);
    return length;
  }
}

/** Reads one frame. Error: ProtocolViolation. */
export function parseRequest(frame: Buffer): Request {
  const id = frame.readInt32LE(4);
  const opcode = frame.readInt32LE(12);
  if (opcode === OP_MSG) return parseMessage(frame, id);
  if (opcode === OP_QUERY) return parseQuery(frame, id);
  throw new ProtocolViolation(`opcode ${opcode}`);
}

function parseMessage(frame: Buffer, id: number): Request {
  const flags = frame.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_FLAGS & ~(FLAG_CHECKSUM | FLAG_MORE_TO_COME)) !== 0) throw new ProtocolViolation(`message flags ${flags}`);
  const end = flags & FLAG_CHECKSUM ? frame.length - 4 : frame.length;
  let body: Buffer | undefined;
  let sequences: Map<string, Buffer[]> | undefined;
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = frame[at];
    const size = sizeAt(frame, at + 1, end);
    const section = frame.subarray(at + 1, at + 1 + size);
    if (kind === 0 && !body) body = section;
    else if (kind === 1) readSequence(section, (sequences ??= new Map<string, Buffer[]>()));
    else throw new ProtocolViolation(`section kind ${kind}`);
    at += 1 + size;
  }
  if (!body) throw new ProtocolViolation('a message without a body');
  return { id, body, sequences: sequences ?? NO_SEQUENCES, silent: (flags & FLAG_MORE_TO_COME) !== 0, legacy: false, legacyDb: undefined };
}

const NO_SEQUENCES: ReadonlyMap<string, readonly Buffer[]> = new Map();

function sizeAt(frame: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? frame.readInt32LE(at) : 0;
  if (size < 5 || at + size > end) throw new ProtocolViolation('a section length');
  return size;
}

function readSequence(section: Buffer, sequences: Map<string, Buffer[]>): void {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolViolation('a sequence name');
  const docs: Buffer[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = sizeAt(section, at, section.length);
    docs.push(section.subarray(at, at + size));
    at += size;
  }
  sequences.set(section.toString('utf8', 4, nameEnd), docs);
}

function parseQuery(frame: Buffer, id: number): Request {
  const nameEnd = frame.indexOf(0, HEADER_BYTES + 4);
  const at = nameEnd + 9;
  if (nameEnd < 0) throw new ProtocolViolation('a query name');
  const size = sizeAt(frame, at, frame.length);
  const legacyDb = frame.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.')[0];
  return { id, body: frame.subarray(at, at + size), sequences: NO_SEQUENCES, silent: false, legacy: true, legacyDb };
}

let nextReplyId = 1;

/** The frame that answers a request with a document. */
export function replyFrame(request: Request, document: Buffer): Buffer {
  return Buffer.concat([replyHead(request, document), document]);
}

/** The bytes before the document: of a large answer the two are sent without being put together. */
export function replyHead(request: Request, document: Buffer): Buffer {
  const prefix = request.legacy ? HEADER_BYTES + 20 : HEADER_BYTES + 5;
  const frame = Buffer.allocUnsafe(prefix);
  frame.writeInt32LE(prefix + document.length, 0);
  frame.writeInt32LE(nextReplyId, 4);
  nextReplyId = (nextReplyId + 1) & 0x7fffffff;
  frame.writeInt32LE(request.id, 8);
  frame.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  frame.fill(0, HEADER_BYTES, prefix);
  if (request.legacy) {
    frame.writeInt32LE(8, HEADER_BYTES); // the server can await data
    frame.writeInt32LE(1, HEADER_BYTES + 16); // one document
  }
  return frame;
}

/** `{ cursor: { <batchName>: docs, id, ns }, ok: 1 }` around documents that stay as the bytes they are, put together at one go: it may be 16 MB. */
export function cursorReply(batchName: 'firstBatch' | 'nextBatch', docs: readonly Buffer[], id: bigint, ns: string): Buffer {
  const cursor = documentPart([
    [batchName, 0x04, arrayPart(docs)],
    ['id', 0x12, int64Bytes(id)],
    ['ns', 0x02, stringBytes(ns)],
  ]);
  return written(
    documentPart([
      ['cursor', 0x03, cursor],
      ['ok', 0x01, ONE],
    ]),
  );
}

/** Bytes that are yet to be written. */
interface Part {
  readonly length: number;
  /** Writes them from `at` on. */
  write(target: Buffer, at: number): void;
}

/** A field of a raw document: its name, BSON type byte and value bytes. */
export type RawField = readonly [name: string, type: number, bytes: Uint8Array];

/** A document put together from encoded values. */
export function rawDocument(fields: readonly RawField[]): Buffer {
  return written(documentPart(fields));
}

function written(part: Part): Buffer {
  const result = Buffer.allocUnsafe(part.length);
  part.write(result, 0);
  return result;
}

function documentPart(fields: readonly (readonly [name: string, type: number, bytes: Uint8Array | Part])[]): Part {
  let length = 5;
  for (const [name, , bytes] of fields) length += 2 + Buffer.byteLength(name) + bytes.length;
  return {
    length,
    write(target, start) {
      let at = target.writeInt32LE(length, start);
      for (const [name, type, bytes] of fields) {
        target[at] = type;
        at += 1 + target.write(name, at + 1, 'utf8');
        target[at] = 0;
        if (bytes instanceof Uint8Array) target.set(bytes, at + 1);
        else bytes.write(target, at + 1);
        at += 1 + bytes.length;
      }
      target[at] = 0;
    },
  };
}

/** A value as a field of a raw document. */
export function rawField(name: string, value: Value): RawField {
  const doc = encode(new Map([['', value]]));
  return [name, doc[4] ?? 0, doc.subarray(6, doc.length - 1)];
}

/** An array of raw documents. There may be many, so their names are written digit by digit. */
function arrayPart(docs: readonly Buffer[]): Part {
  let length = 5;
  docs.forEach((doc, index) => (length += 2 + digitsOf(index) + doc.length));
  return {
    length,
    write(target, start) {
      let at = target.writeInt32LE(length, start);
      docs.forEach((doc, index) => {
        target[at] = 0x03;
        const end = at + 1 + digitsOf(index);
        let left = index;
        for (let digit = end - 1; digit > at; digit -= 1) {
          target[digit] = ZERO + (left % 10);
          left = Math.floor(left / 10);
        }
        target[end] = 0;
        target.set(doc, end + 1);
        at = end + 1 + doc.length;
      });
      target[at] = 0;
    },
  };
}

const ZERO = 0x30;

function digitsOf(index: number): number {
  let digits = 1;
  for (let left = index; left >= 10; left /= 10) digits += 1;
  return digits;
}

const ONE = Buffer.alloc(8);
ONE.writeDoubleLE(1);

function int64Bytes(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

function stringBytes(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(size + 5);
  bytes.writeInt32LE(size + 1, 0);
  bytes.write(text, 4, 'utf8');
  bytes[size + 4] = 0;
  return bytes;
}
