/**
 * The database's clock as seen from here, so that the clocks of several instances need not agree: leases and the order of events are told in it.
 * Each look at it errs by at most half of its round trip; between looks our own monotonic clock runs on.
 */
import { type Db } from 'mongodb';

export interface DatabaseClock {
  /** Our best view of it; our own clock's time until the first look. */
  now(): Date;
  /** Not before the database's own time, however much our view of it errs. */
  latest(): Date;
  /**
   * Resolves once it is certain that the database's time has come to that of ours, in ms since 1970. What is ordered by `latest()` and acknowledged
   * after this stands before everything that any instance orders so from then on; most stores take longer than this would.
   */
  reached(timeMs: number): Promise<void>;
  /** How long the database takes to answer at the moment, the shortest of the last looks; 0 until the first. */
  roundTripMs(): number;
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

/** So many looks count: at one every five seconds, a clock of ours that drifts by 50 ppm errs by 2 ms more. */
const LOOKS = 8;
const DRIFT_MS = 2;
/** `localTime` comes in whole milliseconds. */
const RESOLUTION_MS = 1;
/** A longer round trip says too little of the time: it is looked again, so many times in all. See lease-term.ts for what an error costs. */
const LONG_MS = 500;
const TRIES = 3;
/** A clock that was set back is not waited for. */
const LONGEST_WAIT_MS = 5_000;
/** One look may meet a pause of the database, or of ours; where the last so many all took long, it is slow. */
const PACE_LOOKS = 3;

/** @param clocks ours: monotonic, and since 1970 */
export function createDatabaseClock(
  db: Pick<Db, 'command'>,
  clocks: { monotonic: () => number; wall: () => number } = { monotonic: () => performance.now(), wall: () => Date.now() },
): DatabaseClock {
  let looks: Look[] = [];
  let best: Look | null = null;
  let paces: number[] = [];

  const look = async () => {
    const began = clocks.monotonic();
    const { localTime } = (await db.command({ hello: 1 })) as unknown as { localTime: Date };
    const roundTripMs = clocks.monotonic() - began;
    const latest = { baseMs: localTime.getTime() - began - roundTripMs / 2, roundTripMs };
    // Earlier looks that cannot be true beside this one are of a clock that was set, or from before we were suspended.
    looks = [...looks.filter((earlier) => agree(earlier, latest)), latest].slice(-LOOKS);
    best = looks.reduce((shortest, other) => (other.roundTripMs < shortest.roundTripMs ? other : shortest));
    paces = [...paces, roundTripMs].slice(-PACE_LOOKS);
    return best;
  };
  const sync = async () => {
    for (let tries = 0; tries < TRIES && (await look()).roundTripMs > LONG_MS;) tries += 1;
  };
  const first = sync().catch(() => undefined); // the next look says what is wrong, should it still be
  // Each look tells of two times between which the database's is: all of them are true.
  const latestMs = () =>
    looks.length === 0
      ? clocks.wall()
      : clocks.monotonic() + RESOLUTION_MS + DRIFT_MS + Math.min(...looks.map(({ baseMs, roundTripMs }) => baseMs + roundTripMs / 2));
  const earliestMs = () =>
    looks.length === 0
      ? clocks.wall()
      : clocks.monotonic() - DRIFT_MS + Math.max(...looks.map(({ baseMs, roundTripMs }) => baseMs - roundTripMs / 2));

  return {
    now: () => new Date(best === null ? clocks.wall() : Math.round(best.baseMs + clocks.monotonic())),
    latest: () => new Date(Math.ceil(latestMs())),
    async reached(timeMs) {
      const end = clocks.monotonic() + LONGEST_WAIT_MS;
      const left = () => Math.min(timeMs - earliestMs(), end - clocks.monotonic());
      for (let leftMs = left(); leftMs > 0; leftMs = left()) {
        const waitMs = Math.min(Math.ceil(leftMs), LONG_MS); // a better look may shorten it
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    },
    roundTripMs: () => (paces.length === 0 ? 0 : Math.min(...paces)),
    ready: () => first,
    sync,
  };
}

/** For the only instance, with which no other clock has to agree. */
export const OWN_CLOCK: DatabaseClock = {
  now: () => new Date(),
  latest: () => new Date(),
  reached: async () => undefined,
  roundTripMs: () => 0,
  ready: async () => undefined,
  sync: async () => undefined,
};

const agree = (one: Look, other: Look): boolean =>
  Math.abs(one.baseMs - other.baseMs) <= (one.roundTripMs + other.roundTripMs) / 2 + RESOLUTION_MS + DRIFT_MS;
