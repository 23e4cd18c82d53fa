// Counts matches, from the index alone where its ranges are exactly the filter.
import type { Collection } from '../catalog.js';
import { entryRecord } from '../indexes/records.js';
import type { Engine } from '../server/engine.js';
import { runWhole, type Task } from '../server/task.js';
import { type FindOptions, runFind } from './find.js';
import type { IndexAccess, Plan } from './plan.js';
import { checkDeadline, type Deadline, isPause, type ScanStats } from './scan.js';

export interface Counted {
  readonly count: number;
  readonly plan: Plan;
  readonly stats: ScanStats;
}

/** Entries of an index over arrays between two chances to pause. */
const PAUSE_EVERY = 1_000;

/** As `counting`, at one go. */
export function countMatches(engine: Engine, collection: Collection, options: FindOptions): Counted {
  return runWhole(counting(engine, collection, options));
}

/** Matches after skip and limit. */
export function* counting(engine: Engine, collection: Collection, options: FindOptions): Task<Counted> {
  const { plan, stats, found } = runFind(engine, collection, { ...options, sort: undefined, pausable: true });
  const whole = options.filter.size === 0 && options.hint === undefined;
  const access = countedByIndex(plan, options);
  if (!whole && !access) {
    let count = 0;
    for (const row of found) {
      if (isPause(row)) yield;
      else count += 1;
    }
    return { count, plan, stats };
  }
  const total = access ? yield* countEntries(engine, access, options.deadline) : yield* engine.records.counting(collection);
  if (access) stats.keysExamined = total;
  const left = Math.max(0, total - options.skip);
  return { count: options.limit > 0 ? Math.min(left, options.limit) : left, plan, stats };
}

/** The index access that is enough to count by. */
export function countedByIndex({ access }: Plan, options: FindOptions): IndexAccess | undefined {
  return access.kind === 'index' && access.exact && !options.collation && options.filter.size > 0 ? access : undefined;
}

/** An index over arrays has several entries for a document. */
function* countEntries({ storage }: Engine, { index, ranges }: IndexAccess, deadline: Deadline): Task<number> {
  if (!index.multikey) {
    let total = 0;
    for (const { start, end } of ranges) {
      for (let next: Buffer | undefined = start; next;) {
        const { count, rest }: ReturnType<typeof storage.countSome> = storage.countSome({ start: next, end });
        total += count;
        next = rest;
        if (rest) yield;
        checkDeadline(deadline);
      }
    }
    return total;
  }
  const records = new Set<number>();
  let seen = 0;
  for (const range of ranges) {
    for (const entry of storage.scan(range)) {
      records.add(entryRecord(entry));
      seen += 1;
      if (seen % PAUSE_EVERY !== 0) continue;
      checkDeadline(deadline);
      yield;
    }
  }
  return records.size;
}
