// Work between commands, in small bits: documents past their expiry go, dropped tables are emptied, idle cursors are closed, vectors are loaded.
import { loadSomeVectors } from '../vector/load.js';
import type { Engine } from './engine.js';
import { runSlice, type Task } from './task.js';
import { sweepExpired } from './ttl.js';

const SWEEP_MS = 60_000;
/** Pause between two bits of work, and how long one takes. */
const PAUSE_MS = 20;
/** Pause where there was nothing to do: an idle engine is not woken more often for it. */
const IDLE_MS = 2_000;
const BIT_MS = 5;
/** What LMDB has not committed in this time, as little is written, it commits then: the next start has less to do. */
const CHECKPOINT_MS = 10_000;
/** Entries of dropped tables deleted in one transaction. */
const CHUNK = 500;
/** Pause after a failure (a full disk, for example), so that it is not told again and again. */
const AFTER_FAILURE_MS = 10_000;

/** Starts the work; the result stops it. */
export function startMaintenance(engine: Engine, ttlSweepMs = SWEEP_MS): () => void {
  let sweep: Task<number> | undefined;
  const bits = repeated(engine, IDLE_MS, [
    () => {
      const current = sweep;
      sweep = undefined; // a sweep that fails is not gone on with
      const end = performance.now() + BIT_MS;
      if (current && !engine.transaction(() => runSlice(current, end, () => engine.storage.isShort()), true)) sweep = current;
      return sweep !== undefined;
    },
    () => engine.catalog.hasDropped() && engine.transaction(() => engine.catalog.sweepDropped(CHUNK), true),
    () => loadSomeVectors(engine, BIT_MS),
  ]);
  const checkpoints = repeated(engine, CHECKPOINT_MS, [
    () => {
      engine.storage.checkpoint();
      return false;
    },
  ]);
  const due = setInterval(() => {
    engine.cursors.closeIdle();
    sweep ??= sweepExpired(engine, Date.now());
    bits.soon();
  }, ttlSweepMs);
  due.unref();
  return () => {
    clearInterval(due);
    bits.stop();
    checkpoints.stop();
  };
}

interface Repeated {
  /** Looks again after the shortest pause. */
  soon(): void;
  stop(): void;
}

/** A bit of work; it says whether there is more to do. */
interface Bit {
  (): boolean;
}

/** Does all of `bits` again and again with a pause behind each time, and one that fails again after a longer one. */
function repeated(engine: Engine, idleMs: number, bits: readonly Bit[]): Repeated {
  const restsUntil = new Map<Bit, number>();
  const hasMore = (bit: Bit): boolean => {
    if ((restsUntil.get(bit) ?? 0) > performance.now()) return false;
    try {
      return bit();
    } catch (error) {
      restsUntil.set(bit, performance.now() + AFTER_FAILURE_MS);
      engine.onError(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  const once = (): void => {
    const more = bits.filter(hasMore).length > 0;
    wait(more ? PAUSE_MS : idleMs);
  };
  let timer: NodeJS.Timeout | undefined;
  const wait = (pauseMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(once, pauseMs);
    timer.unref();
  };
  wait(PAUSE_MS);
  return { soon: () => wait(PAUSE_MS), stop: () => clearTimeout(timer) };
}
