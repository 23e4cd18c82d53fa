/** Sessions on a real database: life, lists, expiry, clean-up, and that nothing with text survives a deletion. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { derivedId } from '../../../src/domain/ids.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const HOUR_MS = 3_600_000;
const TTL_MS = 24 * HOUR_MS;
let database: TestDatabase;
let at = new Date('2026-03-02T10:00:00Z');
const later = (ms: number) => (at = new Date(at.getTime() + ms));
const store = () => createSessionStore(database.models, () => at);
const webSession = (userId: string | null = null) =>
  store().create({ userId, channel: 'web', account: 'default', metadata: { page: '/' } });

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  at = new Date('2026-03-02T10:00:00Z');
  await Promise.all(Object.values(database.models).map((model) => model.collection.deleteMany({})));
});

describe('sessions', () => {
  it('finds what was created, and nothing else', async () => {
    const session = await webSession('ana');
    expect(session.id).toMatch(/^sess_[0-9a-f]{32}$/);
    expect(await store().find(session.id, TTL_MS)).toEqual(session);
    expect(await store().find(`sess_${'0'.repeat(32)}`, TTL_MS)).toBeNull();
  });

  it('ends an active session that was idle for longer than the limit, and stores that', async () => {
    const session = await webSession();
    later(TTL_MS);
    expect((await store().find(session.id, TTL_MS))?.status).toBe('active');
    later(1);
    expect((await store().find(session.id, TTL_MS))?.status).toBe('ended');
    expect((await database.models.sessions.findById(session.id).lean())?.status).toBe('ended');
  });

  it('is kept alive by activity, and activity never goes back in time', async () => {
    const session = await webSession();
    const touched = later(TTL_MS);
    await store().touch(session.id, touched);
    await store().touch(session.id, session.createdAt);
    later(TTL_MS);
    const found = await store().find(session.id, TTL_MS);
    expect(found?.status).toBe('active');
    expect(found?.lastActivity).toEqual(touched);
  });

  it('leaves an escalated session to the people who have it, however long they take', async () => {
    const session = await webSession();
    await store().setStatus(session.id, 'escalated');
    later(10 * TTL_MS);
    expect((await store().find(session.id, TTL_MS))?.status).toBe('escalated');
  });

  it('reopens an ended session for a whole period', async () => {
    const session = await webSession();
    later(2 * TTL_MS);
    await store().find(session.id, TTL_MS);
    await store().setStatus(session.id, 'active');
    later(TTL_MS);
    expect((await store().find(session.id, TTL_MS))?.status).toBe('active');
  });

  it('lists by user and status, newest activity first, with the total', async () => {
    const old = await webSession('ana');
    later(1000);
    const ended = await webSession('ana');
    await store().setStatus(ended.id, 'ended');
    later(1000);
    const recent = await webSession('ana');
    await webSession('luis');
    const { sessions, total } = await store().list({ userId: 'ana', limit: 2, offset: 0 });
    expect(sessions.map((session) => session.id)).toEqual([recent.id, ended.id]);
    expect(total).toBe(3);
    expect((await store().list({ userId: 'ana', status: 'active', limit: 1, offset: 1 })).sessions.map(({ id }) => id)).toEqual([old.id]);
  });

  it('keeps claimed and vouched-for users apart', async () => {
    await webSession('+34600111222');
    const verified = await store().create({ userId: '+34600111222', userVerified: true, channel: 'web', account: 'default', metadata: {} });
    const { sessions } = await store().list({ userId: '+34600111222', userVerified: true, limit: 10, offset: 0 });
    expect(sessions.map((session) => session.id)).toEqual([verified.id]);
  });
});

describe('sessions of platform conversations', () => {
  const open = (eventId: string, currentId: string | null = null) =>
    store().openFor({ conversationId: 'conv_1', currentId, channel: 'telegram', userId: '42', eventId, ttlMs: TTL_MS });

  it.each([true, false])('stays the same while it is open, whether its conversation knows it or not (%s)', async (known) => {
    const first = await open('evt_1');
    await store().touch(first.id, later(HOUR_MS));
    expect((await open('evt_2', known ? first.id : null)).id).toBe(first.id);
  });

  it('is a new one when the one that the conversation knows was ended or deleted', async () => {
    const first = await open('evt_1');
    await store().setStatus(first.id, 'ended');
    const second = await open('evt_2', first.id);
    expect(second.id).not.toBe(first.id);
    await store().delete(second.id);
    expect((await open('evt_3', second.id)).id).not.toBe(second.id);
  });

  it('is told apart from those of other conversations that are read in the same instant', async () => {
    const ids = await Promise.all([webSession(), webSession(), webSession()]);
    const found = await Promise.all([...ids, { id: 'sess_unknown' }, ids[0]].map((session) => store().find(session?.id ?? '', TTL_MS)));
    expect(found.map((session) => session?.id ?? null)).toEqual([...ids.map(({ id }) => id), null, ids[0]?.id]);
  });

  it('is a new one after the idle time', async () => {
    const first = await open('evt_1');
    later(TTL_MS + 1);
    const second = await open('evt_2');
    expect(second.id).not.toBe(first.id);
    expect(second.threadId).not.toBe(first.threadId);
    expect(second.conversationId).toBe('conv_1');
  });

  it('is the same one for the same event, even when that is asked again much later', async () => {
    const first = await open('evt_1');
    later(3 * TTL_MS);
    expect((await open('evt_1')).id).toBe(first.id);
  });
});

describe('ending and deleting', () => {
  it('cleans up what a session knew, but not what is known of a person beyond it', async () => {
    const session = await webSession();
    await write(session.conversationId, session.threadId, session.id);
    await store().setStatus(session.id, 'ended');
    expect(await store().deleteIdle(later(1))).toBe(1);
    const left = await database.models.memories.collection.find({}).toArray();
    expect(left.map((fact) => fact['ownerId'] as unknown)).toEqual(['cont_1']);
  });

  it('ends idle active sessions and no others', async () => {
    const idle = await webSession();
    const cutoff = later(1000);
    const fresh = await webSession();
    expect(await store().endIdle(cutoff)).toBe(1);
    expect((await store().find(idle.id, 10 * TTL_MS))?.status).toBe('ended');
    expect((await store().find(fresh.id, 10 * TTL_MS))?.status).toBe('active');
  });

  it('deletes idle sessions that are not active, over several batches', async () => {
    for (let count = 0; count < 130; count += 1) await webSession();
    await store().endIdle(later(1));
    const active = await webSession();
    expect(await store().deleteIdle(later(1))).toBe(130);
    expect((await store().list({ limit: 10, offset: 0 })).sessions.map((session) => session.id)).toEqual([active.id]);
  });

  it('leaves no text of a deleted session in any collection, and touches nobody else’s', async () => {
    const [gone, kept] = [await webSession(), await webSession()];
    await write(gone.conversationId, gone.threadId, gone.id);
    await write(kept.conversationId, kept.threadId, kept.id);
    expect(await store().delete(gone.id)).toBe(true);
    expect(await store().delete(gone.id)).toBe(false);
    for (const [name, model] of Object.entries(database.models)) {
      const documents = JSON.stringify(await model.collection.find({}).toArray());
      expect({ name, leftover: [gone.id, gone.threadId, gone.conversationId].filter((id) => documents.includes(id)) }).toEqual({
        name,
        leftover: [],
      });
    }
    const files = createAttachmentStore(database.models);
    expect((await files.findMany(kept.conversationId, [`att_${kept.threadId}`])).length).toBe(1);
    expect((await files.loadFile(`att_${kept.threadId}`))?.bytes.toString()).toBe('0123456789');
    expect(await files.loadFile(`att_${gone.threadId}`)).toBeNull();
    expect(await database.models.messages.countDocuments({ threadId: kept.threadId })).toBe(1);
    expect(await database.models.inbox.countDocuments()).toBe(2);
  });
});

/** A conversation with a finished turn, a pending event and an open send, in the fields that deletion looks at. */
async function write(conversationId: string, threadId: string, sessionId: string): Promise<void> {
  const { models } = database;
  const done = derivedId('evt', sessionId, 1);
  const insert = (model: { collection: { insertOne(document: object): Promise<unknown> } }, document: object) =>
    model.collection.insertOne(document);
  await Promise.all([
    insert(models.inbox, { _id: done, conversationId, state: 'done', event: { threadKey: sessionId } }),
    insert(models.inbox, { _id: derivedId('evt', sessionId, 2), conversationId, state: 'pending', event: { threadKey: sessionId } }),
    insert(models.outbox, { _id: `out_${threadId}:0`, conversationId, open: false, state: 'moved', movedTo: [`elsewhere_${threadId}`] }),
    insert(models.outbox, { _id: `elsewhere_${threadId}`, conversationId: 'conv_on_another_channel', open: true }),
    insert(models.outbox, { _id: `out_${threadId}:1`, conversationId, open: true, to: { threadKey: sessionId } }),
    insert(models.turns, {
      _id: `turn_${threadId}`,
      conversationId,
      threadId,
      inboxId: done,
      effects: { outbox: [{ id: `out_${threadId}:0` }], facts: [{ id: `fact_${threadId}` }] },
    }),
    insert(models.messages, { _id: `msg_${threadId}`, conversationId, threadId, text: 'hola' }),
    insert(models.memories, { _id: `fact_${threadId}`, ownerId: 'cont_1', conversationId, value: 'ana@example.com' }),
    insert(models.memories, { _id: `own_${threadId}`, ownerId: threadId, conversationId, value: '600111222' }),
    insert(models.conversations, { _id: conversationId, threadKey: sessionId, threadId }),
  ]);
  const bytes = Buffer.from('0123456789');
  await createAttachmentStore(models).save(
    {
      id: `att_${threadId}`,
      conversationId,
      threadId,
      filename: 'plano.pdf',
      contentType: 'application/pdf',
      sizeBytes: bytes.length,
      processed: true,
      error: null,
      text: 'texto',
      chunks: [],
      createdAt: at,
    },
    bytes,
  );
}
