import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UnknownPayload } from '../../../src/domain/unknown-payload.js';
import { createUnknownPayloadStore, unknownPayloadQueries } from '../../../src/storage/unknown-payload-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

const payload = (text: string, change: Partial<UnknownPayload> = {}): UnknownPayload => ({
  channel: 'telegram',
  account: '1',
  reason: 'malformed: chat',
  payload: JSON.stringify({ text }),
  ...change,
});

it('keeps a payload once, counts it, forgets it after 30 days and tells the latest first', async () => {
  let now = new Date('2026-11-21T12:00:00Z');
  const store = createUnknownPayloadStore(database.models, () => now);
  await store.keep(payload('first'));
  now = new Date('2026-11-21T12:00:01Z');
  await store.keep(payload('second', { channel: 'slack' }));
  now = new Date('2026-11-21T12:00:02Z');
  await store.keep(payload('first'));
  const at = (second: number) => new Date(`2026-11-21T12:00:0${second}Z`);
  expect(await store.list(10)).toEqual([
    { id: expect.stringMatching(/^unk_/), ...payload('first'), times: 2, firstSeenAt: at(0), lastSeenAt: at(2) },
    { id: expect.stringMatching(/^unk_/), ...payload('second', { channel: 'slack' }), times: 1, firstSeenAt: at(1), lastSeenAt: at(1) },
  ]);
  expect(await store.list(1)).toHaveLength(1);
  const stored = await database.db.collection('unknown_payloads').findOne({ channel: 'slack' });
  expect(stored?.['expiresAt']).toEqual(new Date('2026-12-21T12:00:01Z'));
});

it('keeps no more than 20 of a kind in an hour, each cut to 64 k characters', async () => {
  let now = new Date('2026-11-21T13:00:00Z');
  const store = createUnknownPayloadStore(database.models, () => now);
  const kept = () => database.db.collection('unknown_payloads').countDocuments({ channel: 'teams' });
  const flood = async (name: string) => {
    for (let count = 0; count < 30; count += 1) await store.keep(payload(`${name}${count}${'x'.repeat(70_000)}`, { channel: 'teams' }));
  };
  await flood('a');
  expect(await kept()).toBe(20);
  await store.keep(payload('other', { channel: 'teams', reason: 'update of kind x' }));
  expect(await kept()).toBe(21);
  now = new Date('2026-11-21T14:00:00Z');
  await flood('b');
  expect(await kept()).toBe(41);
  expect((await store.list(1))[0]?.payload).toHaveLength(65_536);
});

it('finds the latest by an index', async () => {
  const plan = await database.db.collection('unknown_payloads').find({}).sort(unknownPayloadQueries.latestFirst).limit(5).explain();
  expect(JSON.stringify(plan)).toContain('IXSCAN');
});
