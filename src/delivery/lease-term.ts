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

/** Begun before the lease is asked for, so that it ends before the database lets others have the lane. */
export const beginTerm = (leaseMs: number): LeaseTerm => {
  const ms = leaseMs * (1 - CLOCK_SHARE);
  return { monotonicMs: performance.now() + ms, wallMs: Date.now() + ms };
};

export const isOver = ({ monotonicMs, wallMs }: LeaseTerm): boolean => performance.now() >= monotonicMs || Date.now() >= wallMs;
