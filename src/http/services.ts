/** What the HTTP server needs of the rest of the service, as ports: main.ts fills them in, tests fill in what they need. */
import type { Router } from 'express';
import type { ApiKeyStore } from '../domain/api-key.js';
import type { AttachmentStore, ExtractText, FileStore } from '../domain/attachment.js';
import type { Channel, Emit, IgnoredEvent } from '../domain/channel.js';
import type { ChatService, MessageLog, Submitted } from '../domain/chat.js';
import type { DeskAnswer, DeskRequest } from '../domain/desk.js';
import type { ClientMetadata } from '../domain/client-metadata.js';
import type { Chunk, KnowledgeSearch } from '../domain/knowledge.js';
import type { MessageAttachment } from '../domain/message.js';
import type { RateCounter } from '../domain/rate-limit.js';
import type { SessionStore } from '../domain/session.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface HttpConfig {
  readonly port: number;
  readonly host: string;
  readonly version: string;
  readonly sessionTtlMs: number;
  readonly maxFileBytes: number;
  /** Requests a minute for each address. */
  readonly rateLimits: { readonly default: number; readonly process: number };
  readonly trustProxy: number;
  readonly allowedOrigins: readonly string[];
  /** Where the chat page's files lie: HTML and CSS as written, scripts as compiled. */
  readonly pageFolders: { readonly files: string; readonly scripts: string };
  /** How long a caller waits for an answer before it gets a 202. Default 25,000. */
  readonly answerWaitMs?: number;
}

export interface HttpServices {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly sessions: SessionStore;
  readonly chat: ChatService;
  readonly messages: MessageLog;
  readonly attachments: AttachmentStore & FileStore;
  readonly knowledge: KnowledgeSearch;
  readonly extractText: ExtractText;
  readonly chunkText: (document: {
    id: string;
    filename: string;
    pages: readonly { page: number | null; text: string }[];
  }) => readonly Chunk[];
  readonly apiKeys: ApiKeyStore;
  readonly rates: RateCounter;
  readonly web: WebClients;
  /** Channels whose `receive` is served under /webhooks. */
  readonly channels: readonly Channel[];
  readonly emit: Emit;
  /** Counts an event that is not processed, and keeps what the platform sent where nobody understood it. */
  readonly ignore: (channel: Channel, event: IgnoredEvent) => Promise<void>;
  /** What staff ask for at the channel's desk: resolves once it is stored. */
  readonly performAt: (channel: Channel, request: DeskRequest) => Promise<DeskAnswer | undefined>;
  readonly analytics: AnalyticsQueries;
  readonly health: HealthProbes;
  /** Routes of other parts (knowledge administration); each checks its own access with the middleware it is given. */
  readonly extensions?: readonly RouteExtension[];
}

/** A part of the service that brings its own routes. */
export interface RouteExtension {
  readonly path: string;
  readonly router: Router;
  /** The scope that callers need. */
  readonly scope: 'admin' | 'knowledge' | 'analytics' | 'traces' | 'deliveries' | 'tickets';
  /** Requests a minute for each address, where people work with it all day; absent: as everywhere. */
  readonly perMinute?: number;
  /** Ends answers that would stay open. */
  readonly close?: () => void;
}

export interface AnalyticsQueries {
  /** The body of the answer, in snake_case. */
  conversations(query: { days: number; phone?: string }): Promise<object>;
}

export type HealthState = 'healthy' | 'degraded' | 'unhealthy' | 'disabled';
export interface HealthReport {
  readonly state: HealthState;
  /** Why it is not healthy, for the operator; never a secret. */
  readonly detail?: string;
}

export interface HealthProbes {
  /** By name: `database`, `cache`, `knowledge`, `agent`, `channels.telegram`, … A probe that throws or takes longer than 2 s is unhealthy. */
  readonly probes: Readonly<Record<string, () => Promise<HealthReport> | HealthReport>>;
  /** The names without which no message can be taken. */
  readonly required: readonly string[];
  /** False once the service is stopping. */
  readonly accepting: () => boolean;
}

/** The web channel as the WebSocket server sees it (channels/web implements it). */
export interface WebClients {
  /** @param after the last message that the client knows, for what it missed; null: what comes from now on */
  connect(client: SocketClient, after: string | null): Promise<SocketConnection>;
  announce(sessionId: string, message: { messageId: string; text: string; attachments: readonly MessageAttachment[] }): void;
  connectionCount(sessionId: string): number;
}

export interface SocketClient {
  readonly clientId: string;
  readonly sessionId: string;
  readonly threadId: string;
  readonly conversationId: string;
  send(frame: string): void;
  /** The same key on the same session is the same message. */
  submit(message: {
    readonly key: string;
    readonly text: string;
    readonly clientMessageId: string | null;
    readonly attachmentIds: readonly string[];
    readonly metadata?: ClientMetadata;
  }): Promise<Submitted & { readonly attachments: readonly MessageAttachment[] }>;
}

export interface SocketConnection {
  receive(data: string): Promise<void>;
  close(): void;
}
