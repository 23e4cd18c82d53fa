/**
 * Events that reach us from a platform, and the message log. An InboundEvent is what `decode` makes of a platform's payload: plain data with
 * nothing of the platform left in it but ids.
 */
import type { ClientMetadata } from './client-metadata.js';
import type { Choice, InboundContent, OutboundContent } from './content.js';
import type { ChannelErrorKind } from './errors.js';
import type { Source } from './knowledge.js';
import type { TicketChange } from './ticket.js';

interface InboundEventBase {
  /** Channel name: `web`, `telegram`, … */
  readonly channel: string;
  /** Which of our accounts on that channel (bot user name, phone number id); `default` where there is one only. */
  readonly account: string;
  /** Unique within channel and account; a redelivered event carries the same id. */
  readonly eventId: string;
  /** The conversation as the platform names it: chat id, channel and thread, session id. */
  readonly threadKey: string;
  readonly sender: Sender;
  /** When the platform says it was sent; null where it does not say. */
  readonly sentAt: Date | null;
}

export interface Sender {
  /** The platform's id of the person. */
  readonly userId: string;
  readonly displayName: string | null;
  /** BCP 47 tag of the person's platform language, a hint only. */
  readonly languageHint: string | null;
}

export interface InboundMessage extends InboundEventBase {
  readonly kind: 'message';
  /** The platform's id of the message, to edit, quote or react to it. */
  readonly platformMessageId: string;
  readonly content: readonly InboundContent[];
  /** `group` conversations are answered only when the bot is addressed. */
  readonly scope: 'direct' | 'group';
  readonly addressed: boolean;
  /** The platform id of the message that this one quotes. */
  readonly quotedMessageId: string | null;
  /** What the client says about itself (client message id; `page`: ClientMetadata of where it was written); never trusted for access. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** An earlier message was changed. */
export interface InboundEdit extends InboundEventBase {
  readonly kind: 'edit';
  readonly platformMessageId: string;
  readonly content: readonly InboundContent[];
}

export interface InboundDelete extends InboundEventBase {
  readonly kind: 'delete';
  readonly platformMessageId: string;
}

export interface InboundReaction extends InboundEventBase {
  readonly kind: 'reaction';
  readonly platformMessageId: string;
  /** The emoji; null when the reaction was taken back. */
  readonly emoji: string | null;
}

/** The bot was added, removed, blocked or installed. */
export interface InboundMembership extends InboundEventBase {
  readonly kind: 'membership';
  readonly change: 'joined' | 'left' | 'blocked';
}

/** `sent`: the platform has it; `delivered`: the customer's device; `read`: the customer; `failed`: none of them will. */
export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** The platform tells what became of a message of ours. */
export interface InboundStatus extends InboundEventBase {
  readonly kind: 'status';
  readonly platformMessageId: string;
  readonly status: DeliveryStatus;
  /** Why it failed, as if the send had; without customer text. Absent where the platform does not say. */
  readonly failure?: { readonly kind: ChannelErrorKind; readonly message: string };
  /** `SendContext.key` of the send it is about, where the platform hands it back: tells what became of a send whose result is not known. */
  readonly key?: string;
}

/**
 * What people of ours did with the case of this conversation: made here, not by a platform, and taken through the same inbox and lane as what the
 * customer does, so that both keep their order.
 */
export interface InboundDesk extends InboundEventBase {
  readonly kind: 'desk';
  readonly ticketId: string;
  /** Number of the event in the log of the case. */
  readonly seq: number;
  readonly change: TicketChange;
  /** The agent's name as customers see it; null: none is shown. */
  readonly author: string | null;
}

export type InboundEvent = InboundMessage | InboundEdit | InboundDelete | InboundReaction | InboundMembership | InboundStatus | InboundDesk;

export type MessageRole = 'user' | 'assistant' | 'agent' | 'system';

/** A file that belongs to a logged message. */
export interface MessageAttachment {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** What clients are told with the answer that hands the conversation over to people. */
export interface EscalationNotice {
  readonly required: boolean;
  readonly reason: readonly string[];
  readonly ticketId: string | null;
}

/** Where a message stands in the log of its conversation, and what it stands behind: who was shown that is to be shown this next. */
export interface LogPlace {
  /** The message's `order`. */
  readonly order: number;
  /** `order` of the last message of the turn before; 0: there is none. */
  readonly after: number;
  /** The ids of the customer's messages in between, which it answers. */
  readonly answers: readonly string[];
}

/** One line of a conversation's log, in either direction. */
export interface Message {
  /** `msg_…`, derived from the turn. */
  readonly id: string;
  readonly conversationId: string;
  /** The session's public handle. */
  readonly threadId: string;
  readonly turnId: string;
  /** Its place in the log of its conversation, which only grows at its end: what is logged later has a higher one. */
  readonly order: number;
  readonly role: MessageRole;
  /** The agent's name as customers see it; absent: none is shown, or it is nobody's. */
  readonly author?: string;
  /** Plain text or markdown, as the customer wrote it or as we answered. */
  readonly text: string;
  /** What was handed to the channel, for outbound messages; empty for inbound ones. */
  readonly content: readonly OutboundContent[];
  /** The quick replies that were offered, whatever the channel made of them: what a bare "2" refers to. */
  readonly choices: readonly Choice[];
  readonly attachments: readonly MessageAttachment[];
  /** Of the page that a customer wrote it on, for people; absent: none was told. */
  readonly metadata?: ClientMetadata;
  readonly sources: readonly Source[];
  readonly toolsUsed: readonly string[];
  /** Absent: it hands nothing over. */
  readonly escalation?: EscalationNotice;
  readonly intent: string | null;
  readonly language: string | null;
  /** 0 to 1; null for inbound messages. */
  readonly confidence: number | null;
  readonly platformMessageId: string | null;
  /** Set once the customer edited or deleted it. */
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
  /** What the platform last told of its last part, for outbound messages; absent where it tells nothing. */
  readonly delivery?: { readonly status: DeliveryStatus; readonly at: Date };
  readonly createdAt: Date;
  /** From stored to answered; null for inbound messages. */
  readonly processingTimeMs: number | null;
}
