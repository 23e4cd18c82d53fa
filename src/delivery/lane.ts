/** What an instance knows of a conversation that has work: lanes.ts moves it along, lane-claims.ts gets and keeps its lease. */
import { type ConversationSeed } from '../storage/conversation-store.js';
import { type LaneEvents } from './lane-events.js';
import { type LeaseTerm } from './lease-term.js';
import { type Sender } from './sender.js';
import { type TurnLane } from './turn-runner.js';

export interface Lane {
  readonly conversationId: string;
  seed: ConversationSeed | null;
  phase: 'ready' | 'working' | 'draining' | 'resting' | 'releasing';
  readonly events: LaneEvents;
  /** Woken since its events were last read. */
  dirty: boolean;
  /** What has come since changes what was read: it is read again before the next turn, not after those that were. */
  amended: boolean;
  /** The outbox is read at the next visit, whatever the lane says of it. */
  sends: boolean;
  held: HeldLane | null;
}

export interface HeldLane extends TurnLane {
  sender: Sender;
  term: LeaseTerm;
  /** It rested since its last turn: others may have changed what is known of the conversation. */
  rested: boolean;
  /** Ends the rest. */
  restTimer: NodeJS.Timeout | undefined;
}
