/**
 * Takes what waits first in a conversation through its turn: computed, committed, applied, done. Whatever goes wrong in computing, the customer is
 * told something; whatever goes wrong in storing is tried again.
 *
 * A turn under which the process dies is not lost but begins again, so one that kills would do so for ever. Who is to blame is found out in
 * two steps: what may have been running at a death is a suspect, no more, and one that was so twice runs by itself, with its try
 * counted before. Only tries that ended so, or that failed in plain sight, lead to the apology.
 */
import { type Channel, type Recipient } from '../domain/channel.js';
import { type Conversation } from '../domain/conversation.js';
import { asError } from '../domain/errors.js';
import { ORDER_STEP, turnIdOf } from '../domain/ids.js';
import { newestOrderOf, type ProcessTurn, type ShowDraft, type TurnInput, type TurnRecord } from '../domain/turn.js';
import { type ConversationStore } from '../storage/conversation-store.js';
import { isDatabaseAway } from '../storage/database-away.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type AloneGate } from './alone-gate.js';
import { type OpenDraft } from './drafts.js';
import { type EditedMessages } from './edited-messages.js';
import { type Inbox, type PendingEvent, seedOf } from './inbox.js';
import { type HistoryKeeper } from './lane-history.js';
import { type ReplyWindow } from './reply-window.js';
import { LaneLostError } from './lane-lost.js';
import { type DeliveryOptions } from './options.js';
import { showProgress } from './progress.js';
import { type LaneHold, type Sender } from './sender.js';
import { type OnStep, timed } from './steps.js';
import { type TurnCommit } from './turn-commit.js';
import { type TurnWork } from './waiting-events.js';

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
  /** The try that is under way was counted before it began. */
  counted: boolean;
  /** Events whose turns are applied and that are being marked as done; awaited before the inbox is read again and before the lane is let go. */
  readonly closing: Promise<void>[];
}

export interface TurnRunnerDeps {
  readonly inbox: Inbox;
  readonly conversations: ConversationStore;
  readonly turnCommit: TurnCommit;
  readonly processTurn: ProcessTurn;
  readonly failTurn: FailTurn;
  readonly edited: EditedMessages;
  readonly gate: AloneGate;
  readonly channelOf: (at: { channel: string; account: string }) => Channel | undefined;
  readonly history: HistoryKeeper;
  readonly onTurn: (record: TurnRecord) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
  readonly onStep: OnStep;
  readonly replyWindow: Pick<ReplyWindow, 'open'>;
  /** Shows the answer of a turn while it is written. */
  readonly draftOf: (lane: TurnLane, at: { channel: string; account: string }, to: Recipient, turnId: string) => OpenDraft;
}

/** Resolves to the ids of the events that the turn answered: fewer than were given where an earlier owner had answered some of them alone. */
export type RunTurn = (lane: TurnLane, work: TurnWork) => Promise<readonly string[]>;

/** Tries in company that may have ended with the process; from then on the event runs by itself. */
const SUSPECT_FROM = 2;

export function createTurnRunner(deps: TurnRunnerDeps): RunTurn {
  return async (lane, work) => {
    lane.counted = false;
    try {
      const { inboxId, joined = [] } = await runTurn(deps, lane, work);
      return [inboxId, ...joined.map((event) => event.inboxId)];
    } catch (thrown) {
      const blameless = thrown instanceof LaneLostError || isDatabaseAway(thrown);
      await setBack(deps, headOf(work), { blameless, counted: lane.counted, cause: asError(thrown) });
      throw thrown;
    }
  };
}

function headOf({ events }: TurnWork): PendingEvent {
  const [head] = events;
  if (head === undefined) throw new Error('a turn needs an event');
  return head;
}

async function runTurn(deps: TurnRunnerDeps, lane: TurnLane, work: TurnWork): Promise<TurnRecord> {
  const { metrics, onStep, turnCommit } = deps;
  const { conversationId, recovering } = lane;
  const head = headOf(work);
  const turnId = turnIdOf(head._id);
  const ids = { conversationId, inboxId: head._id, turnId };

  const earlier = recovering ? await turnCommit.reserve(turnId, lane.fence) : head.attempts > 0 ? await turnCommit.find(turnId) : null;
  const computed = earlier ?? (await compute(deps, lane, work));
  onStep('turn:computed', ids);
  lane.assertHeld();
  const record = earlier ?? (await timed(metrics, 'commit', () => turnCommit.commit(computed, recovering ? lane.fence : null)));
  onStep('turn:committed', ids);
  if (earlier === null) {
    metrics.turns.inc({ channel: record.channel, outcome: record.outcome });
    metrics.turnSeconds.observe({ channel: record.channel }, (Date.now() - head.receivedAt.getTime()) / 1000);
  }
  await carryOut(deps, lane, record, record === computed && earlier === null);
  return record;
}

/** Writes what the record says, tells who waits, and hands the replies to the sender. */
async function carryOut(deps: TurnRunnerDeps, lane: TurnLane, record: TurnRecord, isNew: boolean): Promise<void> {
  const { conversations, inbox, metrics, onStep, turnCommit } = deps;
  const ids = { conversationId: lane.conversationId, inboxId: record.inboxId, turnId: record.id };
  // What an earlier owner may have sent is looked at first.
  const marks = isNew ? lane.sender : null;
  const { entries, seenBefore } = await timed(metrics, 'effects', () => turnCommit.apply(record, lane.fence, marks));
  onStep('effects:applied', ids);
  // A draft whose id was lost may stand beside the answer; one that its first owner still edits, in its place.
  const inDoubt = record.effects.outbox.filter(({ preview }) => preview?.platformMessageId === null || preview?.inherited === true);
  for (const { id } of inDoubt) await turnCommit.flagUncertain(record.id, id);
  if (isNew) {
    lane.conversation = afterTurn(lane.conversation, record);
    deps.history.applied(record);
  } else {
    deps.history.forget(lane.conversationId);
    lane.conversation = (await conversations.find(lane.conversationId)) ?? lane.conversation;
  }
  deps.onTurn(record);
  const closed = timed(metrics, 'done', async () => {
    // The first event goes last: as long as it is pending, the record is found and the others are closed with it.
    if (record.joined !== undefined) await Promise.all(record.joined.map(({ inboxId }) => inbox.done(inboxId)));
    await inbox.done(record.inboxId);
  }).then(() => onStep('inbox:done', ids));
  // Nothing waits for the mark: who finds the event pending finds its record too, and only applies that again.
  closed.catch(() => undefined); // the failure is met where `closing` is awaited
  lane.closing.push(closed);
  if (seenBefore) await lane.sender.reload();
  else lane.sender.add(entries);
}

async function compute(deps: TurnRunnerDeps, lane: TurnLane, work: TurnWork): Promise<TurnRecord> {
  const { conversations, gate, inbox } = deps;
  const head = headOf(work);
  let { attempts } = head;
  if (lane.suspect) {
    lane.suspect = false;
    // It may have been running when the last owner died. Beyond suspicion only tries count that ran alone.
    if (attempts < SUSPECT_FROM) {
      attempts += 1;
      await inbox.countAttempt(head._id, 1);
    }
  }
  const released = await releaseKept(deps, lane, head);
  const input = { ...(await inputOf(deps, lane, work, attempts)), ...(released === 0 ? {} : { released }) };
  const contact = lane.fresh ? conversations.ensureContact(seedOf(head.event), head.receivedAt) : null;
  lane.fresh = false;
  const process = () => {
    lane.assertHeld(); // the gate may have taken a while
    return timed(deps.metrics, 'process', () => recordOf(deps, lane, input));
  };
  const processAlone = async () => {
    deps.logger.warn({ inboxId: head._id }, 'processes ended while this event was processed: it is tried while no other is');
    // Counted before it begins: should the process die now, the count is left behind.
    await inbox.countAttempt(head._id, 1);
    lane.counted = true;
    return process();
  };
  const suspicious = attempts >= SUSPECT_FROM && attempts < deps.options.maxAttempts;
  const [record] = await Promise.all([suspicious ? gate.alone(processAlone) : gate.together(process), contact]);
  return record;
}

/**
 * A customer who writes opens the platform's window for what was kept back. It goes out before this event's reply. Looked for at each message of such
 * a channel: the platform may have closed the window long before it was over by our count.
 */
async function releaseKept({ channelOf, replyWindow }: TurnRunnerDeps, lane: TurnLane, { event }: PendingEvent): Promise<number> {
  if (event.kind !== 'message' || (channelOf(event)?.capabilities.replyWindowMs ?? null) === null) return 0;
  const released = await replyWindow.open(lane.conversationId, lane.fence);
  if (released > 0) await lane.sender.reload();
  return released;
}

async function inputOf({ edited, options }: TurnRunnerDeps, lane: TurnLane, work: TurnWork, attempts: number): Promise<TurnInput> {
  const head = headOf(work);
  const last = work.events.at(-1) ?? head;
  const event = work.event.kind === 'edit' && options.answerEdits ? await edited.asMessage(head) : work.event;
  const { conversation } = lane;
  // Stored late, it is answered after some that came after it: it goes behind those in the log too, which grows at its end only.
  const moved = Math.max(0, conversation.lastOrder + ORDER_STEP - head.order);
  const parts = work.events.flatMap(({ _id, event: part, order, receivedAt }) =>
    part.kind === 'message' ? [{ inboxId: _id, event: part, order: order + moved, receivedAt }] : [],
  );
  const order = last.order + moved;
  const input = { inboxId: head._id, event, conversation, receivedAt: head.receivedAt, order, attempt: attempts + 1 };
  return parts.length > 1 ? { ...input, parts } : input;
}

/** The record is that of the answer or, where there is none, of the apology; either takes the place of what was shown of it. */
async function recordOf(deps: TurnRunnerDeps, lane: TurnLane, input: TurnInput): Promise<TurnRecord> {
  const { event, conversation, inboxId } = input;
  const scope = event.kind === 'message' ? { scope: event.scope } : {};
  const to: Recipient = { conversationId: conversation.id, threadKey: event.threadKey, userId: event.sender.userId, ...scope };
  const draft = deps.draftOf(lane, event, to, turnIdOf(inboxId));
  return draft.end(await answered(deps, input, to, draft.show));
}

async function answered(deps: TurnRunnerDeps, input: TurnInput, to: Recipient, showDraft: ShowDraft): Promise<TurnRecord> {
  const { event, conversation, inboxId, attempt } = input;
  const stopProgress = event.kind === 'message' ? showProgress(deps.channelOf(event), to, deps.logger) : () => undefined;
  try {
    if (attempt > deps.options.maxAttempts) throw new Error(`set aside after ${attempt - 1} attempts that did not end`);
    return await withinTime(deps.processTurn(input, showDraft), deps.options.turnTimeoutMs);
  } catch (thrown) {
    // Nothing can be stored now, so nobody is told: it is tried again when the database is back.
    if (isDatabaseAway(thrown)) throw thrown;
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

function afterTurn(conversation: Conversation, { effects, outcome }: TurnRecord): Conversation {
  const messageCount = conversation.messageCount + effects.messages.length;
  const lastOrder = Math.max(conversation.lastOrder, newestOrderOf(effects));
  const lastMessageAt = outcome === 'staff' ? conversation.lastMessageAt : new Date();
  return { ...conversation, ...effects.conversation, messageCount, lastOrder, lastMessageAt };
}

/**
 * Counts a failure, unless nobody is to blame for it. An event that fails even to be apologised for is set aside, so that it does not hold up its
 * conversation for ever.
 */
async function setBack(
  { inbox, logger, options }: TurnRunnerDeps,
  pending: PendingEvent,
  { blameless, counted, cause }: { blameless: boolean; counted: boolean; cause: Error },
): Promise<void> {
  try {
    if (blameless && counted) await inbox.countAttempt(pending._id, -1);
    if (!blameless && !counted) await inbox.countAttempt(pending._id, 1);
    if (blameless || pending.attempts + 1 < options.maxAttempts * 2) return;
    // The name only: messages of database errors may hold what was to be stored.
    await inbox.giveUp(pending._id, { kind: 'attempts', message: `${cause.name} at each of ${pending.attempts + 1} tries` });
    logger.error({ inboxId: pending._id, conversationId: pending.conversationId }, 'an event was set aside: it cannot be processed');
  } catch (thrown) {
    logger.debug({ inboxId: pending._id, err: asError(thrown) }, 'an attempt could not be counted');
  }
}
