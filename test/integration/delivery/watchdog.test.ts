/** What the README tells operators to watch: customers who wait too long, events and replies that wait at all. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Document } from 'mongodb';
import { watch, type WatchdogDeps } from '../../../src/delivery/watchdog.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { textEvent } from '../../fakes/simple-turns.js';

const HOUR_MS = 3_600_000;
const metrics = createMetrics();
let database: TestDatabase;
let log: string[];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  log = [];
  await Promise.all(['inbox', 'outbox'].map((name) => database.db.collection(name).deleteMany({})));
});

const deps = (): WatchdogDeps => ({
  inbox: database.db.collection('inbox'),
  outbox: database.db.collection('outbox'),
  logger: createLogger({ level: 'info', write: (line) => log.push(line) }),
  metrics,
  silentMs: HOUR_MS,
});
const store = (collection: string, documents: readonly Document[]) => database.db.collection(collection).insertMany([...documents]);
const event = (id: string, ageMs: number, changes: Document = {}): Document => ({
  ...{ _id: id as unknown, conversationId: id, state: 'pending', order: (Date.now() - ageMs) * 1000 },
  ...{ event: textEvent('chat', id, 'a secret of the customer'), ...changes },
});
const reply = (id: string, open: boolean): Document => ({
  ...{ _id: id as unknown, conversationId: id, open, nextAttemptAt: new Date() },
});

async function gauges(): Promise<Record<string, number | undefined>> {
  const { inboxPending, outboxPending, silentTurns } = metrics;
  const [pending, open, silent] = await Promise.all(
    [inboxPending, outboxPending, silentTurns].map(async (gauge) => (await gauge.get()).values),
  );
  return { pending: pending?.[0]?.value, open: open?.[0]?.value, silent: silent?.[0]?.value };
}

describe('the watchdog', () => {
  it('counts what waits, and tells of customers who have waited too long without a word of theirs', async () => {
    await store('inbox', [
      event('late', 2 * HOUR_MS),
      event('in-time', HOUR_MS / 2),
      event('answered', 2 * HOUR_MS, { state: 'done' }),
      event('no-message', 2 * HOUR_MS, { event: { kind: 'reaction' } }),
    ]);
    await store('outbox', [reply('waits', true), reply('sent', false)]);
    await watch(deps());
    expect(await gauges()).toEqual({ pending: 3, open: 1, silent: 1 });
    expect(log).toHaveLength(1);
    expect(JSON.parse(log[0] ?? '')).toMatchObject({
      level: 'error',
      silent: 1,
      msg: 'customer messages have waited too long for an outcome',
    });
    expect(log[0]).not.toContain('secret');
  });

  it('falls back to zero, in silence, once all have their outcome', async () => {
    await watch(deps());
    expect(await gauges()).toEqual({ pending: 0, open: 0, silent: 0 });
    expect(log).toEqual([]);
  });
});
