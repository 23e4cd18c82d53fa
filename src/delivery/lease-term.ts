/**
 * How long an instance may believe that it holds a lane. Told by two clocks: the monotonic one stands still while a machine is suspended, the
 * other one can be set; whichever says so first, the term is over.
 */

export interface LeaseTerm {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** For the only instance, from which nobody takes a lane. */
export const ENDLESS: LeaseTerm = { monotonicMs: Infinity, wallMs: Infinity };
export const OVER: LeaseTerm = { monotonicMs: 0, wallMs: 0 };

/**
 * Covers what two instances' views of the database's clock may differ by: half a round trip each, see database-clock.ts. A twentieth of the lease,
 * which is 750 ms of the usual 15 s.
 */
const CLOCK_SHARE = 0.05;

/**
 * What a lease has to cover, in round trips: being asked for (a read and a write, each of which may wait for the one before it) and one renewal that
 * is as slow, three times over, since writes to disk are slower than the looks at the clock that round trips are told by.
 */
const ROUND_TRIPS = 12;
/** However slow the database is, the lanes of an instance that died wait no longer. */
const LONGEST_MS = 60_000;

/**
 * How long a lease to ask for, in ms: as configured, and longer where the database is so slow that it would be over before it is known to be ours.
 * @param roundTripMs how long the database takes to answer at the moment
 */
export const leaseLength = (configuredMs: number, roundTripMs: number): number =>
  Math.max(configuredMs, Math.min(roundTripMs * ROUND_TRIPS, LONGEST_MS));

/** Begun before the lease is asked for, so that it ends before the database lets others have the lane. */
export const beginTerm = (leaseMs: number): LeaseTerm => {
  const ms = leaseMs * (1 - CLOCK_SHARE);
  return { monotonicMs: performance.now() + ms, wallMs: Date.now() + ms };
};

export const isOver = ({ monotonicMs, wallMs }: LeaseTerm): boolean => performance.now() >= monotonicMs || Date.now() >= wallMs;
