/**
 * A conversation is one contact on one channel account in one thread, for good; it is also the lane in which messages keep their order.
 * A session (session.ts) is a stretch of it that ends after a day of silence.
 */
import type { Preview } from './channel.js';

/** Who has the conversation: the bot, nobody yet (a ticket waits), a person, or it is closed. */
export type ConversationStatus = 'bot' | 'waiting' | 'human' | 'closed';

export interface ClosedCase {
  readonly ticketId: string;
  /** For the bot, of whoever gave it back; null: none, or it was resolved. */
  readonly note: string | null;
  readonly closedAt: Date;
  /** What the customer was asked last about how it went; null: nothing, or they went on to something else. */
  readonly survey: 'score' | 'comment' | null;
  /** When that was asked; absent: at the end. */
  readonly askedAt?: Date;
  /** The session in which it was closed, for a copy of what was said; absent: not known. */
  readonly threadId?: string;
}

export interface Conversation {
  /** `conv_…`, see `conversationIdOf`; public, safe to show. */
  readonly id: string;
  readonly channel: string;
  readonly account: string;
  /** The platform's name for it. On the web channel this is the session id, a capability: never shown or logged. */
  readonly threadKey: string;
  readonly contactId: string;
  readonly userId: string;
  /** Its contact has conversations on other channels too. Absent: it was made before there were links. */
  readonly linked?: boolean;
  readonly status: ConversationStatus;
  /** ISO 639-1 of the customer's last understood message; null before the first. */
  readonly language: string | null;
  /** The session that is open, if any. */
  readonly sessionId: string | null;
  readonly threadId: string | null;
  readonly ticketId: string | null;
  /** Answers in a row that the customer got nothing from; feeds the escalation policy. */
  readonly failedAnswers: number;
  /** The last answer that was shown while it was written, by its outbox id. Absent: none was. */
  readonly draft?: Preview & { readonly outboxId: string };
  /** The case that people closed or gave back last. Absent: none. */
  readonly lastCase?: ClosedCase;
  readonly messageCount: number;
  /** `order` of the newest message in its log; 0: there is none. */
  readonly lastOrder: number;
  readonly createdAt: Date;
  /** When the customer was last heard of. */
  readonly lastMessageAt: Date | null;
}

/** What a turn may change of its conversation. */
export type ConversationChange = Partial<
  Pick<Conversation, 'status' | 'language' | 'sessionId' | 'threadId' | 'ticketId' | 'failedAnswers' | 'contactId' | 'linked' | 'lastCase'>
>;
