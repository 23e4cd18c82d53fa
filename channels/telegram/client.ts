/** The Bot API with time limits and with its failures as ChannelErrors. Files go through telegraf's client, all else through json-calls.ts. */
import { Telegram, TelegramError } from 'telegraf';
import type { Opts, Telegram as Methods } from 'telegraf/types';
import type { FetchedMedia } from '../../src/domain/channel.js';
import { ChannelError, asError } from '../../src/domain/errors.js';
import { createHttpClient, failureOfConnection, failureOfStatus } from '../shared/http-client.js';
import { capabilities } from './capabilities.js';
import { accountOf, type TelegramSettings } from './config.js';
import type { BotIdentity } from './content.js';
import { createJsonCalls } from './json-calls.js';

const CALL_TIMEOUT_MS = 30_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;

/** Those of ours that may carry a file. */
const FILE_METHODS: ReadonlySet<keyof Methods> = new Set(['sendPhoto', 'sendDocument']);
type FileSignal = NonNullable<NonNullable<Parameters<Telegram['callApi']>[2]>['signal']>;

export interface CallOptions {
  /** 30 s unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface TelegramClient {
  /** Throws ChannelError. */
  call<Method extends keyof Methods>(method: Method, payload: Opts<Method>, options?: CallOptions): Promise<ReturnType<Methods[Method]>>;
  /** Who the bot is: asked of Telegram once it is needed and then remembered. */
  identity(options?: CallOptions): Promise<BotIdentity>;
  /** What is known of the bot without asking. */
  knownIdentity(): BotIdentity;
  download(fileId: string): Promise<FetchedMedia>;
}

export function createTelegramClient(settings: Pick<TelegramSettings, 'token' | 'apiRoot'>): TelegramClient {
  const apiRoot = settings.apiRoot.endsWith('/') ? settings.apiRoot : `${settings.apiRoot}/`;
  const telegram = new Telegram(settings.token, { apiRoot, webhookReply: false });
  const callJson = createJsonCalls({ token: settings.token, apiRoot });
  const http = createHttpClient({
    allowedOrigins: [new URL(apiRoot).origin],
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    maxBytes: capabilities.maxDownloadBytes,
  });
  let known: BotIdentity = { id: Number(accountOf(settings.token)), username: null };

  const call: TelegramClient['call'] = async (method, payload, options = {}) => {
    const { timeoutMs = CALL_TIMEOUT_MS, signal } = options;
    try {
      if (!FILE_METHODS.has(method)) return (await callJson(method, payload, { timeoutMs, signal })) as ReturnType<Methods[typeof method]>;
      const limit = AbortSignal.timeout(timeoutMs);
      // telegraf asks for the `abort-controller` package's AbortSignal, of which Node's own is the model.
      return await telegram.callApi(method, payload, {
        signal: (signal === undefined ? limit : AbortSignal.any([limit, signal])) as FileSignal & AbortSignal,
      });
    } catch (thrown) {
      throw channelErrorOf(method, thrown);
    }
  };

  return {
    call,
    async identity(options) {
      if (known.username === null) {
        const me = await call('getMe', {}, options);
        known = { id: me.id, username: me.username };
      }
      return known;
    },
    knownIdentity: () => known,
    async download(fileId) {
      const { file_path: path, file_size: size } = await call('getFile', { file_id: fileId });
      if (path === undefined) throw new ChannelError('payload-refused', 'getFile: Telegram does not offer this file for download.');
      if ((size ?? 0) > capabilities.maxDownloadBytes) {
        throw new ChannelError('payload-refused', `getFile: the file is larger than ${capabilities.maxDownloadBytes} bytes.`);
      }
      // Made of the path's segments, so that no path can lead to another host or folder. A server in local mode gives paths on its own disk.
      const segments = path.split('/').map(encodeURIComponent);
      if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
        throw new ChannelError('payload-refused', 'getFile: the path is not one below the file root.');
      }
      const response = await http('file download', new URL(`file/bot${settings.token}/${segments.join('/')}`, apiRoot));
      if (response.status !== 200) throw failureOfStatus('file download', response.status);
      return { bytes: response.bytes, contentType: response.headers.get('content-type') };
    },
  };
}

/** The id that a chat has now, where that is why a call failed; null: it failed for another reason. */
export function movedTo(thrown: unknown): string | null {
  const { cause } = thrown instanceof ChannelError ? thrown : { cause: null };
  const to = cause instanceof TelegramError ? cause.parameters?.migrate_to_chat_id : undefined;
  return to === undefined ? null : String(to);
}

/** Telegram's error codes (they mirror HTTP) as the one decision that the caller has to make. */
function channelErrorOf(method: string, thrown: unknown): ChannelError {
  if (!(thrown instanceof TelegramError)) return failureOfConnection(method, thrown);
  const { code, description, parameters } = thrown;
  const cause = asError(thrown);
  const message = `${method}: ${code} ${description}`;
  if (code === 429) return new ChannelError('rate-limited', message, { retry: { afterMs: (parameters?.retry_after ?? 1) * 1000 }, cause });
  // A token that was revoked gives 401, one that never was one gives 404.
  if (code === 401 || code === 404) return new ChannelError('credentials-rejected', message, { cause });
  // Another process polls, or a webhook is set; it may be gone on the next try.
  if (code === 409) return new ChannelError('unavailable', message, { cause });
  if (code === 403 || (code === 400 && /chat not found|upgraded to a supergroup|PEER_ID_INVALID/i.test(description))) {
    return new ChannelError('recipient-unreachable', message, { cause });
  }
  if (code < 500) return new ChannelError('payload-refused', message, { cause });
  return failureOfStatus(method, code);
}
