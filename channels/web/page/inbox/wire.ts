/** What the service sends to the inbox page (`/docs`, `/api/tickets`): the parts that the page uses. */

export interface Agent {
  readonly id: string;
  readonly name: string;
}

export interface Row {
  readonly id: string;
  readonly seq: number;
  readonly status: string;
  readonly priority: string;
  readonly reasons: readonly string[];
  readonly channel: string;
  readonly summary: string;
  readonly customer: string | null;
  readonly agent: Agent | null;
  readonly created_at: string;
  readonly waiting_since: string | null;
  readonly score: number | null;
  readonly team_name: string | null;
  /** Of the clocks that run: `first:reminded`, `next:breached`. */
  readonly marks: readonly string[];
  /** Number of the last event that the customer caused. */
  readonly customer_seq: number;
}

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
}

export interface CaseMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'agent' | 'system';
  readonly author: string | null;
  readonly content: string;
  readonly timestamp: string;
  readonly attachments: readonly StoredFile[];
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly turn_id: string;
  readonly reply: number | null;
}

export interface CaseEvent {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly by: { readonly id: string | null; readonly name: string | null };
  readonly line: string;
  readonly text: string | null;
  readonly files: readonly StoredFile[];
  readonly reply: { readonly state: string; readonly state_line: string; readonly send_at: string } | null;
}

export interface Case {
  readonly ticket: Row & {
    readonly entities: readonly { readonly value: string }[];
    readonly sentiment: number | null;
    readonly turn_id: string | null;
  };
  readonly actions: readonly string[];
  readonly events: readonly CaseEvent[];
  readonly messages: readonly CaseMessage[];
  readonly past_cases: readonly Row[];
}

/** Why the bot did what it did. */
export interface Turn {
  readonly id: string;
  readonly started_at: string;
  readonly processing_time_ms: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly language: string;
  readonly intent: { readonly name: string; readonly confidence: number } | null;
  readonly confidence: number | null;
  readonly escalation: { readonly escalate: boolean; readonly reasons: readonly string[]; readonly priority: string };
  readonly sources: readonly { readonly title: string; readonly relevance_score: number }[];
  readonly steps: readonly { readonly step: string; readonly duration_ms: number; readonly note: string | null }[];
}

export type Command = Readonly<Record<string, unknown>> & { readonly kind: string };
