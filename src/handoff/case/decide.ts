/** What becomes of a command, given how the case stands: an event, or a refusal that says what to do. Pure; the log decides which of two comes first. */
import type { DeskCommand } from '../../domain/desk.js';
import { isOpen } from '../../domain/fold-ticket.js';
import type { Agent, Ticket, TicketChange, TicketEvent } from '../../domain/ticket.js';

/** Why a person's command does nothing. */
export interface Refusal {
  readonly refused:
    | 'has-it'
    | 'not-yours'
    | 'not-claimed'
    | 'closed'
    | 'open'
    | 'too-late'
    | 'nothing-to-undo'
    | 'empty'
    | 'not-failed'
    | 'wrote-since'
    | 'sent'
    | 'not-written';
  /** Who has the case, where that is why. */
  readonly agent: Agent | null;
}

export interface Decision {
  readonly change: TicketChange;
  /** What may happen once only: a reply is either undone or goes out. Null: the action's own id is enough. */
  readonly onceAs: string | null;
}

export interface Situation {
  readonly ticket: Ticket;
  /** The whole log, oldest first. */
  readonly events: readonly TicketEvent[];
  readonly now: Date;
  readonly undoMs: number;
}

/** Nobody reads a message and decides on it in less. */
const GLANCE_MS = 1_000;

/** Under which action a reply goes out or is taken back: one of them. */
export const settling = (of: number): string => `settle:${of}`;

export function decide(command: DeskCommand, agent: Agent, situation: Situation): Decision | Refusal {
  const { ticket } = situation;
  const mine = ticket.agent?.id === agent.id;
  switch (command.kind) {
    case 'claim':
      if (!isOpen(ticket)) return refuse('closed');
      if (ticket.agent !== null) return refuse('has-it', ticket.agent);
      return happens({ kind: 'claimed' });
    case 'assign':
      if (!isOpen(ticket)) return refuse('closed');
      if (ticket.agent?.id === command.to.id) return refuse('has-it', ticket.agent);
      return happens({ kind: 'assigned', to: command.to });
    case 'note':
      return command.text.trim() === '' ? refuse('empty') : happens({ kind: 'noted', text: command.text });
    case 'reopen':
      return isOpen(ticket) ? refuse('open', ticket.agent) : happens({ kind: 'reopened' });
    case 'release':
    case 'reply':
    case 'return-to-bot':
    case 'resolve':
      if (!isOpen(ticket)) return refuse('closed');
      if (ticket.agent === null) return refuse('not-claimed');
      return mine ? ofClaimer(command, situation) : refuse('not-yours', ticket.agent);
    case 'edit':
      return edit(command, agent, situation);
    case 'undo':
      return mine ? undo(command.of, agent, situation) : refuse('not-yours', ticket.agent);
    case 'retry':
      return retry(command.of, situation);
  }
}

function ofClaimer(
  command: Extract<DeskCommand, { kind: 'release' | 'reply' | 'return-to-bot' | 'resolve' }>,
  { events, now, undoMs }: Situation,
): Decision | Refusal {
  switch (command.kind) {
    case 'release':
      return happens({ kind: 'released' });
    case 'reply': {
      const { markdown, files } = command;
      if (markdown.trim() === '' && files.length === 0) return refuse('empty');
      return happens({ kind: 'replied', markdown, files, sendAt: new Date(now.getTime() + undoMs) });
    }
    case 'return-to-bot':
      return wroteSince(events, command.begunAt ?? now) ? refuse('wrote-since') : happens({ kind: 'returned', note: command.note });
    case 'resolve':
      return wroteSince(events, command.begunAt ?? now) ? refuse('wrote-since') : happens({ kind: 'resolved', reason: command.reason });
  }
}

/** Whether there is something of the customer's that an agent who began then cannot have read. */
const wroteSince = (events: readonly TicketEvent[], begunAt: Date): boolean =>
  events.some(({ change, at }) => change.kind === 'customer-wrote' && at.getTime() > begunAt.getTime() - GLANCE_MS);

function undo(of: number | null, agent: Agent, { events }: Situation): Decision | Refusal {
  const isOwn = ({ change, by, seq }: TicketEvent) =>
    change.kind === 'replied' && by.kind === 'agent' && by.agent.id === agent.id && (of === null || seq === of);
  const reply = events.findLast(isOwn);
  if (reply === undefined) return refuse('nothing-to-undo');
  if (events.some(({ actionId }) => actionId === settling(reply.seq))) return refuse('too-late');
  return { change: { kind: 'reply-undone', of: reply.seq }, onceAs: settling(reply.seq) };
}

/** By whoever wrote it, also where the case is somebody else's by now: it is still what they say. */
function edit({ of, text }: Extract<DeskCommand, { kind: 'edit' }>, agent: Agent, { events }: Situation): Decision | Refusal {
  const written = events.find(({ seq, by }) => seq === of && by.kind === 'agent' && by.agent.id === agent.id)?.change;
  if (text.trim() === '') return refuse('empty');
  if (written?.kind === 'noted') return happens({ kind: 'note-edited', of, text });
  if (written?.kind !== 'replied') return refuse('not-written');
  return events.some(({ actionId }) => actionId === settling(of)) ? refuse('sent') : happens({ kind: 'reply-edited', of, markdown: text });
}

/** The edit by which a reply goes out that goes out now. */
export const lastEditOf = (of: number, events: readonly TicketEvent[]): number | null =>
  events.findLast(({ change }) => change.kind === 'reply-edited' && change.of === of)?.seq ?? null;

/** A failure that was tried again is done with: only a newer one can be. */
function retry(of: number, { events }: Situation): Decision | Refusal {
  const last = events.findLast(({ change }) => (change.kind === 'reply-failed' || change.kind === 'reply-retried') && change.of === of);
  if (last?.change.kind !== 'reply-failed') return refuse('not-failed');
  return { change: { kind: 'reply-retried', of, outboxId: last.change.outboxId }, onceAs: `retry:${last.seq}` };
}

const happens = (change: TicketChange): Decision => ({ change, onceAs: null });
const refuse = (refused: Refusal['refused'], agent: Agent | null = null): Refusal => ({ refused, agent });
