/** Rate limits on a real database: two instances share a count, and one without a database still counts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRateLimitStore } from '../../../src/storage/rate-limit-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const WINDOW_MS = 60_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

const logger = createLogger({ level: 'silent' });
const NOW = Date.parse('2026-03-02T10:00:30Z');

describe('rate limits', () => {
  it('count on where another instance, or this one before a restart, stopped', async () => {
    const one = createRateLimitStore(database.models, { logger, now: () => NOW });
    for (let hit = 1; hit <= 7; hit += 1) expect((await one.hit('a', WINDOW_MS)).hits).toBe(hit);
    await one.stop();
    const two = createRateLimitStore(database.models, { logger, now: () => NOW });
    expect(await two.hit('a', WINDOW_MS)).toEqual({ hits: 8, resetsAt: new Date('2026-03-02T10:01:00Z') });
    await two.stop();
  });

  it('merge what instances count at the same time', async () => {
    const one = createRateLimitStore(database.models, { logger });
    const two = createRateLimitStore(database.models, { logger });
    const day = 86_400_000; // a window that does not end while this runs
    const merged = async (hits: number) => {
      while ((await database.models.rateLimits.countDocuments({ hits })) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    for (let hit = 0; hit < 20; hit += 1) await Promise.all([one.hit('b', day), two.hit('b', day)]);
    await merged(40);
    await Promise.all([one.hit('b', day), two.hit('b', day)]);
    await merged(42);
    await Promise.all([one.stop(), two.stop()]); // the database may tell others of a merge before it has acknowledged it
    expect((await one.hit('b', day)).hits).toBeGreaterThanOrEqual(42);
  });

  it('keep windows and keys apart, and hold no address in plain text', async () => {
    let at = NOW;
    const store = createRateLimitStore(database.models, { logger, now: () => at });
    await store.hit('203.0.113.9', WINDOW_MS);
    expect((await store.hit('203.0.113.10', WINDOW_MS)).hits).toBe(1);
    at += WINDOW_MS;
    expect((await store.hit('203.0.113.9', WINDOW_MS)).hits).toBe(1);
    expect(JSON.stringify(await database.models.rateLimits.collection.find({}).toArray())).not.toContain('203.0.113');
    await store.stop();
  });

  it('count in this instance alone while the database is away', async () => {
    const away = await startTestDatabase();
    const lines: string[] = [];
    const store = createRateLimitStore(away.models, { logger: createLogger({ level: 'warn', write: (line) => lines.push(line) }) });
    await away.close();
    for (let hit = 1; hit <= 3; hit += 1) expect((await store.hit('c', WINDOW_MS)).hits).toBe(hit);
    await store.stop();
    expect(lines).toHaveLength(1);
  });
});
