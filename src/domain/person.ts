/** All that is kept of one person, over every channel that they linked: found, handed out and erased as a whole. */
import type { Attachment } from './attachment.js';
import type { Contact } from './contact.js';
import type { Conversation } from './conversation.js';
import type { Fact } from './memory.js';
import type { Message } from './message.js';
import type { Session } from './session.js';
import type { Ticket, TicketEvent } from './ticket.js';
import type { TurnRecord } from './turn.js';

/**
 * What was asked for about a person, by whom and when: the audit, without anything of what was found. An erasure is `erasing` until what was being
 * worked on at the time is gone too.
 */
export interface PersonRequest {
  /** `preq_…`, random. */
  readonly id: string;
  readonly kind: 'erasure' | 'export';
  /** Who stands for the person. */
  readonly contactId: string;
  /** Id of the API key. */
  readonly by: string;
  readonly requestedAt: Date;
  /** Null while it is being erased. */
  readonly doneAt: Date | null;
}

/** A person with the contacts that stand for them on single channels. */
export interface Person {
  readonly contact: Contact;
  readonly linked: readonly Contact[];
}

/** What is handed out. What grows with what was said is read as it is asked for: a long history is never held in memory. */
export interface PersonData {
  readonly conversations: readonly Conversation[];
  readonly sessions: readonly Session[];
  /** Oldest first in each session. */
  readonly messages: AsyncGenerator<Message>;
  readonly facts: AsyncGenerator<Fact>;
  readonly files: AsyncGenerator<Omit<Attachment, 'chunks'>>;
  /** What was understood of each message. */
  readonly turns: AsyncGenerator<
    Pick<TurnRecord, 'id' | 'conversationId' | 'threadId' | 'startedAt' | 'language' | 'intent' | 'entities' | 'outcome'>
  >;
  readonly cases: AsyncGenerator<{ readonly ticket: Ticket; readonly events: readonly TicketEvent[] }>;
}

export interface People {
  /** By any of their contacts; null where nobody has it. */
  find(contactId: string): Promise<Person | null>;
  /** Whoever writes on a channel under this id. */
  findByIdentity(identity: Pick<Conversation, 'channel' | 'account' | 'userId'>): Promise<Person | null>;
  /** Notes in the audit who was handed what is kept. */
  exportOf(person: Person, by: string): Promise<PersonData>;
  /**
   * Erases what is kept of the person; resolves when it is gone but for what was being worked on meanwhile, which `resume` takes. Asked again it goes on
   * with the same erasure, or tells of the last one where nothing was kept since. Null: nobody was ever known by that id.
   */
  erase(contactId: string, by: string): Promise<PersonRequest | null>;
  /** Takes erasures on that were cut off, and ends those that have settled; returns how many it ended. Any instance may, any number of times. */
  resume(now: Date): Promise<number>;
  /** Newest first. */
  requests(limit: number): Promise<PersonRequest[]>;
}
