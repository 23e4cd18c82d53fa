/** Takes one pending event through its turn: computed, committed, applied, done. Whatever goes wrong in computing, the customer is told something. */
import { type Channel, type Recipient } from '../domain/channel.js';
import { type Conversation } from '../domain/conversation.js';
import { asError } from '../domain/errors.js';
import { turnIdOf } from '../domain/ids.js';
import { type ProcessTurn, type TurnInput, type TurnRecord } from '../domain/turn.js';
import { type ConversationStore } from '../storage/conversation-store.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type Inbox, type PendingEvent, seedOf } from './inbox.js';
import { type HistoryKeeper } from './lane-history.js';
import { LaneLostError } from './lane-lost.js';
import { type DeliveryOptions } from './options.js';
import { showProgress } from './progress.js';
import { type LaneHold, type Sender } from './sender.js';
import { type OnStep, timed } from './steps.js';
import { type TurnCommit } from './turn-commit.js';

/** The record of a turn that could not be computed: tells the customer so and opens a ticket. Must not fail. */
export type FailTurn = (input: TurnInput, cause: Error) => TurnRecord;

/** A lane as the turns in it see it. */
export interface TurnLane extends LaneHold {
  conversation: Conversation;
  readonly sender: Sender;
  /** No turn of this conversation was applied yet: its contact may be missing. */
  fresh: boolean;
  /** The last owner did not finish: turns may be committed already, and the first one that is not may be what it died of. */
  recovering: boolean;
  suspect: boolean;
}

export interface TurnRunnerDeps {
  readonly inbox: Inbox;
  readonly conversations: ConversationStore;
  readonly turnCommit: TurnCommit;
  readonly processTurn: ProcessTurn;
  readonly failTurn: FailTurn;
  readonly channelOf: (at: { channel: string; account: string }) => Channel | undefined;
  readonly history: HistoryKeeper;
  readonly onTurn: (record: TurnRecord) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
  readonly onStep: OnStep;
}

export type RunTurn = (lane: TurnLane, pending: PendingEvent) => Promise<void>;

export function createTurnRunner(deps: TurnRunnerDeps): RunTurn {
  return async (lane, pending) => {
    try {
      await runTurn(deps, lane, pending);
    } catch (thrown) {
      if (!(thrown instanceof LaneLostError)) await setBack(deps, pending);
      throw thrown;
    }
  };
}

async function runTurn(deps: TurnRunnerDeps, lane: TurnLane, pending: PendingEvent): Promise<void> {
  const { conversations, inbox, metrics, onStep, turnCommit } = deps;
  const turnId = turnIdOf(pending._id);
  const ids = { conversationId: lane.conversationId, inboxId: pending._id, turnId };

  const earlier = lane.recovering || pending.attempts > 0 ? await turnCommit.find(turnId) : null;
  const computed = earlier ?? (await compute(deps, lane, pending));
  onStep('turn:computed', ids);
  lane.assertHeld();
  const record = earlier ?? (await timed(metrics, 'commit', () => turnCommit.commit(computed)));
  onStep('turn:committed', ids);
  if (earlier === null) {
    metrics.turns.inc({ channel: record.channel, outcome: record.outcome });
    metrics.turnSeconds.observe({ channel: record.channel }, (Date.now() - pending.receivedAt.getTime()) / 1000);
  }

  const { entries, seenBefore } = await timed(metrics, 'effects', () => turnCommit.apply(record, lane.fence));
  onStep('effects:applied', ids);
  if (record === computed && earlier === null) {
    lane.conversation = afterTurn(lane.conversation, record);
    deps.history.applied(record);
  } else {
    deps.history.forget(lane.conversationId);
    lane.conversation = (await conversations.find(lane.conversationId)) ?? lane.conversation;
  }
  deps.onTurn(record);
  await timed(metrics, 'done', () => inbox.close(pending._id, 'done'));
  onStep('inbox:done', ids);
  if (seenBefore) await lane.sender.reload();
  else lane.sender.add(entries);
}

async function compute(deps: TurnRunnerDeps, lane: TurnLane, pending: PendingEvent): Promise<TurnRecord> {
  const { event, order, receivedAt } = pending;
  let died = pending.attempts;
  if (lane.suspect) {
    lane.suspect = false;
    died += 1;
    await deps.inbox.countAttempt(pending._id);
  }
  const input = { inboxId: pending._id, event, conversation: lane.conversation, receivedAt, order, attempt: died + 1 };
  const contact = lane.fresh ? deps.conversations.ensureContact(seedOf(event), receivedAt) : null;
  lane.fresh = false;
  const [record] = await Promise.all([timed(deps.metrics, 'process', () => recordOf(deps, input)), contact]);
  return record;
}

async function recordOf(deps: TurnRunnerDeps, input: TurnInput): Promise<TurnRecord> {
  const { event, conversation, inboxId, attempt } = input;
  const to: Recipient = { conversationId: conversation.id, threadKey: event.threadKey, userId: event.sender.userId };
  const stopProgress = event.kind === 'message' ? showProgress(deps.channelOf(event), to, deps.logger) : () => undefined;
  try {
    if (attempt > deps.options.maxAttempts) throw new Error(`set aside after ${attempt - 1} attempts that did not end`);
    return await withinTime(deps.processTurn(input), deps.options.turnTimeoutMs);
  } catch (thrown) {
    deps.logger.error(
      { inboxId, conversationId: conversation.id, attempt, err: asError(thrown) },
      'a turn failed; the customer is told so',
    );
    return deps.failTurn(input, asError(thrown));
  } finally {
    stopProgress();
  }
}

async function withinTime<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the turn took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function afterTurn(conversation: Conversation, { effects }: TurnRecord): Conversation {
  const messageCount = conversation.messageCount + effects.messages.length;
  return { ...conversation, ...effects.conversation, messageCount, lastMessageAt: new Date() };
}

/** Counts the failure. An event that fails even to be apologised for is set aside, so that it does not hold up its conversation for ever. */
async function setBack({ inbox, logger, options }: TurnRunnerDeps, pending: PendingEvent): Promise<void> {
  try {
    await inbox.countAttempt(pending._id);
    if (pending.attempts + 1 < options.maxAttempts * 2) return;
    await inbox.close(pending._id, 'dead');
    logger.error({ inboxId: pending._id, conversationId: pending.conversationId }, 'an event was set aside: it cannot be processed');
  } catch (thrown) {
    logger.debug({ inboxId: pending._id, err: asError(thrown) }, 'an attempt could not be counted');
  }
}
