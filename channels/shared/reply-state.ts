/** What desks say of an agent's reply, by the last event that is about it. */
import { KEPT_BACK } from '../../src/domain/desk.js';
import type { TicketChange } from '../../src/domain/ticket.js';
import type { DeskWords } from './desk-words.js';

export function replyState(change: TicketChange, { reply, failure }: DeskWords): string {
  switch (change.kind) {
    case 'reply-undone':
      return reply.undone;
    case 'reply-dispatched':
      return reply.dispatched;
    case 'reply-delivered':
      return reply[change.status];
    case 'reply-retried':
      return reply.retried;
    case 'reply-failed':
      return change.reason === KEPT_BACK ? reply.keptBack : reply.failed(failure[change.reason] ?? change.reason);
    default:
      return reply.pending;
  }
}

/** One that waits for the customer goes out by itself. */
export const canRetry = (change: TicketChange): boolean => change.kind === 'reply-failed' && change.reason !== KEPT_BACK;
