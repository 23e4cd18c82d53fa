/**
 * Finds work that nobody works on: events and replies of an instance that died, that another instance stored and could not wake us for, or that
 * there was no room for. At the start it looks at everything; later only at what has waited longer than a turn of its own would.
 */
import { type ConversationStore } from '../storage/conversation-store.js';
import { type DatabaseClock } from '../storage/database-clock.js';
import { type Inbox } from './inbox.js';
import { type Lanes } from './lanes.js';
import { type DeliveryOptions } from './options.js';
import { type Outbox } from './outbox.js';

export interface SweepDeps {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly conversations: ConversationStore;
  readonly lanes: Lanes;
  readonly clock: Pick<DatabaseClock, 'now' | 'ready'>;
  readonly options: DeliveryOptions;
}

/** Rows that one sweep looks at, so that a backlog does not make it expensive; the next one looks on from there. */
const SWEEP_LIMIT = 1_000;

/** Resolves to whether there is more to look at. */
export type Sweep = (atStart: boolean) => Promise<boolean>;

export function createSweep({ inbox, outbox, conversations, lanes, clock, options }: SweepDeps): Sweep {
  let after = 0;

  return async (atStart) => {
    await clock.ready();
    const now = clock.now();
    const before = atStart ? now : new Date(now.getTime() - options.sweepMs);
    const room = options.maxWaitingLanes - lanes.waiting();
    if (room <= 0) return true;
    const look = { before, after, maxEvents: atStart ? Number.MAX_SAFE_INTEGER : SWEEP_LIMIT, maxConversations: room };
    const [events, sends] = await Promise.all([inbox.conversationsPending(look), outbox.conversationsDue(before, SWEEP_LIMIT)]);
    after = events.next;
    const candidates = new Set([...events.seeds.keys(), ...sends].filter((id) => !lanes.has(id)));
    if (candidates.size > 0) {
      const due = new Set(sends);
      const unowned = await conversations.unowned([...candidates], now);
      for (const id of unowned) lanes.wake(id, events.seeds.get(id) ?? null, due.has(id));
    }
    return after > 0 || (sends.length === SWEEP_LIMIT && candidates.size > 0);
  };
}
