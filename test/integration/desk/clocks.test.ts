/** The clocks of cases, giving them out, and one person at two desks, with the house as it is; time is what the watch is told it is. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_DESK_SETTINGS, type DeskSettings, type Team } from '../../../src/domain/desk-settings.js';
import { startJobs } from '../../../src/jobs/index.js';
import { staffQueries } from '../../../src/storage/staff-reader.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { until } from '../delivery/setup.js';
import { LUIS, MARTA, openHouse, paperDesk, type House } from './house.js';

let database: TestDatabase;
const open: House[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => {
  await Promise.all(open.map((house) => house.stop()));
  await database.close();
});

const house = (options: Parameters<typeof openHouse>[1] = {}): House => {
  const one = openHouse(database, options);
  open.push(one);
  return one;
};
const team = (id: string, over: Partial<Team> = {}): Team => ({ ...(DEFAULT_DESK_SETTINGS.teams[0] as Team), id, name: id, ...over });
const settings = (over: Partial<DeskSettings>): DeskSettings => ({ ...DEFAULT_DESK_SETTINGS, ...over });
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
    const told = () => [...one.read('waits'), ...two.read('waits')].filter((text) => text.includes('sigue en espera'));
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
    // Luis has not been seen: of this database's people only Marta has acted.
    await database.models.ticketEvents.deleteMany({});
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

describe('what the desk asks of its people', () => {
  it('uses an index', async () => {
    const { tickets, ticketEvents } = database.models;
    const plans = await Promise.all([
      tickets.collection.find(staffQueries.waiting as object).explain(),
      tickets.collection.find(staffQueries.heldBy('a') as object).explain(),
      ticketEvents.collection.find(staffQueries.actedSince(new Date()) as object).explain(),
    ]);
    for (const plan of plans) expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
  });
});
