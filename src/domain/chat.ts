/** The ports through which HTTP, the WebSocket and the terminal talk to the conversation machinery. */
import type { ClientMetadata } from './client-metadata.js';
import type { Message, MessageAttachment } from './message.js';
import type { Session } from './session.js';
import type { TurnRecord } from './turn.js';

export interface SubmittedMessage {
  readonly session: Session;
  /** Trimmed; empty only when there are attachments. */
  readonly text: string;
  readonly attachments: readonly MessageAttachment[];
  /** The same key on the same session is the same message. */
  readonly key: string;
  readonly clientMessageId: string | null;
  /** Of the page that it was written on; absent: the client told nothing. */
  readonly metadata?: ClientMetadata;
}

export interface Submitted {
  /** The message's id in the log, known before the turn has run. */
  readonly messageId: string;
  readonly turnId: string;
  readonly duplicate: boolean;
}

export interface ChatService {
  /** Resolves once the message is stored; from then on it will be answered, whatever happens to the caller. */
  submit(message: SubmittedMessage): Promise<Submitted>;
  /** The committed turn, at once where it is done; null when it takes longer than `timeoutMs`. Works whichever instance runs the turn. */
  waitForTurn(turnId: string, timeoutMs: number): Promise<TurnRecord | null>;
}

export interface MessageLog {
  /** Oldest first, with the total before limit and offset. */
  list(threadId: string, page: { limit: number; offset: number }): Promise<{ messages: Message[]; total: number }>;
  /** What stands behind that place (`Message.order`; 0: everything), oldest first. At most `limit`. */
  listAfter(threadId: string, order: number, limit: number): Promise<Message[]>;
  /** The place of a message in its thread; null when it is not there. */
  orderOf(threadId: string, messageId: string): Promise<number | null>;
  /**
   * The place of the newest message of each of these conversations; one that has none is left out. The message itself may be readable a moment
   * later: who misses it looks again.
   */
  newestOrders(conversationIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The last `limit` messages, oldest first. */
  window(threadId: string, limit: number): Promise<Message[]>;
}

export interface TurnLog {
  find(turnId: string): Promise<TurnRecord | null>;
}
