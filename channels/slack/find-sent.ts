/** Whether a send got through whose result is not known: its message carries the key, as metadata or as the id of its first block. */
import type { Receipt, Recipient } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { SlackClient } from './client.js';
import { messageIdOf } from './decode.js';
import type { Block } from './encode.js';

/** Type of the metadata of our messages; only its app is shown it. */
const EVENT_TYPE = 'parley_send';

/** Sends are asked for within a day (older replies are not sent); an operator may come later. */
const LOOKS_BACK_MS = 31 * 24 * 3_600_000;
const PAGE = 200;
const MAX_PAGES = 20;

export const metadataOf = (key: string) => ({ event_type: EVENT_TYPE, event_payload: { key } });

/** Files take no metadata, but blocks, which have ids. */
export const withKey = (blocks: readonly Block[], key: string): Block[] =>
  blocks.map((block, index) => (index === 0 ? { ...block, block_id: blockIdOf(key) } : block));

const blockIdOf = (key: string) => `${EVENT_TYPE}:${key}`;

interface Page {
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: { readonly event_type?: string; readonly event_payload?: object };
    readonly blocks?: readonly { readonly block_id?: string }[];
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Null where no message of the last month carries the key. Throws ChannelError where there are too many to look through. */
export async function findSent(client: SlackClient, to: Recipient, key: string): Promise<Receipt | null> {
  const { channel, threadTs } = await client.placeOf(to);
  const oldest = String(Math.floor((Date.now() - LOOKS_BACK_MS) / 1000));
  const asked = { channel, oldest, limit: PAGE, include_all_metadata: true } as const;
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const at = cursor === '' ? asked : { ...asked, cursor };
    const { messages = [], response_metadata: next }: Page =
      threadTs === null
        ? await client.run('conversations.history', (slack) => slack.conversations.history(at))
        : await client.run('conversations.replies', (slack) => slack.conversations.replies({ ...at, ts: threadTs }));
    const found = messages.find(
      ({ metadata, blocks }) =>
        (metadata?.event_type === EVENT_TYPE && (metadata.event_payload as { key?: unknown } | undefined)?.key === key) ||
        blocks?.[0]?.block_id === blockIdOf(key),
    );
    if (found !== undefined) return { platformMessageId: found.ts === undefined ? null : messageIdOf(channel, found.ts) };
    cursor = next?.next_cursor ?? '';
    if (cursor === '') return null;
  }
  throw new ChannelError(
    'unavailable',
    `conversations.history: not found among the last ${PAGE * MAX_PAGES} messages, and there are more.`,
  );
}
