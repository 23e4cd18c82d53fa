/** Files of customers: stored as extracted text with their passages, searchable in their own conversation only. */
import type { Chunk } from './knowledge.js';

export interface Attachment {
  /** `att_…`, random. */
  readonly id: string;
  readonly conversationId: string;
  readonly threadId: string;
  readonly filename: string;
  /** Told by the content, not by the name. */
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly processed: boolean;
  /** Why it could not be read, for the customer; null when it was. */
  readonly error: string | null;
  readonly text: string;
  readonly chunks: readonly Chunk[];
  readonly createdAt: Date;
}

export interface AttachmentStore {
  save(attachment: Attachment): Promise<void>;
  /** Those of the ids that belong to the conversation; others are left out. */
  findMany(conversationId: string, ids: readonly string[]): Promise<Attachment[]>;
  /** All passages of a conversation's files, newest file first. */
  chunksOf(conversationId: string): Promise<Chunk[]>;
}

export type ExtractionFailure = 'unsupported-type' | 'encrypted' | 'damaged' | 'too-large-unpacked' | 'no-text' | 'timed-out';

export type Extraction =
  | {
      readonly ok: true;
      readonly contentType: string;
      readonly text: string;
      readonly pages: readonly { readonly page: number | null; readonly text: string }[];
    }
  | { readonly ok: false; readonly contentType: string; readonly failure: ExtractionFailure; readonly message: string };

/** Reads the text out of a file: PDF, DOCX, TXT, MD, CSV, XLSX, HTML, images by OCR. Never throws for bad content. */
export type ExtractText = (file: { bytes: Buffer; filename: string }) => Promise<Extraction>;
