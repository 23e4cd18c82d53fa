/** What the emulated Graph API remembers: messages, files, windows, templates, calls, failures to come, and a clock that can be set forward. */

export interface RecordedCall {
  readonly method: string;
  /** Below the version, without the query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SentMessage {
  readonly id: string;
  readonly to: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface StoredFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly filename: string | null;
  /** What Meta says of it. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Where Meta says that it is; null: here. */
  readonly url: string | null;
}

export interface Template {
  readonly name: string;
  readonly language: string;
  readonly status: 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED';
  /** With `{{1}}`, `{{2}}`. */
  readonly text: string;
  readonly buttons: readonly string[];
}

/** Of the next send, or of the next call whose path holds `path`. */
export type ScriptedFailure = { readonly path?: string } & (
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: number;
      readonly message: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  /** The connection ends before the answer; `accepted`: after Meta took the message. */
  | { readonly kind: 'cut'; readonly accepted: boolean }
);

export type LadderStep = 'sent' | 'delivered' | 'read' | 'failed';

export interface GraphState {
  readonly calls: RecordedCall[];
  readonly sent: SentMessage[];
  readonly files: Map<string, StoredFile>;
  /** Address of a download, its file, and when it stops working. */
  readonly downloads: Map<string, { readonly fileId: string; readonly until: number }>;
  /** When each customer last wrote. */
  readonly lastWrote: Map<string, number>;
  templates: Template[];
  readonly failures: ScriptedFailure[];
  webhook: string | null;
  /** Whether the account sends its webhooks to the app. */
  subscribed: boolean;
  scopes: string[];
  tokenExpiresAt: number;
  canSend: 'AVAILABLE' | 'BLOCKED';
  clockAheadMs: number;
  lastId: number;
}

export const newState = (): GraphState => ({
  calls: [],
  sent: [],
  files: new Map(),
  downloads: new Map(),
  lastWrote: new Map(),
  templates: [
    {
      name: 'reply_waiting',
      language: 'es',
      status: 'APPROVED',
      text: 'Tenemos una respuesta para su caso {{1}}.',
      buttons: ['Leer'],
    },
    {
      name: 'reply_waiting',
      language: 'en_US',
      status: 'APPROVED',
      text: 'We have an answer for you. Tap to read it.',
      buttons: ['Read'],
    },
    { name: 'order_ready', language: 'en_US', status: 'APPROVED', text: 'Your order is ready.', buttons: [] },
    { name: 'winter_sale', language: 'es', status: 'PENDING', text: 'Rebajas', buttons: [] },
  ],
  failures: [],
  webhook: null,
  subscribed: true,
  scopes: ['whatsapp_business_messaging', 'whatsapp_business_management'],
  tokenExpiresAt: 0,
  canSend: 'AVAILABLE',
  clockAheadMs: 0,
  lastId: 0,
});

export const nowOf = (state: GraphState): number => Date.now() + state.clockAheadMs;
export const newId = (state: GraphState): string => String(4_490_709_327_384_000 + (state.lastId += 1));
