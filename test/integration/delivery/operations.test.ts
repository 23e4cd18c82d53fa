/**
 * The commands that the database gets for a turn, as the driver counts them: what each promise costs, and no more. The table is in
 * docs/performance.md; who adds a command to a turn changes both, and says there what it is for.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { createLaneHistory } from '../../../src/delivery/lane-history.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { NO_ENTITIES } from '../../../src/domain/understanding.js';
import { handoff } from '../../../src/handoff/index.js';
import { createMemory } from '../../../src/memory/index.js';
import { createPipeline } from '../../../src/pipeline/index.js';
import { createContactLinkStore } from '../../../src/storage/contact-link-store.js';
import { createMemoryStore } from '../../../src/storage/memory-store.js';
import { createMessageLog } from '../../../src/storage/message-log.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { apology, textEvent } from '../../fakes/simple-turns.js';
import { until } from './setup.js';

const NEVER_MS = 3_600_000;
/** However busy the machine is. */
const PATIENCE_MS = 60_000;
const channel = createRecordingChannel();
let database: TestDatabase;
let delivery: Delivery;
/** A connection whose commands do not count. */
let looking: MongoClient;
let commands: string[] = [];
let messages = 0;

beforeAll(async () => {
  database = await startTestDatabase({ monitorCommands: true });
  const { host, port } = database.connection;
  looking = await MongoClient.connect(`mongodb://${host}:${port}/?directConnection=true`);
  database.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    const name = `${commandName} ${String((command as Record<string, unknown>)[commandName])}`;
    commands.push(name);
  });
  delivery = start();
  // The sweep and the watchdog look once at the start; from then on there is nothing but the turns.
  await until('the looks at the start', () => commands.filter((name) => name === 'aggregate inbox').length === 2 && atRest(), PATIENCE_MS);
});
afterAll(async () => {
  await delivery.stop();
  await looking.close();
  await database.close();
});

/** The service's own delivery, pipeline and stores; only what needs no database is made simple. */
function start(): Delivery {
  const { models } = database;
  const memories = createMemoryStore(models);
  const links = createContactLinkStore(models);
  const history = createLaneHistory({ messageLog: createMessageLog(models), facts: memories });
  const nothing = { save: async () => undefined, findMany: async () => [], chunksOf: async () => [] };
  const pipeline = createPipeline({
    sessions: createSessionStore(models),
    sessionTtlMs: NEVER_MS,
    messagesPerMinute: 10_000,
    attachments: nothing,
    extractText: async () => ({ ok: false, contentType: 'x/y', failure: 'unsupported-type', message: 'no' }),
    chunkText: () => [],
    maxFileBytes: 1,
    channelOf: () => channel,
    memory: createMemory({ store: { ...memories, findFacts: history.findFacts }, messageLog: history, windowOf: links.windowOf }),
    links,
    transcripts: { textOf: async () => '', pdfOf: async () => Buffer.from(''), zone: 'UTC' },
    extractFacts: () => [],
    understanding: {
      understand: () => ({
        language: 'es',
        intent: null,
        entities: NO_ENTITIES,
        sentiment: { polarity: 0, frustrated: false, urgent: false },
        cannedReply: null,
      }),
    },
    knowledge: { search: async () => [] },
    answer: ({ text }) => ({ markdown: `re: ${text}`, sources: [], choices: [], confidence: 1, outcome: 'answered' }),
    handoff,
    onStep: () => undefined,
  });
  return startDelivery({
    models,
    channels: [channel],
    processTurn: pipeline.processTurn,
    failTurn: apology,
    stores: { saveFacts: memories.saveFacts, saveTicket: async () => undefined, tellDesk: async () => undefined },
    history,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    options: { soleInstance: true, sweepMs: NEVER_MS, watchdogMs: NEVER_MS },
  });
}

/** Every message was answered, every mark is set and every lane let go. */
async function atRest(): Promise<boolean> {
  const db = looking.db(database.db.databaseName);
  const [held, open, pending] = await Promise.all([
    db.collection('conversations').countDocuments({ 'lane.owner': { $ne: null } }),
    db.collection('outbox').countDocuments({ open: true }),
    db.collection('inbox').countDocuments({ state: 'pending' }),
  ]);
  return held + open + pending === 0 && channel.accepted.length === messages;
}

/** The commands of the messages, by kind, alphabetically. */
async function commandsOf(send: () => Promise<unknown>, sent: number): Promise<readonly string[]> {
  commands = [];
  messages += sent;
  await send();
  await until('rest', atRest, PATIENCE_MS);
  return [...commands].sort();
}

const say = (thread: string, id: string) => delivery.emit(textEvent(thread, id, `message ${id}`));

describe('commands to the database', () => {
  it(
    'for the first message of a conversation',
    async () => {
      expect(await commandsOf(() => say('alone', 'a1'), 1)).toEqual([
        'find contacts', // is it somebody who was linked to another identity?
        'find conversations', // is there a lane?
        'find inbox', // what waits in it?
        'find memories', // what is known of the person?
        'find sessions', // is there a session?
        'insert contacts',
        'insert conversations', // claims the lane
        'insert inbox', // before the platform hears 200
        'insert messages', // both
        'insert outbox',
        'insert sessions',
        'insert turns', // the commit
        'update conversations', // what the turn changed, under its fence
        'update conversations', // lets the lane go
        'update inbox', // done
        'update outbox', // sending, before the call
        'update outbox', // sent
        'update sessions', // last activity
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'for a later message that comes by itself',
    async () => {
      expect(await commandsOf(() => say('alone', 'a2'), 1)).toEqual([
        'find conversations',
        'find inbox',
        'find memories',
        'find messages', // the window that a lane reads once
        'find sessions', // still active, and whose?
        'insert inbox',
        'insert messages',
        'insert outbox',
        'insert turns',
        'update conversations', // claims the lane
        'update conversations',
        'update conversations',
        'update inbox',
        'update outbox',
        'update outbox',
        'update sessions',
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'for each of many that wait in one conversation',
    async () => {
      const counted = await commandsOf(() => Promise.all(Array.from({ length: 10 }, (_, index) => say('long', `l${index}`))), 10);
      // The lane is claimed, let go and its history read once; the inbox is read again when more has come. Nine are left for each turn:
      // its session, the commit, outbox, log, conversation and session, done, sending, sent.
      expect(counted.length).toBeLessThanOrEqual(10 * 9 + 10 + 17);
      for (const once of ['find memories', 'insert conversations', 'insert sessions'])
        expect(counted.filter((name) => name === once)).toHaveLength(1);
      expect(counted.filter((name) => name === 'find messages').length).toBeLessThanOrEqual(1);
    },
    PATIENCE_MS,
  );

  it(
    'for conversations side by side: shared',
    async () => {
      const counted = await commandsOf(() => Promise.all(Array.from({ length: 30 }, (_, index) => say(`side-${index}`, `s${index}`))), 30);
      expect(counted.length / 30).toBeLessThan(17 / 3);
    },
    PATIENCE_MS,
  );
});
