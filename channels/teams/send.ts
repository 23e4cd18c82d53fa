/** One content to one message: how files and pictures go out depends on where they are and whom they are for. */
import type { Recipient } from '../../src/domain/channel.js';
import type { MediaRef, OutboundContent } from '../../src/domain/content.js';
import { ChannelError } from '../../src/domain/errors.js';
import { escapeMarkdown, joinParagraphs, markdownLink } from '../../src/domain/markdown.js';
import { loadOwnFile } from '../shared/own-file.js';
import { MAX_INLINE_IMAGE_BYTES } from './capabilities.js';
import type { TeamsSettings } from './config.js';
import { encode, imageActivity, textActivity, type OutboundActivity } from './encode.js';
import { consentActivity } from './file-consent.js';
import { addressOf } from './thread-key.js';

export async function activityOf(to: Recipient, content: OutboundContent, settings: TeamsSettings): Promise<OutboundActivity> {
  const message = encode(content);
  if (message === null) throw new ChannelError('payload-refused', `send: teams does not declare content of kind ${content.kind}.`);
  switch (message.kind) {
    case 'activity':
      return message.activity;
    case 'card':
      return message.activityWith(message.image === null ? null : await imageUrl(message.image, settings));
    case 'image': {
      const url = await imageUrl(message.file, settings);
      if (url === null) return fileActivity(to, message, settings);
      const { contentType, filename: name } = message.file;
      return imageActivity({ url, contentType: contentType ?? 'image/png', name, caption: message.caption });
    }
    case 'file':
      return fileActivity(to, message, settings);
  }
}

const isOnTheWeb = ({ id }: MediaRef) => id.startsWith('https://');

/** A web address that Teams fetches, or the picture itself where it is small; null: neither. */
export async function imageUrl(file: MediaRef, settings: TeamsSettings): Promise<string | null> {
  if (isOnTheWeb(file)) return file.id;
  const small = file.sizeBytes !== null && file.sizeBytes <= MAX_INLINE_IMAGE_BYTES;
  if (!small || file.contentType === null || !file.contentType.startsWith('image/')) return null;
  const { bytes } = await loadOwnFile(settings.loadFile, file);
  return bytes.byteLength > MAX_INLINE_IMAGE_BYTES ? null : `data:${file.contentType};base64,${bytes.toString('base64')}`;
}

/** Bots can hand over files in personal chats only; in a group the file is named, as on channels that have no files. */
function fileActivity(to: Recipient, { file, caption }: { file: MediaRef; caption: string }, settings: TeamsSettings): OutboundActivity {
  const name = file.filename ?? file.id;
  if (isOnTheWeb(file)) return textActivity(joinParagraphs(caption, `📎 ${markdownLink(name, file.id)}`));
  if (to.scope === 'group') return textActivity(joinParagraphs(caption, `📎 ${escapeMarkdown(name)}`));
  return consentActivity(file, caption, addressOf(to.threadKey, settings.serviceUrls).conversationId, settings);
}
