/**
 * The lightest Web API of Slack: many people, each with a direct channel, whose messages it takes and gives back, thousands a second, for chaos. It
 * checks nothing; the emulator in slack/ does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonAnswer, type JsonRequest, startJsonServer } from './json-server.js';

export interface TakenMessage {
  readonly user: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: unknown;
  readonly metadata: unknown;
}

/** `taken-cut` takes the message and closes the line without an answer. */
export type SlackFault =
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'taken-cut' };

export interface FakeSlackApi {
  /** For SLACK_API_URL. */
  readonly apiUrl: string;
  readonly close: () => Promise<void>;
}

export interface FakeSlackOptions {
  readonly bot: string;
  /** A person's direct channel with the bot. */
  readonly channelOf: (user: string) => string;
  readonly onMessage: (channel: string, message: TakenMessage) => void;
  /** Asked of each message; undefined: it is taken. */
  readonly faultOf: (channel: string) => SlackFault | undefined;
  /** How long a message that was taken waits for its answer. */
  readonly answerAfterMs: () => number;
}

const FIRST_TS = 1_800_000_000;

export async function startFakeSlackApi(options: FakeSlackOptions): Promise<FakeSlackApi> {
  /** By channel, oldest first. */
  const messages = new Map<string, TakenMessage[]>();
  let taken = 0;

  const post = async ({ channel = '', text = '', blocks, metadata }: Fields): Promise<JsonAnswer | 'cut'> => {
    const fault = options.faultOf(channel);
    if (fault?.kind === 'limited') {
      return { status: 429, headers: { 'retry-after': String(fault.retryAfterSeconds) }, body: { ok: false, error: 'ratelimited' } };
    }
    if (fault?.kind === 'status') return { status: fault.status, body: { ok: false, error: 'failed on demand' } };
    taken += 1;
    const message: TakenMessage = {
      user: options.bot,
      ts: `${FIRST_TS + taken}.000100`,
      text,
      blocks: parsed(blocks),
      metadata: parsed(metadata),
    };
    messages.set(channel, [...(messages.get(channel) ?? []), message]);
    options.onMessage(channel, message);
    await sleep(options.answerAfterMs());
    return fault?.kind === 'taken-cut' ? 'cut' : ok({ channel, ts: message.ts });
  };

  /** Newest first, page by page; the cursor is how many were given before. */
  const history = ({ channel = '', limit = '100', cursor = '' }: Fields): JsonAnswer => {
    const all = (messages.get(channel) ?? []).toReversed();
    const [from, to] = [Number(cursor), Number(cursor) + Number(limit)];
    return ok({ messages: all.slice(from, to), response_metadata: { next_cursor: to < all.length ? String(to) : '' } });
  };

  const answerTo = async ({ url, body }: JsonRequest): Promise<JsonAnswer | 'cut'> => {
    const fields: Fields = Object.fromEntries(new URLSearchParams(body));
    switch (url.pathname) {
      case '/api/chat.postMessage':
        return post(fields);
      case '/api/conversations.open':
        return ok({ channel: { id: options.channelOf(fields.users ?? '') } });
      case '/api/conversations.history':
        return history(fields);
      default:
        return ok({});
    }
  };

  const { url, close } = await startJsonServer(answerTo);
  return { apiUrl: `${url}/api/`, close };
}

interface Fields {
  readonly channel?: string;
  readonly users?: string;
  readonly text?: string;
  /** JSON, as the SDK puts objects into forms. */
  readonly blocks?: string;
  readonly metadata?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json));
const ok = (body: object): JsonAnswer => ({ status: 200, body: { ok: true, ...body } });
