/**
 * Sessions. A session id is a capability: who holds it may use that one session (CONTRACT, "Access"). Other records refer to a session by
 * its thread id, which is public.
 */
import type { JsonObject } from './json.js';

export type SessionStatus = 'active' | 'ended' | 'escalated';
export const SESSION_STATUSES = ['active', 'ended', 'escalated'] as const satisfies readonly SessionStatus[];

export interface Session {
  /** `sess_` and 32 hex digits. Never logged. */
  readonly id: string;
  readonly threadId: string;
  readonly conversationId: string;
  readonly userId: string | null;
  /** The platform, or a caller with an API key, vouches for `userId`; otherwise it is only what the client says of itself. */
  readonly userVerified: boolean;
  readonly channel: string;
  readonly status: SessionStatus;
  readonly metadata: JsonObject;
  readonly createdAt: Date;
  /** Of the customer's messages exact to five seconds: those that follow within them do not change it. */
  readonly lastActivity: Date;
}

export interface SessionFilter {
  readonly userId?: string;
  readonly userVerified?: boolean;
  readonly status?: SessionStatus;
  /** 1 to 100. */
  readonly limit: number;
  readonly offset: number;
}

export interface SessionStore {
  /** Web and API sessions: their conversation's thread key is the new session id. */
  create(input: { userId: string | null; userVerified?: boolean; channel: 'web'; account: string; metadata: JsonObject }): Promise<Session>;
  /**
   * The open session of a platform conversation, or a new one opened by this event; asking again with the same event gives the same session.
   * `currentId`: the one of the conversation's last turn, if there was one.
   */
  openFor(input: {
    conversationId: string;
    currentId: string | null;
    channel: string;
    userId: string;
    eventId: string;
    ttlMs: number;
  }): Promise<Session>;
  /** Null when unknown. A session that was idle for longer than `ttlMs` is returned (and stored) as ended. */
  find(id: string, ttlMs: number): Promise<Session | null>;
  /** Newest activity first, with the total before limit and offset. */
  list(filter: SessionFilter): Promise<{ sessions: Session[]; total: number }>;
  setStatus(id: string, status: SessionStatus): Promise<Session | null>;
  touch(id: string, at: Date): Promise<void>;
  /** The session with its messages, turns, attachments and memory; false when unknown. */
  delete(id: string): Promise<boolean>;
  /** Deletes sessions that are not active and idle since before `cutoff`; returns how many. */
  deleteIdle(cutoff: Date): Promise<number>;
  /** Ends active sessions that are idle since before `cutoff`; returns how many. */
  endIdle(cutoff: Date): Promise<number>;
}
