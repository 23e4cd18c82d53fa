/** Tells the type of a file by its content. A name decides only between kinds of plain text that look alike. */
import { isUtf8 } from 'node:buffer';
import type { FileTypeResult } from 'file-type';

export type FileKind = 'pdf' | 'zip' | 'image' | 'html' | 'csv' | 'markdown' | 'text' | 'unsupported';

export interface DetectedType {
  readonly kind: FileKind;
  readonly contentType: string;
}

/** The pictures that OCR can read. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/bmp', 'image/gif', 'image/tiff', 'image/x-ms-bmp']);
const UNSUPPORTED: DetectedType = { kind: 'unsupported', contentType: 'application/octet-stream' };

export async function detectType(bytes: Buffer, filename: string): Promise<DetectedType> {
  // Before anything else looks inside: what starts as a zip is one, whatever its name, and is checked before it is unpacked.
  if (bytes.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]))) return { kind: 'zip', contentType: 'application/zip' };
  if (bytes.subarray(0, 1024).includes('%PDF-')) return { kind: 'pdf', contentType: 'application/pdf' };
  const { fileTypeFromBuffer } = await import('file-type');
  // A byte order mark of UTF-16 looks like the start of an MP3.
  const known = hasUtf16Mark(bytes) ? undefined : await fileTypeFromBuffer(bytes);
  if (known !== undefined && !isMarkup(known)) {
    return { kind: IMAGES.has(known.mime) ? 'image' : 'unsupported', contentType: known.mime };
  }
  const text = decodeText(bytes);
  return text === null ? UNSUPPORTED : detectTextKind(text, filename);
}

/** Markup is text to us; file-type tells some of it by its first tag. */
const isMarkup = (known: FileTypeResult): boolean => /xml|html|rtf/.test(known.mime) && known.mime !== 'application/rtf';

const hasUtf16Mark = (bytes: Buffer): boolean => (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** The text of UTF-8, UTF-16 with a byte order mark, or Windows-1252 bytes; null when it is not text. */
export function decodeText(bytes: Buffer): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.includes(0)) return null;
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return hasControlBytes(bytes) ? null : new TextDecoder('windows-1252').decode(bytes);
}

/** Control characters other than tab, line feed, form feed, carriage return and escape. */
const hasControlBytes = (bytes: Buffer): boolean =>
  bytes.some((byte) => byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27);

function detectTextKind(text: string, filename: string): DetectedType {
  const start = text.slice(0, 4096);
  if (/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(start))
    return { kind: 'html', contentType: 'text/html' };
  const extension = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  if (['html', 'htm'].includes(extension) && /<\w+[^>]*>/.test(start)) return { kind: 'html', contentType: 'text/html' };
  if (!['md', 'markdown', 'txt'].includes(extension) && delimiterOf(start) !== null) return { kind: 'csv', contentType: 'text/csv' };
  if (['md', 'markdown'].includes(extension) || /^#{1,6} \S/m.test(start)) return { kind: 'markdown', contentType: 'text/markdown' };
  return { kind: 'text', contentType: 'text/plain' };
}

/** The character that cuts each of the first lines into the same number (two or more) of fields; null where there is none. */
export function delimiterOf(text: string): ',' | ';' | '\t' | null {
  const lines = text
    .split(/\r?\n/)
    .slice(0, -1)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  if (lines.length < 2) return null;
  for (const delimiter of [';', '\t', ','] as const) {
    const counts = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(delimiter).length - 1);
    if (counts.every((count) => count >= 1 && count === counts[0])) return delimiter;
  }
  return null;
}
