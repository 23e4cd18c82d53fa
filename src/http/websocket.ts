/**
 * The WebSocket server at `/ws`: access, limits and the life of a socket. What is said on the line is the web channel's business, which gets
 * each client as soon as it is let in.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { asError, RequestError } from '../domain/errors.js';
import type { Session } from '../domain/session.js';
import { clientAddress, isAllowedOrigin } from './client-origin.js';
import { uploadedBefore } from './converse.js';
import { addressKey, RATE_WINDOW_MS } from './middleware/rate-limit.js';
import type { HttpConfig, HttpServices, SocketClient } from './services.js';
import { findSession, isNoSessionId, requireOpenSession } from './session-access.js';

/** Close codes of CONTRACT.md; 1001 and 1011 are the protocol's own. */
const CLOSE = { noSession: 4001, unknownSession: 4004, tooMany: 4008, stopping: 1001, failure: 1011 } as const;

const MAX_FRAME_BYTES = 64 * 1024;
const MAX_CLIENTS_PER_SESSION = 20;
/** Frames that are kept for a client whose session is still being looked up, which takes long while the database is slow. */
const MAX_EARLY_FRAMES = 100;
const HEARTBEAT_MS = 30_000;
/** A client that reads this much slower than we write is cut off; it reconnects with `after=`. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** How long a client has to answer our closing of the line. */
const CLOSE_MS = 1000;

export interface SocketServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function createWebSocketServer(config: HttpConfig, services: HttpServices): SocketServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const answering = new WeakSet<WebSocket>();
  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (!answering.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    services.metrics.openSockets.inc();
    socket.once('close', () => services.metrics.openSockets.dec());
    answering.add(socket);
    socket.on('pong', () => answering.add(socket));
    // The socket closes after it; there is nothing to do but to have listened.
    socket.on('error', (failure) => services.logger.debug({ reason: failure.message }, 'WebSocket error'));
    admit(socket, request).catch((thrown: unknown) => {
      const { name, message } = asError(thrown);
      services.logger.error({ error: name, reason: message }, 'a WebSocket could not be opened');
      socket.close(CLOSE.failure, 'internal error');
    });
  });

  async function admit(socket: WebSocket, request: IncomingMessage): Promise<void> {
    // Frames may come before the session is looked up; they wait for it.
    const early: string[] = [];
    const collect = (data: RawData, isBinary: boolean) => {
      if (early.length < MAX_EARLY_FRAMES) early.push(textOf(data, isBinary));
      else socket.close(CLOSE.tooMany, 'too many frames before the greeting');
    };
    socket.on('message', collect);

    const query = new URLSearchParams(splitUrl(request).query);
    const id = query.get('session_id') ?? '';
    if (isNoSessionId(id)) return socket.close(CLOSE.noSession, 'session_id is missing');
    const address = addressKey(clientAddress(request, config.trustProxy));
    const connects = await services.rates.hit(`ws-connect:${address}`, RATE_WINDOW_MS);
    if (connects.hits > config.rateLimits.default) return socket.close(CLOSE.tooMany, 'too many connections');
    const session = await findSession(services.sessions, id, config.sessionTtlMs);
    if (session === null || session.status === 'ended') return socket.close(CLOSE.unknownSession, 'session unknown or ended');
    if (services.web.connectionCount(session.id) >= MAX_CLIENTS_PER_SESSION)
      return socket.close(CLOSE.tooMany, 'too many clients of one session');
    if (socket.readyState !== WebSocket.OPEN) return;

    const connection = await services.web.connect(clientOf(socket, session, address), query.get('after'));
    socket.once('close', () => connection.close());
    if (socket.readyState !== WebSocket.OPEN) return connection.close();
    socket.off('message', collect);
    socket.on('message', (data, isBinary) => void connection.receive(textOf(data, isBinary)));
    for (const frame of early) void connection.receive(frame);
  }

  function clientOf(socket: WebSocket, session: Session, address: string): SocketClient {
    return {
      clientId: `client_${randomUUID()}`,
      sessionId: session.id,
      threadId: session.threadId,
      conversationId: session.conversationId,
      send(frame) {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
        else socket.send(frame);
      },
      async submit({ key, text, clientMessageId, attachmentIds, metadata }) {
        const { hits } = await services.rates.hit(`ws-message:${address}`, RATE_WINDOW_MS);
        if (hits > config.rateLimits.default) {
          throw new RequestError('RateLimitError', `Too many messages: ${config.rateLimits.default} a minute are accepted.`);
        }
        const current = await requireOpenSession(services.sessions, session.id, config.sessionTtlMs);
        const attachments = await uploadedBefore(services, current, attachmentIds);
        const page = metadata === undefined ? {} : { metadata };
        return { ...(await services.chat.submit({ session: current, text, attachments, key, clientMessageId, ...page })), attachments };
      },
    };
  }

  return {
    handleUpgrade(request, socket, head) {
      if (splitUrl(request).path !== '/ws') return refuse(socket, '404 Not Found');
      if (!isAllowedOrigin(request, config.allowedOrigins)) return refuse(socket, '403 Forbidden');
      server.handleUpgrade(request, socket, head, (webSocket) => server.emit('connection', webSocket, request));
    },
    close() {
      clearInterval(heartbeat);
      for (const socket of server.clients) socket.close(CLOSE.stopping, 'the service is stopping');
      setTimeout(() => server.clients.forEach((socket) => socket.terminate()), CLOSE_MS).unref();
      server.close();
    },
  };
}

/** Binary frames are no part of the protocol: what they hold is refused as text that is no JSON. */
const textOf = (data: RawData, isBinary: boolean): string => (isBinary ? '' : (data as Buffer).toString('utf8'));

function splitUrl(request: IncomingMessage): { path: string; query: string } {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  return { path, query };
}

function refuse(socket: Duplex, status: string): void {
  // A caller that is gone already must not become an uncaught error.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
