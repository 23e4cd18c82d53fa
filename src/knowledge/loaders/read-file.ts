/** One file to its text, by the loader for its type, without OCR. Runs in the reader thread (reader.ts). */
import { decodeText, type DetectedType } from './detect-type.js';
import { htmlToMarkdown } from './html.js';
import { type LoadedFile, type LoaderLimits, type Page, UnreadableFileError } from './loaded-file.js';
import { loadPdf } from './pdf.js';
import { loadCsv, loadXlsx } from './tables.js';
import { inspectZip } from './zip-guard.js';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export type ReadFile = LoadedFile & { readonly contentType: string };

/** Throws UnreadableFileError. */
export async function readFileContent(bytes: Buffer, type: DetectedType, limits: LoaderLimits): Promise<ReadFile> {
  const { contentType } = type;
  switch (type.kind) {
    case 'pdf':
      return { contentType, ...(await loadPdf(bytes, limits)) };
    case 'image':
      return { contentType, pages: [], pictures: [{ page: 1, image: bytes }] };
    case 'zip':
      return readContainer(bytes, limits);
    case 'html':
      return inPages(contentType, [{ page: null, text: await htmlToMarkdown(textOf(bytes)) }]);
    case 'csv':
      return inPages(contentType, await loadCsv(textOf(bytes), limits.maxRows));
    case 'markdown':
    case 'text':
      return inPages(contentType, [{ page: null, text: textOf(bytes).replace(/\r\n?/g, '\n').trim() }]);
    case 'unsupported':
      throw new UnreadableFileError('unsupported-type');
  }
}

async function readContainer(bytes: Buffer, limits: LoaderLimits): Promise<ReadFile> {
  const container = await inspectZip(bytes, limits.maxUnpackedBytes);
  if (container === 'other') throw new UnreadableFileError('unsupported-type');
  try {
    if (container === 'xlsx') return inPages(XLSX, await loadXlsx(bytes, limits.maxRows));
    const { default: mammoth } = await import('mammoth');
    const { value } = await mammoth.convertToHtml({ buffer: bytes }, { externalFileAccess: false });
    return inPages(DOCX, [{ page: null, text: await htmlToMarkdown(value.replace(/<img[^>]*>/g, '')) }]);
  } catch (thrown) {
    throw new UnreadableFileError('damaged', { cause: thrown });
  }
}

const inPages = (contentType: string, pages: readonly Page[]): ReadFile => ({ contentType, pages, pictures: [] });

const textOf = (bytes: Buffer): string => (decodeText(bytes) ?? '').replace(/^\uFEFF/, '');
