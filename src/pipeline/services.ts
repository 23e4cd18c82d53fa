/** What the pipeline needs of the services, as ports. main.ts fills them in; tests fill in what they are about. */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { ContactLinks } from '../domain/contact.js';
import type { MediaRef } from '../domain/content.js';
import type { Conversation } from '../domain/conversation.js';
import type { KnowledgeSearch, Source } from '../domain/knowledge.js';
import type { Fact, MemoryService, Recollection } from '../domain/memory.js';
import type { Message } from '../domain/message.js';
import type { SessionStore } from '../domain/session.js';
import type { EscalationDecision, EscalationReason, Ticket } from '../domain/ticket.js';
import type { Answer } from '../domain/turn.js';
import type { Language, Understanding, UnderstandingService } from '../domain/understanding.js';
import type { AttachmentServices } from './steps/attachments.js';

export interface PipelineServices extends AttachmentServices {
  readonly sessions: SessionStore;
  readonly sessionTtlMs: number;
  /** Messages of one conversation that are answered in a minute; also the largest burst. */
  readonly messagesPerMinute: number;
  readonly memory: MemoryService;
  readonly links: Pick<ContactLinks, 'issueCode' | 'redeem' | 'unlink'>;
  readonly extractFacts: ExtractFacts;
  readonly understanding: UnderstandingService;
  readonly knowledge: KnowledgeSearch;
  readonly answer: AnswerQuestion;
  /** Words the answers that quote; left out: they stay as they are. */
  readonly word?: WordAnswer;
  readonly handoff: Handoff;
  readonly transcripts: Transcripts;
  /** Time of each step, in seconds. */
  readonly onStep: (step: string, seconds: number) => void;
}

export interface Question {
  /** What is asked, completed by what it refers back to. */
  readonly text: string;
  readonly language: Language;
  readonly understanding: Understanding;
  readonly sources: readonly Source[];
  readonly recollection: Recollection;
}

/** Answers from the sources, or says honestly that they do not tell. */
export type AnswerQuestion = (question: Question) => Answer | Promise<Answer>;

/**
 * The quoted answer in other words, where they are found and sure; else the answer itself. `result` says in a word what came of it.
 * @param onGrown all that is sure so far: what the answer will begin with
 */
export type WordAnswer = (
  request: {
    readonly question: string;
    readonly language: Language;
    readonly quoted: Answer;
    readonly passages: readonly Source[];
    readonly earlier: readonly Message[];
  },
  onGrown: (markdown: string) => void,
) => Promise<{ readonly answer: Answer; readonly result: string }>;

/** What a message teaches about the person; pure. */
export type ExtractFacts = (from: {
  readonly text: string;
  readonly understanding: Understanding;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly at: Date;
}) => readonly Fact[];

/** What was said, for customers to keep. */
export interface Transcripts {
  /** Of these sessions, one line for each message; empty where nothing was said. */
  readonly textOf: (threadIds: readonly string[], language: Language) => Promise<string>;
  readonly pdfOf: (title: string, text: string, language: Language) => Promise<Buffer>;
  /** IANA: the times are of there. */
  readonly zone: string;
}

export interface Handoff {
  readonly decide: (from: {
    readonly text: string;
    readonly understanding: Understanding;
    readonly conversation: Conversation;
    readonly answer: Answer | null;
    readonly at: Date;
  }) => EscalationDecision;
  readonly buildTicket: (from: {
    readonly turnId: string;
    readonly conversation: Conversation;
    readonly threadId: string;
    readonly decision: EscalationDecision;
    readonly language: Language;
    readonly text: string;
    readonly recollection: Recollection;
    readonly at: Date;
    /** Absent: nothing was understood, as in a turn that failed. */
    readonly understanding?: Understanding;
    readonly attachments?: readonly MediaRef[];
  }) => Ticket;
  /** What the customer is told when the case goes to people. */
  readonly announcement: (ticket: Pick<Ticket, 'id' | 'reasons' | 'priority' | 'team'>, language: Language, at: Date) => string;
  /** How soon a person replies, or when the team opens: one sentence. */
  readonly expectation: (ticket: Pick<Ticket, 'priority' | 'team'>, language: Language, at: Date) => string;
  /** A case that is there already; null: there is none of that number. */
  readonly caseOf: (ticketId: string) => Promise<Pick<Ticket, 'priority' | 'team'> | null>;
}

export const FAILED_TURN: EscalationDecision = { escalate: true, reasons: ['failed-turn' satisfies EscalationReason], priority: 'high' };

export type CapabilitiesOf = (channel: string, account: string) => ChannelCapabilities | undefined;
