/** Any file of a customer or of the company to text: type by content, loader by type, OCR where there is no text. Bad content is an answer, not an error. */
import type { Extraction, ExtractText } from '../../domain/attachment.js';
import { detectType, type FileKind } from './detect-type.js';
import { DEFAULT_LIMITS, type LoaderLimits, type Page, UnreadableFileError } from './loaded-file.js';
import { createTextRecogniser } from './ocr.js';
import { createFileReader } from './reader.js';
import { readFileContent, type ReadFile } from './read-file.js';

/** There is nothing in them to unpack or interpret; pictures are read by OCR, which has a thread of its own. */
const NEEDS_NO_THREAD: ReadonlySet<FileKind> = new Set(['text', 'markdown', 'image', 'unsupported']);

export interface TextExtractor {
  readonly extractText: ExtractText;
  /** Ends the reader thread and the OCR worker, if they run. */
  close(): Promise<void>;
}

export function createTextExtractor(options: Partial<LoaderLimits> = {}): TextExtractor {
  const limits = { ...DEFAULT_LIMITS, ...options };
  const reader = createFileReader(limits);
  const recogniser = createTextRecogniser(limits.ocrTimeoutMs);

  return {
    extractText: async ({ bytes, filename }) => {
      const type = await detectType(bytes, filename);
      try {
        const file = await (NEEDS_NO_THREAD.has(type.kind) ? readFileContent(bytes, type, limits) : reader.read(bytes, type));
        return succeed(file.contentType, [...file.pages, ...(await recogniseAll(file))], limits.maxTextChars);
      } catch (thrown) {
        if (!(thrown instanceof UnreadableFileError)) throw thrown;
        return { ok: false, contentType: type.contentType, failure: thrown.failure, message: thrown.message };
      }
    },
    close: async () => {
      await Promise.all([reader.close(), recogniser.close()]);
    },
  };

  async function recogniseAll(file: ReadFile): Promise<Page[]> {
    const pages: Page[] = [];
    for (const { page, image } of file.pictures)
      pages.push({ page: file.contentType.startsWith('image/') ? null : page, text: await recogniser.recognise(image) });
    return pages;
  }
}

function succeed(contentType: string, pages: readonly Page[], maxTextChars: number): Extraction {
  const filled: Page[] = [];
  let room = maxTextChars;
  for (const { page, text } of [...pages].sort((a, b) => (a.page ?? 0) - (b.page ?? 0))) {
    const kept = tidy(text).slice(0, room);
    if (kept !== '') filled.push({ page, text: kept });
    room -= kept.length;
  }
  if (filled.length === 0) throw new UnreadableFileError('no-text');
  return { ok: true, contentType, text: filled.map((page) => page.text).join('\n\n'), pages: filled };
}

/** Without NUL, which not every client of the text can hold, and without long runs of white space, which say nothing and cost time. */
const tidy = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/[^\S\n]{20,}/g, ' ')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim();
