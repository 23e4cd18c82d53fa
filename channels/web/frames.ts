/** The frames of the WebSocket, as CONTRACT.md lists them: what clients send (by schema) and what they are sent (by type). */
import { z } from 'zod';
import { clientMetadataSchema, type ClientMetadata } from '../../src/domain/client-metadata.js';
import type { Choice } from '../../src/domain/content.js';
import type { Source } from '../../src/domain/knowledge.js';
import { MAX_MESSAGE_ATTACHMENTS, optionalMessageTextSchema } from '../../src/domain/message-text.js';

const messageFrameSchema = z
  .object({
    type: z.literal('message'),
    content: optionalMessageTextSchema.default(''),
    client_message_id: z.string().trim().min(1).max(128).optional(),
    attachments: z
      .array(z.string().regex(/^att_[0-9a-f]{24}$/, 'must be an id that an upload returned'))
      .max(MAX_MESSAGE_ATTACHMENTS)
      .default([]),
    metadata: clientMetadataSchema.optional(),
  })
  .refine((frame) => frame.content !== '' || frame.attachments.length > 0, { path: ['content'], error: 'must not be empty' });

export const clientFrameSchema = z.discriminatedUnion('type', [
  messageFrameSchema,
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('typing') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** What a client says with a message; the rest of a frame is transport. */
export interface ClientMessage {
  /** The same key on the same session is the same message, by whichever way it comes: the client's own id for it, where it gave one. */
  readonly key: string;
  readonly text: string;
  readonly clientMessageId: string | null;
  readonly attachmentIds: readonly string[];
  readonly metadata?: ClientMetadata;
}

/** A file as clients see it. */
export interface AttachmentView {
  readonly id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
}

/** Every frame also carries `timestamp`, put on when it is written. */
export type ServerFrame =
  | { readonly type: 'connected'; readonly session_id: string; readonly client_id: string }
  | { readonly type: 'acknowledged'; readonly message_id: string; readonly client_message_id?: string }
  /** An answer begins. `message_id`: this one begins again, and what was shown of it is void. */
  | { readonly type: 'start'; readonly message_id?: string }
  | { readonly type: 'status'; readonly message: string }
  /** A person types a reply; shown for some seconds. `author`: their name as customers see it. */
  | { readonly type: 'agent_typing'; readonly author?: string }
  | { readonly type: 'sources'; readonly message_id: string; readonly sources: readonly Source[] }
  | {
      readonly type: 'escalation';
      readonly message_id: string;
      readonly required: boolean;
      readonly reason: readonly string[];
      readonly ticket_id?: string;
    }
  | { readonly type: 'text'; readonly message_id: string; readonly content: string }
  | { readonly type: 'attachments'; readonly message_id: string; readonly attachments: readonly AttachmentView[] }
  | {
      readonly type: 'complete';
      readonly message_id: string;
      readonly confidence: number | null;
      readonly buttons?: readonly Choice[];
      /** It is no answer of the bot's: what became of the customer's case. */
      readonly role?: 'system';
    }
  | {
      /** A whole message at once: a person's (`agent`), or one that the customer wrote in another window (`user`). */
      readonly type: 'message';
      readonly message_id: string;
      readonly role: 'agent' | 'user';
      /** The agent's name as customers see it. */
      readonly author?: string;
      readonly content: string;
      readonly attachments: readonly AttachmentView[];
    }
  | { readonly type: 'error'; readonly error: string; readonly message: string }
  | { readonly type: 'pong' }
  | { readonly type: 'user_typing'; readonly client_id: string };

/** The frame as it goes out. */
export const writeFrame = (frame: ServerFrame, at: Date): string => JSON.stringify({ ...frame, timestamp: at.toISOString() });
