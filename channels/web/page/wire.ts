/** What the service sends to the page, by HTTP and on the WebSocket (CONTRACT.md, "Chat" and "WebSocket"): the parts that the page uses. */
import type { PageMetadata } from './page-metadata.js';

export type SessionStatus = 'active' | 'ended' | 'escalated';

export interface Session {
  readonly session_id: string;
  readonly status: SessionStatus;
}

export interface Source {
  /** Markdown. */
  readonly content: string;
  readonly metadata: { readonly source: string; readonly title: string; readonly page?: number; readonly url?: string };
  /** 0 to 1. */
  readonly relevance_score: number;
  /** From 1. */
  readonly rank: number;
}

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  /** As the service told it by the content. Absent: just uploaded. */
  readonly content_type?: string;
  readonly size_bytes: number;
}

export interface LoggedMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'agent' | 'system';
  readonly author?: string;
  readonly content: string;
  readonly timestamp: string;
  readonly attachments: readonly StoredFile[];
  readonly sources: readonly Source[];
}

export interface ChatResponse {
  readonly requires_escalation: boolean;
  readonly metadata: { readonly message_id: string; readonly ticket_id?: string; readonly buttons?: readonly Choice[] };
}

/** `id` of a file that was uploaded; `error` says why it could not be read. */
export interface Uploaded {
  readonly id: string;
  readonly error: string | null;
}

export type ServerFrame =
  | { readonly type: 'connected' | 'pong' | 'user_typing' }
  /** With the id of a message: it begins again. */
  | { readonly type: 'start'; readonly message_id?: string }
  /** A person of ours is writing. */
  | { readonly type: 'agent_typing'; readonly author?: string }
  | { readonly type: 'acknowledged'; readonly message_id: string; readonly client_message_id?: string }
  | { readonly type: 'status'; readonly message: string }
  | { readonly type: 'sources'; readonly message_id: string; readonly sources: readonly Source[] }
  | { readonly type: 'escalation'; readonly message_id: string; readonly required: boolean; readonly ticket_id?: string }
  | { readonly type: 'text'; readonly message_id: string; readonly content: string }
  | { readonly type: 'attachments'; readonly message_id: string; readonly attachments: readonly StoredFile[] }
  | { readonly type: 'complete'; readonly message_id: string; readonly buttons?: readonly Choice[]; readonly role?: 'system' }
  | {
      readonly type: 'message';
      readonly message_id: string;
      readonly role: 'agent' | 'user';
      readonly author?: string;
      readonly content: string;
      readonly attachments: readonly StoredFile[];
    }
  | { readonly type: 'error'; readonly error: string; readonly message: string };

export type ClientFrame =
  | {
      readonly type: 'message';
      readonly content: string;
      readonly client_message_id: string;
      readonly attachments: readonly string[];
      readonly metadata?: PageMetadata;
    }
  | { readonly type: 'ping' | 'typing' };
