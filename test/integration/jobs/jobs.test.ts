/** The clock-driven jobs with the real scheduler on a real database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startJobs } from '../../../src/jobs/index.js';
import { createSessionStore } from '../../../src/storage/session-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const DAY_MS = 86_400_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen within 60 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('jobs', () => {
  it('end idle sessions, delete old ones, and run again after a restart', async () => {
    const sessions = createSessionStore(database.models);
    const aged = async (status: 'active' | 'ended', days: number) => {
      const { id } = await sessions.create({ userId: null, channel: 'web', account: 'default', metadata: {} });
      await database.models.sessions.updateOne({ _id: id }, { status, lastActivity: new Date(Date.now() - days * DAY_MS) });
      return id;
    };
    const [fresh, idle, old] = [await aged('active', 0), await aged('active', 2), await aged('ended', 31)];
    const options = { db: database.db, sessions, sessionTtlMs: DAY_MS, logger: createLogger({ level: 'silent' }), pollMs: 100 };
    const jobs = await startJobs(options);
    const statusOf = async (id: string) => (await database.models.sessions.findById(id).lean())?.status ?? 'deleted';
    await until(async () => (await statusOf(idle)) === 'ended' && (await statusOf(old)) === 'deleted');
    expect(await statusOf(fresh)).toBe('active');
    await jobs.stop();

    const locked = () => database.db.collection('jobs').countDocuments({ lockedAt: { $ne: null } });
    expect(await locked()).toBe(0);
    const later = await aged('active', 2);
    await database.db.collection('jobs').updateMany({}, { $set: { nextRunAt: new Date() } });
    const again = await startJobs(options);
    await until(async () => (await statusOf(later)) === 'ended');
    expect(await database.db.collection('jobs').countDocuments()).toBe(2);
    await again.stop();
  });

  it('leave nothing locked, whenever they are stopped', async () => {
    const sessions = createSessionStore(database.models);
    const collection = database.db.collection('jobs');
    for (let afterMs = 0; afterMs < 40; afterMs += 1) {
      await collection.updateMany({}, { $set: { nextRunAt: new Date() } });
      const logger = createLogger({ level: 'silent' });
      const jobs = await startJobs({ db: database.db, sessions, sessionTtlMs: DAY_MS, logger, pollMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await jobs.stop();
      expect(await collection.countDocuments({ lockedAt: { $ne: null } })).toBe(0);
    }
  });

  it('leave nothing behind that asks a closed database when they are stopped at once', async () => {
    const other = await startTestDatabase();
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', write: (line) => lines.push(line) });
    const sessions = createSessionStore(other.models);
    for (const pollMs of [1, 10_000]) {
      const jobs = await startJobs({ db: other.db, sessions, sessionTtlMs: DAY_MS, logger, pollMs });
      await jobs.stop();
    }
    await other.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines).toEqual([]);
  });

  it('log a failed run without ending the scheduler', async () => {
    const lines: string[] = [];
    let runs = 0;
    const failing = async () => {
      runs += 1;
      throw new Error('the database hiccuped');
    };
    const logger = createLogger({ level: 'error', write: (line) => lines.push(line) });
    await database.db.collection('jobs').deleteMany({});
    const jobs = await startJobs({
      db: database.db,
      sessions: { endIdle: failing, deleteIdle: failing },
      sessionTtlMs: DAY_MS,
      logger,
      pollMs: 100,
    });
    await until(async () => runs >= 2 && lines.length >= 2);
    expect(lines.join('')).toContain('the database hiccuped');
    await jobs.stop();
  });
});
