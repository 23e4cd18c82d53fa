/**
 * Sends what one lane has to send, first in first out: an entry that waits for its next attempt holds back those behind it. Before a call the
 * entry is stored as `sending`; found so by a successor, its result is not known, and it is sent again or held as configured, never hidden.
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
import { replacedBy, replacePreview } from './preview.js';
import { type ReplyWindow } from './reply-window.js';
import { type ReplyNews, replyNews } from './reply-news.js';
import { nextAttemptIn, retryPolicyOf } from './retry-policy.js';
import { type SendRate } from './send-rate.js';
import { type OnStep, timed } from './steps.js';
import { type EffectStores, type SendMarks } from './turn-commit.js';

export interface LaneHold {
  readonly conversationId: string;
  readonly fence: number;
  /** Throws LaneLostError once the lease may have ended. */
  readonly assertHeld: () => void;
}

/**
 * A new entry is marked as `sending` at once where nothing is before it and the platform may be called as soon as it is stored: that is one write
 * less, with nothing between the mark and the call but what is there anyway.
 */
export interface Sender extends SendMarks {
  add(entries: readonly OutboxDocument[]): void;
  /** Reads what is open from the store, including what an earlier owner left, and goes on with that. */
  reload(): Promise<void>;
  /** Resolves when there is nothing to do right now; rejects with what stopped the sender. */
  idle(): Promise<void>;
  /** When the entry at the front is due; null when all is sent. */
  dueAt(): Date | null;
  /** Ends it after the call that is under way; what waits for its turn at the platform waits no longer. */
  stop(): void;
}

export interface SenderDeps {
  readonly outbox: Outbox;
  readonly channelOf: (entry: OutboxDocument) => Channel | undefined;
  readonly rateOf: (channel: Channel) => SendRate;
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
  readonly onStep: OnStep;
}

/** How long an entry waits for a channel that is not configured at the moment. */
const CHANNEL_OFF_MS = 60_000;

export function openSender(deps: SenderDeps, lane: LaneHold): Sender {
  let queue: OutboxDocument[] = [];
  let working: Promise<void> | null = null;
  let paused = false;
  let stopped: { readonly reason: Error | null } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const recording: Promise<void>[] = [];
  const ended = new AbortController();

  const start = () => {
    clearTimeout(timer);
    if (working !== null || paused || stopped !== null || queue.length === 0) return;
    working = work()
      .catch((thrown: unknown) => {
        stopped = { reason: asError(thrown) };
      })
      .finally(() => {
        working = null;
        if (queue.length > 0) wait();
      });
  };
  const wait = () => {
    const dueInMs = (queue[0]?.nextAttemptAt.getTime() ?? 0) - Date.now();
    clearTimeout(timer);
    if (stopped === null && !paused) timer = setTimeout(start, Math.max(0, dueInMs));
  };

  async function work(): Promise<void> {
    for (let head = queue[0]; head !== undefined && !paused && stopped === null; head = queue[0]) {
      if (head.nextAttemptAt.getTime() > Date.now()) break;
      const next = await attempt(deps, lane, head, { signal: ended.signal, recording });
      if (next === null) queue.shift();
      else queue[0] = next;
    }
    await Promise.all(recording.splice(0));
  }

  const callableNow = (entry: OutboxDocument): boolean => {
    if (queue.length > 0 || working !== null || paused || stopped !== null) return false;
    const channel = deps.channelOf(entry);
    // Where a window may be over by then, it is looked at first.
    if (channel === undefined || entry.repliesUntil !== undefined) return false;
    return deps.rateOf(channel).takeNow(entry.conversationId, entry.to.scope === 'group');
  };

  return {
    marked: (entry) => (callableNow(entry) ? deps.outbox.asSending(entry) : entry),
    wasThere: (entry) => deps.outbox.notMarked(entry),
    add(entries) {
      queue.push(...entries);
      start();
    },
    async reload() {
      paused = true;
      while (working !== null) await working;
      queue = await takeOver(deps, lane);
      paused = false;
      start();
    },
    async idle() {
      while (working !== null) await working;
      if (stopped?.reason != null) throw stopped.reason;
    },
    dueAt: () => queue[0]?.nextAttemptAt ?? null,
    stop() {
      stopped ??= { reason: null };
      ended.abort();
      clearTimeout(timer);
    },
  };
}

/** Takes over what is open. What an earlier owner was sending when it died is in doubt from here on. */
async function takeOver(deps: SenderDeps, lane: LaneHold): Promise<OutboxDocument[]> {
  const open: OutboxDocument[] = [];
  for (const entry of await deps.outbox.takeOver(lane.conversationId, lane.fence)) {
    if (entry.state !== 'sending') {
      open.push(entry);
      continue;
    }
    const next = await settleInterrupted(deps, entry);
    if (next !== null) open.push(next);
  }
  return open;
}

/**
 * Kind of the failure of a send whose owner did not come back. It may be suspended, and make its call when it wakes: that the platform has not got the
 * message does not settle it.
 */
const ORPHANED = 'orphaned';

function settleInterrupted(deps: SenderDeps, entry: OutboxDocument): Promise<OutboxDocument | null> {
  const { outbox } = deps;
  const known = outbox.knownOf(entry);
  if (known === undefined && replacedBy(entry) !== null) {
    return outbox.postpone(entry, entry.nextAttemptAt, failureOf('interrupted', 'an edit, which may be made again'));
  }
  if (known === undefined) return inDoubt(deps, entry, failureOf(ORPHANED, 'the process ended between the call and the receipt'), 0);
  if (known === 'not-called') return outbox.postpone(entry, entry.nextAttemptAt, failureOf('interrupted', 'the call was not made'));
  return outbox.markSent(entry, known).then(() => null);
}

interface Sending {
  readonly signal: AbortSignal;
  /** Receipts that are being stored. */
  readonly recording: Promise<void>[];
}

/** Returns the entry as it waits for its next attempt, or null when it is done with. */
async function attempt(deps: SenderDeps, lane: LaneHold, entry: OutboxDocument, sending: Sending): Promise<OutboxDocument | null> {
  const { options, outbox } = deps;
  const channel = deps.channelOf(entry);
  if (entry.state === 'sending' && channel !== undefined) return callMarked(deps, lane, channel, entry, sending);
  if (Date.now() - (entry.retriedAt ?? entry.createdAt).getTime() > options.staleMs) {
    return giveUp(deps, entry, failureOf('stale', 'older than a reply may be when it is sent'));
  }
  if (channel === undefined) {
    const failure = failureOf('channel-off', `the channel ${entry.channel} of this account is not configured`);
    return outbox.postpone(entry, new Date(Date.now() + CHANNEL_OFF_MS), failure);
  }
  if (entry.inDoubt > 0) {
    const asked = await ask(deps, channel, entry);
    if (asked !== 'not-sent') return asked;
    if (entry.failure?.kind === ORPHANED) return flagged(deps, entry);
  }
  if (await deps.replyWindow.isOver(entry, channel)) {
    return keepBack(deps, channel, entry, failureOf('window-closed', 'the platform takes no free replies any more'));
  }
  if (!(await deps.rateOf(channel).take(entry.conversationId, entry.to.scope === 'group', sending.signal))) return entry;
  lane.assertHeld();
  const marked = await timed(deps.metrics, 'sending', () => outbox.markSending(entry));
  return callMarked(deps, lane, channel, marked, sending);
}

/** The mark is stored. */
async function callMarked(deps: SenderDeps, lane: LaneHold, channel: Channel, marked: OutboxDocument, sending: Sending) {
  const { outbox } = deps;
  deps.onStep('outbox:sending', idsOf(marked));
  // Once more, right before the call: who was suspended while the mark was stored may have a successor by now.
  try {
    lane.assertHeld();
  } catch (thrown) {
    await outbox.unmark(marked); // or the successor would have to take it for sent; rejects where there is one
    throw thrown;
  }
  outbox.calling(marked);
  return send(deps, channel, marked, sending.recording);
}

async function send(deps: SenderDeps, channel: Channel, entry: OutboxDocument, recording: Promise<void>[]): Promise<OutboxDocument | null> {
  const { metrics, options, outbox } = deps;
  let receipt: Receipt;
  try {
    receipt = await timed(metrics, 'call', () => call(channel, entry, options.sendTimeoutMs));
  } catch (thrown) {
    return settleFailure(deps, entry, thrown);
  }
  deps.onStep('outbox:called', idsOf(entry));
  // Not waited for: the next entry's `sending` goes out with it or after it, so at most one call is ever unrecorded.
  const recorded = timed(metrics, 'sent', () => outbox.markSent(entry, receipt)).then(async () => {
    await tell(deps, entry, { status: 'sent' });
    metrics.sends.inc({ channel: entry.channel, result: 'sent' });
    deps.onStep('outbox:sent', idsOf(entry));
  });
  recorded.catch(() => undefined); // the failure is met where `recording` is awaited
  recording.push(recorded);
  return null;
}

const idsOf = ({ conversationId, turnId, _id: outboxId }: OutboxDocument) => ({ conversationId, turnId, outboxId });

function call(channel: Channel, entry: OutboxDocument, timeoutMs: number): Promise<Receipt> {
  if (replacedBy(entry) !== null) return replacePreview(channel, entry, (edit) => withinTime(channel, timeoutMs, edit));
  const { _id: key, messageId, replyTo, part, last, place, answer } = entry;
  const context = { key, messageId, replyTo, part, last, answer, ...(place === undefined ? {} : { place }) };
  return withinTime(channel, timeoutMs, channel.send(entry.to, entry.content, context));
}

async function withinTime<Result>(channel: Channel, timeoutMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ChannelError('unknown', `${channel.name} did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function settleFailure(deps: SenderDeps, entry: OutboxDocument, thrown: unknown): Promise<OutboxDocument | null> {
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
function inDoubt(deps: SenderDeps, entry: OutboxDocument, failure: OutboxFailure, waitMs: number): Promise<OutboxDocument | null> {
  deps.metrics.sends.inc({ channel: entry.channel, result: 'uncertain' });
  const channel = deps.channelOf(entry);
  if (channel?.findSent === undefined && channel?.capabilities.tellsSent !== true) return unresolved(deps, entry, failure, waitMs);
  return deps.outbox.postpone(entry, new Date(Date.now() + waitMs), failure, { inDoubt: 1 });
}

/** Times that a platform is asked what became of a call before it is taken to be unable to tell. */
const MAX_ASKED = 5;

async function ask(deps: SenderDeps, channel: Channel, entry: OutboxDocument): Promise<OutboxDocument | null | 'not-sent'> {
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
async function flagged({ flagUncertain, outbox }: SenderDeps, entry: OutboxDocument): Promise<OutboxDocument> {
  const failure = failureOf('unknown', 'the platform had not got it; its first sender may still be there');
  await flagUncertain(entry.turnId, entry._id);
  return outbox.postpone(entry, entry.nextAttemptAt, failure, { uncertain: entry.uncertain + 1, inDoubt: 0 });
}

async function unresolved(deps: SenderDeps, entry: OutboxDocument, failure: OutboxFailure, waitMs: number): Promise<OutboxDocument | null> {
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
async function keepBack(deps: SenderDeps, channel: Channel, entry: OutboxDocument, failure: OutboxFailure): Promise<OutboxDocument | null> {
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

async function giveUp(deps: SenderDeps, entry: OutboxDocument, failure: OutboxFailure): Promise<null> {
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

async function tell({ tellDesk }: SenderDeps, entry: OutboxDocument, news: ReplyNews): Promise<void> {
  const notes = replyNews(entry, news);
  if (notes.length > 0) await tellDesk(notes);
}

const failureOf = (kind: string, message: string): OutboxFailure => ({ kind, message, at: new Date() });
