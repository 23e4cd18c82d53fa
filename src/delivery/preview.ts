/** The answer that takes the place of its own draft: by an edit, which may be made any number of times, so that nothing is ever in doubt about it. */
import { type Channel, type Receipt } from '../domain/channel.js';
import { ChannelError } from '../domain/errors.js';
import { type OutboxDocument } from '../storage/models/outbox.js';

/** The message whose place the entry takes; null: it goes out as one of its own. */
export const replacedBy = ({ preview }: Pick<OutboxDocument, 'preview'>): string | null => preview?.platformMessageId ?? null;

/** Throws ChannelError: `never` where the message cannot be edited any more, and never `unknown`. */
export async function replacePreview(
  channel: Channel,
  entry: OutboxDocument,
  inTime: (edit: Promise<void>) => Promise<void>,
): Promise<Receipt> {
  const platformMessageId = replacedBy(entry);
  if (platformMessageId === null || channel.edit === undefined)
    throw new ChannelError('payload-refused', 'there is no preview that could be edited');
  try {
    await inTime(channel.edit(entry.to, platformMessageId, entry.content));
    return { platformMessageId };
  } catch (thrown) {
    if (thrown instanceof ChannelError && thrown.kind === 'unknown')
      throw new ChannelError('unavailable', thrown.message, { cause: thrown });
    throw thrown;
  }
}
