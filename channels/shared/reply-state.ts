/** What desks say of an agent's reply, by the last event that is about it. */
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
      return reply.failed(failure[change.reason] ?? change.reason);
    default:
      return reply.pending;
  }
}
