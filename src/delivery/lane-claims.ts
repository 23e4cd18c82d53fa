/** How an instance gets the lease of a lane, keeps it, and finds out what became of the conversation while it rested. */
import { type ConversationStore, type LaneClaim } from '../storage/conversation-store.js';
import { type DatabaseClock } from '../storage/database-clock.js';
import { type Channel } from '../domain/channel.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type HeldLane, type Lane } from './lane.js';
import { type HistoryKeeper } from './lane-history.js';
import { LaneLostError } from './lane-lost.js';
import { beginTerm, ENDLESS, isOver, leaseLength, type LeaseTerm, OVER } from './lease-term.js';
import { type DeliveryOptions } from './options.js';
import { openSender, type SenderDeps } from './sender.js';
import { type OnStep, timed } from './steps.js';

export interface LaneClaimsDeps {
  readonly clock: Pick<DatabaseClock, 'now' | 'ready' | 'roundTripMs'>;
  readonly conversations: ConversationStore;
  readonly sending: SenderDeps;
  readonly history: HistoryKeeper;
  /** Those whose line another instance has: it finds what is left to it by its own looks for work. */
  readonly servedElsewhere: () => readonly Pick<Channel, 'name' | 'account'>[];
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
  readonly onStep: OnStep;
}

export interface LaneClaims {
  /** Leaves `held` as it is where the lane cannot be had; resolves to whether the outbox is to be read. */
  claim(lane: Lane, isStopping: () => boolean): Promise<boolean>;
  /** Links and erasure change conversations that rest; one that is not there any more, or not ours, is claimed anew. */
  lookAgain(lane: Lane, held: HeldLane): Promise<void>;
  /** Extends the leases of all these at once. */
  renew(held: readonly HeldLane[]): Promise<void>;
}

/** Claims that may be answered with "held" while the holder is just letting go. */
const CLAIM_TRIES = 3;

export function createLaneClaims(deps: LaneClaimsDeps): LaneClaims {
  const { clock, conversations, metrics, options, onStep } = deps;

  const newLease = () => {
    const lengthMs = leaseLength(options.leaseMs, clock.roundTripMs());
    const now = clock.now();
    return { now, until: new Date(now.getTime() + lengthMs), term: options.soleInstance ? ENDLESS : beginTerm(lengthMs) };
  };

  async function claim(lane: Lane, isStopping: () => boolean): Promise<boolean> {
    const { conversationId, seed } = lane;
    lane.dirty = false;
    if (await isElsewhere(lane)) return false;
    await clock.ready();
    for (let tries = 0; tries < CLAIM_TRIES && !isStopping(); tries++) {
      const { now, until, term } = newLease();
      const claimed = await timed(metrics, 'claim', () => conversations.claim({ conversationId, seed, now, until }));
      if (claimed === 'unknown-conversation') return false;
      if (claimed === 'held-by-another') {
        if (await conversations.want(conversationId)) return false;
        continue;
      }
      onStep('lane:claimed', { conversationId });
      deps.history.forget(conversationId);
      lane.held = holdLane(deps.sending, conversationId, claimed, term); // and renewed from here on
      // Left-over sends are few and rare: only then is the outbox asked.
      return claimed.takeover || claimed.sendsLeft || lane.sends;
    }
    return false;
  }

  async function isElsewhere({ conversationId, seed }: Lane): Promise<boolean> {
    const elsewhere = deps.servedElsewhere();
    if (elsewhere.length === 0) return false;
    const at = seed ?? (await conversations.find(conversationId));
    return elsewhere.some(({ name, account }) => name === at?.channel && account === at.account);
  }

  async function lookAgain(lane: Lane, held: HeldLane): Promise<void> {
    const { conversationId } = lane;
    const conversation = await conversations.findHeld(conversationId, held.fence);
    deps.history.rested(conversationId);
    held.rested = false;
    if (conversation !== null) held.conversation = conversation;
    else {
      held.sender.stop();
      lane.events.forget();
      lane.held = null;
    }
  }

  async function renew(held: readonly HeldLane[]): Promise<void> {
    if (held.length === 0 || options.soleInstance) return;
    const { until, term } = newLease();
    const ids = held.map((lane) => lane.conversationId);
    const renewed = new Set(await conversations.renew(ids, until));
    for (const lane of held) lane.term = renewed.has(lane.conversationId) ? term : OVER;
  }

  return { claim, lookAgain, renew };
}

function holdLane(
  sending: SenderDeps,
  conversationId: string,
  { conversation, fence, takeover, suspect, fresh }: LaneClaim,
  term: LeaseTerm,
): HeldLane {
  const hold = {
    conversationId,
    fence,
    term,
    assertHeld: () => {
      if (isOver(hold.term)) throw new LaneLostError();
    },
  };
  const history = { fresh, recovering: takeover, suspect, counted: false, closing: [] };
  const rest = { rested: false, restTimer: undefined };
  return Object.assign(hold, { conversation, ...history, ...rest, sender: openSender(sending, hold) });
}
