/** The files of ours under a logged message, for whoever shows it: what a customer or agent attached, or what an answer was made of. */
import type { MediaRef } from './content.js';
import type { Message, MessageAttachment } from './message.js';

/** A file that is kept here, and not on a platform or the web. */
export const isOwnFile = ({ id }: Pick<MediaRef, 'id'>): boolean => id.startsWith('att_');

export function filesOf({ attachments, content }: Pick<Message, 'attachments' | 'content'>): readonly MessageAttachment[] {
  if (attachments.length > 0) return attachments;
  return content.flatMap((part) =>
    (part.kind === 'image' || part.kind === 'file') && isOwnFile(part.file) ? [attachmentOf(part.file)] : [],
  );
}

/** What is not known of it is told by its bytes, once they are asked for. */
export const attachmentOf = ({ id, filename, contentType, sizeBytes }: MediaRef): MessageAttachment => ({
  id,
  filename: filename ?? id,
  contentType: contentType ?? 'application/octet-stream',
  sizeBytes: sizeBytes ?? 0,
});
