/** Whether a send got through whose result is not known: its message carries the key, as metadata or as the id of its first block. */
import type { Receipt, Recipient } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { SlackClient } from './client.js';
import { messageIdOf } from './decode.js';
import type { Block } from './encode.js';
import { MAX_LOOKED_THROUGH, pagesOf } from './log-pages.js';

/** Type of the metadata of our messages; only its app is shown it. */
const EVENT_TYPE = 'parley_send';

/** Sends are asked for within a day (older replies are not sent); an operator may come later. */
const LOOKS_BACK_MS = 31 * 24 * 3_600_000;

export const metadataOf = (key: string) => ({ event_type: EVENT_TYPE, event_payload: { key } });

/** Files take no metadata, but blocks, which have ids. */
export const withKey = (blocks: readonly Block[], key: string): Block[] =>
  blocks.map((block, index) => (index === 0 ? { ...block, block_id: blockIdOf(key) } : block));

const blockIdOf = (key: string) => `${EVENT_TYPE}:${key}`;

/** Null where no message of the last month carries the key. Throws ChannelError where there are too many to look through. */
export async function findSent(client: SlackClient, to: Recipient, key: string): Promise<Receipt | null> {
  const place = await client.placeOf(to);
  for await (const { messages, last } of pagesOf(client, place, Date.now() - LOOKS_BACK_MS)) {
    const found = messages.find(
      ({ metadata, blocks }) =>
        (metadata?.event_type === EVENT_TYPE && (metadata.event_payload as { key?: unknown } | undefined)?.key === key) ||
        blocks?.[0]?.block_id === blockIdOf(key),
    );
    if (found !== undefined) return { platformMessageId: found.ts === undefined ? null : messageIdOf(place.channel, found.ts) };
    if (last) return null;
  }
  throw new ChannelError(
    'unavailable',
    `conversations.history: not found among the last ${MAX_LOOKED_THROUGH} messages, and there are more.`,
  );
}
