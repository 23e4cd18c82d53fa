/**
 * Files of a conversation, customers' and agents': their bytes, and for customers' the text that was read out of them with its passages, searchable in
 * their own conversation only. They go when their session is deleted.
 */
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
  /** The same id again replaces what was there. @param bytes the file itself, `sizeBytes` of them */
  save(attachment: Attachment, bytes: Buffer): Promise<void>;
  /** Those of the ids that belong to the conversation; others are left out. */
  findMany(conversationId: string, ids: readonly string[]): Promise<Attachment[]>;
  /** All passages of a conversation's files, newest file first. */
  chunksOf(conversationId: string): Promise<Chunk[]>;
}

/** A file with its bytes, as it is handed out. */
export interface StoredFile extends Pick<Attachment, 'filename' | 'contentType'> {
  readonly bytes: Buffer;
}

export interface FileStore {
  /** Null where there is none, or it was stored without its bytes by an earlier version. @param threadId of the session that it has to belong to */
  loadFile(id: string, threadId?: string): Promise<StoredFile | null>;
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
