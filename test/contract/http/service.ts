/** The HTTP server over real delivery and a real database, with a simple conversation behind it; what a test is about can be replaced. */
import { WebSocket } from 'ws';
import { createWebChannel } from '../../../channels/web/index.js';
import type { ServerFrame } from '../../../channels/web/frames.js';
import { startDelivery } from '../../../src/delivery/index.js';
import type { ApiKeyScope } from '../../../src/domain/api-key.js';
import type { Channel } from '../../../src/domain/channel.js';
import { createHttpServer } from '../../../src/http/server.js';
import type { HttpConfig, HttpServices } from '../../../src/http/services.js';
import { chunkAttachment } from '../../../src/knowledge/chunking.js';
import { createTextExtractor } from '../../../src/knowledge/loaders/extract-text.js';
import { createApiKeyStore } from '../../../src/storage/api-key-store.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { createMessageLog } from '../../../src/storage/message-log.js';
import { createRateLimitStore } from '../../../src/storage/rate-limit-store.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { simpleTurn, SOURCE } from '../../fakes/simple-turn.js';

export interface TestService {
  readonly url: string;
  readonly database: TestDatabase;
  /** Every line that was logged. */
  readonly log: readonly string[];
  /** A new API key with these scopes. */
  key(...scopes: ApiKeyScope[]): Promise<string>;
  /** Status, headers and parsed body of a call. */
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** A new session's id. */
  session(): Promise<string>;
  send(sessionId: string, message: string, headers?: Record<string, string>): Promise<Called>;
  connect(query: string, headers?: Record<string, string>): TestClient;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly json?: unknown;
  readonly body?: string | Buffer | FormData;
  readonly headers?: Record<string, string>;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  // Tests read fields of whatever came; each says what it expects of them.
  readonly body: Record<string, unknown> & { readonly [index: number]: Record<string, unknown> };
  readonly text: string;
}

export type Frame = ServerFrame & { readonly timestamp: string };

export interface TestClient {
  readonly frames: readonly Frame[];
  send(frame: unknown): void;
  /** Resolves with the first frame of the type, also one that came before. */
  next<Type extends Frame['type']>(type: Type, count?: number): Promise<Extract<Frame, { type: Type }>>;
  /** Resolves with the code once the line is closed. */
  readonly closed: Promise<number>;
  close(): void;
}

export interface Overrides {
  readonly config?: Partial<HttpConfig>;
  readonly services?: Partial<HttpServices>;
  readonly channels?: readonly Channel[];
  readonly database?: TestDatabase;
}

/** Those still open; a test that fails must not leave a server behind, or the run does not end. */
const open = new Set<TestService>();

/** For `afterAll`: closes what the tests of this file left open, the newest first. */
export async function closeTestServices(): Promise<void> {
  for (const service of [...open].reverse()) await service.close();
}

export async function startTestService(overrides: Overrides = {}): Promise<TestService> {
  const database = overrides.database ?? (await startTestDatabase());
  const { models } = database;
  const log: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => log.push(line) });
  const metrics = createMetrics();
  const ttlMs = 86_400_000;
  const sessions = createSessionStore(models);
  const attachments = createAttachmentStore(models);
  const apiKeys = createApiKeyStore(models);
  const rates = createRateLimitStore(models, { logger });
  const extractor = createTextExtractor();
  const web = createWebChannel({ logger });
  const channels = [web, ...(overrides.channels ?? [])];
  const stores = { saveFacts: async () => undefined, saveTicket: async () => undefined };
  const delivery = startDelivery({
    models,
    channels,
    processTurn: simpleTurn({ sessions, attachments, ttlMs, capabilities: web.capabilities }),
    failTurn: (_input, cause) => {
      throw cause;
    },
    stores,
    logger,
    metrics,
    options: { soleInstance: true },
  });
  const stopWeb = await web.start?.(delivery.emit);
  const server = createHttpServer(
    {
      port: 0,
      host: '127.0.0.1',
      version: '0.0.0-test',
      sessionTtlMs: ttlMs,
      maxFileBytes: 10 * 1024 * 1024,
      rateLimits: { default: 100_000, process: 100_000 },
      trustProxy: 0,
      allowedOrigins: [],
      pageFolders: { files: 'channels/web/page', scripts: 'dist/channels/web/page' },
      ...overrides.config,
    },
    {
      logger,
      metrics,
      sessions,
      chat: { submit: (message) => web.submit(message), waitForTurn: delivery.waitForTurn },
      messages: createMessageLog(models),
      attachments,
      knowledge: { search: async ({ limit }) => [SOURCE].slice(0, limit) },
      extractText: extractor.extractText,
      chunkText: chunkAttachment,
      apiKeys,
      rates,
      web,
      channels,
      emit: delivery.emit,
      analytics: { conversations: async ({ days }) => ({ total_conversations: 0, period_days: days }) },
      health: { probes: { database: () => ({ state: 'healthy' }) }, required: ['database'], accepting: () => true },
      ...overrides.services,
    },
  );
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;

  const call: TestService['call'] = async (method, path, { json, body, headers } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Called['body'] };
  };

  const service: TestService = {
    url,
    database,
    log,
    call,
    key: async (...scopes) => (await apiKeys.create({ name: 'test', scopes })).secret,
    session: async () => String((await call('POST', '/api/sessions')).body['session_id']),
    send: (sessionId, message, headers = {}) => call('POST', `/api/chat/sessions/${sessionId}/messages`, { json: { message }, headers }),
    connect: (query, headers = {}) => connect(`${url.replace('http', 'ws')}/ws${query}`, headers),
    async close() {
      if (!open.delete(service)) return;
      await server.close();
      await delivery.stop();
      await stopWeb?.();
      await rates.stop();
      await extractor.close();
      if (overrides.database === undefined) await database.close();
    },
  };
  open.add(service);
  return service;
}

function connect(url: string, headers: Record<string, string>): TestClient {
  const socket = new WebSocket(url, { headers });
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString('utf8')) as Frame);
    watchers.forEach((watcher) => watcher());
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => resolve(0));
  });
  const opened = new Promise<void>((resolve) => socket.once('open', () => resolve()));
  return {
    frames,
    closed,
    send: (frame) => void opened.then(() => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    next: (type, count = 1) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no ${type} came, but ${frames.map((frame) => frame.type).join(', ')}`)), 10_000);
        const look = () => {
          const found = frames.filter((frame) => frame.type === type)[count - 1];
          if (found === undefined) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve(found as never);
        };
        watchers.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}
