/**
 * Delivery: takes events in, runs their turns in order, gets the replies out. Everything it promises (nothing lost, nothing doubled, in order,
 * never silent) rests on what it stores between the steps; see the README's flow of one message.
 */
import { type Channel, type Emit, type SendRates } from '../domain/channel.js';
import { type ChatService } from '../domain/chat.js';
import { asError, RequestError } from '../domain/errors.js';
import { type InboundEvent } from '../domain/message.js';
import { ofChannel } from '../domain/per-channel.js';
import { type Ticket } from '../domain/ticket.js';
import { type Conversation } from '../domain/conversation.js';
import { inboxIdOf, randomId, turnIdOf } from '../domain/ids.js';
import { type ProcessTurn, type TurnRecord } from '../domain/turn.js';
import { type BatchMeter } from '../storage/write-batcher.js';
import { createConversationStore } from '../storage/conversation-store.js';
import { createDatabaseClock, OWN_CLOCK } from '../storage/database-clock.js';
import { type OutboxDocument, type OutboxFailure } from '../storage/models/outbox.js';
import { type Models } from '../storage/models/index.js';
import { nativeCollection } from '../storage/native-collection.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { createAloneGate } from './alone-gate.js';
import { openDraft } from './drafts.js';
import { createEditedMessages } from './edited-messages.js';
import { createInbox, seedOf } from './inbox.js';
import { type HistoryKeeper, NO_HISTORY } from './lane-history.js';
import { createLanes } from './lanes.js';
import { DELIVERY_DEFAULTS, type DeliveryOptions } from './options.js';
import { createOtherChannel, type FitElsewhere } from './other-channel.js';
import { createOutbox } from './outbox.js';
import { createReplyWindow } from './reply-window.js';
import { createSendRate, type SendRate } from './send-rate.js';
import { createStatuses } from './statuses.js';
import { type OnStep, timed } from './steps.js';
import { createSweep } from './sweep.js';
import { createTurnCommit, type EffectStores } from './turn-commit.js';
import { createTurnRunner, type FailTurn } from './turn-runner.js';
import { createTurnWaiters } from './turn-waiters.js';
import { watch } from './watchdog.js';

export interface DeliveryDeps {
  readonly models: Pick<Models, 'inbox' | 'outbox' | 'conversations' | 'contacts' | 'messages' | 'turns' | 'sessions'>;
  readonly channels: readonly Channel[];
  readonly processTurn: ProcessTurn;
  /** Called where `processTurn` threw or took too long. */
  readonly failTurn: FailTurn;
  readonly stores: EffectStores;
  /** The ticket for a reply that became too old to be sent; none is opened where it is left out. */
  readonly staleTicket?: (record: TurnRecord, conversation: Conversation) => Ticket;
  /** How a reply looks on another channel than that on which it was asked for; left out, none goes elsewhere. */
  readonly fitElsewhere?: FitElsewhere;
  /** The one that the pipeline reads through, where it does. */
  readonly history?: HistoryKeeper;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<DeliveryOptions>;
  readonly onStep?: OnStep;
}

export interface Delivery {
  /**
   * Resolves once the event is on disk; its turn follows. Throws RequestError ServiceUnavailableError when stopping, and when behind unless its
   * channel does not deliver again.
   */
  readonly emit: Emit;
  readonly waitForTurn: ChatService['waitForTurn'];
  /** Something was put back into the inbox or outbox of the conversation from outside. */
  readonly wake: (conversationId: string) => void;
  /** Takes nothing more in, finishes what runs and keeps the rest for the next start. False when `limitMs` was not enough for what ran. */
  stop(limitMs?: number): Promise<boolean>;
}

const STOP_LIMIT_MS = 10_000;
/** What a refused caller is told to wait. */
const RETRY_AFTER_SECONDS = 5;
const SOLE_SWEEP_MS = 30_000;
/** Between sweeps while there is more to look at. */
const MORE_MS = 100;

/** Starts working at once, first on what an earlier process left. */
export function startDelivery(deps: DeliveryDeps): Delivery {
  const { models, history = NO_HISTORY, logger, metrics, onStep = () => undefined } = deps;
  const options: DeliveryOptions = { ...DELIVERY_DEFAULTS, ...deps.options };
  const onBatch: BatchMeter = (collection, _writes, durationMs) => {
    metrics.stepSeconds.observe({ step: `write:${collection}` }, durationMs / 1000);
  };
  const channels = new Map(deps.channels.map((channel) => [`${channel.name}:${channel.account}`, channel]));
  const channelOf = ({ channel, account }: { channel: string; account: string }) => channels.get(`${channel}:${account}`);

  const inboxCollection = nativeCollection(models.inbox);
  const outboxCollection = nativeCollection(models.outbox);
  const clock = options.soleInstance ? OWN_CLOCK : createDatabaseClock(inboxCollection.db);
  const conversations = createConversationStore(models, { owner: randomId('inst'), soleInstance: options.soleInstance, onBatch });
  const inbox = createInbox(inboxCollection, { ...options, clock, onBatch });
  const outbox = createOutbox(outboxCollection, { ...options, onBatch });
  const turnCommit = createTurnCommit({ models, conversations, stores: deps.stores, onBatch });

  const joins = [options.debounceMs.usual, ...Object.values(options.debounceMs.channels)].some((pauseMs) => pauseMs > 0);
  const waiters = createTurnWaiters(
    async (turnId) => {
      const record = (await turnCommit.find(turnId)) ?? (joins ? await turnCommit.findJoined(turnId) : null);
      return record !== null && (await isDone(record)) ? record : null;
    },
    { pollMs: options.turnPollMs, elsewhere: !options.soleInstance },
  );
  const isDone = async ({ inboxId }: TurnRecord) => (await inboxCollection.findOne({ _id: inboxId, state: 'pending' })) === null;

  const onUndelivered = async ({ turnId, conversationId }: OutboxDocument) => {
    const [record, conversation] = await Promise.all([turnCommit.find(turnId), conversations.find(conversationId)]);
    // A person's own reply has a case already, whose desk is told.
    if (record === null || conversation === null || record.outcome === 'staff' || deps.staleTicket === undefined) return;
    await deps.stores.saveTicket(deps.staleTicket(record, conversation));
  };

  const replyWindow = createReplyWindow({ outbox: outboxCollection, conversationOf: (id) => conversations.find(id) });
  const otherChannel = createOtherChannel({
    outbox: outboxCollection,
    conversations: nativeCollection(models.conversations),
    contacts: nativeCollection(models.contacts),
    conversationOf: (id) => conversations.find(id),
    channelOf,
    fit: deps.fitElsewhere,
    wake: (conversationId) => lanes.wake(conversationId, null, true),
  });
  /** A failure that comes after the platform took the message is treated as if the send had failed. */
  const onFailedLater = async (entry: OutboxDocument, failure: OutboxFailure) => {
    const channel = channelOf(entry);
    const movedTo = failure.kind === 'window-closed' ? await otherChannel.take(entry) : null;
    if (movedTo !== null) {
      const expiresAt = new Date(Date.now() + options.retentionMs);
      await outboxCollection.updateOne({ _id: entry._id, state: 'dead' }, { $set: { state: 'moved', movedTo, expiresAt } });
      return;
    }
    const park = async ({ _id }: OutboxDocument) =>
      void (await outboxCollection.updateOne({ _id, state: 'dead' }, { $set: { state: 'waiting' } }));
    const kept =
      failure.kind === 'window-closed' && channel !== undefined ? await replyWindow.keepBack(entry, channel, park) : 'no-template';
    if (kept === 'no-template') await onUndelivered(entry);
    else lanes.wake(entry.conversationId, null, true);
  };
  const statuses = createStatuses({
    outbox: outboxCollection,
    messages: nativeCollection(models.messages),
    retentionMs: options.retentionMs,
    metrics,
    tellDesk: deps.stores.tellDesk,
    onFailed: onFailedLater,
  });

  const shared = { clock, inbox, conversations, history, logger, metrics, options, onStep };
  const rateOf = createRates(options);
  const runTurn = createTurnRunner({
    ...shared,
    turnCommit,
    edited: createEditedMessages(models),
    gate: createAloneGate(),
    processTurn: deps.processTurn,
    failTurn: deps.failTurn,
    channelOf,
    onTurn: (record: TurnRecord) => waiters.tell(record),
    replyWindow,
    draftOf: (lane, at, to, turnId) => openDraft({ conversations, rateOf, logger }, lane, channelOf(at), to, turnId),
  });
  const sending = {
    outbox,
    channelOf,
    rateOf,
    flagUncertain: (turnId: string, outboxId: string) => turnCommit.flagUncertain(turnId, outboxId),
    onUndelivered,
    replyWindow,
    otherChannel,
    tellDesk: deps.stores.tellDesk,
    receiptOf: (outboxId: string) => statuses.receiptOf(outboxId),
    logger,
    metrics,
    options,
    onStep,
  };
  const servedElsewhere = () => deps.channels.filter((channel) => channel.servedHere?.() === false);
  const lanes = createLanes({ ...shared, runTurn, sending, servedElsewhere });

  let stopping = false;
  const emitting = new Set<Promise<unknown>>();
  const refusal = (event: InboundEvent): string | null => {
    if (stopping) return 'The service is stopping: deliver the event again.';
    // Where nobody delivers it again, it is taken whatever is behind: the store keeps it, and no memory is needed for it.
    if (channelOf(event)?.capabilities.redelivers === false) return null;
    const behind = inbox.storing() >= options.maxWaitingEvents || lanes.waiting() >= options.maxWaitingLanes;
    return behind ? 'The service is behind: deliver the event again in a moment.' : null;
  };
  const emit: Emit = async (event) => {
    if (event.kind === 'status') {
      await statuses.record(event);
      return { inboxId: inboxIdOf(event), duplicate: false };
    }
    const refused = refusal(event);
    if (refused !== null) {
      metrics.eventsReceived.inc({ channel: event.channel, result: 'refused' });
      throw new RequestError('ServiceUnavailableError', refused, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    const storing = timed(metrics, 'store', () => inbox.store(event));
    emitting.add(storing);
    const { inboxId, duplicate, pending, placedAtMs } = await storing.finally(() => emitting.delete(storing));
    metrics.eventsReceived.inc({ channel: event.channel, result: duplicate ? 'duplicate' : 'stored' });
    if (!duplicate) {
      onStep('emit:stored', { conversationId: pending.conversationId, inboxId, turnId: turnIdOf(inboxId) });
      waiters.expect(turnIdOf(inboxId));
      const pauseMs = event.kind === 'message' ? ofChannel(options.debounceMs, event.channel) : 0;
      lanes.arrived(pending, seedOf(event), { pauseMs, amends: event.kind === 'edit' || event.kind === 'delete' });
    }
    // What the customer writes from here on may be stored by an instance whose clock is behind ours, and yet comes after it.
    await clock.reached(placedAtMs);
    return { inboxId, duplicate };
  };

  const watchdog = { inbox: inboxCollection, outbox: outboxCollection, logger, metrics, silentMs: options.silentMs };
  const sweep = createSweep({ inbox, outbox, conversations, lanes, clock, options });
  // No other instance leaves work behind: what was stored here was woken here, but for what there was no room for.
  const sweepMs = options.soleInstance ? Math.max(options.sweepMs, SOLE_SWEEP_MS) : options.sweepMs;
  // Each by itself: a renewal that waited for looks at the clock would make the way from renewal to renewal longer than the lease.
  const { heartbeatMs, soleInstance } = options;
  const leases = soleInstance
    ? []
    : [
        every(heartbeatMs, false, () => lanes.heartbeat(), logger, 'the leases could not be renewed'),
        every(heartbeatMs, false, () => clock.sync(), logger, 'the clock of the database could not be looked at'),
      ];
  const loops = [
    every(sweepMs, true, sweep, logger, 'unowned work could not be looked for'),
    every(options.watchdogMs, true, () => watch(watchdog), logger, 'the watchdog failed'),
    ...leases,
  ];

  return {
    emit,
    waitForTurn: (turnId, timeoutMs) => waiters.wait(turnId, timeoutMs),
    wake: (conversationId) => lanes.wake(conversationId, null, true),
    async stop(limitMs = STOP_LIMIT_MS) {
      stopping = true;
      await Promise.all([...loops.map((stop) => stop()), Promise.allSettled(emitting)]);
      const finished = await lanes.stop(limitMs);
      if (!finished) logger.warn({ limitMs }, 'some turns were still running at the stop; they are done at the next start');
      await Promise.all([inbox, outbox, conversations, turnCommit].map((part) => part.drain()));
      return finished;
    },
  };
}

function createRates({ sendsPerSecond, sendsPerChat }: DeliveryOptions): (channel: Channel) => SendRate {
  const rates = new Map<Channel, SendRate>();
  const raised = ({ capabilities: { rate: declared } }: Channel): SendRates => {
    const overall = { ...declared, perSecond: sendsPerSecond ?? declared.perSecond };
    if (sendsPerChat === null) return overall;
    const conversationBurst = Math.max(sendsPerChat, declared.conversationBurst);
    return { ...overall, perConversationPerSecond: sendsPerChat, conversationBurst, perGroupPerMinute: null };
  };
  return (channel) => {
    const rate = rates.get(channel) ?? createSendRate(raised(channel));
    rates.set(channel, rate);
    return rate;
  };
}

/** Work that takes longer than its interval rests for this share of it before it begins again. */
const LEAST_REST = 0.25;

/**
 * Begins the work at every interval, never twice at a time, and soon where it says that there is more; returns a function that ends it and waits
 * for the run that is under way.
 */
function every(
  intervalMs: number,
  atOnce: boolean,
  work: (first: boolean) => Promise<boolean | void>,
  logger: Logger,
  failure: string,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (first: boolean) => {
    const dueAt = performance.now() + intervalMs;
    const more = await work(first).catch((thrown: unknown) => {
      logger.warn({ err: asError(thrown) }, failure);
      return false;
    });
    const restMs = Math.max(dueAt - performance.now(), intervalMs * LEAST_REST);
    if (!stopped) schedule(more === true ? Math.min(MORE_MS, restMs) : restMs);
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      running = run(false);
    }, delayMs);
    timer.unref();
  };
  let running: Promise<void> = Promise.resolve();
  if (atOnce) running = run(true);
  else schedule(intervalMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
    return running;
  };
}
