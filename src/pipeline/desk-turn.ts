/**
 * What an agent did with a case, as a turn of the customer's conversation: their reply goes to the log and the outbox, a hand-over changes who has the
 * conversation, and the customer is told. Pure.
 */
import { withName } from '../domain/agent-name.js';
import type { AnswerInfo, ChannelCapabilities } from '../domain/channel.js';
import type { MediaRef, OutboundContent } from '../domain/content.js';
import type { ConversationChange } from '../domain/conversation.js';
import { messageIdOf, turnIdOf } from '../domain/ids.js';
import type { InboundDesk, Message } from '../domain/message.js';
import type { SessionChange, TurnInput, TurnRecord } from '../domain/turn.js';
import { NO_ENTITIES, type Language } from '../domain/understanding.js';
import { fitContent } from './fit-content.js';
import { outboxItems } from './outbox-items.js';
import { CASE_TEXTS } from './case-texts.js';
import { closingChoices } from './rating.js';
import { NO_ESCALATION } from './turn.js';

export type DeskInput = TurnInput & { readonly event: InboundDesk };

export const isDeskInput = (input: TurnInput): input is DeskInput => input.event.kind === 'desk';

interface Said {
  readonly role: 'agent' | 'system';
  readonly content: readonly OutboundContent[];
  readonly text: string;
  readonly files: readonly MediaRef[];
}

export function deskRecord(input: DeskInput, capabilities: ChannelCapabilities, at: Date): TurnRecord {
  const { conversation, event } = input;
  const id = turnIdOf(input.inboxId);
  const language: Language = conversation.language === 'en' ? 'en' : 'es';
  // The customer went on with the bot, or has another case by now: what is not a reply is no news to them.
  const current = conversation.ticketId === event.ticketId || event.change.kind === 'reopened';
  const said = event.change.kind === 'replied' || current ? saidOf(event, language) : null;
  const content = said === null ? [] : fitContent(said.content, capabilities, language);
  const message = said === null ? null : messageOf(input, id, said, { content, language, at });
  const handover = current ? handoverOf(event, input) : { change: {}, session: null };
  return {
    ...recordBase(input, id, language, at),
    outcome: 'staff',
    ticketId: event.ticketId,
    effects: {
      messages: message === null ? [] : [message],
      outbox:
        message === null
          ? []
          : outboxItems({
              ...{ conversation, event, message, content },
              answer: infoOf(event, message),
              replyUntil: windowOf(input, capabilities),
            }),
      facts: [],
      ticket: null,
      conversation: handover.change,
      session: conversation.sessionId === null ? null : { id: conversation.sessionId, status: handover.session },
      amend: null,
    },
  };
}

/** The reply could not be made: the desk is told, and can try again. */
export function failedDeskRecord(input: DeskInput, cause: Error, at: Date): TurnRecord {
  const { event } = input;
  const id = turnIdOf(input.inboxId);
  const failed = { kind: 'reply-failed', of: event.seq, outboxId: '', reason: cause.name } as const;
  return {
    ...recordBase(input, id, input.conversation.language === 'en' ? 'en' : 'es', at),
    outcome: 'failed',
    ticketId: event.ticketId,
    effects: {
      ...{ messages: [], outbox: [], facts: [], ticket: null, conversation: {}, session: null, amend: null },
      desk: event.change.kind === 'replied' ? [{ ticketId: event.ticketId, actionId: `failed:${id}`, by: 'system', change: failed }] : [],
    },
  };
}

function saidOf({ change, author }: InboundDesk, language: Language): Said | null {
  const texts = CASE_TEXTS[language];
  const system = (markdown: string, ...more: OutboundContent[]): Said => ({
    ...{ role: 'system', text: markdown, files: [] },
    content: [{ kind: 'text', markdown }, ...more],
  });
  switch (change.kind) {
    case 'replied':
      return { role: 'agent', text: change.markdown, files: change.files, content: replyContent(change, author) };
    case 'claimed':
    case 'assigned':
      return system(texts.taken(author));
    case 'returned':
      return system(texts.returned(author));
    case 'resolved':
      return system(texts.resolved, { kind: 'choices', markdown: '', choices: closingChoices(language) });
    case 'reopened':
      return system(texts.reopened);
    case 'marked':
      return change.say === null ? null : system(change.say);
    default:
      return null;
  }
}

/** The agent's name stands before the text: no platform shows a message of the bot's as somebody else's. */
function replyContent(
  { markdown, files }: { readonly markdown: string; readonly files: readonly MediaRef[] },
  author: string | null,
): OutboundContent[] {
  const named = author === null ? markdown : withName(author, markdown);
  const text: OutboundContent[] = markdown.trim() === '' ? [] : [{ kind: 'text', markdown: named }];
  const sent = files.map((file): OutboundContent => ({
    kind: /^image\/(?:png|jpeg)$/.test(file.contentType ?? '') ? 'image' : 'file',
    file,
    caption: '',
  }));
  return [...text, ...sent];
}

/** Who has the conversation from here on. */
function handoverOf(
  { change, ticketId }: InboundDesk,
  { receivedAt, conversation: { threadId } }: DeskInput,
): { change: ConversationChange; session: SessionChange | null } {
  const toPeople: SessionChange = { from: 'active', to: 'escalated' };
  const toBot: SessionChange = { from: 'escalated', to: 'active' };
  const closed = (note: string | null, survey: 'score' | null) => ({
    change: {
      ...({ status: 'bot', ticketId: null, failedAnswers: 0 } as const),
      lastCase: { ticketId, note, closedAt: receivedAt, survey, ...(threadId === null ? {} : { threadId }) },
    },
    session: toBot,
  });
  switch (change.kind) {
    case 'claimed':
    case 'assigned':
    case 'replied':
      return { change: { status: 'human' }, session: null };
    case 'released':
      return { change: { status: 'waiting' }, session: null };
    case 'reopened':
      return { change: { status: 'waiting', ticketId }, session: toPeople };
    case 'returned':
      return closed(change.note.trim() === '' ? null : change.note, null);
    case 'resolved':
      return closed(null, 'score');
    case 'erased':
      return { change: { status: 'bot', ticketId: null, failedAnswers: 0 }, session: null };
    default:
      return { change: {}, session: null };
  }
}

function messageOf(
  { conversation, event, order, receivedAt }: DeskInput,
  turnId: string,
  { role, text, files }: Said,
  { content, language, at }: { content: readonly OutboundContent[]; language: Language; at: Date },
): Message {
  const choices = content.flatMap((part) => (part.kind === 'choices' ? part.choices : []));
  return {
    id: messageIdOf(turnId, 'out'),
    conversationId: conversation.id,
    threadId: conversation.threadId ?? '',
    turnId,
    order,
    role,
    ...(role === 'agent' && event.author !== null ? { author: event.author } : {}),
    text,
    content,
    choices,
    attachments: files.map((file) => ({
      id: file.id,
      filename: file.filename ?? file.id,
      contentType: file.contentType ?? 'application/octet-stream',
      sizeBytes: file.sizeBytes ?? 0,
    })),
    ...{ sources: [], toolsUsed: [], intent: null, language, confidence: null, platformMessageId: null, editedAt: null, deletedAt: null },
    createdAt: at,
    processingTimeMs: at.getTime() - receivedAt.getTime(),
  };
}

const infoOf = ({ change, ticketId, seq }: InboundDesk, { role, author }: Message): AnswerInfo => ({
  role: role === 'agent' ? 'agent' : 'system',
  confidence: null,
  escalation: null,
  ...(author === undefined ? {} : { author }),
  ...(change.kind === 'replied' ? { reply: { ticketId, seq } } : {}),
});

const windowOf = ({ conversation }: DeskInput, { replyWindowMs }: ChannelCapabilities): Date | null =>
  replyWindowMs === null || conversation.lastMessageAt === null ? null : new Date(conversation.lastMessageAt.getTime() + replyWindowMs);

function recordBase({ conversation, event, inboxId, attempt }: DeskInput, id: string, language: Language, at: Date) {
  return {
    ...{ id, inboxId, conversationId: conversation.id, contactId: conversation.contactId, channel: event.channel },
    threadId: conversation.threadId ?? '',
    ...{ language, intent: null, entities: NO_ENTITIES, confidence: null, toolsUsed: [], hasContext: false, choices: [] },
    ...{ escalation: NO_ESCALATION, steps: [{ step: `desk:${event.change.kind}`, durationMs: 0, note: null }] },
    ...{ startedAt: at, processingTimeMs: 0, attempt },
  };
}
