// Agenda, unmodified, with its MongoDB backend: jobs are scheduled, locked, run and scheduled again, fail, are kept unique, looked for, paused and taken back.
import { afterEach, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { onEachServer } from './each-server.js';

/** Far more than anything takes; what never comes is told by the checks. */
const WAIT_MS = 25_000;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !(await condition());) {
    if (Date.now() > end) throw new Error(`not within ${WAIT_MS} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

onEachServer((server) => {
  /** Each run of a job sleeps half a lock's lifetime (10 minutes by default) even when it is done, which would keep the test process alive. */
  const agendaOn = (collection: string, maxConcurrency = 20): Agenda => {
    const backend = new MongoBackend({ mongo: server().db, collection });
    const agenda = new Agenda({ backend, processEvery: 50, defaultLockLifetime: 1000, maxConcurrency });
    agendas.push(agenda);
    return agenda;
  };
  const agendas: Agenda[] = [];

  afterEach(async () => {
    for (const agenda of agendas.splice(0)) await agenda.stop(); // one that a failed test left running would keep the runner from ending
  });

  test('a job for now runs once, a repeating one again and again', async () => {
    const agenda = agendaOn('jobs');
    const ran: string[] = [];
    agenda.define('once', async (job) => {
      ran.push(`once ${String((job.attrs.data as { n: number }).n)}`);
    });
    agenda.define('often', async () => {
      ran.push('often');
    });
    await agenda.start();
    await agenda.now('once', { n: 1 });
    await agenda.every('1 second', 'often');
    await until(() => ran.filter((name) => name === 'often').length >= 2 && ran.includes('once 1'));
    expect(ran.filter((name) => name === 'once 1')).toHaveLength(1);
    // Its lock is given back when it is over, which is after it ran; one that stops in between may leave it locked.
    const between = { name: 'often', lockedAt: null, lastFinishedAt: { $type: 'date' }, nextRunAt: { $type: 'date' } };
    await until(async () => (await server().db.collection('jobs').countDocuments(between)) === 1);
  });

  test('two instances share the work: each job runs on one of them', async () => {
    const ran = new Map<number, number>();
    const [first, second] = [agendaOn('shared'), agendaOn('shared')];
    for (const agenda of [first, second]) {
      agenda.define('count', async (job) => {
        const { n } = job.attrs.data as { n: number };
        ran.set(n, (ran.get(n) ?? 0) + 1);
      });
    }
    for (const agenda of [first, second]) await agenda.start();
    for (let n = 0; n < 20; n += 1) await first.now('count', { n });
    await until(() => ran.size === 20);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const agenda of [first, second]) await agenda.stop();
    expect([...ran.values()]).toEqual(Array.from({ length: 20 }, () => 1));
  });

  test('a job that fails says why, and is counted', async () => {
    const agenda = agendaOn('failing');
    agenda.define('fails', async () => {
      throw new Error('no paper');
    });
    await agenda.start();
    await agenda.now('fails');
    await until(async () => (await agenda.queryJobs({ state: 'failed' })).total > 0);
    const { jobs } = await agenda.queryJobs({ state: 'failed' });
    expect(jobs).toMatchObject([{ name: 'fails', failCount: 1, failReason: 'no paper', failedAt: expect.any(Date) }]);
  });

  test('a unique job is there once, with what was said last; insertOnly keeps the first', async () => {
    const agenda = agendaOn('unique');
    agenda.define('remind', async () => undefined);
    const remind = (whom: string, text: string, insertOnly: boolean) =>
      agenda.create('remind', { whom, text }).unique({ 'data.whom': whom }, { insertOnly }).schedule(new Date(8e12)).save();
    for (const text of ['first', 'second']) {
      await remind('ana', text, false);
      await remind('bo', text, true);
    }
    await agenda.start();
    await agenda.stop();
    const found = await server().db.collection('unique').find().sort({ 'data.whom': 1 }).toArray();
    expect(found.map(({ data }) => data as unknown)).toEqual([
      { whom: 'ana', text: 'second' },
      { whom: 'bo', text: 'first' },
    ]);
  });

  test('jobs are looked for, paused, let go on and taken back', async () => {
    const agenda = agendaOn('kept');
    for (const name of ['send report', 'send bill', 'tidy']) agenda.define(name, async () => undefined);
    await agenda.start();
    for (const [days, name] of [
      [1, 'send report'],
      [2, 'send bill'],
      [3, 'tidy'],
      [4, 'tidy'],
    ] as const)
      // prettier-ignore
      await agenda.schedule(new Date(Date.now() + days * 86_400_000), name, { days, to: { city: days % 2 === 0 ? 'Vigo' : 'Lugo' } });
    const names = async (options: Parameters<Agenda['queryJobs']>[0]) =>
      (await agenda.queryJobs({ sort: { nextRunAt: 'asc' }, ...options })).jobs.map(({ name }) => name);
    expect(await names({ search: 'SEND' })).toEqual(['send report', 'send bill']);
    expect(await names({ data: { to: { city: 'Vigo' } } })).toEqual(['send bill', 'tidy']);
    expect(await names({ names: ['tidy', 'send bill'], skip: 1, limit: 1 })).toEqual(['tidy']);
    expect(await names({ sort: { name: 'desc' }, state: 'scheduled' })).toEqual(['tidy', 'tidy', 'send report', 'send bill']);
    expect(await agenda.disable({ name: 'tidy' })).toBe(2);
    expect(await names({ includeDisabled: false })).toEqual(['send report', 'send bill']);
    expect(await agenda.enable({ name: 'tidy', data: { days: 3 } })).toBe(1);
    const overview = await agenda.getJobsOverview();
    expect(overview.find(({ name }) => name === 'tidy')).toMatchObject({ total: 2, paused: 1 });
    expect(await agenda.cancel({ names: ['send report', 'send bill'] })).toBe(2);
    expect(await agenda.cancel({ data: { to: { city: 'Lugo' } } })).toBe(1);
    expect(await names({})).toEqual(['tidy']);
    await agenda.stop();
  });

  test('of jobs that are due the one of the highest priority goes first', async () => {
    const agenda = agendaOn('priorities', 1);
    const ran: string[] = [];
    agenda.define(
      'say',
      async (job) => {
        ran.push((job.attrs.data as { what: string }).what);
      },
      { concurrency: 1, lockLimit: 1 },
    );
    const due = new Date(Date.now() - 1000);
    for (const [what, priority] of [
      ['low', 'low'],
      ['high', 'highest'],
      ['normal', 'normal'],
    ] as const)
      // prettier-ignore
      await agenda.create('say', { what }).priority(priority).schedule(due).save();
    await agenda.start();
    await until(() => ran.length === 3);
    await agenda.stop();
    expect(ran).toEqual(['high', 'normal', 'low']);
  });
});
