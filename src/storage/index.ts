/** Everything that is kept, opened together: the database with its indexes built, and the stores on it. */
import { type Document } from 'mongodb';
import { type Logger } from '../telemetry/logger.js';
import { createApiKeyStore } from './api-key-store.js';
import { createAttachmentStore } from './attachment-store.js';
import { createChannelLineStore } from './channel-line-store.js';
import { connectDatabase } from './connect.js';
import { createContactLinkStore } from './contact-link-store.js';
import { createKnowledgeStore } from './knowledge-store.js';
import { createMemoryStore } from './memory-store.js';
import { createMessageLog } from './message-log.js';
import { buildIndexes, defineModels } from './models/index.js';
import { createMovedThreadStore } from './moved-thread-store.js';
import { createPeopleStore } from './people-store.js';
import { createRateLimitStore } from './rate-limit-store.js';
import { createSessionStore } from './session-store.js';
import { createTicketStore } from './ticket-store.js';
import { createUnknownPayloadStore } from './unknown-payload-store.js';

export type Storage = Awaited<ReturnType<typeof openStorage>>;

/** Throws ConfigurationError where the database cannot be used as configured; then nothing is left open. */
export async function openStorage(options: { uri: string | null; database: string; dataDir: string; logger: Logger }) {
  const database = await connectDatabase(options);
  const models = defineModels(database.connection);
  try {
    await buildIndexes(models);
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
  const rates = createRateLimitStore(models, { logger: options.logger });
  return {
    engine: database.engine,
    /** No other instance can be at this database. */
    soleInstance: database.engine === 'embedded',
    db: database.db,
    models,
    sessions: createSessionStore(models),
    attachments: createAttachmentStore(models),
    messages: createMessageLog(models),
    memories: createMemoryStore(models),
    knowledge: createKnowledgeStore(models),
    chunks: database.db.collection<{ _id: string } & Document>(models.chunks.collection.name),
    apiKeys: createApiKeyStore(models),
    links: createContactLinkStore(models),
    people: createPeopleStore(models),
    /** Cases are changed by the desk alone: desk.ts. */
    caseOf: createTicketStore(models).find,
    lines: createChannelLineStore(models, { soleInstance: database.engine === 'embedded' }),
    movedThreads: createMovedThreadStore(models),
    unknownPayloads: createUnknownPayloadStore(models),
    rates,
    ping: () => database.db.command({ ping: 1 }),
    async close() {
      await rates.stop();
      await database.close();
    },
  };
}
