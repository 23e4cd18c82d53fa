// A reply as text, straight from its bytes: every type, the order of fields and the bits of numbers show, so that two texts are equal only where two
// replies are. Left out is what no two servers share: error texts, generated ids and the present time, the bits of a NaN.
import { Binary, Decimal128 } from 'bson';

export interface Answer {
  /** What is compared. */
  readonly text: string;
  /** The code of the command's error or of its first write error. */
  readonly error?: number | undefined;
  /** The words of the error. */
  readonly message?: string | undefined;
  /** The words of a refusal, where the error names MONGODB_URI. */
  readonly refusal?: string | undefined;
}

/** Ids and times made within this many ms of now by a server count as generated; an update may add an int32 to them. */
const PRESENT_MS = 30 * 86_400_000;
const UNSHARED_FIELDS = new Set(['errmsg', '$clusterTime', 'operationTime']);

interface Notes {
  messages: string[];
  code: number | undefined;
}

/** What of a reply is not specified, and so not compared. */
export interface Leeway {
  /** The order of the documents of a batch. */
  readonly unordered?: boolean;
  /** The order of the fields of documents. */
  readonly anyFieldOrder?: boolean;
}

/** Reads one reply document. */
export function readReply(bytes: Buffer, leeway: Leeway = {}): Answer {
  const notes: Notes = { messages: [], code: undefined };
  const text = documentText(bytes, 0, { notes, leeway, place: 'reply' });
  const refusal = notes.messages.find((message) => message.includes('MONGODB_URI'));
  return { text, error: notes.code, message: notes.messages[0], refusal };
}

/** Where in a reply a value is: fields are left out, and documents put in order, in some places only. */
type Place = 'reply' | 'writeErrors' | 'writeError' | 'cursor' | 'batch' | 'inner';

interface Context {
  readonly notes: Notes;
  readonly leeway: Leeway;
  readonly place: Place;
}

function placeIn(place: Place, name: string): Place {
  if (place === 'writeErrors') return 'writeError';
  if (place === 'reply' && (name === 'writeErrors' || name === 'cursor')) return name;
  return (place === 'cursor' && name === 'firstBatch') || (place === 'reply' && name === 'values') ? 'batch' : 'inner';
}

function elements(bytes: Buffer, at: number, context: Context, named: boolean): string[] {
  const end = at + bytes.readInt32LE(at) - 1;
  const failing = context.place === 'reply' || context.place === 'writeError';
  const texts: string[] = [];
  for (let position = at + 4; position < end;) {
    const type = bytes[position] ?? 0;
    const nameEnd = bytes.indexOf(0, position + 1);
    const name = bytes.toString('utf8', position + 1, nameEnd);
    const { text, next } = valueText(bytes, nameEnd + 1, type, { ...context, place: placeIn(context.place, name) });
    position = next;
    if (failing && name === 'errmsg') context.notes.messages.push(text);
    if (failing && name === 'code') context.notes.code ??= Number(text);
    if (!failing || !UNSHARED_FIELDS.has(name)) texts.push(named ? `${JSON.stringify(name)}: ${text}` : text);
  }
  return texts;
}

function documentText(bytes: Buffer, at: number, context: Context): string {
  const fields = elements(bytes, at, context, true);
  return `{${(context.leeway.anyFieldOrder ? fields.sort() : fields).join(', ')}}`;
}

function arrayText(bytes: Buffer, at: number, context: Context): string {
  const items = elements(bytes, at, context, false);
  if (context.leeway.unordered && context.place === 'batch') items.sort();
  return `[${items.join(', ')}]`;
}

function valueText(bytes: Buffer, at: number, type: number, context: Context): { text: string; next: number } {
  switch (type) {
    case 0x01:
      return { text: doubleText(bytes, at), next: at + 8 };
    case 0x02: {
      const next = at + 4 + bytes.readInt32LE(at);
      return { text: JSON.stringify(bytes.toString('utf8', at + 4, next - 1)), next };
    }
    case 0x03:
      return { text: documentText(bytes, at, context), next: at + bytes.readInt32LE(at) };
    case 0x04:
      return { text: arrayText(bytes, at, context), next: at + bytes.readInt32LE(at) };
    case 0x05:
      return binaryText(bytes, at);
    case 0x07:
      return { text: objectIdText(bytes, at), next: at + 12 };
    case 0x08:
      return { text: bytes[at] === 1 ? 'true' : 'false', next: at + 1 };
    case 0x09:
      return { text: dateText(bytes.readBigInt64LE(at)), next: at + 8 };
    case 0x0b:
      return regexText(bytes, at);
    case 0x10:
      return { text: String(bytes.readInt32LE(at)), next: at + 4 };
    case 0x11:
      return { text: timestampText(bytes, at), next: at + 8 };
    case 0x12:
      return { text: `L(${bytes.readBigInt64LE(at)})`, next: at + 8 };
    case 0x13:
      return { text: decimalText(bytes, at), next: at + 16 };
    default:
      return plainText(bytes, at, type);
  }
}

function regexText(bytes: Buffer, at: number): { text: string; next: number } {
  const middle = bytes.indexOf(0, at);
  const end = bytes.indexOf(0, middle + 1);
  return { text: `/${bytes.toString('utf8', at, middle)}/${bytes.toString('utf8', middle + 1, end)}`, next: end + 1 };
}

/** Types whose bytes need no care. */
function plainText(bytes: Buffer, at: number, type: number): { text: string; next: number } {
  const names: Record<number, string> = { 0x06: 'undefined', 0x0a: 'null', 0xff: 'MinKey', 0x7f: 'MaxKey' };
  const name = names[type];
  if (name !== undefined) return { text: name, next: at };
  const length = bytes.readInt32LE(at);
  const sizes: Record<number, number> = {
    0x0c: 4 + length + 12,
    0x0d: 4 + length,
    0x0e: 4 + length,
    0x0f: length,
  };
  const size = sizes[type];
  if (size === undefined) throw new Error(`a reply holds a value of the unknown type ${type}`);
  return { text: `type${type}(${bytes.toString('latin1', at, at + size)})`, next: at + size };
}

function doubleText(bytes: Buffer, at: number): string {
  const value = bytes.readDoubleLE(at);
  return `F(${Object.is(value, -0) ? '-0' : value})`;
}

function binaryText(bytes: Buffer, at: number): { text: string; next: number } {
  const next = at + 5 + bytes.readInt32LE(at);
  const subtype = bytes[at + 4] ?? 0;
  return { text: `Binary(${subtype}, ${new Binary(bytes.subarray(at + 5, next), subtype).toString('hex')})`, next };
}

function objectIdText(bytes: Buffer, at: number): string {
  const present = Math.abs(bytes.readUInt32BE(at) * 1000 - Date.now()) < PRESENT_MS;
  return present ? 'ObjectId(generated)' : `ObjectId(${bytes.toString('hex', at, at + 12)})`;
}

function dateText(milliseconds: bigint): string {
  const present = Math.abs(Number(milliseconds) - Date.now()) < PRESENT_MS;
  return present ? 'Date(now)' : `Date(${milliseconds})`;
}

function timestampText(bytes: Buffer, at: number): string {
  const seconds = bytes.readUInt32LE(at + 4);
  const present = Math.abs(seconds * 1000 - Date.now()) < PRESENT_MS;
  return present ? 'Timestamp(now)' : `Timestamp(${seconds}, ${bytes.readUInt32LE(at)})`;
}

function decimalText(bytes: Buffer, at: number): string {
  const value = new Decimal128(bytes.subarray(at, at + 16)).toString();
  return value === 'NaN' ? 'D(NaN)' : `D(${value}, ${bytes.toString('hex', at, at + 16)})`;
}
