/** The clocks of cases, giving them out, and one person at two desks, with the house as it is; time is what the watch is told it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_DESK_SETTINGS, type DeskSettings, type Team } from '../../../src/domain/desk-settings.js';
import { OPENING_STATE, type Ticket } from '../../../src/domain/ticket.js';
import { startJobs } from '../../../src/jobs/index.js';
import { caseErasureQueries } from '../../../src/storage/case-erasure.js';
import { clockQueries } from '../../../src/storage/case-clock-store.js';
import { staffQueries } from '../../../src/storage/staff-reader.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { until } from '../delivery/setup.js';
import { LUIS, MARTA, openHouse, paperDesk, type House } from './house.js';

let database: TestDatabase;
const open: House[] = [];
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await database.close();
});

/** Whichever of several instances shows it or sends it: it is the same desk and the same channel. */
const paper = paperDesk('paper');
const channel = createRecordingChannel();
const house = (options: Parameters<typeof openHouse>[1] = {}): House => {
  const one = openHouse(database, { desks: [paper], channel, ...options });
  open.push(one);
  return one;
};
const team = (id: string, over: Partial<Team> = {}): Team => ({ ...(DEFAULT_DESK_SETTINGS.teams[0] as Team), id, name: id, ...over });
const settings = (over: Partial<DeskSettings>): DeskSettings => ({ ...DEFAULT_DESK_SETTINGS, ...over });
const in5minutes = (from: Date) => new Date(from.getTime() + 5 * 60_000);
const in_ = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const watch = (one: House, now: Date) => Promise.all(one.desk.jobs.map((job) => job.run(now)));
const marksOf = async (one: House, ticketId: string) =>
  (await one.desk.tickets.eventsOf(ticketId)).flatMap(({ change }) => (change.kind === 'marked' ? [change.mark] : []));

describe('a case that nobody takes', () => {
  it('is reminded of, offered to more, and the customer told: once, though two instances look at once', async () => {
    const teams = [team('ventas', { overflow: 'guardia' }), team('guardia')];
    const [one, two] = [house({ settings: settings({ teams }) }), house({ settings: settings({ teams }) })];
    const ticketId = await one.opensCase('waits');
    await Promise.all([watch(one, in_(6)), watch(two, in_(6))]);
    expect(await marksOf(one, ticketId)).toEqual(['unclaimed:reminded']);
    await Promise.all([watch(one, in_(21)), watch(two, in_(21))]);
    await watch(two, in_(22));
    expect(await marksOf(one, ticketId)).toEqual(['unclaimed:reminded', 'unclaimed:widened', 'unclaimed:told']);
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ team: 'guardia', agent: null });
    const told = () => one.read('waits').filter((text) => text.includes('sigue en espera'));
    await until('the customer is told', async () => told().length > 0);
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain(ticketId);
  });

  it('is no longer, once somebody has it', async () => {
    const one = house();
    const ticketId = await one.opensCase('taken');
    await one.does(MARTA, ticketId, { kind: 'claim' });
    await watch(one, in_(30));
    expect(await marksOf(one, ticketId)).toEqual([]);
    await watch(one, in_(121));
    expect(await marksOf(one, ticketId)).toEqual(['first:breached']);
  });
});

describe('the job of the clocks', () => {
  it('marks once over two instances and a restart', async () => {
    const now = settings({ unclaimed: { remind: 0, widen: null, tell: null } });
    const [one, two] = [house({ settings: now }), house({ settings: now })];
    const ticketId = await one.opensCase('by-job');
    const sessions = createSessionStore(database.models);
    const options = { db: database.db, sessions, sessionTtlMs: 86_400_000, logger: createLogger({ level: 'silent' }), pollMs: 100 };
    const jobs = await Promise.all([one, two].map(({ desk }) => startJobs({ ...options, others: desk.jobs })));
    await until('the case is marked', async () => (await marksOf(one, ticketId)).length > 0);
    await Promise.all(jobs.map((each) => each.stop()));
    const second = await one.opensCase('by-job-later');
    await database.db.collection('jobs').updateMany({}, { $set: { nextRunAt: new Date() } });
    const again = await startJobs({ ...options, others: two.desk.jobs });
    await until('the other case is marked after the restart', async () => (await marksOf(one, second)).length > 0);
    await again.stop();
    expect(await marksOf(one, ticketId)).toEqual(['unclaimed:reminded']);
  });
});

describe('giving cases out', () => {
  it('gives one to whoever is there, up to their limit, and leaves the rest to be claimed', async () => {
    const agents = [
      { ...MARTA, teams: ['team'], at: [], limit: 1 },
      { ...LUIS, teams: ['team'], at: [], limit: 5 },
    ];
    // Luis has not been seen: of this database's people only Marta has acted; and no other case waits.
    await database.models.ticketEvents.deleteMany({});
    await database.models.tickets.deleteMany({});
    const one = house({ settings: settings({ teams: [team('team', { assignment: 'automatic' })], agents }) });
    const first = await one.opensCase('nobody-there');
    expect(await one.desk.tickets.find(first)).toMatchObject({ agent: null });
    await one.does(MARTA, first, { kind: 'note', text: 'estoy' });
    await database.models.tickets.updateMany({ 'agent.id': MARTA.id }, { $set: { status: 'resolved' } });
    await watch(one, new Date());
    expect(await one.desk.tickets.find(first)).toMatchObject({ agent: { id: MARTA.id }, status: 'claimed' });
    const second = await one.opensCase('beyond-the-limit');
    expect(await one.desk.tickets.find(second)).toMatchObject({ agent: null, status: 'new' });
  });
});

describe('a service level that is breached', () => {
  const agents = [
    { ...MARTA, teams: ['team'], at: [], limit: 5 },
    { ...LUIS, teams: ['team'], at: [], limit: 5 },
  ];
  const kindsOf = async (one: House, ticketId: string) => (await one.desk.tickets.eventsOf(ticketId)).map(({ change }) => change.kind);
  /** Luis has done something at a desk just then, by the clock of the test. */
  const luisActs = async (one: House, at: Date) => {
    const other = await one.opensCase(`somebody-else-${at.getTime()}`);
    await one.does(LUIS, other, { kind: 'note', text: 'aquí' });
    await database.models.ticketEvents.updateOne({ ticketId: other, 'change.kind': 'noted' }, { $set: { storedAt: at } });
  };

  it('takes the case from who let it wait and gives it to a colleague who is there, once over two instances; the customer hears of it', async () => {
    const [one, two] = [house({ settings: settings({ agents }) }), house({ settings: settings({ agents }) })];
    const ticketId = await one.opensCase('breached');
    await one.does(MARTA, ticketId, { kind: 'claim' });
    await luisActs(one, in_(120));
    await Promise.all([watch(one, in_(121)), watch(two, in_(121))]);
    await watch(two, in_(122));
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ agent: { id: LUIS.id }, lastAgent: { id: LUIS.id }, status: 'claimed' });
    expect((await kindsOf(one, ticketId)).filter((kind) => kind === 'assigned' || kind === 'released')).toEqual(['assigned']);
    await until('the desk shows it', () => paper.lines(ticketId).includes('assigned'));
    const told = () => one.read('breached').filter((text) => text.includes('Luis lleva ya tu caso'));
    await until('the customer is told', () => told().length > 0);
    expect(told()).toHaveLength(1);
  });

  it('lets go of the case where nobody is there, so that anybody can claim it', async () => {
    const one = house({ settings: settings({ agents }) });
    const ticketId = await one.opensCase('nobody-is-there');
    await one.does(MARTA, ticketId, { kind: 'claim' });
    await watch(one, in_(500));
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ agent: null, lastAgent: { id: MARTA.id }, status: 'new' });
    expect((await one.does(LUIS, ticketId, { kind: 'claim' })).ok).toBe(true);
    await watch(one, in_(501));
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ agent: { id: LUIS.id } });
  });

  it('leaves it with who is at work while nobody else is, and with anybody where it is set so', async () => {
    const alone = settings({
      agents: agents.slice(0, 1),
      levels: { ...DEFAULT_DESK_SETTINGS.levels, normal: { first: 1, next: 1, resolution: 9_000 } },
    });
    const one = house({ settings: alone });
    const ticketId = await one.opensCase('at-work');
    await one.does(MARTA, ticketId, { kind: 'claim' });
    await watch(one, in_(2));
    expect(await marksOf(one, ticketId)).toEqual(['first:breached']);
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ agent: { id: MARTA.id } });
    const keep = house({ settings: settings({ agents, onBreach: { first: 'keep', next: 'keep', resolution: 'keep' } }) });
    const kept = await keep.opensCase('kept');
    await keep.does(MARTA, kept, { kind: 'claim' });
    await watch(keep, in_(500));
    expect(await marksOf(keep, kept)).toEqual(['first:breached']);
    expect(await keep.desk.tickets.find(kept)).toMatchObject({ agent: { id: MARTA.id } });
  });
});

describe('a look at the clocks', () => {
  it('reads none of 5,000 open cases that are not due, and each that is or has changed', async () => {
    const own = await startTestDatabase({ monitorCommands: true });
    const one = openHouse(own, { desks: [] });
    closing.push(async () => {
      await one.stop();
      await own.close();
    });
    const { tickets, ticketEvents } = own.models;
    const [clocks] = one.desk.jobs;
    const now = new Date();
    await clocks?.run(now);
    const opening: Ticket = {
      ...OPENING_STATE,
      ...{ id: '', conversationId: 'c', threadId: 't', contactId: 'p', channel: 'web', priority: 'normal', language: 'es', summary: '' },
      ...{ reasons: ['asked-for-person'], createdAt: now, waitingSince: now, seq: 1, team: null },
    };
    const ids = Array.from({ length: 5_000 }, (_, index) => `T-${index}`);
    await tickets.collection.insertMany(ids.map((_id) => ({ ...opening, _id, dueAt: in_(5) })) as never[]);
    const opened = { seq: 1, at: now, by: { kind: 'system' }, actionId: 'opened', change: { kind: 'opened', team: null }, pending: [] };
    await ticketEvents.collection.insertMany(ids.map((ticketId) => ({ ...opened, _id: `${ticketId}:1`, ticketId })) as never[]);
    let asked: string[] = [];
    own.connection.getClient().on('commandStarted', ({ commandName, command }) => {
      const about = String((command as Record<string, unknown>)[commandName]);
      // The feed of the customer's side looks at the log by itself.
      if (about.startsWith('ticket') && !JSON.stringify(command).includes('"customer"')) asked.push(`${commandName} ${about}`);
    });
    const look = async () => {
      asked = [];
      await clocks?.run(now);
      return asked;
    };
    expect((await look()).sort()).toEqual(['find ticketevents', 'find tickets']);
    await tickets.updateOne({ _id: 'T-17' }, { $set: { dueAt: now } });
    await one.desk.cases.record({ ticketId: 'T-4711', actionId: 'x' }, 'customer', { kind: 'released' });
    const found = await look();
    expect(found.filter((name) => name === 'find ticketevents')).toHaveLength(1 + 2);
    expect((await look()).sort()).toEqual(['find ticketevents', 'find tickets']);
    expect(await tickets.findById('T-17').lean()).toMatchObject({ dueAt: in5minutes(now) });
  });
});

describe('one person at two desks', () => {
  it('goes on at the one with what they claimed at the other', async () => {
    const desks = [paperDesk('slack'), paperDesk('teams')];
    const agents = [{ id: 'marta', name: 'Marta Ruiz', teams: ['team'], at: ['slack:U1', 'teams:29:m'], limit: 9 }];
    const one = house({ desks, settings: settings({ agents }) });
    const ticketId = await one.opensCase('two-desks');
    expect(await one.does({ id: 'slack:U1', name: 'Marta' }, ticketId, { kind: 'claim' })).toMatchObject({ ok: true });
    const reply = { kind: 'reply', markdown: 'Ya lo miro', files: [] } as const;
    expect(await one.does({ id: 'teams:29:other', name: 'Otra' }, ticketId, reply, desks[1])).toMatchObject({ ok: false });
    expect(await one.does({ id: 'teams:29:m', name: 'Marta R.' }, ticketId, reply, desks[1])).toMatchObject({ ok: true });
    expect(await one.desk.tickets.find(ticketId)).toMatchObject({ agent: { id: 'marta' } });
  });
});

describe('what the clocks and the routing ask of the database', () => {
  it('uses an index', async () => {
    const { tickets, ticketEvents, deskPlaces } = database.models;
    const plans = await Promise.all([
      tickets.collection.find(clockQueries.plannedOtherwise('plan_1') as object).explain(),
      tickets.collection.find(caseErasureQueries.unfinished as object).explain(),
      tickets.collection.find(caseErasureQueries.closedBefore(new Date()) as object).explain(),
      deskPlaces.collection.find({ ticketId: { $in: ['T-1'] } } as object).explain(),
      tickets.collection
        .find(clockQueries.due(new Date()) as object)
        .sort(clockQueries.longestDueFirst)
        .explain(),
      ticketEvents.collection.find(clockQueries.seen('T-1', 3) as object).explain(),
      tickets.collection.find(staffQueries.heldBy('a') as object).explain(),
      ticketEvents.collection.find(staffQueries.actedSince(new Date()) as object).explain(),
    ]);
    for (const plan of plans) expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
  });
});
