/** Lines: one holder at a time whatever two instances do, and a profile that is there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createChannelLineStore } from '../../../src/storage/channel-line-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

const LEASE_MS = 15_000;

/** An instance with a clock of its own. */
function instance(soleInstance = false) {
  const clock = { ms: 1000 };
  return { clock, store: createChannelLineStore(database.models, { soleInstance, now: () => clock.ms }) };
}

describe('a line', () => {
  it('is held by one instance until it is released', async () => {
    const [one, other] = [instance(), instance()];
    const claim = await one.store.claim('a', LEASE_MS);
    expect(claim).toEqual({ fence: 1, seenUntil: null });
    expect(await other.store.claim('a', LEASE_MS)).toBeNull();
    const seenUntil = new Date('2026-11-21T12:00:00Z');
    await one.store.release('a', 1, seenUntil);
    expect(await other.store.claim('a', LEASE_MS)).toEqual({ fence: 2, seenUntil });
    expect(await one.store.renew('a', 1, null)).toBe(false);
  });

  it('is taken over when nothing was heard of its holder for the lease, as the other one sees it', async () => {
    const [one, other] = [instance(), instance()];
    await one.store.claim('b', LEASE_MS);
    expect(await other.store.claim('b', LEASE_MS)).toBeNull();
    other.clock.ms += LEASE_MS - 1;
    expect(await other.store.claim('b', LEASE_MS)).toBeNull();
    // A sign of life: it is waited for anew.
    expect(await one.store.renew('b', 1, null)).toBe(true);
    other.clock.ms += LEASE_MS;
    expect(await other.store.claim('b', LEASE_MS)).toBeNull();
    other.clock.ms += LEASE_MS;
    expect(await other.store.claim('b', LEASE_MS)).toMatchObject({ fence: 2 });
    expect(await one.store.renew('b', 1, null)).toBe(false);
    await one.store.release('b', 1, null);
    expect(await other.store.renew('b', 2, null)).toBe(true);
  });

  it('goes to one of many that ask at once', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => instance().store.claim('c', LEASE_MS)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('of the only instance waits for nobody: its former holder is dead', async () => {
    await instance(true).store.claim('d', LEASE_MS);
    expect(await instance(true).store.claim('d', LEASE_MS)).toMatchObject({ fence: 2 });
  });
});

describe('a profile', () => {
  it('of several parts comes back as it was saved, replaces the one before and leaves nothing behind', async () => {
    const { store } = instance();
    const fence = (await store.claim('e', LEASE_MS))?.fence ?? 0;
    expect(await store.hasProfile('e')).toBe(false);
    expect(await store.loadProfile('e')).toBeNull();
    for (const size of [2_500_000, 1_048_576, 10]) {
      const bytes = randomBytes(size);
      await store.saveProfile('e', fence, bytes);
      expect(await store.hasProfile('e')).toBe(true);
      expect((await store.loadProfile('e'))?.equals(bytes)).toBe(true);
    }
    const left = () => database.db.collection('channel_line_parts').countDocuments({ line: 'e' });
    expect(await left()).toBe(1);
    await store.deleteProfile('e', fence);
    expect(await store.hasProfile('e')).toBe(false);
    expect(await left()).toBe(0);
  });

  it('of a former holder is refused and changes nothing', async () => {
    const [one, other] = [instance(), instance()];
    await one.store.claim('f', LEASE_MS);
    await one.store.saveProfile('f', 1, Buffer.from('first'));
    await one.store.release('f', 1, null);
    await other.store.claim('f', LEASE_MS);
    await expect(one.store.saveProfile('f', 1, Buffer.from('late'))).rejects.toThrow("another instance's by now");
    await one.store.deleteProfile('f', 1);
    expect((await other.store.loadProfile('f'))?.toString()).toBe('first');
    expect(await database.db.collection('channel_line_parts').countDocuments({ line: 'f' })).toBe(1);
  });

  it('that was damaged is none', async () => {
    const { store } = instance();
    await store.claim('g', LEASE_MS);
    await store.saveProfile('g', 1, Buffer.from('whole'));
    await database.db.collection('channel_line_parts').updateOne({ line: 'g' }, { $set: { bytes: Buffer.from('other') } });
    expect(await store.loadProfile('g')).toBeNull();
  });
});
