/** The database's clock, seen through round trips of any length and by clocks of our own that are set wrong. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createDatabaseClock, type DatabaseClock } from '../../../src/storage/database-clock.js';

const EPOCH = Date.UTC(2026, 0, 1);

/** A world in which time passes only when it is told to. */
function world(skewMs: number) {
  let trueMs = 0;
  let suspendedMs = 0;
  const trips: { thereMs: number; backMs: number }[] = [];
  return {
    trueTime: () => EPOCH + trueMs,
    pass: (ms: number) => (trueMs += ms),
    /** The machine sleeps: its monotonic clock stands still. */
    suspend(ms: number) {
      trueMs += ms;
      suspendedMs += ms;
    },
    trips,
    clocks: { monotonic: () => trueMs - suspendedMs, wall: () => EPOCH + trueMs + skewMs },
    db: {
      async command() {
        const { thereMs, backMs } = trips.shift() ?? { thereMs: 0, backMs: 0 };
        trueMs += thereMs;
        const localTime = new Date(Math.floor(EPOCH + trueMs));
        trueMs += backMs;
        return { localTime };
      },
    },
  };
}

const trip = fc.record({ thereMs: fc.nat(2_000), backMs: fc.nat(2_000) });

describe('createDatabaseClock', () => {
  afterEach(() => void jest.useRealTimers());

  it('orders what one instance acknowledged before what another one takes in afterwards, however far their views are apart', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    const looks = fc.array(trip, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(looks, looks, async (...looksOfBoth) => {
        const at = world(0);
        const clocks: DatabaseClock[] = [];
        for (const trips of looksOfBoth) {
          at.trips.push(...trips);
          const clock = createDatabaseClock(at.db, at.clocks);
          await clock.ready();
          while (at.trips.length > 0) await clock.sync();
          clocks.push(clock);
        }
        const [one, other] = clocks;
        const first = one?.latest().getTime() ?? 0;
        expect(first).toBeGreaterThanOrEqual(at.trueTime());
        let acknowledged = false;
        void one?.reached(first).then(() => (acknowledged = true));
        for (let waitedMs = 0; waitedMs <= 5_000 && !acknowledged; waitedMs += 10) {
          at.pass(10);
          await jest.advanceTimersByTimeAsync(10);
        }
        expect(acknowledged).toBe(true);
        expect(other?.latest().getTime()).toBeGreaterThanOrEqual(first);
      }),
    );
  });

  it('tells a database that is slow from one that made a pause', async () => {
    const at = world(0);
    const clock = createDatabaseClock(at.db, at.clocks);
    expect(clock.roundTripMs()).toBe(0);
    await clock.ready();
    const roundTripAfter = async (...tripsMs: readonly number[]) => {
      at.trips.push(...tripsMs.map((ms) => ({ thereMs: ms, backMs: 0 })));
      while (at.trips.length > 0) await clock.sync();
      return clock.roundTripMs();
    };
    expect(await roundTripAfter(10, 10_000, 20, 30)).toBe(20);
    expect(await roundTripAfter(3_000, 4_000, 2_000)).toBe(2_000);
    expect(await roundTripAfter(20)).toBe(20);
  });

  it('errs by no more than half the best round trip, however wrong our own clock is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1e9, max: 1e9 }), fc.array(trip, { minLength: 1, maxLength: 8 }), async (skewMs, trips) => {
        const { trips: next, ...at } = world(skewMs);
        next.push(...trips);
        const clock = createDatabaseClock(at.db, at.clocks);
        await clock.ready();
        for (let look = 1; look < trips.length; look++) await clock.sync();
        at.pass(1_234);
        const best = Math.min(...trips.map(({ thereMs, backMs }) => thereMs + backMs));
        expect(Math.abs(clock.now().getTime() - at.trueTime())).toBeLessThanOrEqual(best / 2 + 2);
      }),
    );
  });

  it('looks again where the database stood still while it was asked', async () => {
    const at = world(0);
    at.trips.push({ thereMs: 0, backMs: 15_000 }, { thereMs: 5, backMs: 5 });
    const clock = createDatabaseClock(at.db, at.clocks);
    await clock.ready();
    expect(Math.abs(clock.now().getTime() - at.trueTime())).toBeLessThanOrEqual(7);
  });

  it('notices that the machine was suspended at the next look', async () => {
    const at = world(0);
    const clock = createDatabaseClock(at.db, at.clocks);
    await clock.ready();
    at.suspend(3_600_000);
    at.trips.push({ thereMs: 20, backMs: 20 });
    await clock.sync();
    expect(Math.abs(clock.now().getTime() - at.trueTime())).toBeLessThanOrEqual(22);
  });

  it('is our own clock until the first look, and goes on from the last where one fails', async () => {
    const at = world(5_000);
    const failing = createDatabaseClock({ command: async () => Promise.reject(new Error('away')) }, at.clocks);
    await failing.ready();
    expect(failing.now().getTime()).toBe(at.trueTime() + 5_000);
    await expect(failing.sync()).rejects.toThrow('away');
  });
});
