/**
 * Looks into a zip container before any library unpacks it: what it declares must be within the limits, and what it really inflates to must be what
 * it declares. Told here as well: which document format it is.
 */
import type { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { UnreadableFileError } from './loaded-file.js';

export type Container = 'docx' | 'xlsx' | 'other';

const MAX_ENTRIES = 10_000;
/** Deflate reaches 1032 : 1; documents stay far below. Small entries (styles, themes) may compress well and are not suspicious. */
const MAX_RATIO = 200;
const RATIO_APPLIES_FROM_BYTES = 1024 * 1024;

/** Throws UnreadableFileError (`too-large-unpacked`, `damaged`, `encrypted`). Memory stays small: entries are inflated and thrown away. */
export async function inspectZip(bytes: Buffer, maxUnpackedBytes: number): Promise<Container> {
  const { fromBufferPromise } = await import('yauzl');
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true, validateEntrySizes: true });
    const entries: Entry[] = [];
    let unpackedBytes = 0;
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      unpackedBytes += entry.uncompressedSize;
      if (entries.length > MAX_ENTRIES || unpackedBytes > maxUnpackedBytes || isSuspicious(entry))
        throw new UnreadableFileError('too-large-unpacked');
      if ((entry.generalPurposeBitFlag & 1) === 1) throw new UnreadableFileError('encrypted');
    }
    for (const entry of entries) await inflate(await zip.openReadStreamPromise(entry));
    return containerOf(entries);
  } catch (thrown) {
    if (thrown instanceof UnreadableFileError) throw thrown;
    const liesAboutSize = thrown instanceof Error && thrown.message.startsWith('too many bytes in the stream');
    throw new UnreadableFileError(liesAboutSize ? 'too-large-unpacked' : 'damaged', { cause: thrown });
  }
}

const isSuspicious = (entry: Entry): boolean =>
  entry.uncompressedSize > RATIO_APPLIES_FROM_BYTES && entry.uncompressedSize / Math.max(1, entry.compressedSize) > MAX_RATIO;

/** Reads to the end; yauzl fails the stream at the first byte beyond the declared size. */
async function inflate(stream: Readable): Promise<void> {
  for await (const _chunk of stream) continue;
}

function containerOf(entries: readonly Entry[]): Container {
  const names = new Set(entries.map((entry) => entry.fileName));
  if (names.has('word/document.xml')) return 'docx';
  return names.has('xl/workbook.xml') ? 'xlsx' : 'other';
}
