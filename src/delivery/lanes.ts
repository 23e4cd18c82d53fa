/**
 * Lanes: one for each conversation that has work. A lane is claimed with a lease, its pending events go through their turns one after the other,
 * and what they answer is sent in the same order; different lanes run side by side. Writes wake lanes; nothing is polled on the way.
 *
 * A lane is `ready` (waits for one of the working places), `working` (turns), `draining` (only sends are left; takes up no place), `resting`
 * (nothing is left; the customer may write on) or `releasing`. It keeps its lease through all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asError } from '../domain/errors.js';
import { type ConversationSeed } from '../storage/conversation-store.js';
import { type Logger } from '../telemetry/logger.js';
import { type Inbox, type PendingEvent } from './inbox.js';
import { type HeldLane, type Lane } from './lane.js';
import { createLaneClaims, type LaneClaimsDeps } from './lane-claims.js';
import { createLaneEvents } from './lane-events.js';
import { LaneLostError } from './lane-lost.js';
import { createLaneTimers, type Roused } from './lane-timers.js';
import { createLaneVisit, type Left } from './lane-visit.js';
import { openSender } from './sender.js';
import { timed } from './steps.js';
import { type RunTurn } from './turn-runner.js';

export interface LanesDeps extends LaneClaimsDeps {
  readonly inbox: Inbox;
  readonly runTurn: RunTurn;
  readonly logger: Logger;
}

export interface Lanes {
  /** Something was changed from outside in the conversation. Without a seed it has to exist; `sends`: the outbox is to be read too. */
  wake(conversationId: string, seed: ConversationSeed | null, sends?: boolean): void;
  /** An event was stored. `pauseMs`: the customer may go on writing for that long; `amends`: it changes one that may still wait. */
  arrived(event: PendingEvent, seed: ConversationSeed, kind: { pauseMs: number; amends: boolean }): void;
  /** Conversations that wait here for a working place. */
  waiting(): number;
  /** Lanes that are at work here or about to be. */
  has(conversationId: string): boolean;
  /** Renews the leases of all lanes that are held. */
  heartbeat(): Promise<void>;
  /** Begins no more turns, finishes those that run and sends what is ready; resolves to false when `limitMs` was not enough. */
  stop(limitMs: number): Promise<boolean>;
}

/** How long a lane rests after a failure of ours (the database is away, a defect). */
const REST_MS = 1_000;
/** A stop that has run out of time lets lanes go for as long as this. */
const LETTING_GO_MS = 1_000;

export function createLanes(deps: LanesDeps): Lanes {
  const { conversations, inbox, logger, metrics, options } = deps;
  const claims = createLaneClaims(deps);
  const lanes = new Map<string, Lane>();
  const timers = createLaneTimers(({ conversationId, seed }, sends) => rouse(conversationId, seed, sends));
  const ready: Lane[] = [];
  let working = 0;
  /** Lanes that work at the same time: fewer after each one that was lost, one more for each that came to its end. */
  let places = options.maxLanes;
  let stopping = false;
  let whenEmpty: (() => void) | null = null;
  const visit = createLaneVisit(deps, { stopping: () => stopping, othersWait: () => ready.length > 0 });

  function wake(conversationId: string, seed: ConversationSeed | null, sends = false): void {
    lanes.get(conversationId)?.events.forget();
    rouse(conversationId, seed, sends);
  }

  function rouse(conversationId: string, seed: ConversationSeed | null, sends: boolean): void {
    if (stopping) return;
    timers.cancel(conversationId);
    const lane = lanes.get(conversationId);
    if (lane === undefined) {
      // What has no room here is kept by the store, where the sweep finds it.
      if (ready.length >= options.maxWaitingLanes) return;
      const events = createLaneEvents(inbox, conversationId, options.soleInstance);
      const added: Lane = { conversationId, seed, phase: 'ready', events, dirty: true, amended: false, sends, held: null };
      lanes.set(conversationId, added);
      enqueue(added);
      return;
    }
    lane.seed ??= seed;
    lane.sends ||= sends;
    lane.dirty = true;
    if (lane.phase === 'draining' || lane.phase === 'resting') enqueue(lane);
  }

  function wakeLater(lane: Roused, afterMs: number, sends: boolean): void {
    if (!stopping) timers.set(lane, afterMs, sends);
  }

  function arrived(event: PendingEvent, seed: ConversationSeed, { pauseMs, amends }: { pauseMs: number; amends: boolean }): void {
    const { conversationId } = event;
    const lane = lanes.get(conversationId);
    lane?.events.arrived(event);
    if (lane !== undefined) lane.amended ||= amends || pauseMs > 0;
    if (pauseMs === 0 || lane !== undefined) rouse(conversationId, seed, false);
    // A timer that runs is left to run: whether the customer still writes is told by what is stored.
    else if (!timers.has(conversationId)) wakeLater({ conversationId, seed }, pauseMs, false);
  }

  function enqueue(lane: Lane): void {
    clearTimeout(lane.held?.restTimer);
    lane.phase = 'ready';
    ready.push(lane);
    pump();
  }

  function pump(): void {
    while (working < places) {
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
    if (lane.dirty) rouse(lane.conversationId, lane.seed, lane.sends);
    if (lanes.size === 0) whenEmpty?.();
  }

  async function work(lane: Lane): Promise<void> {
    working += 1;
    lane.phase = 'working';
    let left: Left = 'nothing';
    try {
      if (lane.held?.rested === true) await claims.lookAgain(lane, lane.held);
      const reload = lane.held === null ? await claims.claim(lane, () => stopping) : lane.sends;
      // A claim that took longer than its lease is none: nothing is begun that could not be ended.
      lane.held?.assertHeld();
      if (reload) await lane.held?.sender.reload();
      lane.sends = false;
      if (lane.held !== null) left = await visit(lane, lane.held);
      if (lane.held !== null) await Promise.all(lane.held.closing.splice(0));
    } catch (thrown) {
      await abandon(lane, thrown);
      return;
    } finally {
      working -= 1;
      pump();
    }
    if (lane.held === null) forget(lane);
    else if (left === 'more') enqueue(lane);
    else await drain(lane, lane.held, left === 'nothing' ? null : left.waitMs);
  }

  /** Waits for the sends, then lets the lane go unless it was woken meanwhile. */
  async function drain(lane: Lane, held: HeldLane, lookAgainMs: number | null): Promise<void> {
    lane.phase = 'draining';
    const lookAgainAt = performance.now() + (lookAgainMs ?? Infinity);
    try {
      if (lane.dirty && !stopping) return enqueue(lane);
      if (lookAgainMs !== null) wakeLater(lane, lookAgainMs, false); // the sends may take longer
      await held.sender.idle();
      if (lane.phase !== 'draining') return;
      if (mayRest(held)) rest(lane, held, lookAgainAt);
      else await release(lane, held, lookAgainAt);
    } catch (thrown) {
      await abandon(lane, thrown);
    }
  }

  /** Nobody else waits for a lane of the only instance: a customer who writes on finds it held, and what is known of it at hand. */
  const mayRest = (held: HeldLane): boolean =>
    options.soleInstance && options.restMs > 0 && !stopping && held.sender.dueAt() === null && lanes.size < options.maxWaitingLanes;

  function rest(lane: Lane, held: HeldLane, lookAgainAt: number): void {
    lane.phase = 'resting';
    held.rested = true;
    if (lookAgainAt === Infinity) held.recovering = false; // all that its former owner left is done
    held.restTimer = setTimeout(() => void release(lane, held, lookAgainAt), options.restMs);
  }

  async function release(lane: Lane, held: HeldLane, lookAgainAt: number): Promise<void> {
    try {
      lane.phase = 'releasing';
      held.sender.stop();
      const dueAt = held.sender.dueAt();
      const { conversationId } = lane;
      const released = await timed(metrics, 'release', () => conversations.release(conversationId, held.fence, dueAt));
      if (!released && (await conversations.acceptWanted(conversationId, held.fence))) return await resume(lane, held);
      forget(lane);
      places = Math.min(options.maxLanes, places + 1);
      pump();
      if (released && dueAt !== null && !lanes.has(conversationId)) {
        wakeLater(lane, Math.min(dueAt.getTime() - Date.now(), lookAgainAt - performance.now()), true);
      }
    } catch (thrown) {
      await abandon(lane, thrown);
    }
  }

  /** The lane could not be let go: another instance stored an event for it. */
  async function resume(lane: Lane, held: HeldLane): Promise<void> {
    held.sender = openSender(deps.sending, held);
    lane.events.forget();
    await held.sender.reload();
    enqueue(lane);
  }

  async function abandon(lane: Lane, thrown: unknown): Promise<void> {
    const { conversationId, held } = lane;
    held?.sender.stop();
    // A call that is under way is waited for: begun again beside it, it would be made twice.
    await Promise.allSettled([...(held?.closing.splice(0) ?? []), held?.sender.idle()]);
    if (thrown instanceof LaneLostError) {
      places = Math.max(1, Math.floor(places / 2));
      logger.info({ conversationId, places }, 'the lane was lost to another instance, or its lease could not be renewed in time');
    } else {
      logger.error({ conversationId, err: asError(thrown) }, 'work on a conversation failed and will be tried again');
      // Where this fails too, the lane is found again when its lease has ended. One that was taken over stays so until its work is done.
      if (held?.recovering === false) await conversations.release(conversationId, held.fence, new Date()).catch(() => false);
    }
    lane.dirty = false;
    forget(lane);
    if (!lanes.has(conversationId)) wakeLater(lane, REST_MS, true);
  }

  return {
    wake,
    arrived,
    waiting: () => ready.length,
    has: (conversationId) => lanes.has(conversationId) || timers.has(conversationId),

    heartbeat: () => claims.renew([...lanes.values()].flatMap((lane) => lane.held ?? [])),

    async stop(limitMs) {
      stopping = true;
      timers.clear();
      for (const lane of ready.splice(0)) {
        if (lane.held === null) lanes.delete(lane.conversationId);
        else void drain(lane, lane.held, null);
      }
      for (const lane of lanes.values()) {
        if (lane.phase !== 'resting' || lane.held === null) continue;
        clearTimeout(lane.held.restTimer);
        void release(lane, lane.held, Infinity);
      }
      if (lanes.size === 0) return true;
      const empty = new Promise<true>((resolve) => {
        whenEmpty = () => resolve(true);
      });
      const finished = await Promise.race([empty, sleep(limitMs, false, { ref: false })]);
      // Who waited to send waits no longer, and lets go of its lane with what is left for the next owner.
      for (const lane of lanes.values()) lane.held?.sender.stop();
      if (!finished) await Promise.race([empty, sleep(LETTING_GO_MS, false, { ref: false })]);
      return finished;
    },
  };
}
