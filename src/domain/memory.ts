/** What Parley remembers of a conversation and a person. */
import type { Message } from './message.js';

export type FactKind = 'email' | 'phone' | 'name' | 'order' | 'invoice' | 'ticket' | 'product' | 'measure' | 'preference';

export interface Fact {
  /** `fact_…`, derived from owner, kind and value: learning it again refreshes it. */
  readonly id: string;
  /** The person it is about, on trusted channels; the session's thread where the person is not known (anonymous web chat). */
  readonly ownerId: string;
  readonly kind: FactKind;
  readonly value: string;
  /** 0 to 1; at 0.8 and above it is kept beyond the 30 days. */
  readonly importance: number;
  readonly conversationId: string;
  readonly learnedAt: Date;
  /** Null: kept until erased. */
  readonly expiresAt: Date | null;
}

export interface Recollection {
  /** The last messages of this session, oldest first. */
  readonly window: readonly Message[];
  /** Most important first. */
  readonly facts: readonly Fact[];
  /** What was talked about before the window, if anything. */
  readonly summary: string | null;
}

export interface MemoryService {
  /**
   * `newThread`: the thread begins with this turn, so nothing was said in it before. `linkedContactId`: the person has conversations on other
   * channels, and what was said there last belongs to it.
   */
  recall(input: {
    threadId: string;
    ownerId: string;
    conversationId: string;
    newThread?: boolean;
    linkedContactId?: string;
  }): Promise<Recollection>;
}

export interface MemoryStore {
  /** Inserts or refreshes by id; saving the same facts again changes nothing. */
  readonly saveFacts: (facts: readonly Fact[]) => Promise<void>;
  /** The owner's facts that have not expired, most important first, then newest. */
  readonly findFacts: (ownerId: string, limit: number) => Promise<Fact[]>;
  /** Forgets everything of an owner; returns how many facts that was. */
  readonly deleteFacts: (ownerId: string) => Promise<number>;
}
