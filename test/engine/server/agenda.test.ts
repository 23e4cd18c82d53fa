// Agenda, unmodified, with its MongoDB backend against the engine: a job is scheduled, locked, run, and scheduled again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { startEngine, type TestEngine } from './start-engine.js';

let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.stop());

/** Each run of a job sleeps half a lock's lifetime (10 minutes by default) even when it is done, which would keep the test process alive. */
function agendaOn(collection: string): Agenda {
  return new Agenda({ backend: new MongoBackend({ mongo: engine.db, collection }), processEvery: 50, defaultLockLifetime: 1000 });
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !condition(); attempt += 1) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('agenda', () => {
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
    await agenda.stop();
    expect(ran.filter((name) => name === 'once 1')).toHaveLength(1);
    expect(ran.filter((name) => name === 'often').length).toBeGreaterThanOrEqual(2);
    const often = await engine.db.collection('jobs').findOne({ name: 'often' });
    expect(often?.lastFinishedAt).toBeInstanceOf(Date);
    expect(often?.nextRunAt).toBeInstanceOf(Date);
    expect(often?.lockedAt).toBeNull();
  });

  test('two instances share the work: each job runs on one of them', async () => {
    const ran = new Map<number, number>();
    const agendas = [agendaOn('shared'), agendaOn('shared')];
    for (const agenda of agendas) {
      agenda.define('count', async (job) => {
        const { n } = job.attrs.data as { n: number };
        ran.set(n, (ran.get(n) ?? 0) + 1);
      });
    }
    for (const agenda of agendas) await agenda.start();
    for (let n = 0; n < 20; n += 1) await agendas[0]?.now('count', { n });
    await until(() => ran.size === 20);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const agenda of agendas) await agenda.stop();
    expect([...ran.values()]).toEqual(Array.from({ length: 20 }, () => 1));
  });
});
