/**
 * Looks at the cases whose time has come: marks what service levels ask for, passes on what its agent has let wait, and gives out what could not be given
 * out before. A case is looked at after each change, and when its next clock runs out, so that cases that only wait cost nothing. Any instance may do it.
 */
import type { DeskSettings } from '../../domain/desk-settings.js';
import { asError } from '../../domain/errors.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Ticket, TicketChange, TicketChangeKind, TicketStore } from '../../domain/ticket.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Assignment } from './assignment.js';
import { overdue } from './breach.js';
import type { Cases } from './cases.js';
import { dueMarks, nextMarkAt, type LoggedCase } from './service-levels.js';

export interface CaseClockStore {
  /** Makes the open cases due whose next look was planned by other settings. */
  readonly replan: (at: Date) => Promise<void>;
  /** Cases that have changed since they were settled, and those that are due by then, longest due first. */
  readonly dueIds: (at: Date) => Promise<readonly string[]>;
  /** What is in this state of the case was looked at; the next look is at `dueAt`. Null: none but after a change. */
  readonly settle: (ticket: Ticket, dueAt: Date | null) => Promise<void>;
}

export interface CaseWatchDeps {
  readonly settings: DeskSettings;
  readonly tickets: Pick<TicketStore, 'load'>;
  readonly clocks: CaseClockStore;
  readonly cases: Pick<Cases, 'record'>;
  readonly assignment: Assignment;
  readonly logger: Logger;
}

/** Other changes have no part in when a case is due. */
const MOVES_CLOCKS: ReadonlySet<TicketChangeKind> = new Set<TicketChangeKind>([
  ...(['opened', 'claimed', 'assigned', 'released', 'reply-dispatched', 'customer-wrote'] as const),
  ...(['reply-undone', 'reply-failed', 'resolved', 'returned', 'customer-left', 'reopened', 'marked', 'erased'] as const),
]);
export const concernsClocks = ({ kind }: TicketChange): boolean => MOVES_CLOCKS.has(kind);

/** A case that waits for somebody to come is tried again then. */
const AGAIN_MS = 15_000;
/** No case is left alone for longer, whatever was planned: by a clock that was wrong, or an instance with other settings. */
const LONGEST_MS = 3_600_000;

/** Returns how many marks it made. One case that fails does not keep the others from being looked at. */
export function createCaseWatch(deps: CaseWatchDeps): (now: Date) => Promise<number> {
  const { settings, tickets, clocks, cases, assignment } = deps;

  const mark = async (logged: LoggedCase, now: Date): Promise<number> => {
    let marked = 0;
    let { seq } = logged.ticket;
    for (const { actionId, change } of dueMarks(logged, settings, now)) {
      // Where something has happened since, the next look decides on that.
      const event = await cases.record({ ticketId: logged.ticket.id, actionId }, 'system', change, (current) => current.seq === seq);
      if (event === null) return marked;
      seq = event.seq;
      marked += 1;
    }
    return marked;
  };

  const look = async (id: string, now: Date): Promise<number> => {
    const found = await tickets.load(id);
    if (found === null) return 0;
    const marked = await mark(found, now);
    const logged = (marked === 0 ? null : await tickets.load(id)) ?? found;
    const late = overdue(logged, settings, now);
    const again = late === null ? await assignment.give(logged.ticket, now) : await assignment.takeOver(logged.ticket, late, now);
    const next = again || marked > 0 ? new Date(now.getTime() + AGAIN_MS) : nextMarkAt(logged, settings, now);
    const latest = now.getTime() + LONGEST_MS;
    await clocks.settle(logged.ticket, isOpen(logged.ticket) ? new Date(Math.min(next?.getTime() ?? latest, latest)) : null);
    return marked;
  };

  let begun = false;
  return async (now) => {
    if (!begun) await clocks.replan(now);
    begun = true;
    let marked = 0;
    for (const id of await clocks.dueIds(now)) {
      try {
        marked += await look(id, now);
      } catch (thrown) {
        deps.logger.error({ ticketId: id, err: asError(thrown) }, 'the clocks of a case could not be looked at');
      }
    }
    return marked;
  };
}
