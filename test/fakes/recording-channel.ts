/** A channel inside the test's process: records what it is asked to send and answers as the test says. */
import { type Channel, type Recipient, type SendContext, type SendRates } from '../../src/domain/channel.js';
import { type OutboundContent } from '../../src/domain/content.js';

export interface RecordedCall {
  readonly threadKey: string;
  readonly text: string;
  readonly key: string;
  readonly atMs: number;
}

export interface RecordingChannel extends Channel {
  /** Sends that the "platform" accepted, in order. */
  readonly accepted: RecordedCall[];
  /** All calls, refused ones too. */
  readonly calls: RecordedCall[];
  readonly progress: string[];
  /** What the customer has in front of them, by the platform's id. */
  readonly shown: Map<string, string>;
  /** Called before each edit: throws to refuse it. */
  onEdit: (text: string) => Promise<void>;
  /** Called before each send: throws to refuse it, waits to be slow. */
  onSend: (call: RecordedCall) => Promise<void>;
}

export interface RecordingOptions {
  readonly perSecond?: number;
  readonly rate?: Partial<SendRates>;
  readonly typingAfterMs?: number;
  readonly redelivers?: boolean;
  /** Can tell what became of a send. */
  readonly findSent?: NonNullable<Channel['findSent']>;
  /** Statuses tell it. */
  readonly tellsSent?: boolean;
  readonly replyWindowMs?: number;
  /** Shows answers while they are written, by editing them. */
  readonly drafts?: { readonly everyMs: number };
  readonly waitingTemplate?: NonNullable<Channel['waitingTemplate']>;
}

export function createRecordingChannel(options: RecordingOptions = {}): RecordingChannel {
  const channel: RecordingChannel = {
    name: 'test',
    account: 'default',
    accepted: [],
    calls: [],
    progress: [],
    shown: new Map(),
    onEdit: async () => undefined,
    onSend: async () => undefined,
    capabilities: {
      content: ['text'],
      maxTextChars: 4096,
      maxCaptionChars: 1024,
      choices: null,
      list: null,
      card: null,
      maxUploadBytes: null,
      maxDownloadBytes: null,
      edits: options.drafts !== undefined,
      drafts: options.drafts ?? null,
      typing: { afterMs: options.typingAfterMs ?? 300, repeatMs: 4000 },
      readReceipts: false,
      reactions: false,
      threads: false,
      replyWindowMs: options.replyWindowMs ?? null,
      rate: {
        perSecond: options.perSecond ?? 1000,
        perConversationPerSecond: 1000,
        conversationBurst: 1000,
        perGroupPerMinute: null,
        ...options.rate,
      },
      redelivers: options.redelivers ?? true,
      findsSent: options.findSent !== undefined,
      tellsSent: options.tellsSent ?? false,
    },
    async send(to: Recipient, content: OutboundContent, { key }: SendContext) {
      const call = {
        threadKey: to.threadKey,
        text: content.kind === 'text' ? content.markdown : content.kind,
        key,
        atMs: performance.now(),
      };
      channel.calls.push(call);
      await channel.onSend(call);
      channel.accepted.push(call);
      const platformMessageId = String(channel.accepted.length);
      channel.shown.set(platformMessageId, call.text);
      return { platformMessageId };
    },
    ...(options.drafts === undefined
      ? {}
      : {
          async edit(_to: Recipient, platformMessageId: string, content: OutboundContent) {
            const text = content.kind === 'text' ? content.markdown : content.kind;
            await channel.onEdit(text);
            channel.shown.set(platformMessageId, text);
          },
        }),
    ...(options.findSent === undefined ? {} : { findSent: options.findSent }),
    ...(options.replyWindowMs === undefined ? {} : { waitingTemplate: options.waitingTemplate ?? (() => null) }),
    async showTyping(_to, progress) {
      channel.progress.push(progress.kind);
    },
    diagnose: async () => [],
    async checkHealth() {
      // It is always there.
    },
  };
  return channel;
}
