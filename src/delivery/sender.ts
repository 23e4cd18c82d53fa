/**
 * Sends what one lane has to send, first in first out: an entry that waits for its next attempt holds back those behind it. Before a call the
 * entry is stored as `sending`; found so by a successor, its result is not known, and it is sent again or held as configured, never hidden.
 */
import { type Channel, type Receipt } from '../domain/channel.js';
import { asError } from '../domain/errors.js';
import { type OutboxDocument } from '../storage/models/outbox.js';
import { replacedBy, replacePreview } from './preview.js';
import { failureOf, giveUp, keepBack, type OutcomeDeps, settleDoubt, settleFailure, settleInterrupted, tell } from './send-outcome.js';
import { type SendRate } from './send-rate.js';
import { type OnStep, timed } from './steps.js';
import { type SendMarks } from './turn-commit.js';
import { withinTime } from './within-time.js';

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

export interface SenderDeps extends OutcomeDeps {
  readonly rateOf: (channel: Channel) => SendRate;
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
    const settled = await settleDoubt(deps, channel, entry);
    if (settled !== 'not-sent') return settled;
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
