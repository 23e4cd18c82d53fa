/** Makes the TurnRecord of a settled turn: what is stored, sent and remembered. Pure. */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { ClientMetadata } from '../domain/client-metadata.js';
import type { OutboundContent } from '../domain/content.js';
import { messageIdOf, turnIdOf } from '../domain/ids.js';
import type { Fact } from '../domain/memory.js';
import type { EscalationNotice, InboundMessage, Message } from '../domain/message.js';
import type { Session, SessionStatus } from '../domain/session.js';
import type { Answer, DeskNote, OutboxItem, SessionChange, TurnEffects, TurnRecord } from '../domain/turn.js';
import { NO_ENTITIES } from '../domain/understanding.js';
import { fitContent } from './fit-content.js';
import { outboxItems } from './outbox-items.js';
import { textOf } from './steps/content.js';
import type { Turn } from './turn.js';

export interface Settled {
  readonly turn: Turn;
  readonly answer: Answer;
  readonly facts: readonly Fact[];
  readonly capabilities: ChannelCapabilities;
  readonly finishedAt: Date;
}

export function recordOf({ turn, answer, facts, capabilities, finishedAt }: Settled): TurnRecord {
  const { input, session, understanding } = turn;
  const outgoing = fitContent(contentOf(turn, answer), capabilities, turn.language);
  const received = inboundMessages(turn);
  const reply = outgoing.length === 0 ? null : replyMessage(turn, answer, outgoing, finishedAt);
  const ticketId = turn.ticket?.id ?? turn.reopened;
  const escalated = ticketId !== null;
  return {
    id: turn.id,
    inboxId: input.inboxId,
    conversationId: input.conversation.id,
    contactId: input.conversation.contactId,
    channel: input.event.channel,
    threadId: turn.threadId,
    outcome: escalated && answer.outcome !== 'failed' ? 'escalated' : answer.outcome,
    language: turn.language,
    intent: understanding?.intent ?? null,
    entities: understanding?.entities ?? NO_ENTITIES,
    confidence: isBotAnswer(answer) ? answer.confidence : null,
    toolsUsed: [],
    hasContext: answer.sources.length > 0,
    choices: answer.choices,
    escalation: turn.escalation,
    ticketId,
    steps: turn.steps,
    startedAt: turn.startedAt,
    processingTimeMs: finishedAt.getTime() - turn.startedAt.getTime(),
    attempt: input.attempt,
    ...joinedBy(turn),
    effects: {
      messages: answer.outcome === 'discarded' ? [] : [...received, ...(reply === null ? [] : [reply])],
      outbox: reply === null ? [] : replyItems({ turn, content: outgoing, reply, received, capabilities }),
      facts,
      ticket: turn.ticket,
      conversation: turn.change,
      session: session === null ? null : sessionEffect(turn, session, escalated),
      amend: null,
      ...deskNotesOf(turn, received),
    },
  };
}

/** Messages that were only noted, relayed or held back say nothing about how well the bot answers. */
const isBotAnswer = (answer: Answer): boolean =>
  answer.outcome === 'answered' || answer.outcome === 'asked' || answer.outcome === 'unknown';

function contentOf(turn: Turn, answer: Answer): OutboundContent[] {
  if (answer.markdown === '') return [];
  const content: OutboundContent[] = [{ kind: 'text', markdown: answer.markdown }];
  if (answer.sources.length > 0) content.push({ kind: 'sources', sources: answer.sources, language: turn.language });
  if (answer.choices.length > 0) content.push({ kind: 'choices', markdown: '', choices: answer.choices });
  for (const file of answer.files ?? []) content.push({ kind: 'file', file, caption: '' });
  return content;
}

/** A session's last activity is exact to this: a customer who writes on at once does not change it, and its indexes, with each message. */
const ACTIVITY_MS = 5_000;

function sessionEffect(turn: Turn, { id, status, lastActivity }: Session, escalated: boolean): TurnEffects['session'] {
  const change = statusChange(turn, status, escalated);
  const isNoted = turn.startedAt.getTime() - lastActivity.getTime() < ACTIVITY_MS;
  return change === null && isNoted ? null : { id, status: change };
}

/** The handoff step may have changed the session's status; a ticket does. */
function statusChange(turn: Turn, status: SessionStatus, escalated: boolean): SessionChange | null {
  const from = turn.foundStatus ?? status;
  const to = escalated ? 'escalated' : status;
  return to === from ? null : { from, to };
}

const joinedBy = ({ input }: Turn): Pick<TurnRecord, 'joined'> =>
  input.parts === undefined ? {} : { joined: input.parts.slice(1).map(({ inboxId }) => ({ inboxId, turnId: turnIdOf(inboxId) })) };

/** Messages that were written in pieces are logged as they came, so that each can be edited later. */
function inboundMessages(turn: Turn): Message[] {
  const message = inboundMessage(turn);
  return (
    turn.input.parts?.map(({ inboxId, event, order, receivedAt }) => ({
      ...message,
      id: messageIdOf(turnIdOf(inboxId), 'in'),
      order,
      text: textOf(event.content),
      platformMessageId: event.platformMessageId,
      createdAt: receivedAt,
      ...pageOf(event),
    })) ?? [{ ...message, ...pageOf(turn.input.event) }]
  );
}

/** Channels put it there as the domain has it. */
const pageOf = ({ metadata: { page } }: InboundMessage): Pick<Message, 'metadata'> =>
  page === undefined ? {} : { metadata: page as ClientMetadata };

function inboundMessage(turn: Turn): Message {
  const { input } = turn;
  return {
    id: messageIdOf(turn.id, 'in'),
    conversationId: input.conversation.id,
    threadId: turn.threadId,
    turnId: turn.id,
    order: input.order,
    role: 'user',
    text: turn.text,
    content: [],
    choices: [],
    attachments: turn.attachments.map(({ id, filename, contentType, sizeBytes }) => ({ id, filename, contentType, sizeBytes })),
    sources: [],
    toolsUsed: [],
    intent: turn.understanding?.intent?.name ?? null,
    language: turn.language,
    confidence: null,
    platformMessageId: input.event.platformMessageId,
    editedAt: null,
    deletedAt: null,
    createdAt: input.receivedAt,
    processingTimeMs: null,
  };
}

/** One reply is one message in the log, however many parts the channel needs. It stands right behind the message it answers. */
function replyMessage(turn: Turn, answer: Answer, content: readonly OutboundContent[], at: Date): Message {
  return {
    ...inboundMessage(turn),
    id: messageIdOf(turn.id, 'out'),
    order: turn.input.order + 1,
    role: 'assistant',
    text: answer.markdown,
    content,
    choices: answer.choices,
    attachments: [],
    sources: answer.sources,
    ...escalationOf(turn),
    confidence: isBotAnswer(answer) ? answer.confidence : null,
    platformMessageId: null,
    createdAt: at,
    processingTimeMs: at.getTime() - turn.startedAt.getTime(),
  };
}

function escalationOf({ escalation, ticket, reopened }: Turn): { escalation?: EscalationNotice } {
  return escalation.escalate ? { escalation: { required: true, reason: escalation.reasons, ticketId: ticket?.id ?? reopened } } : {};
}

interface Reply {
  readonly turn: Turn;
  readonly content: readonly OutboundContent[];
  readonly reply: Message;
  readonly received: readonly Message[];
  readonly capabilities: ChannelCapabilities;
}

function replyItems({ turn, content, reply, received, capabilities }: Reply): OutboxItem[] {
  const { conversation, event, receivedAt } = turn.input;
  const { replyWindowMs } = capabilities;
  return outboxItems({
    ...{ conversation, event, message: reply, content },
    answer: { role: 'assistant', confidence: reply.confidence, escalation: reply.escalation ?? null },
    replyUntil: replyWindowMs === null ? null : new Date((event.sentAt ?? receivedAt).getTime() + replyWindowMs),
    answers: received.map((message) => message.id),
  });
}

/** What the desks of the case learn: each message that goes to people, and what else a step noted. */
function deskNotesOf({ relayedTo, deskNotes }: Turn, received: readonly Message[]): { desk?: readonly DeskNote[] } {
  const relayed = relayedTo === null ? [] : received.map(({ id }) => relayedNote(relayedTo, id));
  // What changed the case stands before the message: a case that is closed takes none.
  const notes = [...deskNotes, ...relayed];
  return notes.length === 0 ? {} : { desk: notes };
}

const relayedNote = (ticketId: string, messageId: string): DeskNote => ({
  ...{ ticketId, actionId: `message:${messageId}`, by: 'customer' },
  change: { kind: 'customer-wrote', messageId },
});
