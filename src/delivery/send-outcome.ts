/**
 * What becomes of an entry of the outbox whose call failed, is in doubt or cannot be made: it waits for another attempt, goes out another way, is held,
 * or given up, and whoever wrote it is told. Each function resolves to the entry as it waits, or to null where it has come to its end.
 */
import { type Channel, type Receipt } from '../domain/channel.js';
import { KEPT_BACK } from '../domain/desk.js';
import { asError, ChannelError } from '../domain/errors.js';
import { ofChannel } from '../domain/per-channel.js';
import { type OutboxDocument, type OutboxFailure } from '../storage/models/outbox.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type DeliveryOptions } from './options.js';
import { type OtherChannel } from './other-channel.js';
import { type Outbox } from './outbox.js';
import { replacedBy } from './preview.js';
import { type ReplyNews, replyNews } from './reply-news.js';
import { type ReplyWindow } from './reply-window.js';
import { nextAttemptIn, retryPolicyOf } from './retry-policy.js';
import { type EffectStores } from './turn-commit.js';
import { withinTime } from './within-time.js';

export interface OutcomeDeps {
  readonly outbox: Outbox;
  readonly channelOf: (entry: OutboxDocument) => Channel | undefined;
  readonly flagUncertain: (turnId: string, outboxId: string) => Promise<void>;
  /** The entry has become too old to be sent, or the platform takes it no more: it goes to a person. */
  readonly onUndelivered: (entry: OutboxDocument) => Promise<void>;
  readonly replyWindow: ReplyWindow;
  readonly otherChannel: OtherChannel;
  /** What becomes of the replies of people. */
  readonly tellDesk: EffectStores['tellDesk'];
  /** What statuses told of a send; throws ChannelError where they do not tell. */
  readonly receiptOf: (outboxId: string) => Promise<Receipt>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
}

/**
 * Kind of the failure of a send whose owner did not come back. It may be suspended, and make its call when it wakes: that the platform has not got the
 * message does not settle it.
 */
const ORPHANED = 'orphaned';

/** What an earlier owner was sending when it died. */
export function settleInterrupted(deps: OutcomeDeps, entry: OutboxDocument): Promise<OutboxDocument | null> {
  const { outbox } = deps;
  const known = outbox.knownOf(entry);
  if (known === undefined && replacedBy(entry) !== null) {
    return outbox.postpone(entry, entry.nextAttemptAt, failureOf('interrupted', 'an edit, which may be made again'));
  }
  if (known === undefined) return inDoubt(deps, entry, failureOf(ORPHANED, 'the process ended between the call and the receipt'), 0);
  if (known === 'not-called') return outbox.postpone(entry, entry.nextAttemptAt, failureOf('interrupted', 'the call was not made'));
  return outbox.markSent(entry, known).then(() => null);
}

/** A call that threw: the entry waits for its next attempt, goes another way, or is given up. */
export async function settleFailure(deps: OutcomeDeps, entry: OutboxDocument, thrown: unknown): Promise<OutboxDocument | null> {
  const { logger, metrics, options } = deps;
  const error = thrown instanceof ChannelError ? thrown : new ChannelError('unknown', 'the channel failed unexpectedly', { cause: thrown });
  const failure = failureOf(error.kind, error.message);
  const details = { channel: entry.channel, outboxId: entry._id, kind: error.kind, attempts: entry.attempts };
  if (error !== thrown) logger.error({ ...details, err: asError(thrown) }, 'a channel threw something else than a ChannelError');
  const waitMs = nextAttemptIn(error, entry.attempts, retryPolicyOf(entry.channel), Math.random);
  const channel = deps.channelOf(entry);
  if (error.kind === 'window-closed' && channel !== undefined) return keepBack(deps, channel, entry, failure);
  // Its draft cannot be edited any more: it goes out by itself.
  if (waitMs === 'never' && replacedBy(entry) !== null) {
    return deps.outbox.postpone(entry, new Date(), failure, { preview: { platformMessageId: null } });
  }
  if (waitMs === 'never') return giveUp(deps, entry, failure);
  if (error.kind === 'unknown') return inDoubt(deps, entry, failure, waitMs);
  metrics.sends.inc({ channel: entry.channel, result: 'retried' });
  logger.debug({ ...details, waitMs }, 'a send failed and will be tried again');
  return deps.outbox.postpone(entry, new Date(Date.now() + Math.min(waitMs, options.staleMs)), failure);
}

/** A call was made and its result is not known: the platform is asked where it can tell, else it is as configured. */
function inDoubt(deps: OutcomeDeps, entry: OutboxDocument, failure: OutboxFailure, waitMs: number): Promise<OutboxDocument | null> {
  deps.metrics.sends.inc({ channel: entry.channel, result: 'uncertain' });
  const channel = deps.channelOf(entry);
  if (channel?.findSent === undefined && channel?.capabilities.tellsSent !== true) return unresolved(deps, entry, failure, waitMs);
  return deps.outbox.postpone(entry, new Date(Date.now() + waitMs), failure, { inDoubt: 1 });
}

/** Times that a platform is asked what became of a call before it is taken to be unable to tell. */
const MAX_ASKED = 5;

/** An entry in doubt: it has come to its end, waits to be asked for again, or is not with the platform and may be sent. */
export async function settleDoubt(deps: OutcomeDeps, channel: Channel, entry: OutboxDocument): Promise<OutboxDocument | null | 'not-sent'> {
  const asked = await ask(deps, channel, entry);
  return asked === 'not-sent' && entry.failure?.kind === ORPHANED ? flagged(deps, entry) : asked;
}

async function ask(deps: OutcomeDeps, channel: Channel, entry: OutboxDocument): Promise<OutboxDocument | null | 'not-sent'> {
  const { metrics, options, outbox } = deps;
  try {
    const asked = channel.findSent?.(entry.to, entry._id) ?? deps.receiptOf(entry._id);
    const receipt = await withinTime(channel, options.sendTimeoutMs, asked);
    metrics.sends.inc({ channel: entry.channel, result: 'resolved' });
    if (receipt === null) return 'not-sent';
    await outbox.markSent(entry, receipt);
    await tell(deps, entry, { status: 'sent' });
    return null;
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    const failure = entry.failure?.kind === ORPHANED ? entry.failure : failureOf(thrown.kind, thrown.message);
    const waitMs = nextAttemptIn(thrown, entry.inDoubt, retryPolicyOf(entry.channel), Math.random);
    if (waitMs === 'never' || entry.inDoubt >= MAX_ASKED) return unresolved(deps, entry, failure, 0);
    return outbox.postpone(entry, new Date(Date.now() + waitMs), failure, { inDoubt: entry.inDoubt + 1 });
  }
}

/** It goes out now, and may come twice. */
async function flagged({ flagUncertain, outbox }: OutcomeDeps, entry: OutboxDocument): Promise<OutboxDocument> {
  const failure = failureOf('unknown', 'the platform had not got it; its first sender may still be there');
  await flagUncertain(entry.turnId, entry._id);
  return outbox.postpone(entry, entry.nextAttemptAt, failure, { uncertain: entry.uncertain + 1, inDoubt: 0 });
}

async function unresolved(
  deps: OutcomeDeps,
  entry: OutboxDocument,
  failure: OutboxFailure,
  waitMs: number,
): Promise<OutboxDocument | null> {
  const { logger, options, outbox } = deps;
  const hold = ofChannel(options.uncertainSends, entry.channel) === 'hold' || entry.uncertain >= options.maxUncertainSends;
  logger.warn(
    { channel: entry.channel, outboxId: entry._id, turnId: entry.turnId },
    hold ? 'the result of a send is not known; it is held' : 'the result of a send is not known; it will be sent again',
  );
  // The flag goes first: a resend must never be without it.
  await deps.flagUncertain(entry.turnId, entry._id);
  const doubt = { uncertain: entry.uncertain + 1, inDoubt: 0 };
  if (!hold) return outbox.postpone(entry, new Date(Date.now() + waitMs), failure, doubt);
  await outbox.close(entry, 'held', failure, doubt);
  await tell(deps, entry, { failed: 'unknown' });
  return null;
}

/**
 * The reply goes out on another channel of the same person. Where there is none it waits until the customer writes, which a template asks them to; and
 * without a template people have to find a way.
 */
export async function keepBack(
  deps: OutcomeDeps,
  channel: Channel,
  entry: OutboxDocument,
  failure: OutboxFailure,
): Promise<OutboxDocument | null> {
  const movedTo = await deps.otherChannel.take(entry);
  if (movedTo !== null) {
    await deps.outbox.move(entry, movedTo, failure);
    deps.metrics.sends.inc({ channel: entry.channel, result: 'moved' });
    return null;
  }
  const park = async (kept: OutboxDocument) => {
    await deps.outbox.close(kept, 'waiting', failure);
    await tell(deps, kept, { failed: KEPT_BACK });
  };
  const template = await deps.replyWindow.keepBack(entry, channel, park);
  if (template === 'no-template') return giveUp(deps, entry, failure);
  deps.metrics.sends.inc({ channel: entry.channel, result: 'kept-back' });
  return template;
}

export async function giveUp(deps: OutcomeDeps, entry: OutboxDocument, failure: OutboxFailure): Promise<null> {
  await tell(deps, entry, { failed: failure.kind });
  if (failure.kind === 'stale' || failure.kind === 'window-closed') await deps.onUndelivered(entry);
  await deps.outbox.close(entry, 'dead', failure);
  deps.metrics.sends.inc({ channel: entry.channel, result: 'dead' });
  deps.logger.warn(
    { channel: entry.channel, outboxId: entry._id, turnId: entry.turnId, kind: failure.kind },
    'a reply will not be delivered',
  );
  return null;
}

/** Those who wait for news of a person's reply. */
export async function tell({ tellDesk }: OutcomeDeps, entry: OutboxDocument, news: ReplyNews): Promise<void> {
  const notes = replyNews(entry, news);
  if (notes.length > 0) await tellDesk(notes);
}

export const failureOf = (kind: string, message: string): OutboxFailure => ({ kind, message, at: new Date() });
