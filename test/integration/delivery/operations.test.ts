/**
 * The commands that the database gets for a turn, as the driver counts them: what each promise costs, and no more. The table is in
 * docs/performance.md; who adds a command to a turn changes both, and says there what it is for.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { createLaneHistory } from '../../../src/delivery/lane-history.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { type DeliveryOptions } from '../../../src/delivery/options.js';
import { conversationIdOf } from '../../../src/domain/ids.js';
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
  const counted = database.connection.getClient();
  const [server] = counted.options.hosts;
  const address = server?.socketPath === undefined ? String(server) : encodeURIComponent(server.socketPath);
  looking = await MongoClient.connect(`mongodb://${address}/?directConnection=true`);
  counted.on('commandStarted', ({ commandName, command }) => {
    const name = `${commandName} ${String((command as Record<string, unknown>)[commandName])}`;
    commands.push(name);
  });
  delivery = await start({ restMs: 0 });
});
afterAll(async () => {
  await delivery.stop();
  await looking.close();
  await database.close();
});

/** The service's own delivery, pipeline and stores; only what needs no database is made simple. */
async function start(options: Pick<DeliveryOptions, 'restMs'>): Promise<Delivery> {
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
  commands = [];
  const started = startDelivery({
    models,
    channels: [channel],
    processTurn: pipeline.processTurn,
    failTurn: apology,
    stores: { saveFacts: memories.saveFacts, saveTicket: async () => undefined, tellDesk: async () => undefined },
    history,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    options: { soleInstance: true, sweepMs: NEVER_MS, watchdogMs: NEVER_MS, ...options },
  });
  // The sweep and the watchdog look once at the start; from then on there is nothing but the turns.
  await until('the looks at the start', () => commands.filter((name) => name === 'aggregate inbox').length === 2 && atRest(), PATIENCE_MS);
  return started;
}

/** Every message was answered, every mark is set and every lane let go, unless lanes may rest. */
async function atRest(letGo = true): Promise<boolean> {
  const db = looking.db(database.db.databaseName);
  const [held, open, pending] = await Promise.all([
    db.collection('conversations').countDocuments({ 'lane.owner': { $ne: null } }),
    db.collection('outbox').countDocuments({ open: true }),
    db.collection('inbox').countDocuments({ state: 'pending' }),
  ]);
  return (letGo ? held : 0) + open + pending === 0 && channel.accepted.length === messages;
}

/** The commands of the messages, by kind, alphabetically. */
async function commandsOf(send: () => Promise<unknown>, sent: number, letGo = true): Promise<readonly string[]> {
  commands = [];
  messages += sent;
  await send();
  await until('rest', () => atRest(letGo), PATIENCE_MS);
  return [...commands].sort();
}

const say = (thread: string, id: string) => delivery.emit(textEvent(thread, id, `message ${id}`));

/** A session's last activity is written where it was noted some seconds ago. */
async function lastActiveAt(threadKey: string, atMs: number): Promise<void> {
  const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey });
  const sessions = looking.db(database.db.databaseName).collection('sessions');
  await sessions.updateOne({ conversationId }, { $set: { lastActivity: new Date(atMs) } });
}

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
        'insert outbox', // as `sending`: the call follows at once
        'insert sessions',
        'insert turns', // the commit
        'update conversations', // what the turn changed, under its fence
        'update conversations', // lets the lane go
        'update inbox', // done
        'update outbox', // sent
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'for a later message that comes by itself',
    async () => {
      await lastActiveAt('alone', Date.now() - 60_000);
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
        'update sessions', // last activity
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'for each of many that wait in one conversation',
    async () => {
      const all = await commandsOf(() => Promise.all(Array.from({ length: 10 }, (_, index) => say('long', `l${index}`))), 10);
      const counted = all.filter((name) => name !== 'update sessions'); // at most every few seconds
      // The lane is claimed, let go and its history read once, and so is the inbox. Eight are left for each turn: its session, the commit,
      // outbox, log, conversation, done, sent, and sending where the reply before it was on its way still. And ten inserts.
      expect(counted.length).toBeLessThanOrEqual(10 * 8 + 10 + 15);
      expect(counted.filter((name) => name === 'find inbox')).toHaveLength(1);
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

  it(
    'for a message that comes while its lane rests',
    async () => {
      await delivery.stop();
      delivery = await start({ restMs: NEVER_MS });
      const before = await commandsOf(() => say('writes-on', 'w1'), 1, false);
      expect(before).not.toContain('find messages');
      await lastActiveAt('writes-on', Date.now() + 3_600_000); // a moment ago, however slow this is
      expect(await commandsOf(() => say('writes-on', 'w2'), 1, false)).toEqual([
        'find conversations', // has anybody else changed it?
        'find memories',
        'find sessions',
        'insert inbox',
        'insert messages',
        'insert outbox',
        'insert turns',
        'update conversations', // what the turn changed, under its fence
        'update inbox',
        'update outbox',
      ]);
    },
    PATIENCE_MS,
  );
});
