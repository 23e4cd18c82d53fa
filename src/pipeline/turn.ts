/** The working state of one turn: what the steps read and fill in before it becomes a TurnRecord. */
import type { Attachment } from '../domain/attachment.js';
import type { Choice } from '../domain/content.js';
import type { ConversationChange } from '../domain/conversation.js';
import type { Recollection } from '../domain/memory.js';
import type { InboundMessage } from '../domain/message.js';
import type { Session } from '../domain/session.js';
import type { Source } from '../domain/knowledge.js';
import type { EscalationDecision, Ticket } from '../domain/ticket.js';
import type { Answer, DeskNote, ShowDraft, StepTrace, TurnInput } from '../domain/turn.js';
import type { Language, Understanding } from '../domain/understanding.js';

export interface Turn {
  readonly id: string;
  readonly input: TurnInput & { readonly event: InboundMessage };
  readonly startedAt: Date;
  /** What the customer said, in words: text, captions, the label of a chosen button, a command's name. */
  text: string;
  /** What is asked, completed from what was asked before; the text itself until it is understood. */
  question: string;
  /** A button or command that stands for an intent of its own, decided before any classifier is asked. */
  command: Command | null;
  /** What follows the command: the code of `link`, `texto` of `transcript`. */
  commandArgs: string;
  language: Language;
  session: Session | null;
  /** The status that the session had when the turn began, where a step has changed it since. */
  foundStatus: Session['status'] | null;
  /** The session's public handle; known before the session is read where the conversation or the event tells it, else empty. */
  threadId: string;
  attachments: readonly Attachment[];
  /** What is said before the answer: which files could not be read. Markdown, mostly empty. */
  preface: string;
  recollection: Recollection;
  understanding: Understanding | null;
  sources: readonly Source[];
  answer: Answer | null;
  escalation: EscalationDecision;
  ticket: Ticket | null;
  /** The case that is open again because of this message. */
  reopened: string | null;
  /** The case whose people are to read this message; null: it is the bot's. */
  relayedTo: string | null;
  /** What else the desks of a case learn of this turn. */
  deskNotes: readonly DeskNote[];
  change: ConversationChange;
  readonly steps: StepTrace[];
  /** Shows the customer the answer while it is written. */
  readonly showDraft: ShowDraft;
}

/** What our own buttons and the platforms' commands stand for. */
export type Command = 'start' | 'help' | 'talk-to-person' | 'back-to-bot' | 'link' | 'unlink' | 'transcript';

/** Ids of the buttons that the pipeline itself offers. */
export const CHOICE_IDS = {
  talkToPerson: 'talk-to-person',
  backToBot: 'back-to-bot',
  transcript: 'transcript',
} as const satisfies Record<string, Command>;

export const NO_ESCALATION: EscalationDecision = { escalate: false, reasons: [], priority: 'normal' };

export function beginTurn(
  id: string,
  input: TurnInput & { readonly event: InboundMessage },
  startedAt: Date,
  showDraft: ShowDraft = () => undefined,
): Turn {
  return {
    id,
    input,
    startedAt,
    text: '',
    question: '',
    command: null,
    commandArgs: '',
    language: languageOf(input.conversation.language) ?? languageOf(input.event.sender.languageHint) ?? 'es',
    session: null,
    foundStatus: null,
    threadId: threadIdOf(input),
    attachments: [],
    preface: '',
    recollection: { window: [], facts: [], summary: null },
    understanding: null,
    sources: [],
    answer: null,
    escalation: NO_ESCALATION,
    ticket: null,
    reopened: null,
    relayedTo: null,
    deskNotes: [],
    change: {},
    steps: [],
    showDraft,
  };
}

function threadIdOf({ conversation, event }: Turn['input']): string {
  const told = event.metadata.threadId;
  return conversation.threadId ?? (typeof told === 'string' ? told : '');
}

function languageOf(tag: string | null): Language | null {
  if (tag === null) return null;
  if (/^es\b/i.test(tag)) return 'es';
  return /^en\b/i.test(tag) ? 'en' : null;
}

/** Our last message and the buttons under it, in order: what a bare "2" refers to. */
export function lastReply(recollection: Recollection): { readonly text: string; readonly choices: readonly Choice[] } {
  return recollection.window.findLast((message) => message.role === 'assistant') ?? { text: '', choices: [] };
}
