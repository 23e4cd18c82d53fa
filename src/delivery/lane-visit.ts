/** A visit to a lane: its pending events go through their turns one after the other, until none is left or another lane's turn has come. */
import { ofChannel } from '../domain/per-channel.js';
import { type Metrics } from '../telemetry/metrics.js';
import { type PendingEvent } from './inbox.js';
import { READ_AHEAD } from './lane-events.js';
import { type HeldLane, type Lane } from './lane.js';
import { type DeliveryOptions } from './options.js';
import { timed } from './steps.js';
import { type RunTurn } from './turn-runner.js';
import { nextWork, type NotYet } from './waiting-events.js';

export interface LaneVisitDeps {
  readonly runTurn: RunTurn;
  readonly metrics: Metrics;
  readonly options: DeliveryOptions;
}

export interface AroundTheLane {
  /** No more turns are begun. */
  readonly stopping: () => boolean;
  /** Other lanes wait for a working place. */
  readonly othersWait: () => boolean;
}

/** What a visit leaves: nothing, more for when the lane's turn comes again, or a customer who may still be writing. */
export type Left = 'nothing' | 'more' | NotYet;

/** The visit rejects with LaneLostError, or with what stopped a turn. */
export function createLaneVisit(
  { runTurn, metrics, options }: LaneVisitDeps,
  { stopping, othersWait }: AroundTheLane,
): (lane: Lane, held: HeldLane) => Promise<Left> {
  return async (lane, held) => {
    // What a former owner answered is told by its turns, one for each event: until they are looked at, events are answered one by one.
    const debounceMs = held.recovering ? 0 : ofChannel(options.debounceMs, held.conversation.channel);
    for (let handled = 0; !stopping();) {
      lane.dirty = false;
      lane.amended = false;
      await Promise.all(held.closing.splice(0)); // or what is done would be read as pending
      const read = await timed(metrics, 'read', () => lane.events.waiting());
      for (let waiting = read; hasFirst(waiting) && !stopping() && !lane.amended;) {
        if (handled >= options.maxEventsPerVisit && othersWait()) return 'more';
        const work = nextWork(waiting, debounceMs, new Date());
        if ('waitMs' in work) return work;
        held.assertHeld();
        const done = await runTurn(held, work);
        handled += done.length;
        lane.events.handled(done);
        waiting = waiting.filter((event) => !done.includes(event._id));
      }
      if (read.length < READ_AHEAD && !lane.dirty) return 'nothing';
    }
    return 'nothing';
  };
}

const hasFirst = (events: readonly PendingEvent[]): events is readonly [PendingEvent, ...PendingEvent[]] => events.length > 0;
