/**
 * Lanes: one for each conversation that has work. A lane is claimed with a lease, its pending events go through their turns one after the other,
 * and what they answer is sent in the same order; different lanes run side by side. Writes wake lanes; nothing is polled on the way.
 *
 * A lane is `ready` (waits for one of the working places), `working` (turns), `draining` (only sends are left; takes up no place) or
 * `releasing`. It keeps its lease through all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asError } from '../domain/errors.js';
import { type ConversationSeed, type ConversationStore, type LaneClaim } from '../storage/conversation-store.js';
import { type Logger } from '../telemetry/logger.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type Inbox } from './inbox.js';
import { type HistoryKeeper } from './lane-history.js';
import { LaneLostError } from './lane-lost.js';
import { type DeliveryOptions } from './options.js';
import { openSender, type Sender, type SenderDeps } from './sender.js';
import { type OnStep, timed } from './steps.js';
import { type RunTurn, type TurnLane } from './turn-runner.js';

export interface LanesDeps {
  readonly inbox: Inbox;
  readonly conversations: ConversationStore;
  readonly runTurn: RunTurn;
  readonly sending: SenderDeps;
  readonly history: HistoryKeeper;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
  readonly onStep: OnStep;
}

export interface Lanes {
  /** There is something to do in the conversation. Without a seed it has to exist; `sends`: the outbox is to be read too. */
  wake(conversationId: string, seed: ConversationSeed | null, sends?: boolean): void;
  /** Lanes that are at work here or about to be. */
  has(conversationId: string): boolean;
  /** Renews the leases of all lanes that are held. */
  heartbeat(): Promise<void>;
  /** Begins no more turns, finishes those that run and sends what is ready; resolves to false when `limitMs` was not enough. */
  stop(limitMs: number): Promise<boolean>;
}

interface Lane {
  readonly conversationId: string;
  seed: ConversationSeed | null;
  phase: 'ready' | 'working' | 'draining' | 'releasing';
  /** Woken since its events were last read. */
  dirty: boolean;
  /** The outbox is read at the next claim, whatever the lane says of it. */
  sends: boolean;
  held: HeldLane | null;
}

interface HeldLane extends TurnLane {
  sender: Sender;
  /** On the clock of `performance.now()`, which a suspended process cannot miss. */
  validUntil: number;
}

/** How long a lane rests after a failure of ours (the database is away, a defect). */
const REST_MS = 1_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Claims that may be answered with "held" while the holder is just letting go. */
const CLAIM_TRIES = 3;

export function createLanes(deps: LanesDeps): Lanes {
  const { conversations, inbox, logger, metrics, options, onStep } = deps;
  const lanes = new Map<string, Lane>();
  const timers = new Map<string, NodeJS.Timeout>();
  const ready: Lane[] = [];
  let working = 0;
  let stopping = false;
  let whenEmpty: (() => void) | null = null;

  function wake(conversationId: string, seed: ConversationSeed | null, sends = false): void {
    if (stopping) return;
    clearTimeout(timers.get(conversationId));
    timers.delete(conversationId);
    const lane = lanes.get(conversationId);
    if (lane === undefined) {
      const added: Lane = { conversationId, seed, phase: 'ready', dirty: true, sends, held: null };
      lanes.set(conversationId, added);
      enqueue(added);
      return;
    }
    lane.seed ??= seed;
    lane.sends ||= sends;
    lane.dirty = true;
    if (lane.phase === 'draining') enqueue(lane);
  }

  function wakeLater({ conversationId, seed }: Lane, afterMs: number): void {
    if (stopping || lanes.has(conversationId)) return;
    clearTimeout(timers.get(conversationId));
    const delayMs = Math.max(0, Math.min(afterMs, MAX_TIMER_MS));
    timers.set(
      conversationId,
      setTimeout(() => wake(conversationId, seed, true), delayMs),
    );
  }

  function enqueue(lane: Lane): void {
    lane.phase = 'ready';
    ready.push(lane);
    pump();
  }

  function pump(): void {
    while (working < options.maxLanes) {
      const lane = ready.shift();
      if (lane === undefined) return;
      void work(lane);
    }
  }

  function forget(lane: Lane): void {
    lane.held?.sender.stop();
    if (lane.held !== null) deps.history.forget(lane.conversationId);
    if (lanes.get(lane.conversationId) !== lane) return;
    lanes.delete(lane.conversationId);
    if (lane.dirty) wake(lane.conversationId, lane.seed, lane.sends);
    if (lanes.size === 0) whenEmpty?.();
  }

  async function work(lane: Lane): Promise<void> {
    working += 1;
    lane.phase = 'working';
    let more = false;
    try {
      lane.held ??= await claim(lane);
      if (lane.held !== null) more = await runEvents(lane, lane.held);
    } catch (thrown) {
      await abandon(lane, thrown);
      return;
    } finally {
      working -= 1;
      pump();
    }
    if (lane.held === null) forget(lane);
    else if (more) enqueue(lane);
    else await drain(lane, lane.held);
  }

  async function claim(lane: Lane): Promise<HeldLane | null> {
    const { conversationId, seed } = lane;
    lane.dirty = false;
    for (let tries = 0; tries < CLAIM_TRIES && !stopping; tries++) {
      const began = performance.now();
      const claimed = await timed(metrics, 'claim', () => conversations.claim({ conversationId, seed, now: new Date() }));
      if (claimed === 'unknown-conversation') return null;
      if (claimed === 'held-by-another') {
        if (await conversations.want(conversationId)) return null;
        continue;
      }
      onStep('lane:claimed', { conversationId });
      deps.history.forget(conversationId);
      const held = hold(conversationId, claimed, options.soleInstance ? Infinity : began + options.leaseMs);
      // Left-over sends are few and rare: only then is the outbox asked.
      if (claimed.takeover || claimed.sendsLeft || lane.sends) await held.sender.reload();
      lane.sends = false;
      return held;
    }
    return null;
  }

  function hold(conversationId: string, { conversation, fence, takeover, fresh }: LaneClaim, validUntil: number): HeldLane {
    const hold = {
      conversationId,
      fence,
      validUntil,
      assertHeld: () => {
        if (performance.now() >= hold.validUntil) throw new LaneLostError();
      },
    };
    return Object.assign(hold, { conversation, fresh, recovering: takeover, suspect: takeover, sender: openSender(deps.sending, hold) });
  }

  /** True when there is more to do and it is another lane's turn. */
  async function runEvents(lane: Lane, held: HeldLane): Promise<boolean> {
    for (let handled = 0; !stopping;) {
      lane.dirty = false;
      const events = await timed(metrics, 'read', () => inbox.pendingOf(lane.conversationId, options.maxEventsPerVisit));
      for (const event of events) {
        if (stopping) return false;
        await deps.runTurn(held, event);
        handled += 1;
      }
      if (events.length < options.maxEventsPerVisit && !lane.dirty) return false;
      if (handled >= options.maxEventsPerVisit && ready.length > 0) return true;
    }
    return false;
  }

  /** Waits for the sends, then lets the lane go unless it was woken meanwhile. */
  async function drain(lane: Lane, held: HeldLane): Promise<void> {
    lane.phase = 'draining';
    try {
      if (lane.dirty && !stopping) return enqueue(lane);
      await held.sender.idle();
      if (lane.phase !== 'draining') return;
      lane.phase = 'releasing';
      held.sender.stop();
      const dueAt = held.sender.dueAt();
      const { conversationId } = lane;
      const released = await timed(metrics, 'release', () => conversations.release(conversationId, held.fence, dueAt));
      if (!released && (await conversations.acceptWanted(conversationId, held.fence))) return await resume(lane, held);
      forget(lane);
      if (released && dueAt !== null) wakeLater(lane, dueAt.getTime() - Date.now());
    } catch (thrown) {
      await abandon(lane, thrown);
    }
  }

  /** The lane could not be let go: another instance stored an event for it. */
  async function resume(lane: Lane, held: HeldLane): Promise<void> {
    held.sender = openSender(deps.sending, held);
    await held.sender.reload();
    enqueue(lane);
  }

  async function abandon(lane: Lane, thrown: unknown): Promise<void> {
    const { conversationId, held } = lane;
    held?.sender.stop();
    if (thrown instanceof LaneLostError) {
      logger.info({ conversationId }, 'the lane was lost to another instance');
    } else {
      logger.error({ conversationId, err: asError(thrown) }, 'work on a conversation failed and will be tried again');
      // Where this fails too, the lane is found again when its lease has ended.
      if (held !== null) await conversations.release(conversationId, held.fence, new Date()).catch(() => false);
    }
    lane.dirty = false;
    forget(lane);
    wakeLater(lane, REST_MS);
  }

  return {
    wake,
    has: (conversationId) => lanes.has(conversationId) || timers.has(conversationId),

    async heartbeat() {
      const held = [...lanes.values()].flatMap((lane) => lane.held ?? []);
      if (held.length === 0 || options.soleInstance) return;
      const began = performance.now();
      const ids = held.map((lane) => lane.conversationId);
      const renewed = new Set(await conversations.renew(ids, new Date()));
      for (const lane of held) lane.validUntil = renewed.has(lane.conversationId) ? began + options.leaseMs : 0;
    },

    async stop(limitMs) {
      stopping = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      for (const lane of ready.splice(0)) {
        if (lane.held === null) lanes.delete(lane.conversationId);
        else void drain(lane, lane.held);
      }
      if (lanes.size === 0) return true;
      const empty = new Promise<true>((resolve) => {
        whenEmpty = () => resolve(true);
      });
      const finished = await Promise.race([empty, sleep(limitMs, false, { ref: false })]);
      for (const lane of lanes.values()) lane.held?.sender.stop();
      return finished;
    },
  };
}
