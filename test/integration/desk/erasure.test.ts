/** What is left of a case when its conversation is deleted: that there was one, and nothing of what was said, wherever the database may have kept it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_DESK_SETTINGS } from '../../../src/domain/desk-settings.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { until } from '../delivery/setup.js';
import { MARTA, openHouse, type House } from './house.js';

const DAY_MS = 86_400_000;
let database: TestDatabase;
let house: House;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(() => house.stop());
afterAll(() => database.close());

const run = async (name: string, now = new Date()) => house.desk.jobs.find((job) => job.name === name)?.run(now);
const sees = (customer: string, text: string) =>
  until(`${customer} sees ${text}`, () => house.read(customer).some((said) => said.includes(text)));
const reply = (markdown: string) => ({ kind: 'reply', markdown, files: [] }) as const;

/** Where in the whole database a text stands. */
async function whereIs(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await database.db.listCollections().toArray())
    for (const document of await database.db.collection(name).find().toArray())
      if (JSON.stringify(document).toLowerCase().includes(text.toLowerCase())) found.push(name);
  return found;
}

/** A case in which everybody has said something about an order, and a note for the bot was left at an earlier hand-back. */
async function caseOf(customer: string): Promise<{ ticketId: string; sessionId: string }> {
  await house.writes(customer, 'mi pedido zarzamora no ha llegado');
  const ticketId = await house.opensCase(customer);
  await house.does(MARTA, ticketId, { kind: 'claim' });
  await house.does(MARTA, ticketId, { kind: 'note', text: 'llamar por lo de zarzamora' });
  await house.does(MARTA, ticketId, reply('zarzamora sale mañana'));
  await sees(customer, 'zarzamora sale mañana');
  const { threadId = '', sessionId = '' } = (await house.conversationOf(customer)) as { threadId?: string; sessionId?: string };
  const { id: conversationId } = { id: (await house.desk.tickets.find(ticketId))?.conversationId ?? '' };
  await createAttachmentStore(database.models).save(
    {
      ...{
        id: `att_${customer}`,
        conversationId,
        threadId,
        filename: 'zarzamora.txt',
        contentType: 'text/plain',
        sizeBytes: 3,
        processed: false,
      },
      ...{ error: null, text: '', chunks: [], createdAt: new Date() },
    },
    Buffer.from('abc'),
  );
  return { ticketId, sessionId };
}

describe('a deleted conversation', () => {
  it('leaves nothing of what was said in an open case; the desk is told, the case is closed, and the customer is the bot’s', async () => {
    house = openHouse(database);
    const { ticketId, sessionId } = await caseOf('ana');
    expect((await whereIs('zarzamora')).sort()).toEqual(expect.arrayContaining(['messages', 'ticketevents', 'tickets', 'turns']));
    expect(await createSessionStore(database.models).delete(sessionId)).toBe(true);
    expect(await whereIs('zarzamora')).toEqual([]);
    // Until the clock comes by the agent may go on writing.
    await house.does(MARTA, ticketId, { kind: 'note', text: 'zarzamora, otra vez' });
    await run('tell-erased-cases');
    await until('the desk shows it', () => house.desks[0]?.lines(ticketId).includes('erased') === true);
    await until('the bot has the conversation', async () => (await house.conversationOf('ana'))?.status === 'bot');
    expect(await whereIs('zarzamora')).toEqual([]);
    expect(await house.desk.tickets.find(ticketId)).toMatchObject({
      status: 'returned-to-bot',
      agent: null,
      lastAgent: MARTA,
      summary: '',
    });
    expect((await house.does(MARTA, ticketId, reply('¿sigues ahí?'))).ok).toBe(false);
    expect(await run('tell-erased-cases')).toBe(0);
    await house.writes('ana', 'hola');
    await sees('ana', 'bot');
  });

  it('takes the texts of closed cases with it, the note for the bot too, and leaves other conversations alone', async () => {
    house = openHouse(database);
    const { ticketId, sessionId } = await caseOf('berta');
    await house.does(MARTA, ticketId, { kind: 'return-to-bot', note: 'zarzamora sale el jueves' });
    await sees('berta', 'te deja de nuevo con el asistente');
    const other = await caseOf('carla');
    const before = (await whereIs('zarzamora')).length;
    await createSessionStore(database.models).delete(sessionId);
    await run('tell-erased-cases');
    const after = await whereIs('zarzamora');
    expect(after.length).toBeGreaterThan(0);
    expect(after.length).toBeLessThan(before);
    for (const { change } of await house.desk.tickets.eventsOf(ticketId)) expect(JSON.stringify(change)).not.toContain('zarzamora');
    expect(await house.desk.tickets.find(other.ticketId)).toMatchObject({ status: 'waiting-for-customer', agent: MARTA });
    await createSessionStore(database.models).delete(other.sessionId);
    expect(await whereIs('zarzamora')).toEqual([]);
  });

  it('does not send a reply that was about to go out', async () => {
    house = openHouse(database, { undoMs: 3_600_000 });
    const ticketId = await house.opensCase('dora');
    await house.does(MARTA, ticketId, { kind: 'claim' });
    await sees('dora', 'lleva ya tu caso');
    await house.does(MARTA, ticketId, reply('zarzamora en camino'));
    const { sessionId = '' } = (await house.conversationOf('dora')) as { sessionId?: string };
    await createSessionStore(database.models).delete(sessionId);
    await run('tell-erased-cases');
    await house.stop();
    // An hour later.
    await database.models.ticketEvents.updateMany({ ticketId, 'change.kind': 'replied' }, { $set: { 'change.sendAt': new Date(0) } });
    await database.models.deskPlaces.updateMany({ ticketId }, { $set: { nextAttemptAt: new Date(0) } });
    house = openHouse(database);
    await until('the bot has the conversation', async () => (await house.conversationOf('dora'))?.status === 'bot');
    expect(house.read('dora')).toEqual([]);
    expect(await whereIs('zarzamora')).toEqual([]);
  });
});

describe('a clean-up of old sessions', () => {
  it('leaves a case alone that went on in a later one, and takes its texts with the one in which it ended', async () => {
    house = openHouse(database);
    const sessions = createSessionStore(database.models);
    const { ticketId, sessionId: first } = await caseOf('gina');
    await database.models.sessions.updateOne(
      { _id: first },
      { $set: { status: 'ended', lastActivity: new Date(Date.now() - 40 * DAY_MS) } },
    );
    await house.writes('gina', 'sigo con lo de zarzamora');
    await until('the desk shows it', () => house.desks[0]?.lines(ticketId).includes('customer-wrote: sigo con lo de zarzamora') === true);
    expect(await sessions.deleteIdle(new Date(Date.now() - 30 * DAY_MS))).toBe(1);
    expect(await run('tell-erased-cases')).toBe(0);
    expect(await house.desk.tickets.find(ticketId)).toMatchObject({ status: 'claimed', agent: MARTA });
    expect(await whereIs('zarzamora')).toContain('ticketevents');
    await house.does(MARTA, ticketId, { kind: 'resolve', reason: 'zarzamora ha llegado' });
    await sees('gina', 'Hemos cerrado tu caso');
    const { sessionId: second = '' } = (await house.conversationOf('gina')) as { sessionId?: string };
    expect(second).not.toBe(first);
    await database.models.sessions.updateOne({ _id: second }, { $set: { status: 'ended', lastActivity: new Date() } });
    await sessions.deleteIdle(new Date(Date.now() + DAY_MS));
    expect(await whereIs('zarzamora')).toEqual([]);
    expect(await house.desk.tickets.find(ticketId)).toMatchObject({ status: 'resolved', lastAgent: MARTA });
  });
});

describe('a case that was closed long ago', () => {
  it('is deleted with its log and its places at the desks; an open one stays', async () => {
    house = openHouse(database, { settings: { ...DEFAULT_DESK_SETTINGS, keepCasesDays: 30 } });
    const closed = await house.opensCase('eva');
    const open = await house.opensCase('fina');
    await house.does(MARTA, closed, { kind: 'claim' });
    await house.does(MARTA, closed, { kind: 'resolve', reason: 'answered' });
    await until('the desk shows it', () => house.desks[0]?.lines(closed).includes('resolved') === true);
    // The desk's feed and the customer's would note later that they have shown it.
    const atRest = { ticketId: closed, seq: 3, owner: null };
    await until('both feeds have let go of it', async () => (await database.models.deskPlaces.countDocuments(atRest)) === 2);
    await run('delete-old-cases', new Date(Date.now() + 29 * DAY_MS));
    expect(await house.desk.tickets.find(closed)).not.toBeNull();
    await run('delete-old-cases', new Date(Date.now() + 31 * DAY_MS));
    expect(await house.desk.tickets.find(closed)).toBeNull();
    expect(await house.desk.tickets.eventsOf(closed)).toEqual([]);
    expect(await database.models.deskPlaces.countDocuments({ ticketId: closed })).toBe(0);
    expect(await house.desk.tickets.find(open)).toMatchObject({ status: 'new' });
  });
});
