/**
 * The web chat as a channel like any other. HTTP and the WebSocket server hold the sockets and check access; this folder speaks the frames,
 * keeps the clients of a session together and makes events of what they write.
 */
import { ChannelError, RequestError, asError } from '../../src/domain/errors.js';
import type { Channel, Emit } from '../../src/domain/channel.js';
import type { ChatService, Submitted } from '../../src/domain/chat.js';
import type { Choice } from '../../src/domain/content.js';
import { turnIdOf } from '../../src/domain/ids.js';
import type { Message, MessageAttachment } from '../../src/domain/message.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { capabilities } from './capabilities.js';
import { createConnections, type ClientLine } from './client.js';
import { MAX_WAITING_MESSAGES, WEB_ACCOUNT, WEB_CHANNEL } from './config.js';
import { decodeFrame, decodeSubmitted } from './decode.js';
import { buttonsOf, encodeLogged, encodeProgress, encodeSend, userFrame } from './encode.js';
import type { ClientFrame, ClientMessage } from './frames.js';

export type { ClientMessage } from './frames.js';
export type { ClientLine } from './client.js';

export interface WebClient extends ClientLine {
  /** Stores the message; rejects with RequestError for one that cannot be taken, which the client is then told. */
  submit(message: ClientMessage): Promise<Submitted & { readonly attachments: readonly MessageAttachment[] }>;
}

export interface WebConnection {
  /** One frame of the client's. Never rejects: what is wrong with it is told to the client. Messages keep their order. */
  receive(data: string): Promise<void>;
  /** Ends the hold of `connect`: sends what the client missed, then what came meanwhile. */
  catchUp(missed: readonly Message[]): void;
  close(): void;
}

export interface WebChannel extends Channel {
  /** Stores a message of a session that the caller has checked. Resolves once it is durable. */
  submit: ChatService['submit'];
  /** @param hold frames wait until `catchUp`, for a client that names the last message it knows */
  connect(client: WebClient, options: { hold: boolean }): WebConnection;
  /** Shows the session's clients a message that came another way (HTTP). */
  announce(sessionId: string, message: { messageId: string; text: string; attachments: readonly MessageAttachment[] }): void;
  /** Open lines of one session in this process. */
  connectionCount(sessionId: string): number;
}

const MAX_UNFINISHED_ANSWERS = 1000;

export function createWebChannel(options: { logger: Logger; now?: () => Date }): WebChannel {
  const now = options.now ?? (() => new Date());
  const { logger } = options;
  const connections = createConnections(now);
  /** Buttons of answers whose last part is still to come, by message; the oldest give way. A restart in between costs the buttons only. */
  const offered = new Map<string, readonly Choice[]>();
  let emit: Emit | null = null;

  const connect: WebChannel['connect'] = (client, { hold }) => {
    const connected = connections.add(client, hold);
    let lastMessage = Promise.resolve();
    let waiting = 0;

    const store = async (message: ClientMessage): Promise<void> => {
      const stored = await client.submit(message);
      const { messageId, attachments } = stored;
      const clientMessageId = message.clientMessageId === null ? {} : { client_message_id: message.clientMessageId };
      connections.toOne(connected, [{ type: 'acknowledged', message_id: messageId, ...clientMessageId }]);
      if (!stored.duplicate) connections.toSession(client.sessionId, [userFrame(messageId, message.text, attachments)], connected);
    };
    const tell = (thrown: unknown): void => {
      const error = asError(thrown);
      if (error instanceof RequestError) {
        connections.toOne(connected, [{ type: 'error', error: error.name, message: error.message }]);
        return;
      }
      const { name, message: reason, stack } = error;
      logger.error({ clientId: client.clientId, error: name, reason, stack }, 'a message from the WebSocket could not be stored');
      const message = 'The message could not be stored. Please send it again.';
      connections.toOne(connected, [{ type: 'error', error: 'ServiceUnavailableError', message }]);
    };
    const receiveMessage = (frame: Extract<ClientFrame, { type: 'message' }>): Promise<void> => {
      if (waiting >= MAX_WAITING_MESSAGES)
        throw new RequestError('RateLimitError', 'Too many messages at once. Please wait for the answers.');
      waiting += 1;
      const message = { text: frame.content, clientMessageId: frame.client_message_id ?? null, attachmentIds: frame.attachments };
      lastMessage = lastMessage
        .then(() => store(message))
        .catch(tell)
        .finally(() => (waiting -= 1));
      return lastMessage;
    };

    connections.toOne(connected, [{ type: 'connected', session_id: client.sessionId, client_id: client.clientId }]);
    return {
      async receive(data) {
        try {
          const frame = decodeFrame(data);
          if (frame.type === 'message') await receiveMessage(frame);
          else if (frame.type === 'ping') connections.toOne(connected, [{ type: 'pong' }]);
          else connections.toSession(client.sessionId, [{ type: 'user_typing', client_id: client.clientId }], connected);
        } catch (thrown) {
          tell(thrown);
        }
      },
      catchUp(missed) {
        for (const message of missed) connections.toOne(connected, encodeLogged(message));
        connections.release(connected, new Set(missed.map((message) => message.id)));
      },
      close: () => connections.remove(connected),
    };
  };

  return {
    name: WEB_CHANNEL,
    account: WEB_ACCOUNT,
    capabilities,

    async start(given) {
      emit = given;
      return async () => {
        emit = null;
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
      connections.partToSession(to.threadKey, context, frames);
      return { platformMessageId: context.messageId };
    },

    async showTyping(to, progress) {
      const frame = encodeProgress(progress);
      if (frame !== null) connections.toSession(to.threadKey, [frame]);
    },

    diagnose: async () => [],

    async checkHealth() {
      if (emit === null) throw new ChannelError('unavailable', 'the web channel is not started');
    },

    connect,
    announce: (sessionId, { messageId, text, attachments }) => connections.toSession(sessionId, [userFrame(messageId, text, attachments)]),
    connectionCount: (sessionId) => connections.count(sessionId),
  };
}
