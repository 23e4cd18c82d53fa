/**
 * One person on two channels: a code from one, entered on the other, makes them one contact whose conversation and memory go on; and it can be
 * undone. The real pipeline, delivery and stores, and two channels.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Channel } from '../../src/domain/channel.js';
import { contactIdOf, conversationIdOf } from '../../src/domain/ids.js';
import { type InboundMessage } from '../../src/domain/message.js';
import { NO_ENTITIES } from '../../src/domain/understanding.js';
import { type Delivery, startDelivery } from '../../src/delivery/index.js';
import { handoff } from '../../src/handoff/index.js';
import { createMemory, extractFacts } from '../../src/memory/index.js';
import { createPipeline } from '../../src/pipeline/index.js';
import { createContactLinkStore, linkQueries } from '../../src/storage/contact-link-store.js';
import { createMemoryStore } from '../../src/storage/memory-store.js';
import { createMessageLog } from '../../src/storage/message-log.js';
import { createSessionStore } from '../../src/storage/session-store.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../fakes/database.js';
import { createRecordingChannel } from '../fakes/recording-channel.js';
import { apology, textEvent } from '../fakes/simple-turns.js';
import { until } from './delivery/setup.js';

const recording = createRecordingChannel();
const channels: Channel[] = ['here', 'there'].map((name) => ({ ...recording, name }));
let database: TestDatabase;
let delivery: Delivery;
let now = new Date('2026-11-21T12:00:00Z');
let events = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  const { models } = database;
  const memories = createMemoryStore(models);
  const messageLog = createMessageLog(models);
  const links = createContactLinkStore(models, () => now);
  const pipeline = createPipeline({
    sessions: createSessionStore(models),
    sessionTtlMs: 86_400_000,
    messagesPerMinute: 10_000,
    attachments: { save: async () => undefined, findMany: async () => [], chunksOf: async () => [] },
    extractText: async () => ({ ok: false, contentType: 'x/y', failure: 'unsupported-type', message: 'no' }),
    chunkText: () => [],
    maxFileBytes: 1,
    channelOf: (name) => channels.find((channel) => channel.name === name),
    memory: createMemory({ store: memories, messageLog, windowOf: (contactId, limit) => links.windowOf(contactId, limit) }),
    links,
    transcripts: { textOf: async () => '', pdfOf: async () => Buffer.from(''), zone: 'UTC' },
    extractFacts,
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
    // Says what it is told of the past.
    answer: ({ recollection: { window, facts } }) => ({
      markdown: `said: ${window
        .filter(({ role }) => role === 'user')
        .map(({ text }) => text)
        .join(' | ')}; known: ${facts.map((fact) => fact.value).join(', ')}`,
      sources: [],
      choices: [],
      confidence: 1,
      outcome: 'answered',
    }),
    handoff,
    onStep: () => undefined,
  });
  delivery = startDelivery({
    models,
    channels,
    processTurn: pipeline.processTurn,
    failTurn: apology,
    stores: { saveFacts: memories.saveFacts, saveTicket: async () => undefined, tellDesk: async () => undefined },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
    options: { soleInstance: database.engine === 'embedded' },
  });
});
afterAll(async () => {
  await delivery.stop();
  await database.close();
});

/** The reply to it. */
async function say(channel: string, person: string, text: string, more: Partial<InboundMessage> = {}): Promise<string> {
  events += 1;
  const sent = recording.accepted.length;
  await delivery.emit({ ...textEvent(`${channel}-${person}`, `e${events}`, text), channel, ...more } as InboundMessage);
  await until('the reply', () => recording.accepted.length > sent);
  return recording.accepted.at(-1)?.text ?? '';
}
const codeIn = (reply: string) => /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(reply)?.[0] ?? 'no code';
const conversationOf = (channel: string, person: string) =>
  database.models.conversations.findById(conversationIdOf({ channel, account: 'default', threadKey: `${channel}-${person}` })).lean();
const ownContact = (channel: string, person: string) => contactIdOf({ channel, account: 'default', userId: `user-${channel}-${person}` });

describe('linking', () => {
  it('goes on where the person left off, remembers, and forgets when it is undone', async () => {
    await say('here', 'ana', 'me llamo Ana');
    await say('there', 'ana', 'mi correo es ana@example.com');
    const code = codeIn(await say('here', 'ana', '/vincular'));
    expect(await say('there', 'ana', `/vincular ${code.toLowerCase().replace('-', ' ')}`)).toContain('here');

    const reply = await say('there', 'ana', 'hola otra vez');
    expect(reply).toMatch(/said: .*me llamo Ana/);
    expect(reply).toMatch(/known: .*Ana/);
    expect(await say('here', 'ana', 'y aquí')).toMatch(/said: .*mi correo es ana@example\.com.*hola otra vez.*known: Ana/);
    expect((await conversationOf('there', 'ana'))?.contactId).toBe(ownContact('here', 'ana'));
    const contact = await database.models.contacts.findById(ownContact('here', 'ana')).lean();
    expect(contact?.identities.map(({ channel }) => channel)).toEqual(['here', 'there']);

    expect(await say('there', 'ana', '/desvincular')).toContain('ya no están vinculadas');
    const alone = await say('there', 'ana', '¿me conoces?');
    expect(alone).toContain('ana@example.com');
    expect(alone).not.toMatch(/me llamo Ana|known: .*Ana/);
    expect(await say('here', 'ana', 'hola')).not.toContain('ana@example.com');
    expect((await conversationOf('there', 'ana'))?.contactId).toBe(ownContact('there', 'ana'));
  });

  it('can be undone from either side, and done again', async () => {
    const link = async () => say('there', 'bea', `link ${codeIn(await say('here', 'bea', 'link'))}`);
    await link();
    expect(await say('here', 'bea', '/unlink')).toMatch(/ya no están vinculadas|no longer linked/);
    expect((await conversationOf('there', 'bea'))?.contactId).toBe(ownContact('there', 'bea'));
    expect(await say('there', 'bea', '/unlink')).toMatch(/no está vinculada|not linked/);
    await link();
    expect((await conversationOf('there', 'bea'))?.contactId).toBe(ownContact('here', 'bea'));
    expect(await link()).toMatch(/ya están vinculadas|linked already/);
  });

  it('holds for conversations that the person begins later', async () => {
    await say('there', 'carl', `link ${codeIn(await say('here', 'carl', 'link'))}`);
    const sender = { userId: 'user-there-carl', displayName: null, languageHint: null };
    expect(await say('there', 'carl-2', 'hola', { sender })).toContain('said: ');
    expect((await conversationOf('there', 'carl-2'))?.contactId).toBe(ownContact('here', 'carl'));
  });

  it('takes a code once, for ten minutes, on another channel, in private', async () => {
    const code = codeIn(await say('here', 'dan', '/link'));
    expect(await say('here', 'eve', `/link ${code}`)).toMatch(/mismo canal|same channel/);
    expect(await say('there', 'dan', '/link ABCD-EFGH')).toMatch(/no vale|not valid/);
    expect(await say('there', 'dan', `/link ${code}`)).toMatch(/misma persona|same person/);
    expect(await say('there', 'mallory', `/link ${code}`)).toMatch(/no vale|not valid/);
    const late = codeIn(await say('here', 'fay', '/link'));
    now = new Date(now.getTime() + 600_001);
    expect(await say('there', 'fay', `/link ${late}`)).toMatch(/no vale|not valid/);
    expect(await say('here', 'gus', '/link', { scope: 'group' })).toMatch(/en privado|in private/);
    const stored = JSON.stringify(await database.db.collection('link_codes').find({}).toArray());
    expect(stored).not.toContain(code.replace('-', ''));
  });

  it('finds the conversations and the identities of a person by an index', async () => {
    const cursor = database.db.collection('conversations').find(linkQueries.conversationsOf('cont_1') as object);
    const plan = JSON.stringify(await cursor.sort(linkQueries.latestFirst).explain());
    expect(plan).toContain('IXSCAN'); // and sorted in memory: a person has few
    expect(plan).not.toContain('COLLSCAN');
    const linked = database.db.collection('contacts').find(linkQueries.linkedTo('cont_1') as object);
    expect(JSON.stringify(await linked.explain())).toContain('IXSCAN');
  });
});
