/** The Web API through bolt's client, with time limits, without its own retries and logs, and with its failures as ChannelErrors. */
import { webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { FetchedMedia, Recipient } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import { createHttpClient, failureOfStatus, type HttpClient } from '../shared/http-client.js';
import { capabilities } from './capabilities.js';
import type { SlackSettings } from './config.js';
import { channelErrorOf } from './errors.js';
import { fileInfoSchema } from './wire.js';

const CALL_TIMEOUT_MS = 30_000;
const QUICK_TIMEOUT_MS = 5000;
const TRANSFER_TIMEOUT_MS = 120_000;

/** Where Slack keeps files. */
const FILE_ORIGIN = 'https://files.slack.com';

/** People whose direct channel is remembered; each costs a call once. */
const REMEMBERED_CHANNELS = 10_000;

/** Nothing of what the SDK would log: bodies hold customers' text, and addresses of sockets a ticket. Failures are thrown, and logged by who catches them. */
export const SILENT: webApi.Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => undefined,
};

/** Waiting and trying again is the outbox's. */
export const clientOptions = (apiUrl: string, timeoutMs: number): webApi.WebClientOptions => ({
  slackApiUrl: apiUrl,
  logger: SILENT,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  timeout: timeoutMs,
});

/** Where a message goes. */
export interface Place {
  readonly channel: string;
  readonly threadTs: string | null;
}

export interface SlackClient {
  /** Makes one call; `what` names it in errors. `quick` gives up after 5 s instead of 30. Throws ChannelError. */
  run<Result>(what: string, call: (web: webApi.WebClient) => Promise<Result>, options?: { readonly quick: boolean }): Promise<Result>;
  /** Opens the direct channel where the conversation is a person's. Nothing has been sent yet when it throws. */
  placeOf(to: Pick<Recipient, 'threadKey'>): Promise<Place>;
  download(fileId: string): Promise<FetchedMedia>;
  /** Towards Slack's API and file host only. */
  readonly http: HttpClient;
}

export function createSlackClient({ botToken, apiUrl }: Pick<SlackSettings, 'botToken' | 'apiUrl'>): SlackClient {
  const web = new webApi.WebClient(botToken, clientOptions(apiUrl, CALL_TIMEOUT_MS));
  const quickWeb = new webApi.WebClient(botToken, clientOptions(apiUrl, QUICK_TIMEOUT_MS));
  const directChannels = new LRUCache<string, string>({ max: REMEMBERED_CHANNELS });
  const http = createHttpClient({
    allowedOrigins: [FILE_ORIGIN, new URL(apiUrl).origin],
    timeoutMs: TRANSFER_TIMEOUT_MS,
    maxBytes: capabilities.maxDownloadBytes,
  });

  const run: SlackClient['run'] = async (what, call, options) => {
    try {
      return await call(options?.quick === true ? quickWeb : web);
    } catch (thrown) {
      throw channelErrorOf(what, thrown);
    }
  };

  const openDirect = async (user: string): Promise<string> => {
    const known = directChannels.get(user);
    if (known !== undefined) return known;
    const { channel } = await beforeSending(run('conversations.open', (slack) => slack.conversations.open({ users: user })));
    if (channel?.id === undefined) throw new ChannelError('recipient-unreachable', 'conversations.open: Slack names no channel.');
    directChannels.set(user, channel.id);
    return channel.id;
  };

  return {
    run,
    async placeOf({ threadKey }) {
      const [target = '', threadTs = null] = threadKey.split(':');
      return { channel: /^[UW]/.test(target) ? await openDirect(target) : target, threadTs };
    },
    async download(fileId) {
      const { file } = await run('files.info', (slack) => slack.files.info({ file: fileId }));
      const info = fileInfoSchema.safeParse(file).data;
      if ((info?.size ?? 0) > capabilities.maxDownloadBytes) {
        throw new ChannelError('payload-refused', `files.info: the file is larger than ${capabilities.maxDownloadBytes} bytes.`);
      }
      const address = info?.url_private_download ?? info?.url_private ?? '';
      if (!URL.canParse(address)) throw new ChannelError('payload-refused', 'files.info: Slack does not offer this file for download.');
      const response = await http('file download', new URL(address), { headers: { authorization: `Bearer ${botToken}` } });
      if (response.status !== 200) throw failureOfStatus('file download', response.status);
      const contentType = response.headers.get('content-type');
      // A token that may not read the file gets the page to log in.
      if (contentType?.startsWith('text/html') === true && info?.mimetype !== 'text/html') {
        throw new ChannelError(
          'credentials-rejected',
          'file download: Slack answers with a page; the bot may not read files (files:read).',
        );
      }
      return { bytes: response.bytes, contentType: info?.mimetype ?? contentType };
    },
    http,
  };
}

/** For calls that only prepare a send: whatever became of them, nothing was sent. */
export async function beforeSending<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (thrown) {
    if (thrown instanceof ChannelError && thrown.kind === 'unknown')
      throw new ChannelError('unavailable', thrown.message, { cause: thrown });
    throw thrown;
  }
}
