// The search itself: a pass over the int8 form of all vectors that a filter allows, then exact scores of the best `numCandidates`; or, when
// asked for or when there are no more vectors than that, exact scores of all.
import type { Filter } from '../match/index.js';
import { checkDeadline, type Deadline } from '../planner/scan.js';
import type { Task } from '../server/task.js';
import { BestRows, type Scored } from './best-rows.js';
import type { GroupFilter } from './filter-groups.js';
import type { VectorIndex } from './vector-index.js';
import { BLOCK_ROWS, type QueryVector } from './vector-rows.js';

export interface NearestOptions {
  readonly vector: Float32Array;
  readonly limit: number;
  /** How many get an exact score; absent: all. */
  readonly candidates: number | undefined;
  readonly filter: Filter | undefined;
  readonly deadline: Deadline;
}

/** The rows that the filter allowed when it was asked, and how many they are. */
interface Allowed {
  readonly rows: Uint8Array;
  readonly count: number;
}

/** The best rows, best first; equal scores in the order in which the documents were inserted. Error: MaxTimeMSExpired. */
export function* nearest(index: VectorIndex, options: NearestOptions): Task<Scored[]> {
  const query = index.query(options.vector);
  const passes = options.filter && index.filter(options.filter);
  const allowed = passes && (yield* allowedRows(index, passes, options.deadline));
  const { limit, candidates = Infinity } = options;
  const exact = (allowed?.count ?? index.size) <= candidates;
  const found = yield* scan(index, query, allowed, exact, exact ? limit : candidates, options.deadline);
  const current = found.filter(({ row, record }) => index.record(row) === record && (passes?.(row) ?? true)); // others may have written
  return exact ? current : rescored(index, query, current, limit);
}

function* allowedRows(index: VectorIndex, passes: GroupFilter, deadline: Deadline): Task<Allowed> {
  const rows = new Uint8Array(index.rowCount);
  let count = 0;
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const end = Math.min(start + BLOCK_ROWS, rows.length);
    for (let row = start; row < end; row += 1) {
      if (!passes(row)) continue;
      rows[row] = 1;
      count += 1;
    }
    checkDeadline(deadline);
    yield;
  }
  return { rows, count };
}

function* scan(
  index: VectorIndex,
  query: QueryVector,
  allowed: Allowed | undefined,
  exact: boolean,
  wanted: number,
  deadline: Deadline,
): Task<Scored[]> {
  const best = new BestRows(wanted);
  const rowCount = allowed?.rows.length ?? index.rowCount;
  for (let block = 0; block < rowCount; block += BLOCK_ROWS) {
    const end = Math.min(block + BLOCK_ROWS, rowCount);
    for (let start = nextAllowed(allowed, block, end); start < end;) {
      const stop = nextRefused(allowed, start, end);
      const scores = exact ? index.scores(query, start, stop - start) : index.estimates(query, start, stop - start);
      keepBest(index, start, stop - start, scores, best);
      start = nextAllowed(allowed, stop, end);
    }
    checkDeadline(deadline);
    yield;
  }
  return best.sorted();
}

function nextAllowed(allowed: Allowed | undefined, start: number, end: number): number {
  if (!allowed) return start;
  let row = start;
  while (row < end && allowed.rows[row] === 0) row += 1;
  return row;
}

function nextRefused(allowed: Allowed | undefined, start: number, end: number): number {
  if (!allowed) return end;
  let row = start;
  while (row < end && allowed.rows[row] === 1) row += 1;
  return row;
}

function keepBest(index: VectorIndex, start: number, count: number, scores: Float32Array | Float64Array, best: BestRows): void {
  let { threshold } = best;
  for (let offset = 0; offset < count; offset += 1) {
    const score = scores[offset] as number;
    if (!(score >= threshold) || score === -Infinity) continue; // NaN: a zero vector has no cosine
    const row = start + offset;
    const record = index.record(row);
    if (record === 0) continue;
    best.add({ row, record, score });
    threshold = best.threshold;
  }
}

function rescored(index: VectorIndex, query: QueryVector, candidates: readonly Scored[], limit: number): Scored[] {
  const best = new BestRows(limit);
  for (const { row } of candidates) keepBest(index, row, 1, index.scores(query, row, 1), best);
  return best.sorted();
}
