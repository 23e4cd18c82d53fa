/** Appends to cases what a turn decided about them. What the customer wrote to people who closed the case in that instant opens it again: nobody else would answer it. */
import { isOpen } from '../../domain/fold-ticket.js';
import type { DeskNote } from '../../domain/turn.js';
import type { Cases } from './cases.js';

/** Each once, however often it is told. */
export function createTellDesk({ record }: Pick<Cases, 'record'>): (notes: readonly DeskNote[]) => Promise<void> {
  return async (notes) => {
    for (const { ticketId, actionId, by, change } of notes) {
      const event = await record({ ticketId, actionId }, by, change);
      if (event?.change.kind !== 'customer-wrote') continue;
      // Closed before: what is told again later has been seen by whoever closed the case since.
      await record(
        { ticketId, actionId: `${actionId}:reopened` },
        'customer',
        { kind: 'reopened' },
        (ticket) => !isOpen(ticket) && ticket.closedAt !== null && ticket.closedAt <= event.at,
      );
    }
  };
}
