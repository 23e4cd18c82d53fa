/** Looks over the open cases by the clock: marks what service levels ask for, and gives out what could not be given out before. Any instance may do it. */
import type { DeskSettings } from '../../domain/desk-settings.js';
import { asError } from '../../domain/errors.js';
import type { Ticket, TicketStore } from '../../domain/ticket.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Cases } from './cases.js';
import { dueMarks } from './service-levels.js';

export interface CaseWatchDeps {
  readonly settings: DeskSettings;
  readonly tickets: Pick<TicketStore, 'load'>;
  /** Cases that a person is to do something about. */
  readonly waitingIds: () => Promise<readonly string[]>;
  readonly cases: Pick<Cases, 'record'>;
  readonly assign: (ticket: Ticket) => Promise<void>;
  readonly logger: Logger;
}

/** Returns how many marks it made. One case that fails does not keep the others from being looked at. */
export function createCaseWatch(deps: CaseWatchDeps): (now: Date) => Promise<number> {
  const look = async (id: string, now: Date): Promise<number> => {
    const logged = await deps.tickets.load(id);
    if (logged === null) return 0;
    let marked = 0;
    let { seq } = logged.ticket;
    for (const { actionId, change } of dueMarks(logged, deps.settings, now)) {
      // Where something has happened since, the next look decides on that.
      const event = await deps.cases.record({ ticketId: id, actionId }, 'system', change, (current) => current.seq === seq);
      if (event === null) return marked;
      seq = event.seq;
      marked += 1;
    }
    await deps.assign(logged.ticket);
    return marked;
  };

  return async (now) => {
    let marked = 0;
    for (const id of await deps.waitingIds()) {
      try {
        marked += await look(id, now);
      } catch (thrown) {
        deps.logger.error({ ticketId: id, err: asError(thrown) }, 'the clocks of a case could not be looked at');
      }
    }
    return marked;
  };
}
