/** Files of our own (`att_…`) that are to be sent: their bytes, from the loader that the channel's settings name. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';
import { asError, ChannelError } from '../../src/domain/errors.js';

/** Throws ChannelError `payload-refused` where there is no loader, or the file cannot be read. */
export async function loadOwnFile(
  loadFile: ((file: MediaRef) => Promise<FetchedMedia>) | undefined,
  file: MediaRef,
): Promise<FetchedMedia> {
  if (loadFile === undefined) throw new ChannelError('payload-refused', 'send: no loader is set up for files of our own.');
  try {
    return await loadFile(file);
  } catch (thrown) {
    throw thrown instanceof ChannelError
      ? thrown
      : new ChannelError('payload-refused', 'send: the file cannot be read.', { cause: asError(thrown) });
  }
}
