/**
 * The database's clock as seen from here, so that the clocks of several instances need not agree: leases and the order of events are told in it.
 * Each look at it errs by at most half of its round trip; between looks our own monotonic clock runs on.
 */
import { type Db } from 'mongodb';

export interface DatabaseClock {
  /** Our own clock's time until the first look. */
  now(): Date;
  /** Resolves once the first look was made, or failed. */
  ready(): Promise<void>;
  /** Looks at the database's clock once more; rejects where it cannot be asked, and then goes on from the last look. */
  sync(): Promise<void>;
}

interface Look {
  /** The database's time, in ms since 1970, when our monotonic clock stood at 0. */
  readonly baseMs: number;
  readonly roundTripMs: number;
}

/** The best of so many looks counts: at one every five seconds, a clock of ours that drifts by 50 ppm errs by 2 ms more. */
const LOOKS = 8;
/** A longer round trip says too little of the time: it is looked again, so many times in all. See lease-term.ts for what an error costs. */
const LONG_MS = 500;
const TRIES = 3;

/** @param clocks ours: monotonic, and since 1970 */
export function createDatabaseClock(
  db: Pick<Db, 'command'>,
  clocks: { monotonic: () => number; wall: () => number } = { monotonic: () => performance.now(), wall: () => Date.now() },
): DatabaseClock {
  let looks: Look[] = [];
  let best: Look | null = null;

  const look = async () => {
    const began = clocks.monotonic();
    const { localTime } = (await db.command({ hello: 1 })) as unknown as { localTime: Date };
    const roundTripMs = clocks.monotonic() - began;
    const latest = { baseMs: localTime.getTime() - began - roundTripMs / 2, roundTripMs };
    // Earlier looks that cannot be true beside this one are of a clock that was set, or from before we were suspended.
    looks = [...looks.filter((earlier) => agree(earlier, latest)), latest].slice(-LOOKS);
    best = looks.reduce((shortest, other) => (other.roundTripMs < shortest.roundTripMs ? other : shortest));
    return best;
  };
  const sync = async () => {
    for (let tries = 0; tries < TRIES && (await look()).roundTripMs > LONG_MS;) tries += 1;
  };
  const first = sync().catch(() => undefined); // the next look says what is wrong, should it still be

  return {
    now: () => new Date(best === null ? clocks.wall() : Math.round(best.baseMs + clocks.monotonic())),
    ready: () => first,
    sync,
  };
}

/** For the only instance, with which no other clock has to agree. */
export const OWN_CLOCK: DatabaseClock = { now: () => new Date(), ready: async () => undefined, sync: async () => undefined };

/** `localTime` comes in whole milliseconds. */
const RESOLUTION_MS = 2;

const agree = (one: Look, other: Look): boolean =>
  Math.abs(one.baseMs - other.baseMs) <= (one.roundTripMs + other.roundTripMs) / 2 + RESOLUTION_MS;
