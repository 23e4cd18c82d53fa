/** People take over: a case from the customer's words to the survey, with everything that goes both ways in between. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeskRequest } from '../../../src/domain/desk.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { until } from '../delivery/setup.js';
import { type House, LUIS, MARTA, openHouse, type PaperDesk, paperDesk } from './house.js';

let database: TestDatabase;
let house: House | undefined;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  await house?.stop();
  house = undefined;
});
afterAll(() => database.close());

let people = 0;
const someone = () => `customer-${(people += 1)}`;
const open = (options?: Parameters<typeof openHouse>[1]): House => (house = openHouse(database, options));
const reply = (markdown: string) => ({ kind: 'reply', markdown, files: [] }) as const;
const sees = (at: House, customer: string, text: string | RegExp) =>
  until(`the customer sees ${String(text)}`, () =>
    at.read(customer).some((said) => (typeof text === 'string' ? said.includes(text) : text.test(said))),
  );
const shows = (at: House, ticketId: string, line: string, desk = at.desks[0]) =>
  until(`the desk shows ${line}`, () => desk?.lines(ticketId).includes(line) === true);

/** A line that somebody types in the place of a case, and then changes there; null: deletes. */
function lineOf(at: House, ticketId: string, line = 'line', agent = MARTA) {
  let changes = 0;
  const [desk] = at.desks as [PaperDesk];
  const asks = (actionId: string, ask: DeskRequest['ask']) =>
    at.desk.perform(desk, { actionId, agent, about: { ticketId }, ask, answerTo: {} });
  return [
    (text: string) => asks(line, { kind: 'text', text, files: [] }),
    (text: string | null) => asks(`${line}:${agent.id}:${(changes += 1)}:${String(text)}`, { kind: 'retyped', typed: line, text }),
  ] as const;
}

describe('a case', () => {
  it('goes to people, both ways, and ends with a survey', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    expect(at.desks[0]?.shown.at(-1)).toMatchObject({
      history: [{ role: 'user', text: 'quiero hablar con una persona' }],
      links: { case: `https://chat.example/inbox#${ticketId}` },
    });

    await at.does(MARTA, ticketId, { kind: 'claim' });
    await sees(at, ana, 'Marta lleva ya tu caso');
    expect(await at.conversationOf(ana)).toMatchObject({ status: 'human', ticketId });

    const before = at.read(ana).length;
    await at.writes(ana, 'mi pedido no ha llegado');
    await shows(at, ticketId, 'customer-wrote: mi pedido no ha llegado');
    await at.does(MARTA, ticketId, { kind: 'note', text: 'mira SEUR' });
    await at.does(MARTA, ticketId, reply('Lo estoy mirando.'));
    await sees(at, ana, '**Marta:** Lo estoy mirando.');
    await shows(at, ticketId, 'reply-delivered');
    // The bot is silent, and what is internal stays so.
    expect(at.read(ana).slice(before)).toEqual(['**Marta:** Lo estoy mirando.']);

    await at.does(MARTA, ticketId, { kind: 'resolve', reason: 'entregado' });
    await sees(at, ana, /Hemos cerrado tu caso[\s\S]*5\. 5 · Muy bien/);
    await at.writes(ana, '4');
    await sees(at, ana, '¿Quieres contarnos algo más?');
    await at.writes(ana, 'muy amable');
    await sees(at, ana, 'lo leerá el equipo');
    await shows(at, ticketId, 'commented: muy amable');
    expect(await at.desk.tickets.find(ticketId)).toMatchObject({ status: 'resolved', score: 4, agent: null, lastAgent: MARTA });

    await at.writes(ana, 'hola');
    await sees(at, ana, /^bot$/);
    const seqs = at.desks[0]?.shown.filter(({ ticket }) => ticket.id === ticketId).map(({ event }) => event.seq) ?? [];
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('is claimed by one of two at the same instant, at whichever desks, and the other is told who has it', async () => {
    const [slack, teams] = [paperDesk('slack'), paperDesk('teams')];
    const at = open({ desks: [slack, teams] });
    const ticketId = await at.opensCase(someone());
    const answers = await Promise.all([
      at.does(MARTA, ticketId, { kind: 'claim' }, slack),
      at.does(LUIS, ticketId, { kind: 'claim' }, teams),
    ]);
    const [winner, loser] = answers[0]?.ok === true ? [MARTA, answers[1]] : [LUIS, answers[0]];
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(loser?.markdown).toContain(winner.name);
    expect((await at.desk.tickets.find(ticketId))?.agent).toEqual(winner);
    await shows(at, ticketId, 'claimed', slack);
    await shows(at, ticketId, 'claimed', teams);
    expect(slack.lines(ticketId).filter((line) => line === 'claimed')).toHaveLength(1);
  });

  it('does one press once, however often the platform delivers it', async () => {
    const at = open();
    const ticketId = await at.opensCase(someone());
    const press = { actionId: 'same', agent: MARTA, about: { ticketId }, ask: { kind: 'claim' }, answerTo: {} } as const;
    const [desk] = at.desks as [(typeof at.desks)[number]];
    const answers = await Promise.all([1, 2, 3].map(() => at.desk.perform(desk, press)));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await at.desk.tickets.eventsOf(ticketId)).filter(({ change }) => change.kind === 'claimed')).toHaveLength(1);
  });

  it('takes a reply back in time, and says when it is too late', async () => {
    const at = open({ undoMs: 3_600_000 });
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await at.does(MARTA, ticketId, reply('con prisa'));
    expect((await at.does(MARTA, ticketId, { kind: 'undo', of: null })).ok).toBe(true);
    // An hour later.
    await at.stop();
    await database.models.ticketEvents.updateMany({ ticketId, 'change.kind': 'replied' }, { $set: { 'change.sendAt': new Date(0) } });
    await database.models.deskPlaces.updateMany({ ticketId }, { $set: { nextAttemptAt: new Date(0) } });
    const later = open({ channel: at.channel });
    await later.does(MARTA, ticketId, reply('con calma'));
    await sees(later, ana, 'con calma');
    expect(await later.does(MARTA, ticketId, { kind: 'undo', of: null })).toMatchObject({
      ok: false,
      markdown: expect.stringContaining('Ya se ha enviado'),
    });
    expect(later.read(ana).join()).not.toContain('con prisa');
  });

  it('sends a typed reply as it was last written; later the agent is told, and offered to send the correction', async () => {
    const at = open({ undoMs: 3_600_000 });
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    const [types, retypes] = lineOf(at, ticketId);
    expect((await types('/r sale el lunes')).ok).toBe(true);
    expect((await retypes('/r sale el martes')).ok).toBe(true);
    expect((await retypes('/r sale el jueves')).ok).toBe(true);
    await shows(at, ticketId, 'reply-edited');
    // An hour later.
    await at.stop();
    await database.models.ticketEvents.updateMany({ ticketId, 'change.kind': 'replied' }, { $set: { 'change.sendAt': new Date(0) } });
    await database.models.deskPlaces.updateMany({ ticketId }, { $set: { nextAttemptAt: new Date(0) } });
    const later = open({ channel: at.channel });
    await sees(later, ana, 'sale el jueves');
    const [, retypesLate] = lineOf(later, ticketId);
    expect(await retypesLate('/r sale el viernes')).toMatchObject({
      ok: false,
      markdown: expect.stringContaining('el cliente tiene el texto anterior'),
      ticketId,
      suggestions: [{ title: 'La corrección', markdown: 'sale el viernes' }],
    });
    expect(later.read(ana).join()).not.toMatch(/lunes|martes|viernes/);
  });

  it('takes a typed reply back that is made internal or deleted, and changes a note in the log', async () => {
    const at = open({ undoMs: 3_600_000 });
    const ticketId = await at.opensCase(someone());
    await at.does(MARTA, ticketId, { kind: 'claim' });
    for (const [line, text] of [
      ['a', 'mejor no'],
      ['b', null],
    ] as const) {
      const [types, retypes] = lineOf(at, ticketId, line);
      await types('/r enseguida');
      expect((await retypes(text)).ok).toBe(true);
    }
    const [types, retypes] = lineOf(at, ticketId, 'c');
    await types('cliente desde 2019');
    for (const text of ['cliente desde 2018', 'cliente desde 2018', '/r cliente desde 2017', null])
      expect((await retypes(text)).ok).toBe(true);
    const changes = (await at.desk.tickets.eventsOf(ticketId)).map(({ change }) => change);
    expect(changes.filter(({ kind }) => kind === 'reply-undone')).toHaveLength(2);
    const noted = changes.filter(({ kind }) => kind === 'noted' || kind === 'note-edited');
    expect(noted).toMatchObject([{ text: 'cliente desde 2019' }, { kind: 'note-edited', text: 'cliente desde 2018' }]);
    // Somebody else's line is theirs.
    expect((await lineOf(at, ticketId, 'c', LUIS)[1]('de Luis')).ok).toBe(false);
  });

  it('lets nobody but who has it speak to the customer', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    expect((await at.does(LUIS, ticketId, reply('hola'))).ok).toBe(false);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    expect(await at.does(LUIS, ticketId, reply('hola'))).toMatchObject({
      ok: false,
      markdown: expect.stringContaining('Marta Ruiz'),
    });
    await at.does(MARTA, ticketId, { kind: 'assign', to: LUIS });
    expect((await at.does(LUIS, ticketId, reply('soy Luis'))).ok).toBe(true);
    await sees(at, ana, '**Luis:** soy Luis');
    expect(at.read(ana).join()).not.toContain('hola');
  });

  it('takes typed text for internal but behind /r, and the other way round where it is set so', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    const typed = (text: string) => ({ kind: 'text', text, files: [] }) as const;
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await at.does(MARTA, ticketId, typed('no se entera de nada'));
    await at.does(MARTA, ticketId, typed('/r enseguida va'));
    await sees(at, ana, '**Marta:** enseguida va');
    await shows(at, ticketId, 'noted: no se entera de nada');
    await at.stop();
    const other = open({ typedText: 'customer' });
    await other.does(MARTA, ticketId, typed('// esto es interno'));
    await other.does(LUIS, ticketId, typed('esto no es de quien lo lleva'));
    await other.does(MARTA, ticketId, typed('esto sí'));
    await sees(other, ana, '**Marta:** esto sí');
    expect(other.read(ana)).toEqual(['**Marta:** esto sí']);
  });

  it('goes back to the bot with a note that the bot searches', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await at.does(MARTA, ticketId, { kind: 'return-to-bot', note: 'Su pedido sale el jueves.' });
    await sees(at, ana, 'te deja de nuevo con el asistente');
    await at.writes(ana, '¿cuándo sale?');
    await sees(at, ana, /^bot$/);
    expect(at.searched.at(-1)?.conversationChunks).toMatchObject([{ text: 'Su pedido sale el jueves.', source: ticketId }]);
    expect(await at.desk.tickets.find(ticketId)).toMatchObject({ status: 'returned-to-bot' });
  });

  it('is reopened, not doubled, by a customer who wants a person again, and goes to who had it', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await at.does(MARTA, ticketId, { kind: 'resolve', reason: 'hecho' });
    await sees(at, ana, 'Hemos cerrado tu caso');
    await at.writes(ana, 'quiero hablar con una persona, sigue roto');
    await shows(at, ticketId, 'reopened');
    await shows(at, ticketId, 'customer-wrote: quiero hablar con una persona, sigue roto');
    expect(await at.desk.tickets.find(ticketId)).toMatchObject({ status: 'reopened', agent: MARTA });
    await at.does(MARTA, ticketId, reply('sigo contigo'));
    await sees(at, ana, 'sigo contigo');
  });

  it('is left by a customer who goes on with the bot, and the agent is told', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.writes(ana, 'seguir con el asistente');
    await shows(at, ticketId, 'customer-left');
    expect((await at.does(MARTA, ticketId, { kind: 'claim' })).ok).toBe(false);
    await at.writes(ana, 'hola');
    await sees(at, ana, /^bot$/);
  });

  it('tells the agent of a reply that failed, and sends it again when they say so', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await sees(at, ana, 'lleva ya tu caso');
    at.channel.onSend = async () => {
      throw new ChannelError('recipient-unreachable', 'blocked');
    };
    await at.does(MARTA, ticketId, reply('¿me lees?'));
    await shows(at, ticketId, 'reply-failed');
    at.channel.onSend = async () => undefined;
    const failed = at.desks[0]?.shown.at(-1)?.event.change;
    expect(failed).toMatchObject({ reason: 'recipient-unreachable' });
    const of = failed?.kind === 'reply-failed' ? failed.of : 0;
    expect((await at.does(MARTA, ticketId, { kind: 'retry', of })).ok).toBe(true);
    await sees(at, ana, '¿me lees?');
    await shows(at, ticketId, 'reply-delivered');
    expect((await at.does(MARTA, ticketId, { kind: 'retry', of })).ok).toBe(false);
  });

  it('mirrors edits, deletes and reactions', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.writes(ana, 'el rojo', { platformMessageId: 'm1' });
    await at.writes(ana, '', { kind: 'edit', platformMessageId: 'm1', content: [{ kind: 'text', text: 'el azul' }] } as never);
    await shows(at, ticketId, 'customer-edited: el azul');
    await at.writes(ana, '', { kind: 'reaction', platformMessageId: 'm1', emoji: '👍' } as never);
    await shows(at, ticketId, 'customer-reacted: el azul');
    await at.writes(ana, '', { kind: 'delete', platformMessageId: 'm1' } as never);
    await shows(at, ticketId, 'customer-deleted');
  });

  it('sends an agent’s reply in order with what the customer writes, while both write at once', async () => {
    const at = open();
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await at.does(MARTA, ticketId, { kind: 'claim' });
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await Promise.all([at.writes(ana, `pregunta ${index}`), at.does(MARTA, ticketId, reply(`respuesta ${index}`))]);
      }),
    );
    await until('all replies', () => at.read(ana).filter((text) => text.includes('respuesta')).length === 10);
    await until('all questions', () => at.desks[0]?.lines(ticketId).filter((line) => line.startsWith('customer-wrote')).length === 10);
    const replied = (await at.desk.tickets.eventsOf(ticketId)).flatMap(({ change }) =>
      change.kind === 'replied' ? [`**Marta:** ${change.markdown}`] : [],
    );
    expect(at.read(ana).filter((text) => text.includes('respuesta'))).toEqual(replied);
  });
});

describe('when things go wrong', () => {
  it('a desk that is down is shown everything, in order, once it is back, and holds nobody up', async () => {
    const [slack, teams] = [paperDesk('slack'), paperDesk('teams')];
    const at = open({ desks: [slack, teams] });
    slack.down = true;
    const ana = someone();
    const ticketId = await at.opensCase(ana);
    await shows(at, ticketId, 'opened', teams);
    await at.does(MARTA, ticketId, { kind: 'claim' }, teams);
    await at.does(MARTA, ticketId, reply('aquí estoy'), teams);
    await sees(at, ana, 'aquí estoy');
    await shows(at, ticketId, 'reply-delivered', teams);
    expect(slack.shown).toEqual([]);
    slack.down = false;
    await shows(at, ticketId, 'reply-delivered', slack);
    expect(slack.lines(ticketId)).toEqual(teams.lines(ticketId));
  });

  it('goes on where it ended when everything is started again', async () => {
    const first = open({ undoMs: 60_000 });
    const [desk] = first.desks as [(typeof first.desks)[number]];
    const ana = someone();
    const ticketId = await first.opensCase(ana);
    await first.does(MARTA, ticketId, { kind: 'claim' });
    await sees(first, ana, 'lleva ya tu caso');
    desk.down = true;
    await first.does(MARTA, ticketId, { kind: 'note', text: 'antes de parar' });
    await first.stop();
    const second = open({ desks: [desk] });
    desk.down = false;
    await shows(second, ticketId, 'noted: antes de parar', desk);
    await second.does(MARTA, ticketId, reply('seguimos'));
    await sees(second, ana, 'seguimos');
    expect(desk.lines(ticketId).filter((line) => line === 'claimed')).toHaveLength(1);
  });

  it('crosses nothing between a hundred cases at once', async () => {
    const at = open();
    const everybody = Array.from({ length: 100 }, someone);
    const tickets = new Map(await Promise.all(everybody.map(async (customer) => [customer, await at.opensCase(customer)] as const)));
    await Promise.all(
      everybody.map(async (customer) => {
        const ticketId = tickets.get(customer) ?? '';
        await at.does(MARTA, ticketId, { kind: 'claim' });
        await at.writes(customer, `soy ${customer}`);
        await at.does(MARTA, ticketId, reply(`para ${customer}`));
      }),
    );
    await until('every reply', () => everybody.every((customer) => at.read(customer).includes(`**Marta:** para ${customer}`)));
    await until('every question', () =>
      everybody.every((customer) => at.desks[0]?.lines(tickets.get(customer) ?? '').includes(`customer-wrote: soy ${customer}`)),
    );
    for (const customer of everybody) {
      expect(at.read(customer).filter((text) => text.startsWith('**Marta:**'))).toEqual([`**Marta:** para ${customer}`]);
      const wrote = at.desks[0]?.lines(tickets.get(customer) ?? '').filter((line) => line.startsWith('customer-wrote'));
      expect(wrote).toEqual([`customer-wrote: soy ${customer}`]);
    }
  }, 120_000);
});
