/** The smallest pipeline: answers `re: <text>` and logs both messages, so that delivery can be tested without one. */
import { type InboundEvent } from '../../src/domain/message.js';
import { messageIdOf, turnIdOf } from '../../src/domain/ids.js';
import { type Message } from '../../src/domain/message.js';
import { type TurnInput, type TurnRecord } from '../../src/domain/turn.js';
import { NO_ENTITIES } from '../../src/domain/understanding.js';

export function textEvent(threadKey: string, eventId: string, text: string): InboundEvent {
  return {
    kind: 'message',
    channel: 'test',
    account: 'default',
    eventId,
    threadKey,
    sender: { userId: `user-${threadKey}`, displayName: null, languageHint: null },
    sentAt: null,
    platformMessageId: `p-${eventId}`,
    content: [{ kind: 'text', text }],
    scope: 'direct',
    addressed: true,
    quotedMessageId: null,
    metadata: {},
  };
}

export const textOf = (event: InboundEvent): string =>
  'content' in event ? event.content.map((content) => (content.kind === 'text' ? content.text : '')).join(' ') : '';

export function simpleTurn(input: TurnInput): TurnRecord {
  const { event } = input;
  return event.kind === 'message' ? recordOf(input, `re: ${textOf(event)}`, 'answered') : amendment(input);
}

export const apology = (input: TurnInput): TurnRecord => recordOf(input, 'sorry', 'failed');

export function recordOf(input: TurnInput, reply: string, outcome: TurnRecord['outcome']): TurnRecord {
  const { event, inboxId, order, conversation } = input;
  const turnId = turnIdOf(inboxId);
  const at = new Date();
  const received: Message = {
    id: messageIdOf(turnId, 'in'),
    conversationId: conversation.id,
    threadId: `thread_${conversation.id}`,
    turnId,
    order,
    role: 'user',
    text: textOf(event),
    content: [],
    choices: [],
    attachments: [],
    sources: [],
    toolsUsed: [],
    intent: null,
    language: 'es',
    confidence: null,
    platformMessageId: event.kind === 'message' ? event.platformMessageId : null,
    editedAt: null,
    deletedAt: null,
    createdAt: at,
    processingTimeMs: null,
  };
  const answered: Message = {
    ...received,
    id: messageIdOf(turnId, 'out'),
    order: order + 1,
    role: 'assistant',
    text: reply,
    platformMessageId: null,
  };
  const { parts } = input;
  const pieces = parts?.map((part) => ({
    ...received,
    id: messageIdOf(turnIdOf(part.inboxId), 'in'),
    order: part.order,
    text: textOf(part.event),
    platformMessageId: part.event.platformMessageId,
  }));
  return {
    id: turnId,
    inboxId,
    conversationId: conversation.id,
    contactId: conversation.contactId,
    channel: event.channel,
    threadId: received.threadId,
    outcome,
    language: 'es',
    intent: null,
    entities: NO_ENTITIES,
    confidence: 1,
    toolsUsed: [],
    hasContext: false,
    choices: [],
    escalation: { escalate: false, reasons: [], priority: 'normal' },
    ticketId: null,
    steps: [],
    startedAt: at,
    processingTimeMs: 1,
    attempt: input.attempt,
    ...(parts === undefined ? {} : { joined: parts.slice(1).map((part) => ({ inboxId: part.inboxId, turnId: turnIdOf(part.inboxId) })) }),
    effects: {
      messages: [...(pieces ?? [received]), answered],
      outbox: [
        {
          id: `${answered.id}:0`,
          messageId: answered.id,
          channel: event.channel,
          account: event.account,
          conversationId: conversation.id,
          to: { conversationId: conversation.id, threadKey: event.threadKey, userId: event.sender.userId },
          content: { kind: 'text', markdown: reply },
          replyTo: null,
          last: true,
          answer: { role: 'assistant', confidence: 1, escalation: null },
          order: order + 1,
        },
      ],
      facts: [],
      ticket: null,
      conversation: { language: 'es' },
      session: null,
      amend: null,
    },
  };
}

function amendment(input: TurnInput): TurnRecord {
  const { event } = input;
  const record = recordOf(input, '', 'noted');
  const amend =
    event.kind === 'edit' || event.kind === 'delete'
      ? { platformMessageId: event.platformMessageId, text: event.kind === 'edit' ? textOf(event) : null, at: new Date() }
      : null;
  return { ...record, effects: { ...record.effects, messages: [], outbox: [], amend } };
}
