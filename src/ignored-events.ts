/** What becomes of events that are deliberately not processed: counted, noted, and kept where nobody understood what the platform sent. */
import type { Channel, IgnoredEvent } from './domain/channel.js';
import type { UnknownPayloadStore } from './domain/unknown-payload.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';

export type IgnoreEvent = (channel: Pick<Channel, 'name' | 'account'>, event: IgnoredEvent) => Promise<void>;

export function createIgnoredEvents(deps: { store: UnknownPayloadStore; logger: Logger; metrics: Metrics }): IgnoreEvent {
  return async ({ name: channel, account }, { eventId, reason, unknown }) => {
    deps.metrics.eventsReceived.inc({ channel, result: unknown === undefined ? 'ignored' : 'unknown' });
    deps.logger.debug({ channel, eventId, reason }, 'event ignored');
    if (unknown !== undefined) await deps.store.keep({ channel, account, reason, payload: unknown });
  };
}
