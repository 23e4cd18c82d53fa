/**
 * What platforms tell of messages of ours after they took them: delivered, read, or failed after all. It is noted in the outbox entry and in the
 * message log; a failure takes the entry out of what is done. Statuses are no turns: they come several for each message, and order nothing.
 */
import { type Collection } from 'mongodb';
import { type Receipt } from '../domain/channel.js';
import { ChannelError } from '../domain/errors.js';
import { type DeliveryStatus, type InboundStatus } from '../domain/message.js';
import { type MessageDocument } from '../storage/models/messages.js';
import { type OutboxDocument, type OutboxFailure } from '../storage/models/outbox.js';
import { type Metrics } from '../telemetry/metrics.js';
import { replyNews } from './reply-news.js';
import { type EffectStores } from './turn-commit.js';

export interface Statuses {
  /** Resolves once it is stored. Stored again, or behind a later one, it changes nothing. */
  record(event: InboundStatus): Promise<void>;
  /** What statuses told of a send whose result is not known: its receipt. Throws ChannelError where none has come, or where it failed. */
  receiptOf(outboxId: string): Promise<Receipt>;
}

export interface StatusDeps {
  readonly outbox: Collection<OutboxDocument>;
  readonly messages: Collection<MessageDocument>;
  readonly retentionMs: number;
  readonly metrics: Metrics;
  readonly tellDesk: EffectStores['tellDesk'];
  /** A message that the platform had taken failed: told once it is stored. */
  readonly onFailed: (entry: OutboxDocument, failure: OutboxFailure) => Promise<void>;
}

/** Which statuses each may follow. */
const AFTER: Readonly<Record<DeliveryStatus, readonly (DeliveryStatus | null)[]>> = {
  sent: [null],
  failed: [null, 'sent'],
  delivered: [null, 'sent'],
  read: [null, 'sent', 'delivered'],
};

/** When a status is looked for again. */
const AGAIN_MS = 2_000;

export function createStatuses({ outbox, messages, retentionMs, metrics, tellDesk, onFailed }: StatusDeps): Statuses {
  const settleFailed = async (entry: OutboxDocument, { failure }: InboundStatus, at: Date): Promise<void> => {
    const why = { kind: failure?.kind ?? 'payload-refused', message: failure?.message ?? 'the platform does not say why', at };
    const { matchedCount } = await outbox.updateOne(
      { _id: entry._id, state: { $in: ['sent', 'held'] } },
      { $set: { state: 'dead', failure: why, expiresAt: null } },
    );
    if (matchedCount === 1) metrics.sends.inc({ channel: entry.channel, result: 'failed-later' });
    await onFailed(entry, why);
  };

  return {
    async record(event) {
      const { key, channel, account, status, platformMessageId } = event;
      const entry = key === undefined ? null : await outbox.findOne({ _id: key, channel, account });
      metrics.statuses.inc({ channel, status, known: entry === null ? 'no' : 'yes' });
      if (entry === null || !AFTER[status].includes(entry.delivery?.status ?? null)) return;
      const at = event.sentAt ?? new Date();
      if (status === 'failed') await settleFailed(entry, event, at);
      else {
        // An entry that was held for its doubt is sent, and seen to be.
        const expiresAt = new Date(Date.now() + retentionMs);
        await outbox.updateOne({ _id: entry._id, state: 'held' }, { $set: { state: 'sent', platformMessageId, sentAt: at, expiresAt } });
      }
      if (entry.last) await messages.updateOne({ _id: entry.messageId }, { $set: { delivery: { status, at } } });
      const notes = replyNews(entry, status === 'failed' ? { failed: event.failure?.kind ?? 'payload-refused' } : { status });
      if (notes.length > 0) await tellDesk(notes);
      // Last: an event that comes again because one of the writes before failed makes them again.
      const follows = { $in: [...AFTER[status]] };
      await outbox.updateOne({ _id: entry._id, 'delivery.status': follows }, { $set: { delivery: { status, at, platformMessageId } } });
    },

    async receiptOf(outboxId) {
      const entry = await outbox.findOne({ _id: outboxId }, { projection: { delivery: 1 } });
      const told = entry?.delivery ?? null;
      if (told === null) throw new ChannelError('unavailable', 'no status has come yet', { retry: { afterMs: AGAIN_MS } });
      if (told.status === 'failed') throw new ChannelError('payload-refused', 'the platform took it and told later that it failed');
      return { platformMessageId: told.platformMessageId };
    },
  };
}
