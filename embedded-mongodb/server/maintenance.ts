// Work between commands, in small bits: documents past their expiry go, dropped tables are emptied, idle cursors are closed, vectors are loaded.
import { loadSomeVectors } from '../vector/load.js';
import type { Engine } from './engine.js';
import { runSlice, type Task } from './task.js';
import { sweepExpired } from './ttl.js';

const SWEEP_MS = 60_000;
/** Pause between two bits of work, and how long one takes. */
const PAUSE_MS = 20;
/** Pause where there was nothing to do: an idle engine wakes a few times a second, no more. */
const IDLE_MS = 250;
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
  const due = setInterval(() => {
    engine.cursors.closeIdle();
    sweep ??= sweepExpired(engine, Date.now());
  }, ttlSweepMs);
  const bits = [
    repeated(engine, () => {
      const current = sweep;
      sweep = undefined; // a sweep that fails is not gone on with
      const end = performance.now() + BIT_MS;
      if (current && !engine.transaction(() => runSlice(current, end, () => engine.storage.isShort()), true)) sweep = current;
      return sweep !== undefined;
    }),
    repeated(engine, () => engine.catalog.hasDropped() && engine.transaction(() => engine.catalog.sweepDropped(CHUNK), true)),
    repeated(engine, () => loadSomeVectors(engine, BIT_MS)),
    repeated(
      engine,
      () => {
        engine.storage.checkpoint();
        return false;
      },
      CHECKPOINT_MS,
    ),
  ];
  due.unref();
  return () => {
    clearInterval(due);
    for (const stop of bits) stop();
  };
}

/** Does `work` again and again with a pause behind each time; it says whether there is more to do. */
function repeated(engine: Engine, work: () => boolean, idleMs = IDLE_MS): () => void {
  const once = (): void => {
    let pauseMs = PAUSE_MS;
    try {
      if (!work()) pauseMs = idleMs;
    } catch (error) {
      pauseMs = AFTER_FAILURE_MS;
      engine.onError(error instanceof Error ? error : new Error(String(error)));
    }
    timer = setTimeout(once, pauseMs);
    timer.unref();
  };
  let timer = setTimeout(once, PAUSE_MS);
  timer.unref();
  return () => clearTimeout(timer);
}
