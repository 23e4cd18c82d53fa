/** How a file goes out: as what WhatsApp shows it as, by an address, by the id it has there, or stored there first. */
import type { MediaRef } from '../../src/domain/content.js';
import { loadOwnFile } from '../shared/own-file.js';
import { MAX_AUDIO_VIDEO_BYTES, MAX_IMAGE_BYTES } from './capabilities.js';
import type { WhatsAppClient } from './client.js';
import type { WhatsAppSettings } from './config.js';

export interface OutgoingFile {
  /** Meta's id, or the address from where Meta fetches it. */
  readonly source: { readonly id: string } | { readonly link: string };
  readonly contentType: string | null;
  readonly sizeBytes: number;
  readonly filename: string | null;
}

export type MediaType = 'image' | 'audio' | 'video' | 'document';

/** business-phone-numbers/media, "Supported media types". What is not among them, or too large to be shown, is a document. */
export function mediaTypeOf({ contentType, sizeBytes }: Pick<OutgoingFile, 'contentType' | 'sizeBytes'>, caption: string): MediaType {
  const [type = ''] = (contentType ?? '').split(';');
  if (/^image\/(jpeg|png)$/.test(type) && sizeBytes <= MAX_IMAGE_BYTES) return 'image';
  if (sizeBytes > MAX_AUDIO_VIDEO_BYTES) return 'document';
  if (/^video\/(mp4|3gpp)$/.test(type)) return 'video';
  // Audio has no caption.
  if (caption === '' && /^audio\/(aac|amr|mpeg|mp4|ogg)$/.test(type)) return 'audio';
  return 'document';
}

/** The file as the value of its type in a message. */
export function mediaValue(file: OutgoingFile, type: MediaType, caption: string): object {
  return {
    ...file.source,
    ...(caption === '' ? {} : { caption }),
    ...(type === 'document' && file.filename !== null ? { filename: file.filename } : {}),
  };
}

/** `isImage` where nothing else says what the file is: an address that is to be shown as a picture. */
export async function prepareFile(
  file: MediaRef,
  isImage: boolean,
  client: WhatsAppClient,
  { loadFile }: Pick<WhatsAppSettings, 'loadFile'>,
): Promise<OutgoingFile> {
  const known = {
    contentType: file.contentType ?? (isImage ? 'image/jpeg' : null),
    sizeBytes: file.sizeBytes ?? 0,
    filename: file.filename,
  };
  if (/^https?:\/\//.test(file.id)) return { ...known, source: { link: file.id } };
  if (!file.id.startsWith('att_')) return { ...known, source: { id: file.id } };
  const { bytes, contentType } = await loadOwnFile(loadFile, file);
  const type = storableType(contentType ?? file.contentType);
  const filename = file.filename ?? file.id;
  return {
    source: { id: await client.upload({ bytes, contentType: type, filename }) },
    contentType: type,
    sizeBytes: bytes.byteLength,
    filename,
  };
}

/** Meta takes files of listed types only and refuses others; text of any kind (a table as CSV) goes as plain text, under its own name. */
function storableType(contentType: string | null): string {
  const [type = ''] = (contentType ?? 'application/octet-stream').toLowerCase().split(';');
  return type.startsWith('text/') ? 'text/plain' : type.trim();
}
