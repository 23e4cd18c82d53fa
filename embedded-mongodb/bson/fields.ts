// Reads a few top-level fields of raw documents and steps over the rest: what a filter, a sort or a group asks of 100,000 documents is mostly
// little of each.
import { type Reader, readValue, skipValue } from './decode.js';
import { type Doc } from './types.js';

/** A function that gives a document with only those of the named fields that the raw one has. The bytes must be a valid document, as stored ones are. */
export function fieldReader(fields: Iterable<string>): (raw: Buffer) => Doc {
  const names = [...fields].map((field) => ({ field, bytes: Buffer.from(field, 'utf8') }));
  return (raw) => {
    const doc: Doc = new Map();
    const reader: Reader = { buffer: raw, at: 4 };
    for (let left = names.length; left > 0;) {
      const type = raw[reader.at] ?? 0;
      if (type === 0) break;
      const start = reader.at + 1;
      const end = endOfName(raw, start);
      reader.at = end + 1;
      const field = names.find(({ bytes }) => isAt(raw, start, end, bytes))?.field;
      if (field === undefined) skipValue(reader, type);
      else {
        doc.set(field, readValue(reader, type, 0));
        left -= 1;
      }
    }
    return doc;
  };
}

/** The bytes of the documents in a top-level array of a raw document, as they are there; none where it has no such array. */
export function rawDocuments(raw: Buffer, field: string): Buffer[] {
  const name = Buffer.from(field, 'utf8');
  const reader: Reader = { buffer: raw, at: 4 };
  for (let type = raw[reader.at] ?? 0; type !== 0; type = raw[reader.at] ?? 0) {
    const start = reader.at + 1;
    const end = endOfName(raw, start);
    reader.at = end + 1;
    if (type === ARRAY && isAt(raw, start, end, name)) return documentsIn(raw, reader.at);
    skipValue(reader, type);
  }
  return [];
}

const DOCUMENT = 0x03;
const ARRAY = 0x04;

function documentsIn(raw: Buffer, array: number): Buffer[] {
  const documents: Buffer[] = [];
  const reader: Reader = { buffer: raw, at: array + 4 };
  for (let type = raw[reader.at] ?? 0; type !== 0; type = raw[reader.at] ?? 0) {
    const start = endOfName(raw, reader.at + 1) + 1;
    reader.at = start;
    skipValue(reader, type);
    if (type === DOCUMENT) documents.push(raw.subarray(start, reader.at));
  }
  return documents;
}

function endOfName(raw: Buffer, start: number): number {
  let end = start;
  while (end < raw.length && raw[end] !== 0) end += 1;
  return end;
}

function isAt(raw: Buffer, start: number, end: number, bytes: Buffer): boolean {
  if (end - start !== bytes.length) return false;
  for (let index = 0; index < bytes.length; index += 1) if (raw[start + index] !== bytes[index]) return false;
  return true;
}
