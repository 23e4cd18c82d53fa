/** What a loader hands back, and how it says that a file cannot be read. Pages hold markdown: headings, lists and tables stay recognisable. */
import type { ExtractionFailure } from '../../domain/attachment.js';

export interface Page {
  /** From 1; null for formats without pages. */
  readonly page: number | null;
  readonly text: string;
}

export interface LoadedFile {
  readonly pages: readonly Page[];
  /** Pages without a text layer, as pictures for OCR. */
  readonly pictures: readonly { readonly page: number; readonly image: Uint8Array }[];
}

/** Limits of one extraction. */
export interface LoaderLimits {
  /** Of a zip container (DOCX, XLSX), all entries together. */
  readonly maxUnpackedBytes: number;
  readonly maxPages: number;
  /** Scanned pages that are read by OCR; the rest is left out. */
  readonly maxPictures: number;
  readonly maxRows: number;
  /** Of the text of one file; what is beyond is left out, so that a stored file stays far below MongoDB's 16 MB. */
  readonly maxTextChars: number;
  /** From the file to its text, without OCR. */
  readonly timeoutMs: number;
  /** One picture or scanned page. */
  readonly ocrTimeoutMs: number;
}

export const DEFAULT_LIMITS: LoaderLimits = {
  maxUnpackedBytes: 100 * 1024 * 1024,
  maxPages: 500,
  maxPictures: 10,
  maxRows: 20_000,
  maxTextChars: 2_000_000,
  timeoutMs: 30_000,
  ocrTimeoutMs: 60_000,
};

const MESSAGES: Record<ExtractionFailure, string> = {
  'unsupported-type': 'This type of file cannot be read. Send a PDF, DOCX, TXT, MD, CSV, XLSX, HTML or picture.',
  encrypted: 'The file is protected by a password. Send it without the password.',
  damaged: 'The file is damaged or incomplete. Save it again and send it once more.',
  'too-large-unpacked': 'The file holds far more than its size says. Send it in smaller parts.',
  'no-text': 'No text was found in the file.',
  'timed-out': 'Reading the file took too long. Send it in smaller parts.',
};

/** A file cannot be read for a reason its sender can mend; `message` tells them. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly failure: ExtractionFailure;

  constructor(failure: ExtractionFailure, options: { cause?: unknown } = {}) {
    super(MESSAGES[failure], options);
    this.failure = failure;
  }
}
