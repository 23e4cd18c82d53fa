/** A desk whose platform is down for ten minutes, by a clock of the test's: it is not pestered, and shows everything in order, once, when it is back. */
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { DeskMemory } from '../../../src/domain/desk.js';
import type { DeskFeedStore } from '../../../src/domain/desk-feed.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { TicketEvent } from '../../../src/domain/ticket.js';
import { createCaseFeed } from '../../../src/handoff/case/feed.js';
import { createLogger } from '../../../src/telemetry/logger.js';

const TICKET = 'T-0A1B2C3D';
const MINUTE_MS = 60_000;
const NOTHING: DeskMemory = { place: null, ids: {} };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** What a feed is still to be shown of one case, in memory. */
function openStore() {
  const pending: TicketEvent[] = [];
  let place = { memory: NOTHING, seq: 0, attempts: 0 };
  let notBefore = new Date(0);
  const store: DeskFeedStore = {
    behind: async () => ({ ticketIds: pending.length === 0 ? [] : [TICKET], more: false }),
    pendingOf: async (_feed, _ticketId, limit) => pending.slice(0, limit),
    claim: async () => (notBefore > new Date() ? { notBefore } : place),
    async shown(_feed, { seq }, memory) {
      pending.shift();
      place = { memory, seq, attempts: 0 };
      return true;
    },
    async release(_feed, _ticketId, next) {
      if (next === undefined) return;
      place = { ...place, attempts: next.attempts };
      notBefore = next.at;
    },
    ticketAt: async () => TICKET,
    memoryOf: async () => place.memory,
  };
  return { store, pending };
}

it('a desk that is down for ten minutes', async () => {
  const { store, pending } = openStore();
  const shown: number[] = [];
  let tries = 0;
  let isDown = true;
  const feed = createCaseFeed({
    ...{ name: 'slack', store, sweepMs: 10_000, logger: createLogger({ level: 'silent' }) },
    async show(event, memory) {
      tries += 1;
      if (isDown) throw new ChannelError('unavailable', 'down');
      shown.push(event.seq);
      return { memory };
    },
  });
  for (let minute = 0; minute < 10; minute += 1) {
    for (const second of [1, 2, 3]) {
      const seq = minute * 3 + second;
      const event = { ticketId: TICKET, seq, at: new Date(), by: { kind: 'customer' }, actionId: `a${seq}` } as const;
      pending.push({ ...event, change: { kind: 'customer-wrote', messageId: `msg_${seq}` } });
      feed.wake(TICKET);
      await jest.advanceTimersByTimeAsync(MINUTE_MS / 3);
    }
  }
  expect(shown).toEqual([]);
  // Half a second, then twice as long each time, up to a minute: 8 tries in the first two minutes, then one a minute.
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThan(25);
  isDown = false;
  await jest.advanceTimersByTimeAsync(1.25 * MINUTE_MS);
  expect(shown).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  await feed.stop();
});
