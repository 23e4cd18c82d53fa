/** The HTTP server over real delivery and a real database, with a simple conversation behind it; what a test is about can be replaced. */
import { createWebChannel } from '../../../channels/web/index.js';
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
import { createIgnoredEvents } from '../../../src/ignored-events.js';
import { createUnknownPayloadStore } from '../../../src/storage/unknown-payload-store.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createHttpClient, type HttpClient } from '../../fakes/http-client.js';
import { simpleTurn, SOURCE } from '../../fakes/simple-turn.js';

export interface TestService extends HttpClient {
  readonly database: TestDatabase;
  /** Every line that was logged. */
  readonly log: readonly string[];
  /** A new API key with these scopes. */
  key(...scopes: ApiKeyScope[]): Promise<string>;
  close(): Promise<void>;
}

export interface Overrides {
  readonly config?: Partial<HttpConfig>;
  readonly services?: Partial<HttpServices>;
  readonly channels?: readonly Channel[];
  readonly database?: TestDatabase;
  /** Other instances are on the same database. */
  readonly severalInstances?: boolean;
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
  const messages = createMessageLog(models);
  const { severalInstances = false } = overrides;
  const web = createWebChannel({ logger, log: messages, elsewhere: severalInstances });
  const channels = [web, ...(overrides.channels ?? [])];
  const stores = { saveFacts: async () => undefined, saveTicket: async () => undefined, tellDesk: async () => undefined };
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
    options: { soleInstance: !severalInstances },
  });
  const ignore = createIgnoredEvents({ store: createUnknownPayloadStore(models), logger, metrics });
  const stopWeb = await web.start?.(delivery.emit, (event) => ignore(web, event));
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
      messages,
      attachments,
      knowledge: { search: async ({ limit }) => [SOURCE].slice(0, limit) },
      extractText: extractor.extractText,
      chunkText: chunkAttachment,
      apiKeys,
      rates,
      web,
      channels,
      emit: delivery.emit,
      ignore,
      performAt: async () => undefined,
      analytics: { conversations: async ({ days }) => ({ total_conversations: 0, period_days: days }) },
      health: { probes: { database: () => ({ state: 'healthy' }) }, required: ['database'], accepting: () => true },
      ...overrides.services,
    },
  );
  const { port } = await server.listen();

  const service: TestService = {
    ...createHttpClient(`http://127.0.0.1:${port}`),
    database,
    log,
    key: async (...scopes) => (await apiKeys.create({ name: 'test', scopes })).secret,
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
