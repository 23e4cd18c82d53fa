/** What is left of a person whose data is erased, on every channel that they linked and wherever the database may have kept it; and what they are handed out. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { contactIdOf, conversationIdOf } from '../../../src/domain/ids.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import type { Models } from '../../../src/storage/models/index.js';
import { createPeopleStore, personRequestQueries } from '../../../src/storage/people-store.js';
import { personErasureQueries } from '../../../src/storage/person-erasure.js';
import { createUnknownPayloadStore } from '../../../src/storage/unknown-payload-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { until } from '../delivery/setup.js';
import { MARTA, openHouse, type House } from './house.js';

const SETTLED_MS = 121_000;
const phone = { ...createRecordingChannel(), name: 'phone' };
const onPhone = { channel: 'phone' };
let database: TestDatabase;
let house: House;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(() => house.stop());
afterAll(() => database.close());

const people = (models: Models = database.models) => createPeopleStore(models);
const contactOf = (customer: string, channel = 'test') => contactIdOf({ channel, account: 'default', userId: `user-${customer}` });
const conversationOf = (customer: string, channel = 'test') => conversationIdOf({ channel, account: 'default', threadKey: customer });

async function whereIs(text: string): Promise<string[]> {
  const found = new Set<string>();
  for (const { name } of await database.db.listCollections().toArray())
    for (const document of await database.db.collection(name).find().toArray())
      if (JSON.stringify(document).toLowerCase().includes(text.toLowerCase())) found.add(name);
  return [...found].sort();
}

const hears = (customer: string, text: string, channel = house.channel) =>
  until(`${customer} hears ${text}`, () => channel.accepted.some((said) => said.threadKey === customer && said.text.includes(text)));

/** Somebody who wrote on two channels, linked them, has had a case in which everybody spoke of it, and sent files on both. The word stands for what they said. */
async function known(customer: string, word: string): Promise<string> {
  house = openHouse(database, { moreChannels: [phone] });
  await house.writes(customer, `me llamo ${word}`);
  await hears(customer, 'bot');
  await house.writes(customer, '/vincular');
  await hears(customer, '/vincular');
  const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(house.read(customer).join(' '))?.[0] ?? 'none';
  await house.writes(customer, `/vincular ${code}`, onPhone);
  await until('they are one', async () => (await people().find(contactOf(customer, 'phone')))?.linked.length === 1);
  await house.writes(customer, `lo de ${word} va por aquí`, onPhone);
  const ticketId = await house.opensCase(customer);
  await house.does(MARTA, ticketId, { kind: 'claim' });
  await house.does(MARTA, ticketId, { kind: 'note', text: `llamar por ${word}` });
  await house.does(MARTA, ticketId, { kind: 'reply', markdown: `${word} sale mañana`, files: [] });
  await hears(customer, `${word} sale mañana`);
  for (const channel of ['test', 'phone']) await keepFile(customer, channel, word);
  const payload = JSON.stringify({ from: `user-${customer}`, odd: word });
  await createUnknownPayloadStore(database.models).keep({ channel: 'phone', account: 'default', reason: 'unknown', payload });
  return ticketId;
}

async function keepFile(customer: string, channel: string, word: string): Promise<void> {
  const conversationId = conversationOf(customer, channel);
  const { threadId = '' } = (await database.models.sessions.findOne({ conversationId }).lean()) ?? {};
  const named = {
    id: `att_${channel}_${customer}`,
    conversationId,
    threadId,
    filename: `${word}.txt`,
    contentType: 'text/plain',
    sizeBytes: 3,
  };
  const read = { processed: true, error: null, text: `dice ${word}`, chunks: [], createdAt: new Date() };
  await createAttachmentStore(database.models).save({ ...named, ...read }, Buffer.from('abc'));
}

const tellDesks = async () => house.desk.jobs.find(({ name }) => name === 'tell-erased-cases')?.run(new Date());

/** Dies at its n-th use of the database's collections. */
function dyingAfter(uses: number): Models {
  let left = uses;
  return new Proxy(database.models, {
    get(models, name) {
      if (left-- === 0) throw new Error('the process died');
      return models[name as keyof Models];
    },
  });
}

describe('a person who is erased', () => {
  it('is in no collection any more, on none of their channels; the desk is told, and others stay', async () => {
    const ticketId = await known('ana', 'zarzamora');
    await house.writes('otto', 'yo no soy zarza, soy otto');
    await hears('otto', 'bot');
    expect(await whereIs('zarzamora')).toEqual(
      expect.arrayContaining(['attachments', 'inbox', 'memories', 'messages', 'ticketevents', 'turns', 'unknown_payloads']),
    );
    const erased = await people().erase(contactOf('ana', 'phone'), 'key_1');
    expect(erased).toMatchObject({ kind: 'erasure', contactId: contactOf('ana'), by: 'key_1', doneAt: null });
    expect(await whereIs('zarzamora')).toEqual([]);
    expect(await whereIs('user-ana')).toEqual([]);
    await tellDesks();
    await until('the desk shows it', () => house.desks[0]?.lines(ticketId).includes('erased') === true);
    expect(await house.desk.tickets.find(ticketId)).toMatchObject({ status: 'returned-to-bot', summary: '' });
    expect(await people().resume(new Date(Date.now() + SETTLED_MS))).toBe(1);
    expect(await people().resume(new Date(Date.now() + SETTLED_MS))).toBe(0);
    expect(await people().find(contactOf('ana'))).toBeNull();
    expect(await whereIs('yo no soy zarza')).toContain('messages');
    // Asked again, by either contact, it tells of the same.
    for (const channel of ['test', 'phone'])
      expect(await people().erase(contactOf('ana', channel), 'key_2')).toMatchObject({
        id: erased?.id,
        by: 'key_1',
        doneAt: expect.any(Date),
      });
    expect(await people().erase('cont_nobody', 'key_1')).toBeNull();
    // They are a stranger who may write again.
    await house.writes('ana', 'hola de nuevo');
    await until('the bot answers', () => house.read('ana').filter((said) => said === 'bot').length === 2);
    expect((await people().find(contactOf('ana')))?.linked).toEqual([]);
  });

  it('is erased to the end wherever the process dies, and where nobody asks again', async () => {
    const contactId = contactOf('berta');
    await known('berta', 'endrina');
    await expect(people(dyingAfter(25)).erase(contactId, 'key_1')).rejects.toThrow('the process died');
    const [begun] = await people().requests(1);
    for (let uses = 3, died = true; died; uses += 4)
      died = await people(dyingAfter(uses))
        .resume(new Date())
        .then(
          () => false,
          () => true,
        );
    expect(await whereIs('endrina')).toEqual([]);
    expect(await whereIs('user-berta')).toEqual([]);
    expect(begun).toMatchObject({ contactId, doneAt: null });
    expect(await people().resume(new Date(Date.now() + SETTLED_MS))).toBe(1);
    expect((await people().requests(1))[0]).toMatchObject({ id: begun?.id, doneAt: expect.any(Date) });
  });

  it('loses what a turn that was at work still wrote, and keeps what they have written since', async () => {
    await known('carla', 'mirabel');
    const conversationId = conversationOf('carla');
    const { turns, messages } = database.models;
    const written = await turns.find({ conversationId }).sort({ startedAt: 1 }).lean();
    const said = await messages.find({ conversationId }).lean();
    await people().erase(contactOf('carla'), 'key_1');
    await house.writes('carla', 'soy nueva aquí');
    await until('the new one is answered', async () => (await messages.countDocuments({ conversationId, role: 'assistant' })) > 0);
    // As they were, but their events are gone.
    await turns.insertMany(written.slice(0, 1));
    await messages.insertMany(said.filter(({ turnId }) => turnId === written[0]?._id));
    expect(await whereIs('mirabel')).toEqual(['messages', 'turns']);
    expect(await people().resume(new Date(Date.now() + SETTLED_MS))).toBe(1);
    expect(await whereIs('mirabel')).toEqual([]);
    expect(await whereIs('soy nueva aquí')).toEqual(['inbox', 'messages', 'turns']);
    expect(await people().find(contactOf('carla'))).not.toBeNull();
  });
});

describe('what a person is handed out', () => {
  it('is all that was said on every channel, with files, facts and cases, and who asked for it is noted', async () => {
    const ticketId = await known('dora', 'acerola');
    const person = await people().find(contactOf('dora', 'phone'));
    if (person === null) throw new Error('nobody is known');
    const data = await people().exportOf(person, 'key_9');
    expect(data.conversations.map(({ channel }) => channel).sort()).toEqual(['phone', 'test']);
    const [messages, facts, files, cases] = await Promise.all([all(data.messages), all(data.facts), all(data.files), all(data.cases)]);
    expect(messages.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['me llamo acerola', 'lo de acerola va por aquí', 'acerola sale mañana']),
    );
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'name' }));
    expect(files.map(({ filename, text }) => [filename, text])).toEqual([
      ['acerola.txt', 'dice acerola'],
      ['acerola.txt', 'dice acerola'],
    ]);
    expect((await all(data.turns)).length).toBeGreaterThanOrEqual(4);
    expect(cases.map(({ ticket }) => ticket.id)).toEqual([ticketId]);
    expect(JSON.stringify(cases)).toContain('llamar por acerola');
    const [noted] = await people().requests(1);
    expect(noted).toMatchObject({ kind: 'export', contactId: contactOf('dora'), by: 'key_9', doneAt: expect.any(Date) });
    expect(JSON.stringify(noted)).not.toContain('acerola');
  });
});

async function all<One>(each: AsyncIterable<One>): Promise<One[]> {
  const found: One[] = [];
  for await (const one of each) found.push(one);
  return found;
}

describe('the queries of an erasure', () => {
  it('use an index, but for the one look at the end through what the retention keeps', async () => {
    const { inbox, outbox, turns, memories, messages, personRequests } = database.models;
    const plans = await Promise.all([
      turns.collection.find(personErasureQueries.turnsOf('c')).explain(),
      inbox.collection.find(personErasureQueries.waiting('c')).explain(),
      outbox.collection.find(personErasureQueries.unsent('c')).explain(),
      outbox.collection.find(personErasureQueries.keptBack('c')).explain(),
      memories.collection.find(personErasureQueries.factsOf(['c'])).explain(),
      messages.collection.find(personErasureQueries.messagesOf(['t'])).explain(),
      personRequests.collection.find(personRequestQueries.open).explain(),
      personRequests.collection.find(personRequestQueries.of('c') as object).explain(),
    ]);
    for (const plan of plans) expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
    house = openHouse(database);
  });
});
