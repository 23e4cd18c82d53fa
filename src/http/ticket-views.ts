/** Cases to JSON for the web inbox: what happened as lines that people read, what became of each reply, and the conversation beside it. Pure. */
import { buttonsOf, reasonParts } from '../../channels/shared/desk-buttons.js';
import { channelName, deskWords, type DeskWords } from '../../channels/shared/desk-words.js';
import { replyState } from '../../channels/shared/reply-state.js';
import type { MediaRef } from '../domain/content.js';
import type { Conversation } from '../domain/conversation.js';
import { KEPT_BACK } from '../domain/desk.js';
import type { TeamNames } from '../domain/desk-settings.js';
import { asEdited, isEdit } from '../domain/fold-ticket.js';
import { inboxIdOf, messageIdOf, turnIdOf } from '../domain/ids.js';
import { attachmentOf, filesOf } from '../domain/message-files.js';
import type { Message, MessageAttachment } from '../domain/message.js';
import type { Actor, Ticket, TicketChange, TicketEvent } from '../domain/ticket.js';
import type { TurnRecord } from '../domain/turn.js';
import type { Language } from '../domain/understanding.js';
import type { CaseBody, CaseEventView, CaseMessageView, TicketRow, TurnView } from './ticket-schemas.js';

export const INBOX = 'inbox';

export const ticketRow = (ticket: Ticket, customer: string | null, teams: TeamNames): TicketRow => ({
  id: ticket.id,
  seq: ticket.seq,
  status: ticket.status,
  priority: ticket.priority,
  reasons: [...ticket.reasons],
  channel: ticket.channel,
  language: ticket.language,
  summary: ticket.summary,
  customer,
  agent: ticket.agent,
  last_agent: ticket.lastAgent,
  team: ticket.team,
  team_name: ticket.team === null ? null : (teams[ticket.team] ?? null),
  created_at: ticket.createdAt.toISOString(),
  waiting_since: ticket.waitingSince?.toISOString() ?? null,
  first_reply_at: ticket.firstReplyAt?.toISOString() ?? null,
  closed_at: ticket.closedAt?.toISOString() ?? null,
  score: ticket.score,
  marks: [...ticket.marks],
  customer_seq: ticket.customerSeq,
});

export interface CaseParts {
  readonly ticket: Ticket;
  readonly customer: string | null;
  readonly events: readonly TicketEvent[];
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly conversation: Conversation | null;
  readonly pastCases: readonly Ticket[];
  readonly teams: TeamNames;
}

export function caseBody(parts: CaseParts, language: Language): CaseBody {
  const { ticket, customer, events, messages, conversation, pastCases, teams } = parts;
  const words = deskWords(language);
  const replies = conversation === null ? new Map<string, number>() : repliesById(conversation, events);
  return {
    ticket: {
      ...ticketRow(ticket, customer, teams),
      entities: (ticket.entities ?? []).map(({ kind, value }) => ({ kind, value })),
      sentiment: ticket.sentiment ?? null,
      turn_id: ticket.turnId ?? null,
    },
    actions: [...buttonsOf(ticket)],
    events: events.map((event) => eventView(event, { events, words, teams })),
    messages: messages.map((message) => messageView(message, replies.get(message.id) ?? null)),
    past_cases: pastCases.map((past) => ticketRow(past, customer, teams)),
  };
}

/** Under which message of the log each reply stands: ids are derived, so that this needs no look at the log. */
function repliesById({ channel, account }: Conversation, events: readonly TicketEvent[]): ReadonlyMap<string, number> {
  const logged = (ticketId: string, key: string) =>
    messageIdOf(turnIdOf(inboxIdOf({ channel, account, eventId: `${ticketId}:${key}` })), 'out');
  return new Map(
    events.flatMap(({ ticketId, seq, change }) => {
      if (change.kind === 'replied') return [[logged(ticketId, String(seq)), seq] as const];
      return change.kind === 'reply-retried' ? [[logged(ticketId, `${change.of}:${seq}`), change.of] as const] : [];
    }),
  );
}

export const turnView = (turn: TurnRecord): TurnView => ({
  id: turn.id,
  started_at: turn.startedAt.toISOString(),
  processing_time_ms: turn.processingTimeMs,
  attempt: turn.attempt,
  channel: turn.channel,
  outcome: turn.outcome,
  language: turn.language,
  intent: turn.intent === null ? null : { name: turn.intent.name, confidence: turn.intent.confidence },
  confidence: turn.confidence,
  escalation: { ...turn.escalation, reasons: [...turn.escalation.reasons] },
  ticket_id: turn.ticketId,
  tools_used: [...turn.toolsUsed],
  sources: turn.effects.messages.flatMap(({ sources }) =>
    sources.map(({ metadata: { title, source }, relevance_score }) => ({ title, source, relevance_score })),
  ),
  steps: turn.steps.map(({ step, durationMs, note }) => ({ step, duration_ms: durationMs, note })),
});

const fileView = ({ id, filename, contentType, sizeBytes }: MessageAttachment) => ({
  ...{ id, filename },
  content_type: contentType,
  size_bytes: sizeBytes,
});

function messageView(message: Message, reply: number | null): CaseMessageView {
  const deleted = message.deletedAt !== null;
  return {
    id: message.id,
    role: message.role,
    author: message.author ?? null,
    content: deleted ? '' : message.text,
    timestamp: message.createdAt.toISOString(),
    attachments: deleted ? [] : filesOf(message).map(fileView),
    edited: message.editedAt !== null,
    turn_id: message.turnId,
    ...{ deleted, reply },
  };
}

interface EventContext {
  /** The whole log. */
  readonly events: readonly TicketEvent[];
  readonly words: DeskWords;
  readonly teams: TeamNames;
}

function eventView(event: TicketEvent, { events, words, teams }: EventContext): CaseEventView {
  const { seq, at, by, change } = event;
  const agent = by.kind === 'agent' ? by : null;
  return {
    ...{ seq, kind: change.kind },
    at: at.toISOString(),
    by: { kind: by.kind, id: agent?.agent.id ?? null, name: agent?.agent.name ?? null, desk: agent?.desk ?? null },
    line: lineOf(event, words, teams),
    // What was changed stands where it was written; the log has both.
    text: isEdit(change) ? null : writtenIn(asEdited(event, events).change),
    files: filesOfReply(change).map((file) => fileView(attachmentOf(file))),
    reply: change.kind === 'replied' ? { ...lastOf(seq, events, words), send_at: change.sendAt.toISOString() } : null,
  };
}

const filesOfReply = (change: TicketChange): readonly MediaRef[] => (change.kind === 'replied' ? change.files : []);

/** What a person of ours wrote in it; null: nothing. */
export function writtenIn(change: TicketChange): string | null {
  switch (change.kind) {
    case 'noted':
    case 'note-edited':
      return change.text;
    case 'replied':
    case 'reply-edited':
      return change.markdown;
    case 'resolved':
      return reasonParts(change.reason).text || null;
    case 'returned':
      return change.note || null;
    default:
      return null;
  }
}

/** The last that is known of a reply. */
function lastOf(of: number, events: readonly TicketEvent[], words: DeskWords): Omit<NonNullable<CaseEventView['reply']>, 'send_at'> {
  const last = events.findLast(({ change }) => 'of' in change && change.of === of)?.change;
  return last === undefined
    ? { state: 'pending', state_line: words.reply.pending }
    : { state: stateOf(last), state_line: replyState(last, words) };
}

function stateOf(change: TicketChange): NonNullable<CaseEventView['reply']>['state'] {
  switch (change.kind) {
    case 'reply-undone':
      return 'undone';
    case 'reply-dispatched':
      return 'dispatched';
    case 'reply-delivered':
      return change.status;
    case 'reply-failed':
      return change.reason === KEPT_BACK ? 'kept-back' : 'failed';
    case 'reply-retried':
      return 'retried';
    default:
      return 'pending';
  }
}

/** An agent, with the desk where they were unless it is this one. */
const nameOf = (by: Actor): string | null => {
  if (by.kind !== 'agent') return null;
  return by.desk === INBOX ? by.agent.name : `${by.agent.name} (${channelName(by.desk)})`;
};

function lineOf({ by, change }: TicketEvent, words: DeskWords, teams: TeamNames): string {
  const { did } = words;
  const who = nameOf(by) ?? words.automatic;
  switch (change.kind) {
    case 'opened':
      return [words.status.new, ...(change.team === null ? [] : [words.offeredTo(teams[change.team] ?? change.team)])].join(', ');
    case 'claimed':
      return did.claimed(who);
    case 'assigned':
      return did.assigned(who, change.to.name);
    case 'released':
      return did.released(who);
    case 'noted':
      return words.note(who);
    case 'note-edited':
      return did.noteEdited(who);
    case 'replied':
      return words.toCustomer(who);
    case 'reply-edited':
    case 'reply-undone':
    case 'reply-dispatched':
    case 'reply-delivered':
    case 'reply-failed':
    case 'reply-retried':
      return replyState(change, words);
    case 'resolved': {
      const { code } = reasonParts(change.reason);
      return code === null ? did.resolved(who) : `${did.resolved(who)}: ${words.resolved[code]}`;
    }
    case 'returned':
      return did.returned(who);
    case 'reopened':
      return did.reopened(nameOf(by));
    case 'customer-wrote':
      return words.field.customer;
    case 'customer-edited':
      return did.customerEdited;
    case 'customer-deleted':
      return did.customerDeleted;
    case 'customer-reacted':
      return change.emoji === null ? did.customerUnreacted : did.customerReacted(change.emoji);
    case 'customer-left':
      return did.customerLeft;
    case 'erased':
      return did.erased;
    case 'rated':
      return did.rated(change.score);
    case 'commented':
      return did.commented;
    case 'marked': {
      const [clock = '', what = ''] = change.mark.split(':');
      return [words.mark(clock, what), ...(change.team === null ? [] : [words.offeredTo(teams[change.team] ?? change.team)])].join(', ');
    }
  }
}
