/** Customers' files in a case's thread. Bots have no files in channels: a small picture goes out within a message, anything else is named. */
import type { CaseView } from '../../../src/domain/desk.js';
import type { MessageAttachment } from '../../../src/domain/message.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { DeskWords } from '../../shared/desk-words.js';
import type { TeamsSettings } from '../config.js';
import { imageActivity, type OutboundActivity } from '../encode.js';
import { imageUrl } from '../send.js';
import { said } from './elements.js';

const MAX_PICTURES = 5;

export const filesFor =
  (settings: TeamsSettings, words: DeskWords) =>
  async ({ message }: CaseView): Promise<readonly OutboundActivity[]> => {
    const attachments = message?.attachments ?? [];
    const shown = await Promise.all(attachments.slice(0, MAX_PICTURES).map((file) => picture(file, settings)));
    const pictures = shown.flatMap((activity) => (activity === null ? [] : [activity]));
    const named = attachments.filter((_, index) => (shown[index] ?? null) === null).map(({ filename }) => words.fileLeftOut(filename));
    return named.length === 0 ? pictures : [...pictures, said(named.join('\n'))];
  };

/** Null: it is no picture, or too large, or cannot be had. */
async function picture(file: MessageAttachment, settings: TeamsSettings): Promise<OutboundActivity | null> {
  const url = file.contentType.startsWith('image/')
    ? await imageUrl(file, settings).catch((thrown: unknown) => {
        // What is refused for good is named instead; the database being away is tried again with the event.
        if (thrown instanceof ChannelError && thrown.kind === 'payload-refused') return null;
        throw thrown;
      })
    : null;
  return url === null ? null : imageActivity({ url, contentType: file.contentType, name: file.filename, caption: '' });
}
