/** What stands in a channel or a thread on Slack, page by page, each message with what we wrote into it to know it again. */
import type { Place, SlackClient } from './client.js';

export interface LogPage {
  readonly messages: readonly LogMessage[];
  /** No more follow. */
  readonly last: boolean;
}

export interface LogMessage {
  /** The time that names it. */
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: object };
  readonly blocks?: readonly { readonly block_id?: string }[];
}

interface Answer {
  readonly messages?: readonly LogMessage[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

const PAGE = 200;
const MAX_PAGES = 20;
/** So many are looked through; where there are more, no page is the last. */
export const MAX_LOOKED_THROUGH = PAGE * MAX_PAGES;

/** @param sinceMs milliseconds since 1970. Throws ChannelError. */
export async function* pagesOf(client: SlackClient, { channel, threadTs }: Place, sinceMs: number): AsyncGenerator<LogPage> {
  const asked = { channel, oldest: String(Math.floor(sinceMs / 1000)), limit: PAGE, include_all_metadata: true } as const;
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const at = cursor === '' ? asked : { ...asked, cursor };
    const { messages = [], response_metadata: next }: Answer =
      threadTs === null
        ? await client.run('conversations.history', (slack) => slack.conversations.history(at))
        : await client.run('conversations.replies', (slack) => slack.conversations.replies({ ...at, ts: threadTs }));
    cursor = next?.next_cursor ?? '';
    yield { messages, last: cursor === '' };
    if (cursor === '') return;
  }
}
