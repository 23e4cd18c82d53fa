/**
 * The web chat as a channel like any other. HTTP and the WebSocket server hold the sockets and check access; this folder speaks the frames,
 * keeps the clients of a session together and makes events of what they write.
 */
import { randomUUID } from 'node:crypto';
import { ChannelError, RequestError, asError } from '../../src/domain/errors.js';
import type { Channel, Emit, HearTyping } from '../../src/domain/channel.js';
import type { ChatService, Submitted } from '../../src/domain/chat.js';
import type { Choice } from '../../src/domain/content.js';
import { turnIdOf } from '../../src/domain/ids.js';
import type { MessageAttachment } from '../../src/domain/message.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { capabilities } from './capabilities.js';
import { createConnections, type ClientLine } from './client.js';
import { LOOK_MS, MAX_WAITING_MESSAGES, WEB_ACCOUNT, WEB_CHANNEL } from './config.js';
import { decodeFrame, decodeSubmitted, messageIdOfKey } from './decode.js';
import { buttonsOf, encodeProgress, encodeSend, userFrame } from './encode.js';
import type { ClientFrame, ClientMessage } from './frames.js';
import type { LineLog } from './log-line.js';

export type { ClientMessage } from './frames.js';
export type { ClientLine } from './client.js';

export interface WebClient extends ClientLine {
  /** Stores the message; rejects with RequestError for one that cannot be taken, which the client is then told. */
  submit(message: ClientMessage): Promise<Submitted & { readonly attachments: readonly MessageAttachment[] }>;
}

export interface WebConnection {
  /** One frame of the client's. Never rejects: what is wrong with it is told to the client. Messages keep their order. */
  receive(data: string): Promise<void>;
  close(): void;
}

export interface WebChannel extends Channel {
  /** Stores a message of a session that the caller has checked. Resolves once it is durable. */
  submit: ChatService['submit'];
  /**
   * Resolves once the client is greeted; what it missed follows by itself. Rejects where the log cannot be read.
   * @param after the last message that the client knows: it is shown what came since; null: it is shown what comes from now on
   */
  connect(client: WebClient, after: string | null): Promise<WebConnection>;
  /** Shows the session's clients a message that came another way (HTTP). */
  announce(sessionId: string, message: { messageId: string; text: string; attachments: readonly MessageAttachment[] }): void;
  /** Open lines of one session in this process. */
  connectionCount(sessionId: string): number;
}

const MAX_UNFINISHED_ANSWERS = 1000;

export interface WebChannelOptions {
  readonly logger: Logger;
  readonly log: LineLog;
  /** Other instances answer too: what they answer is looked for in the log. */
  readonly elsewhere: boolean;
  readonly now?: () => Date;
}

export function createWebChannel({ logger, log, elsewhere, now = () => new Date() }: WebChannelOptions): WebChannel {
  const connections = createConnections({ log, logger, now });
  /** Buttons of answers whose last part is still to come, by message; the oldest give way. A restart in between costs the buttons only. */
  const offered = new Map<string, readonly Choice[]>();
  let emit: Emit | null = null;
  let hearTyping: HearTyping = () => undefined;

  const connect: WebChannel['connect'] = async (client, after) => {
    const connected = connections.add(client);
    let lastMessage = Promise.resolve();
    let waiting = 0;

    const store = async (message: ClientMessage): Promise<void> => {
      // Before it is stored: it may be answered before we hear that it is.
      connected.line.takeAhead(messageIdOfKey(client.sessionId, message.key), null);
      const stored = await client.submit(message);
      const { messageId, attachments } = stored;
      const clientMessageId = message.clientMessageId === null ? {} : { client_message_id: message.clientMessageId };
      connections.toOne(client, { type: 'acknowledged', message_id: messageId, ...clientMessageId });
      if (stored.duplicate) return;
      connections.announce(client.sessionId, messageId, userFrame(messageId, message.text, attachments), connected);
    };
    const tell = (thrown: unknown): void => {
      const error = asError(thrown);
      if (error instanceof RequestError) {
        connections.toOne(client, { type: 'error', error: error.name, message: error.message });
        return;
      }
      const { name, message: reason, stack } = error;
      logger.error({ clientId: client.clientId, error: name, reason, stack }, 'a message from the WebSocket could not be stored');
      const message = 'The message could not be stored. Please send it again.';
      connections.toOne(client, { type: 'error', error: 'ServiceUnavailableError', message });
    };
    const receiveMessage = (frame: Extract<ClientFrame, { type: 'message' }>): Promise<void> => {
      if (waiting >= MAX_WAITING_MESSAGES)
        throw new RequestError('RateLimitError', 'Too many messages at once. Please wait for the answers.');
      waiting += 1;
      const { content: text, attachments: attachmentIds, client_message_id: clientMessageId = null, metadata } = frame;
      const page = metadata === undefined ? {} : { metadata };
      const message = { key: clientMessageId ?? randomUUID(), text, clientMessageId, attachmentIds, ...page };
      lastMessage = lastMessage
        .then(() => store(message))
        .catch(tell)
        .finally(() => (waiting -= 1));
      return lastMessage;
    };

    try {
      await connected.line.begin(after, { type: 'connected', session_id: client.sessionId, client_id: client.clientId });
    } catch (thrown) {
      connections.remove(connected);
      throw thrown;
    }
    return {
      async receive(data) {
        try {
          const frame = decodeFrame(data);
          if (frame.type === 'message') await receiveMessage(frame);
          else if (frame.type === 'ping') connections.toOne(client, { type: 'pong' });
          else {
            connections.tell(client.sessionId, { type: 'user_typing', client_id: client.clientId }, connected);
            hearTyping(client.sessionId);
          }
        } catch (thrown) {
          tell(thrown);
        }
      },
      close: () => connections.remove(connected),
    };
  };

  return {
    name: WEB_CHANNEL,
    account: WEB_ACCOUNT,
    capabilities,

    async start(given, _ignore, _emitDesk, hear = () => undefined) {
      emit = given;
      hearTyping = hear;
      const stopLooking = elsewhere ? everyLook(() => connections.look(), logger) : () => undefined;
      return async () => {
        emit = null;
        stopLooking();
      };
    },

    async submit(message) {
      if (emit === null)
        throw new RequestError('ServiceUnavailableError', 'The service is starting or stopping. Please try again in a moment.');
      const event = decodeSubmitted(message, now());
      const stored = await emit(event);
      return { messageId: event.platformMessageId, turnId: turnIdOf(stored.inboxId), duplicate: stored.duplicate };
    },

    async send(to, content, context) {
      const buttons = [...(offered.get(context.messageId) ?? []), ...buttonsOf(content)];
      const frames = encodeSend(content, context, buttons);
      if (frames === null) throw new ChannelError('payload-refused', `the web channel does not send content of kind ${content.kind}`);
      offered.delete(context.messageId);
      if (!context.last && buttons.length > 0) offered.set(context.messageId, buttons);
      const oldest = offered.keys().next();
      if (offered.size > MAX_UNFINISHED_ANSWERS && oldest.done !== true) offered.delete(oldest.value);
      connections.sendPart(to.threadKey, context, frames);
      return { platformMessageId: context.messageId };
    },

    async showTyping(to, progress) {
      if (progress.kind === 'draft') return connections.showDraft(to.threadKey, progress.draft);
      const frame = encodeProgress(progress);
      if (frame !== null) connections.tell(to.threadKey, frame);
    },

    diagnose: async () => [],

    async checkHealth() {
      if (emit === null) throw new ChannelError('unavailable', 'the web channel is not started');
    },

    connect,
    announce: (sessionId, { messageId, text, attachments }) =>
      connections.announce(sessionId, messageId, userFrame(messageId, text, attachments)),
    connectionCount: (sessionId) => connections.count(sessionId),
  };
}

/** Looks again and again, never twice at a time; returns a function that ends it. */
function everyLook(look: () => Promise<void>, logger: Logger): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const wait = (): void => {
    if (!stopped) timer = setTimeout(run, LOOK_MS).unref();
  };
  const run = (): void => {
    look()
      .catch((thrown: unknown) => logger.warn({ err: asError(thrown) }, 'it could not be looked whether other instances have answered'))
      .finally(wait);
  };
  wait();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
