// The bytes of a document that was made from another one. What is the very same value keeps its very bytes, also those that values in memory do not
// hold: the bits of a NaN, the names in an array, the order of the options of a regular expression, text that is not UTF-8.
import { type Reader, skipValue } from './decode.js';
import { encode } from './encode.js';
import { type Doc, isArray, isDoc, type Value } from './types.js';

/** Where an element (type, name and value) of the old bytes is. */
interface Element {
  readonly old: Value;
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
}

/** Encodes `after`; `raw` are the bytes that `before` was decoded from. */
export function rewrite(after: Doc, before: Doc, raw: Buffer): Buffer {
  const elements = new Map<string, Element>();
  const found = elementsOf(raw, [...before.values()]);
  [...before.keys()].forEach((name, index) => elements.set(name, found[index] as Element));
  const chunks: Buffer[] = [];
  for (const [name, value] of after) {
    const element = elements.get(name);
    if (element && Object.is(element.old, value)) chunks.push(raw.subarray(element.start, element.end));
    else chunks.push(...changed(name, value, element, raw));
  }
  return assembled(chunks);
}

function rewriteArray(after: readonly Value[], before: readonly Value[], raw: Buffer): Buffer {
  const found = elementsOf(raw, before);
  const moved = new Map<Value, Element>(
    found.filter(({ old }) => typeof old === 'object' && old !== null).map((element) => [element.old, element]),
  );
  const chunks = after.flatMap((value, index): Buffer[] => {
    const element = moved.get(value) ?? found[index];
    if (!element || !Object.is(element.old, value)) return changed(String(index), value, found[index], raw);
    return [heading(raw[element.start] ?? 0, String(index)), raw.subarray(element.valueAt, element.end)];
  });
  return assembled(chunks);
}

/** The elements of a document or array, with the values that were decoded from them. */
function elementsOf(raw: Buffer, values: readonly Value[]): Element[] {
  const reader: Reader = { buffer: raw, at: 4 };
  return values.map((old) => {
    const start = reader.at;
    const valueAt = raw.indexOf(0, start + 1) + 1;
    reader.at = valueAt;
    skipValue(reader, raw[start] ?? 0);
    return { old, start, valueAt, end: reader.at };
  });
}

/** A new value under its name; documents and arrays in the place of their like are looked into. */
function changed(name: string, value: Value, element: Element | undefined, raw: Buffer): Buffer[] {
  if (element && isDoc(value) && isDoc(element.old)) return [heading(0x03, name), rewrite(value, element.old, inner(element, raw))];
  if (element && isArray(value) && isArray(element.old))
    return [heading(0x04, name), rewriteArray(value, element.old, inner(element, raw))];
  return [encode(new Map([[name, value]])).subarray(4, -1)];
}

function inner({ valueAt, end }: Element, raw: Buffer): Buffer {
  return raw.subarray(valueAt, end);
}

function heading(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`)]);
}

function assembled(chunks: readonly Buffer[]): Buffer {
  const raw = Buffer.concat([Buffer.alloc(4), ...chunks, Buffer.alloc(1)]);
  raw.writeInt32LE(raw.length);
  return raw;
}
