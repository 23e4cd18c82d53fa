/** Uploaded files: kept, and read at once. One that cannot be read is kept too, with the reason that the customer is told. */
import type { Attachment } from '../domain/attachment.js';
import { cleanText } from '../domain/message-text.js';
import type { Session } from '../domain/session.js';
import type { UploadedFile } from './middleware/body.js';
import type { UploadedView } from './schemas.js';
import type { HttpServices } from './services.js';

const PREVIEW_CHARS = 500;
const MAX_FILENAME_CHARS = 200;

/** @param id derived where the same request must give the same attachment, else random */
export async function readUpload(
  services: Pick<HttpServices, 'extractText' | 'chunkText' | 'attachments'>,
  session: Session,
  file: UploadedFile,
  id: string,
): Promise<Attachment> {
  const filename = filenameOf(file.filename);
  const extraction = await services.extractText({ bytes: file.bytes, filename });
  const { conversationId, threadId } = session;
  const base = {
    id,
    conversationId,
    threadId,
    filename,
    contentType: extraction.contentType,
    sizeBytes: file.bytes.length,
    createdAt: new Date(),
  };
  const attachment: Attachment = extraction.ok
    ? {
        ...base,
        processed: true,
        error: null,
        text: extraction.text,
        chunks: services.chunkText({ id, filename, pages: extraction.pages }),
      }
    : { ...base, processed: false, error: extraction.message, text: '', chunks: [] };
  await services.attachments.save(attachment, file.bytes);
  return attachment;
}

/** The last part of whatever path the client sent, on one line; only ever shown, never opened. */
export function filenameOf(given: string): string {
  const name = cleanText(given).split(/[/\\]/).at(-1)?.replace(/\s+/g, ' ').trim() ?? '';
  return name === '' ? 'file' : name.slice(-MAX_FILENAME_CHARS);
}

export const uploadView = (attachment: Attachment): UploadedView => ({
  id: attachment.id,
  filename: attachment.filename,
  size_mb: Math.round((attachment.sizeBytes / 1024 / 1024) * 100) / 100,
  content_type: attachment.contentType,
  processed: attachment.processed,
  preview: attachment.processed ? attachment.text.slice(0, PREVIEW_CHARS) : null,
  error: attachment.error,
});
