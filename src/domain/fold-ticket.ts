/** What the events of a case add up to. Pure: the ticket that is kept is only a copy, made anew from the log wherever it lags behind. */
import type { Ticket, TicketChange, TicketEvent, TicketState } from './ticket.js';

export const foldAll = (ticket: Ticket, events: readonly TicketEvent[]): Ticket =>
  events.reduce((before, event) => (event.seq > before.seq ? fold(before, event) : before), ticket);

export const fold = (ticket: Ticket, event: TicketEvent): Ticket => ({
  ...ticket,
  ...changed(ticket, event),
  ...(event.by.kind === 'customer' ? { customerSeq: event.seq } : {}),
  seq: event.seq,
});

/** Whether a person has it or is to take it. */
export const isOpen = ({ status }: Pick<TicketState, 'status'>): boolean => status !== 'resolved' && status !== 'returned-to-bot';

/** A note or a reply as it reads by the edits in this log. */
export function asEdited(written: TicketEvent, log: readonly TicketEvent[]): TicketEvent {
  const last = log.findLast(({ change }) => isEdit(change) && change.of === written.seq)?.change;
  if (last?.kind === 'reply-edited' && written.change.kind === 'replied')
    return { ...written, change: { ...written.change, markdown: last.markdown } };
  if (last?.kind === 'note-edited' && written.change.kind === 'noted')
    return { ...written, change: { ...written.change, text: last.text } };
  return written;
}

export const isEdit = (change: TicketChange): change is Extract<TicketChange, { kind: 'reply-edited' | 'note-edited' }> =>
  change.kind === 'reply-edited' || change.kind === 'note-edited';

function changed(ticket: Ticket, { change, by, at }: TicketEvent): Partial<TicketState> {
  switch (change.kind) {
    case 'opened':
      return { team: change.team, waitingSince: at };
    case 'claimed':
      return by.kind === 'agent' ? taken(ticket, by.agent) : {};
    case 'assigned':
      return taken(ticket, change.to);
    case 'released':
      return { agent: null, lastAgent: ticket.agent ?? ticket.lastAgent, status: 'new', marks: without(ticket.marks, ['unclaimed']) };
    case 'reply-dispatched':
      return {
        status: isOpen(ticket) ? 'waiting-for-customer' : ticket.status,
        firstReplyAt: ticket.firstReplyAt ?? at,
        waitingSince: null,
        marks: without(ticket.marks, ['first', 'next']),
        pauses: ticket.waitingSince === null ? ticket.pauses : [...ticket.pauses, { from: at, to: null }],
      };
    case 'customer-wrote':
      if (!isOpen(ticket)) return {};
      return {
        ...(ticket.status === 'waiting-for-customer' ? { status: 'claimed' as const } : {}),
        waitingSince: ticket.waitingSince ?? at,
        pauses: ended(ticket, at),
      };
    case 'resolved':
      return closed(ticket, 'resolved', at);
    case 'returned':
    case 'customer-left':
      return closed(ticket, 'returned-to-bot', at);
    case 'erased':
      return isOpen(ticket) ? closed(ticket, 'returned-to-bot', at) : {};
    case 'reopened':
      // Two may reopen it at once: the second finds it open, perhaps answered already.
      return { status: 'reopened', agent: ticket.lastAgent, closedAt: null, waitingSince: at, marks: [], pauses: ended(ticket, at) };
    case 'rated':
      return { score: change.score };
    case 'marked':
      return { marks: [...ticket.marks, change.mark], ...(change.team === null ? {} : { team: change.team }) };
    case 'noted':
    case 'replied':
    case 'note-edited':
    case 'reply-undone':
    case 'reply-edited':
    case 'reply-delivered':
    case 'reply-failed':
    case 'reply-retried':
    case 'customer-edited':
    case 'customer-deleted':
    case 'customer-reacted':
    case 'commented':
      return {};
  }
}

const taken = (ticket: Ticket, agent: Ticket['agent']): Partial<TicketState> => ({
  agent,
  lastAgent: agent,
  marks: without(ticket.marks, ['unclaimed']),
  status: ticket.waitingSince === null ? 'waiting-for-customer' : 'claimed',
});

/** Marks of clocks that have stopped are history: the log has it. */
const without = (marks: readonly string[], clocks: readonly string[]): string[] =>
  marks.filter((mark) => !clocks.some((clock) => mark.startsWith(`${clock}:`)));

const ended = ({ pauses }: Ticket, at: Date): TicketState['pauses'] =>
  pauses.map((pause) => (pause.to === null ? { ...pause, to: at } : pause));

const closed = (ticket: Ticket, status: 'resolved' | 'returned-to-bot', at: Date): Partial<TicketState> => ({
  status,
  agent: null,
  lastAgent: ticket.agent ?? ticket.lastAgent,
  closedAt: at,
  waitingSince: null,
  pauses: ended(ticket, at),
});
