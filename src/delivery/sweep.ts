/**
 * Finds work that nobody works on: events and replies of an instance that died, or that another instance stored and could not wake us for. At the
 * start it looks at everything; later only at what has waited longer than a turn of its own would.
 */
import { type ConversationStore } from '../storage/conversation-store.js';
import { type Inbox } from './inbox.js';
import { type Lanes } from './lanes.js';
import { type DeliveryOptions } from './options.js';
import { type Outbox } from './outbox.js';

export interface SweepDeps {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly conversations: ConversationStore;
  readonly lanes: Lanes;
  readonly options: DeliveryOptions;
}

/** Rows that one regular sweep looks at, so that a backlog of our own does not make it expensive. */
const SWEEP_LIMIT = 1_000;

export async function sweep({ inbox, outbox, conversations, lanes, options }: SweepDeps, atStart: boolean): Promise<void> {
  const now = new Date();
  const before = atStart ? now : new Date(now.getTime() - options.sweepMs);
  const limit = atStart ? Number.MAX_SAFE_INTEGER : SWEEP_LIMIT;
  const [events, sends] = await Promise.all([inbox.conversationsPending(before, limit), outbox.conversationsDue(before, limit)]);
  const candidates = new Set([...events.keys(), ...sends].filter((id) => !lanes.has(id)));
  if (candidates.size === 0) return;
  const unowned = await conversations.unowned([...candidates], now);
  const due = new Set(sends);
  for (const id of unowned) lanes.wake(id, events.get(id) ?? null, due.has(id));
}
