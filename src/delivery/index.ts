/**
 * Delivery: takes events in, runs their turns in order, gets the replies out. Everything it promises (nothing lost, nothing doubled, in order,
 * never silent) rests on what it stores between the steps; see the README's flow of one message.
 */
import { type Channel, type Emit } from '../domain/channel.js';
import { type ChatService } from '../domain/chat.js';
import { asError, RequestError } from '../domain/errors.js';
import { randomId, turnIdOf } from '../domain/ids.js';
import { type ProcessTurn, type TurnRecord } from '../domain/turn.js';
import { type BatchMeter } from '../storage/write-batcher.js';
import { createConversationStore } from '../storage/conversation-store.js';
import { type Models } from '../storage/models/index.js';
import { nativeCollection } from '../storage/native-collection.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { createInbox, seedOf } from './inbox.js';
import { type HistoryKeeper, NO_HISTORY } from './lane-history.js';
import { createLanes } from './lanes.js';
import { DELIVERY_DEFAULTS, type DeliveryOptions } from './options.js';
import { createOutbox } from './outbox.js';
import { createSendRate, type SendRate } from './send-rate.js';
import { type OnStep, timed } from './steps.js';
import { sweep } from './sweep.js';
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
  /** The one that the pipeline reads through, where it does. */
  readonly history?: HistoryKeeper;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<DeliveryOptions>;
  readonly onStep?: OnStep;
}

export interface Delivery {
  /** Resolves once the event is on disk; its turn follows. Throws RequestError ServiceUnavailableError when behind or stopping. */
  readonly emit: Emit;
  readonly waitForTurn: ChatService['waitForTurn'];
  /** Takes nothing more in, finishes what runs and keeps the rest for the next start. False when `limitMs` was not enough for what ran. */
  stop(limitMs?: number): Promise<boolean>;
}

const STOP_LIMIT_MS = 10_000;

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
  const lease = { owner: randomId('inst'), leaseMs: options.leaseMs, soleInstance: options.soleInstance, onBatch };
  const conversations = createConversationStore(models, lease);
  const inbox = createInbox(inboxCollection, { ...options, onBatch });
  const outbox = createOutbox(outboxCollection, { ...options, onBatch });
  const turnCommit = createTurnCommit({ models, conversations, stores: deps.stores, onBatch });

  const waiters = createTurnWaiters(async (turnId) => {
    const record = await turnCommit.find(turnId);
    return record !== null && (await isDone(record)) ? record : null;
  }, options.turnPollMs);
  const isDone = async ({ inboxId }: TurnRecord) => (await inboxCollection.findOne({ _id: inboxId, state: 'pending' })) === null;

  const shared = { inbox, conversations, history, logger, metrics, options, onStep };
  const runTurn = createTurnRunner({
    ...shared,
    turnCommit,
    processTurn: deps.processTurn,
    failTurn: deps.failTurn,
    channelOf,
    onTurn: (record: TurnRecord) => waiters.tell(record),
  });
  const sending = {
    outbox,
    channelOf,
    rateOf: createRates(options),
    flagUncertain: (turnId: string, outboxId: string) => turnCommit.flagUncertain(turnId, outboxId),
    logger,
    metrics,
    options,
    onStep,
  };
  const lanes = createLanes({ ...shared, runTurn, sending });

  let stopping = false;
  const emitting = new Set<Promise<unknown>>();
  const emit: Emit = async (event) => {
    if (stopping)
      throw new RequestError('ServiceUnavailableError', 'The service is stopping: deliver the event again.', { retryAfterSeconds: 5 });
    const storing = timed(metrics, 'store', () => inbox.store(event));
    emitting.add(storing);
    const { inboxId, duplicate, conversationId } = await storing.finally(() => emitting.delete(storing));
    metrics.eventsReceived.inc({ channel: event.channel, result: duplicate ? 'duplicate' : 'stored' });
    if (!duplicate) {
      onStep('emit:stored', { conversationId, inboxId, turnId: turnIdOf(inboxId) });
      lanes.wake(conversationId, seedOf(event));
    }
    return { inboxId, duplicate };
  };

  const watchdog = { inbox: inboxCollection, outbox: outboxCollection, logger, metrics, silentMs: options.silentMs };
  const look = { inbox, outbox, conversations, lanes, options };
  const loops = [
    every(options.sweepMs, true, (first) => sweep(look, first), logger, 'unowned work could not be looked for'),
    every(options.heartbeatMs, false, () => lanes.heartbeat(), logger, 'the leases could not be renewed'),
    every(options.watchdogMs, true, () => watch(watchdog), logger, 'the watchdog failed'),
  ];

  return {
    emit,
    waitForTurn: (turnId, timeoutMs) => waiters.wait(turnId, timeoutMs),
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

function createRates({ sendsPerSecond }: DeliveryOptions): (channel: Channel) => SendRate {
  const rates = new Map<Channel, SendRate>();
  return (channel) => {
    const rate = rates.get(channel) ?? createSendRate(sendsPerSecond ?? channel.capabilities.rate.perSecond);
    rates.set(channel, rate);
    return rate;
  };
}

/** Runs the work again and again, never twice at a time; returns a function that ends it and waits for the run that is under way. */
function every(
  intervalMs: number,
  atOnce: boolean,
  work: (first: boolean) => Promise<void>,
  logger: Logger,
  failure: string,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async (first: boolean) => {
    await work(first).catch((thrown: unknown) => logger.warn({ err: asError(thrown) }, failure));
    if (!stopped) schedule(intervalMs);
  };
  const schedule = (delayMs: number, first = false) => {
    timer = setTimeout(() => {
      running = run(first);
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
