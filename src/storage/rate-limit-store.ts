/**
 * Counts hits in memory and merges them with the other instances' counts in MongoDB: the first hit of a key in a window asks the database,
 * later ones are free, and once a second what came in between is added up. An instance overruns a limit by at most what it takes in that second.
 */
import { asError } from '../domain/errors.js';
import { derivedId } from '../domain/ids.js';
import { type RateCounter } from '../domain/rate-limit.js';
import { type Logger } from '../telemetry/logger.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

export interface RateLimitStore extends RateCounter {
  /** Stops the timer and writes what is left. */
  stop(): Promise<void>;
}

interface Window {
  /** Hits of all instances, as the database last said. */
  stored: number;
  /** Hits of this instance since then. */
  unstored: number;
  readonly resetsAt: Date;
}

const MERGE_MS = 1000;
/** Documents outlive their window by this, for the clocks of other instances. */
const GRACE_MS = 60_000;

export function createRateLimitStore(models: Models, options: { logger: Logger; now?: () => number }): RateLimitStore {
  const collection = nativeCollection(models.rateLimits);
  const now = options.now ?? Date.now;
  const windows = new Map<string, Window>();
  let away = false;

  const merge = async (id: string, window: Window): Promise<void> => {
    const hits = window.unstored;
    window.unstored = 0;
    window.stored += hits;
    try {
      const document = await collection.findOneAndUpdate(
        { _id: id },
        { $inc: { hits }, $setOnInsert: { expiresAt: new Date(window.resetsAt.getTime() + GRACE_MS) } },
        { upsert: true, returnDocument: 'after' },
      );
      window.stored = Math.max(window.stored, document?.hits ?? 0);
      away = false;
    } catch (thrown) {
      if (!away)
        options.logger.warn({ reason: asError(thrown).name }, 'rate limits are counted by each instance alone: the database is away');
      away = true;
    }
  };

  const mergeAll = async (): Promise<void> => {
    const at = now();
    await Promise.all([...windows].filter(([, window]) => window.unstored > 0).map(([id, window]) => merge(id, window)));
    for (const [id, window] of windows) if (window.resetsAt.getTime() <= at) windows.delete(id);
  };
  let timer: NodeJS.Timeout | undefined;
  let merging: Promise<void> | undefined;
  let stopped = false;
  /** Only while there are windows: a service that nobody writes to is not woken. */
  const mergeSoon = (): void => {
    if (timer !== undefined || merging !== undefined || stopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      merging = mergeAll().finally(() => {
        merging = undefined;
        if (windows.size > 0) mergeSoon();
      });
    }, MERGE_MS).unref();
  };

  return {
    async hit(key, windowMs) {
      const start = Math.floor(now() / windowMs) * windowMs;
      const id = derivedId('rate', key, windowMs, start);
      const known = windows.get(id);
      const window = known ?? { stored: 0, unstored: 0, resetsAt: new Date(start + windowMs) };
      window.unstored += 1;
      windows.set(id, window);
      mergeSoon();
      if (known === undefined && !away) await merge(id, window);
      return { hits: window.stored + window.unstored, resetsAt: window.resetsAt };
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await merging;
      await mergeAll();
    },
  };
}
