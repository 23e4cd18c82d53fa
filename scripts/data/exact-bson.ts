/**
 * BSON that passes through this tool unchanged. Documents stay bytes; what has to be looked into (an `_id`, an index, options) becomes Maps, which
 * keep the order of all fields, where plain objects would move those named like numbers to the front.
 */
import { BSON, EJSON, onDemand } from 'bson';

/** A document with its fields in order and each value in BSON's own type. */
export type ExactDocument = ReadonlyMap<string, unknown>;

const DOCUMENT = 0x03;
const ARRAY = 0x04;
const EXACT = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;

export function decodeExact(bytes: Uint8Array): ExactDocument {
  const fields = new Map<string, unknown>();
  for (const [type, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes)) {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + nameOffset, nameLength).toString('utf8');
    fields.set(name, decodeValue(type, bytes.subarray(offset, offset + length)));
  }
  return fields;
}

function decodeValue(type: number, bytes: Uint8Array): unknown {
  if (type === DOCUMENT) return decodeExact(bytes);
  if (type === ARRAY) return [...decodeExact(bytes).values()];
  const alone = Buffer.concat([Buffer.from([0, 0, 0, 0, type, 0x76, 0]), bytes, Buffer.from([0])]); // { v: <value> }
  alone.writeInt32LE(alone.length, 0);
  return BSON.deserialize(alone, EXACT).v;
}

export function encodeExact(document: ExactDocument): Uint8Array {
  return BSON.serialize(document);
}

/** Canonical extended JSON: what mongodump writes and every type survives. Relaxed, numbers of all types look alike. */
export function toExtendedJson(value: unknown, relaxed = false): string {
  if (value instanceof Map) {
    const fields = [...(value as ExactDocument)].map(([name, field]) => `${JSON.stringify(name)}:${toExtendedJson(field, relaxed)}`);
    return `{${fields.join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => toExtendedJson(item, relaxed)).join(',')}]`;
  return EJSON.stringify(value, { relaxed });
}

/** The name in the specification of an index. */
export const indexName = (spec: ExactDocument): string => String(spec.get('name'));

/** The inverse of `toExtendedJson` but for the place of fields named like numbers, which JSON parsers move to the front. Error: SyntaxError. */
export function fromExtendedJson(text: string): ExactDocument {
  return decodeExact(BSON.serialize(EJSON.parse(text, { relaxed: false }) as BSON.Document));
}
