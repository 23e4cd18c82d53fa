/** Watches the promise that no customer is left in silence: counts what waits, and what has waited too long, straight from the store. */
import { type Collection } from 'mongodb';
import { asError } from '../domain/errors.js';
import { type InboxDocument } from '../storage/models/inbox.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { inboxQueries } from './inbox.js';
import { outboxQueries } from './outbox.js';

export interface WatchdogDeps {
  readonly inbox: Collection<InboxDocument>;
  readonly outbox: Collection<OutboxDocument>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly silentMs: number;
}

/** One look; sets the gauges. */
export async function watch({ inbox, outbox, logger, metrics, silentMs }: WatchdogDeps): Promise<void> {
  try {
    const silentSince = new Date(Date.now() - silentMs);
    const [pending, open, silent] = await Promise.all([
      inbox.countDocuments(inboxQueries.pending),
      outbox.countDocuments(outboxQueries.open),
      inbox.countDocuments({ ...inboxQueries.pendingBefore(silentSince), 'event.kind': 'message' }),
    ]);
    metrics.inboxPending.set(pending);
    metrics.outboxPending.set(open);
    metrics.silentTurns.set(silent);
    if (silent > 0) logger.error({ silent, silentMs }, 'customer messages have waited too long for an outcome');
  } catch (thrown) {
    logger.warn({ err: asError(thrown) }, 'the watchdog could not look at the inbox and the outbox');
  }
}
