/** What a desk is shown of an event: the case as it stands, and what the event is about, read when it is shown. */
import type { Conversation } from '../../domain/conversation.js';
import type { CaseView } from '../../domain/desk.js';
import type { TeamNames } from '../../domain/desk-settings.js';
import type { Message } from '../../domain/message.js';
import { asEdited } from '../../domain/fold-ticket.js';
import type { Ticket, TicketChange, TicketEvent, TicketStore } from '../../domain/ticket.js';

export interface ViewDeps {
  readonly tickets: Pick<TicketStore, 'find' | 'eventsOf' | 'listOfContact'>;
  readonly messageOf: (id: string) => Promise<Message | null>;
  readonly messageByPlatformId: (conversationId: string, platformMessageId: string) => Promise<Message | null>;
  readonly historyOf: (threadId: string, before: Date, limit: number) => Promise<readonly Message[]>;
  readonly conversationOf: (id: string) => Promise<Conversation | null>;
  readonly nameOf: (contactId: string) => Promise<string | null>;
  readonly teams: TeamNames;
  readonly publicUrl: string | null;
}

const HISTORY_MESSAGES = 20;
const PAST_CASES = 5;

/** Null: there is no such case. */
export async function caseView(deps: ViewDeps, event: TicketEvent): Promise<CaseView | null> {
  const ticket = await deps.tickets.find(event.ticketId);
  if (ticket === null) return null;
  const { change } = event;
  const begins = change.kind === 'opened' || change.kind === 'reopened';
  const [message, name, history, past, reply] = await Promise.all([
    messageNamed(deps, ticket, change),
    deps.nameOf(ticket.contactId),
    begins ? deps.historyOf(ticket.threadId, event.at, HISTORY_MESSAGES) : [],
    change.kind === 'opened' ? deps.tickets.listOfContact(ticket.contactId, PAST_CASES + 1) : [],
    replyNamed(deps, ticket, change),
  ]);
  return {
    ...{ ticket, event, reply, history, teams: deps.teams },
    message: message?.deletedAt === null ? message : null,
    customer: { name, channel: ticket.channel },
    pastCases: past.filter(({ id }) => id !== ticket.id).slice(0, PAST_CASES),
    links: linksOf(ticket, deps.publicUrl),
  };
}

async function messageNamed(deps: ViewDeps, ticket: Ticket, change: TicketChange): Promise<Message | null> {
  if ('messageId' in change) return deps.messageOf(change.messageId);
  return 'platformMessageId' in change ? deps.messageByPlatformId(ticket.conversationId, change.platformMessageId) : null;
}

async function replyNamed({ tickets }: ViewDeps, { id }: Ticket, change: TicketChange): Promise<TicketEvent | null> {
  if (!('of' in change) || change.kind === 'note-edited') return null;
  const log = await tickets.eventsOf(id, change.of - 1);
  const reply = log.find(({ seq }) => seq === change.of);
  return reply === undefined ? null : asEdited(reply, log);
}

const linksOf = ({ id }: Ticket, publicUrl: string | null): CaseView['links'] =>
  publicUrl === null ? null : { case: `${publicUrl}/inbox#${id}`, trace: `${publicUrl}/inbox#${id}/trace` };
