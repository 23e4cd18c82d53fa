/** What the channel does through the browser, with limits of time, and with failures as ChannelErrors. */
import type { FetchedMedia, Receipt, Recipient, SendContext } from '../../src/domain/channel.js';
import { ChannelError, type ChannelErrorKind } from '../../src/domain/errors.js';
import { capabilities } from './capabilities.js';
import { reasonOf } from './connection.js';
import type { LibraryClient, LibraryMedia, LibraryMessage, SendOptions } from './library.js';
import type { Link } from './link.js';

/** Shorter than the core's, so that the reason is told. */
const SEND_TIMEOUT_MS = 25_000;
const CALL_TIMEOUT_MS = 20_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
/** A browser takes a while to start, and a person to scan a code. */
const NOT_READY_WAIT_MS = 5000;
const RATE_WAIT_MS = 60_000;

export interface WebClient {
  send(to: Recipient, message: OutgoingMessage, context: Pick<SendContext, 'replyTo'>): Promise<Receipt>;
  edit(messageId: string, text: string): Promise<void>;
  react(messageId: string, emoji: string): Promise<void>;
  markRead(chatId: string): Promise<void>;
  setTyping(chatId: string, typing: boolean): Promise<void>;
  download(messageId: string, sizeBytes: number | null): Promise<FetchedMedia>;
  /** Throws ChannelError where nothing can be sent. */
  check(): Promise<void>;
}

export type OutgoingMessage =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'media'; readonly media: LibraryMedia; readonly asDocument: boolean; readonly caption: string };

export function createWebClient(link: Link, sendTimeoutMs = SEND_TIMEOUT_MS): WebClient {
  /** Whatever becomes of it, nothing was done: there is no browser that could. */
  const ready = (): LibraryClient => {
    const client = link.client();
    if (client !== null) return client;
    throw notReady(link);
  };

  async function call<Result>(what: string, ms: number, work: (client: LibraryClient) => Promise<Result>): Promise<Result> {
    const client = ready();
    const done = link.sending();
    // One that takes too long is waited for no more.
    return withTimeout(what, ms, work(client)).finally(done);
  }

  return {
    send: (to, message, { replyTo }) =>
      call('send', sendTimeoutMs, async (client) => {
        await assertConnected(client);
        const options: SendOptions = {
          linkPreview: false,
          waitUntilMsgSent: true,
          parseVCards: false,
          ...(to.scope === 'group' && replyTo !== null ? { quotedMessageId: replyTo } : {}),
        };
        const sent = await (message.kind === 'text'
          ? client.sendMessage(to.threadKey, message.text, options)
          : client.sendFile(to.threadKey, message.media, {
              ...options,
              sendMediaAsDocument: message.asDocument,
              ...(message.caption === '' ? {} : { caption: message.caption }),
            }));
        return receiptOf(sent);
      }),

    edit: (messageId, text) =>
      call('edit', CALL_TIMEOUT_MS, async (client) => {
        const message = await found(client, messageId);
        if ((await message.edit(text, { linkPreview: false })) === null)
          throw new ChannelError('payload-refused', 'edit: WhatsApp does not let this message be changed (any more).');
      }),

    react: (messageId, emoji) =>
      call('react', CALL_TIMEOUT_MS, async (client) => {
        await found(client, messageId);
        await client.sendReaction(messageId, emoji);
      }),

    markRead: (chatId) => call('mark as read', CALL_TIMEOUT_MS, async (client) => void (await client.sendSeen(chatId))),
    setTyping: (chatId, typing) => call('typing', CALL_TIMEOUT_MS, (client) => client.setTyping(chatId, typing)),

    download: (messageId, sizeBytes) => {
      const tooLarge = () =>
        new ChannelError('payload-refused', `download: the file is larger than ${capabilities.maxDownloadBytes} bytes.`);
      if ((sizeBytes ?? 0) > capabilities.maxDownloadBytes) return Promise.reject(tooLarge());
      return call('download', DOWNLOAD_TIMEOUT_MS, async (client) => {
        const media = await (await found(client, messageId)).downloadMedia();
        if (media === undefined) throw new ChannelError('payload-refused', 'download: WhatsApp does not have the file (any more).');
        const bytes = Buffer.from(media.data, 'base64');
        if (bytes.byteLength > capabilities.maxDownloadBytes) throw tooLarge();
        return { bytes, contentType: media.mimetype };
      });
    },

    check: async () => {
      if (link.status().state === 'elsewhere') return; // it is that instance's to say
      await call('check', CALL_TIMEOUT_MS, assertConnected);
    },
  };
}

function notReady(link: Link): ChannelError {
  const { state, detail } = link.status();
  if (state === 'unlinked' || state === 'paused')
    return new ChannelError('credentials-rejected', 'No phone is linked: open /whatsapp-web on the service and scan the code.', {
      // Whoever links one wants the replies that wait to go out.
      retry: { afterMs: NOT_READY_WAIT_MS },
    });
  const why = detail === null ? '' : ` (${detail})`;
  return new ChannelError('unavailable', `WhatsApp Web is ${state}${why}.`, { retry: { afterMs: NOT_READY_WAIT_MS } });
}

/** What is sent while it is offline is queued by the page, without a word of when it goes out. */
async function assertConnected(client: LibraryClient): Promise<void> {
  const state = await client.getState();
  if (state !== 'CONNECTED') throw new ChannelError('unavailable', `WhatsApp Web is not connected (${state ?? 'no state'}).`);
}

async function found(client: LibraryClient, messageId: string): Promise<LibraryMessage> {
  if (!/^(true|false)_[^_]+_[^_]+(_[^_]+)?$/.test(messageId))
    throw new ChannelError('payload-refused', 'There is no such message on WhatsApp.');
  const message = await client.getMessageById(messageId);
  if (message === null) throw new ChannelError('payload-refused', 'WhatsApp Web does not have this message (any more).');
  return message;
}

function receiptOf(sent: LibraryMessage | undefined): Receipt {
  if (sent === undefined) throw new ChannelError('recipient-unreachable', 'send: WhatsApp knows no such chat.');
  if (sent.ack === -1) throw new ChannelError('unavailable', 'send: WhatsApp Web shows the message as not sent.');
  return { platformMessageId: sent.id._serialized };
}

async function withTimeout<Result>(what: string, ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ChannelError('unknown', `${what}: WhatsApp Web did not answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch (thrown) {
    throw channelErrorOf(what, thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** What the page, WhatsApp behind it and the library say. Anything else leaves open what was done. */
const SAID: readonly (readonly [RegExp, ChannelErrorKind])[] = [
  [/rate-overlimit|\b429\b/, 'rate-limited'],
  [/No LID for user|wid error|invalid wid|not-acceptable|item-not-found/i, 'recipient-unreachable'],
  [/not-authorized|\b401\b/, 'credentials-rejected'],
  [/media-fault|Invalid media|InvalidMediaFile|could not be decoded/i, 'payload-refused'],
  // The message is made after its file was stored.
  [/upload failed|media entry was not created|MediaUpload/i, 'unavailable'],
];

function channelErrorOf(what: string, thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  const reason = reasonOf(thrown);
  const kind = SAID.find(([pattern]) => pattern.test(reason))?.[1] ?? 'unknown';
  // The page's own words may hold a number or a text; they stay in the cause.
  const message = `${what}: ${kind === 'unknown' ? 'the browser failed' : 'WhatsApp Web refuses'}.`;
  return new ChannelError(kind, message, { cause: thrown, ...(kind === 'rate-limited' ? { retry: { afterMs: RATE_WAIT_MS } } : {}) });
}
