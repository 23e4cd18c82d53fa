/** Counting requests in fixed windows, over all instances. */

export interface RateCount {
  /** Hits in the current window, this one included. */
  readonly hits: number;
  readonly resetsAt: Date;
}

export interface RateCounter {
  /** Counts one hit. Never rejects: while the database is away each instance counts for itself. */
  hit(key: string, windowMs: number): Promise<RateCount>;
}
