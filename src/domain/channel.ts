/**
 * THE adapter contract. An adapter maps between one platform and the domain and never calls the core: webhook channels implement `receive`,
 * channels that hold a socket implement `start`. Capabilities have no defaults; an optional method exists if and only if its flag is on.
 * One contract suite (test/contract/channel-suite.ts) runs for every channel against its emulator.
 */
import type { AccountLink } from './account-link.js';
import type { ContentKind, MediaRef, MessageTemplate, OutboundContent, OutboundContentByKind } from './content.js';
import type { Desk, DeskAnswer, DeskRequest } from './desk.js';
import type { EscalationNotice, InboundEvent, LogPlace } from './message.js';

/** An HTTP request as it arrived; `body` is the raw bytes that signatures are made over. */
export interface ChannelRequest {
  readonly method: string;
  /** Path and query below the webhook's own path. */
  readonly url: string;
  /** Lower-case names; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ChannelReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An event that is deliberately not processed. The reason is logged and counted. */
export interface IgnoredEvent {
  readonly eventId: string | null;
  readonly reason: string;
  /** Set where the platform said something that this version does not know: what it said, as JSON text. Kept for a while, for a look at it. */
  readonly unknown?: string;
}

/** For channels that `start`: an event that is not processed. Rejects like `Emit` where it is to be kept and cannot be. */
export type Ignore = (event: IgnoredEvent) => Promise<void>;

export interface Received {
  /** Sent once every event is stored; the core answers 503 instead where storing failed. */
  readonly reply: ChannelReply;
  readonly events: readonly InboundEvent[];
  readonly ignored: readonly IgnoredEvent[];
  /** What staff did at the channel's desk; absent: nothing, or there is none. */
  readonly desk?: readonly DeskRequest[];
  /**
   * Where the platform shows a person what came of a press in the reply to the press itself: the reply, made of what each of `desk` was answered, in
   * order. Absent: `reply` goes out as it is.
   */
  readonly replyWith?: (answers: readonly DeskAnswer[]) => ChannelReply;
}

/** For channels that `start`: something that staff did at the channel's desk. Resolves once it is stored; rejects when it could not be. */
export type EmitDesk = (request: DeskRequest) => Promise<void>;

/** For channels that `start`: the customer of this thread is typing. Best effort, and never stored. */
export type HearTyping = (threadKey: string) => void;

/** Resolves once the event is stored (fsync); rejects when it could not be, and then the adapter must not acknowledge it. */
export type Emit = (event: InboundEvent) => Promise<Stored>;

export interface Stored {
  readonly inboxId: string;
  /** The event was there already: its turn is done or under way. */
  readonly duplicate: boolean;
}

export interface Recipient {
  readonly conversationId: string;
  readonly threadKey: string;
  readonly userId: string;
  /** As the message that is answered: platforms have other rates for groups. Absent: `direct`. */
  readonly scope?: 'direct' | 'group';
}

/** What a send needs to know beside the content; plain data, stored in the outbox. */
export interface SendContext {
  /** The same for every attempt of one send; passed on where the platform takes an idempotency key. */
  readonly key: string;
  /** Our id of the message this content is part of. */
  readonly messageId: string;
  /** The platform id of the customer's message that is being answered. */
  readonly replyTo: string | null;
  /** Place of this content in its message, from 0, and whether it is the last one. Another instance may have sent those before it. */
  readonly part: number;
  readonly last: boolean;
  /** Of the message. Absent: it was made by an earlier version. */
  readonly place?: LogPlace;
  /** What clients of the web channel are told with the answer. */
  readonly answer: AnswerInfo | null;
}

export interface AnswerInfo {
  readonly role: 'assistant' | 'agent' | 'system';
  readonly confidence: number | null;
  readonly escalation: EscalationNotice | null;
  /** The agent's name as customers see it, which also stands before the text (`withName`); absent: none is shown. */
  readonly author?: string;
  /** Set where it is a person's reply to a case: which, so that the desk is told what becomes of it. */
  readonly reply?: { readonly ticketId: string; readonly seq: number };
}

export interface Receipt {
  /** Null where the platform gives none. */
  readonly platformMessageId: string | null;
}

/** How a turn is getting on, for channels that show it. Ephemeral: lost progress is no loss. */
export type Progress =
  /** `person`: one of ours types, rather than the bot works; their name as customers see it, null: none is shown. */
  | { readonly kind: 'started'; readonly person?: { readonly name: string | null } }
  | { readonly kind: 'status'; readonly message: string }
  /** Only where `capabilities.drafts` is `streamed`. */
  | { readonly kind: 'draft'; readonly draft: Draft }
  | { readonly kind: 'stopped' };

/** An answer while it is written. */
export interface Draft {
  /** Our id of the message that it becomes. */
  readonly messageId: string;
  /** All that is written so far. The answer begins so, unless its turn has to begin again. */
  readonly markdown: string;
  /** Of the message. */
  readonly place: LogPlace;
}

/** A message that shows a draft. */
export interface Preview {
  /** The answer takes its place by an edit; null: it cannot, and goes out beside it. */
  readonly platformMessageId: string | null;
  /** An owner before this one showed it. It may be suspended with an edit of its own on the way. */
  readonly inherited?: true;
}

export interface ChannelCapabilities {
  /** The content kinds it encodes: exactly the keys of its encoder table. */
  readonly content: readonly ContentKind[];
  /** Characters of text in one message, after rendering. */
  readonly maxTextChars: number;
  /** Text under an image or file; it is sent as a message of its own where it is longer. */
  readonly maxCaptionChars: number;
  /** Buttons under one message, and the text above them; null: has none, choices become numbered lines. */
  readonly choices: { readonly max: number; readonly maxLabelChars: number; readonly maxTextChars: number } | null;
  /** Entries in one list, and the text above it; null: has none, lists become buttons or numbered lines. Iff `list` is declared. */
  readonly list: {
    readonly max: number;
    readonly maxLabelChars: number;
    readonly maxDescriptionChars: number;
    readonly maxTextChars: number;
  } | null;
  /** Facts in one card, and its text, title and facts together; what is more goes out as text. Null: cards become text. Iff `card` is declared. */
  readonly card: { readonly maxFacts: number; readonly maxTextChars: number } | null;
  /** Largest file that can be sent, in bytes; null: none can. */
  readonly maxUploadBytes: number | null;
  /** Largest file of a customer's that can be fetched, in bytes; null: none can. */
  readonly maxDownloadBytes: number | null;
  /** A message sent earlier can be changed. */
  readonly edits: boolean;
  /**
   * How an answer is shown while it is written: `streamed` by `showTyping`, as a message that is edited every `everyMs` at most (iff `edits`), or, null,
   * not at all.
   */
  readonly drafts: 'streamed' | { readonly everyMs: number } | null;
  /** Shown after `afterMs` of work and again every `repeatMs`; null: not shown. */
  readonly typing: { readonly afterMs: number; readonly repeatMs: number } | null;
  readonly readReceipts: boolean;
  readonly reactions: boolean;
  readonly threads: boolean;
  /** Free-form replies are accepted for this long after the customer's last message, in ms; null: always. */
  readonly replyWindowMs: number | null;
  readonly rate: SendRates;
  /** An event that is answered with a failure (503, a rejected `emit`) comes again. Where not, it is stored however far behind we are. */
  readonly redelivers: boolean;
  /** Can tell whether a send whose result is not known got through. */
  readonly findsSent: boolean;
  /** Its status events name our sends by their key, and so tell what became of each. */
  readonly tellsSent: boolean;
}

/** What the platform takes of one account. */
export interface SendRates {
  /** In all, a second. */
  readonly perSecond: number;
  /** To one conversation, a second. */
  readonly perConversationPerSecond: number;
  /** Messages that one conversation takes at once before that rate holds; at least 1. */
  readonly conversationBurst: number;
  /** To one group, a minute; null: as to any conversation. */
  readonly perGroupPerMinute: number | null;
}

export interface Channel {
  /** `web`, `telegram`, … */
  readonly name: string;
  readonly account: string;
  readonly capabilities: ChannelCapabilities;
  /** Where staff work on cases, if it is set up as a desk too. */
  readonly desk?: Desk;

  /** Verifies and decodes one webhook request. Pure: no side effect, never throws for bad input (401, 400 … are replies). */
  receive?(request: ChannelRequest): Promise<Received>;

  /**
   * Opens the socket, poll or listener; resolves when it is up, with a function that closes it. Throws ConfigurationError or ChannelError.
   * @param emitDesk absent: nobody works at its desk
   * @param hearTyping absent: nobody is to know
   */
  start?(emit: Emit, ignore: Ignore, emitDesk?: EmitDesk, hearTyping?: HearTyping): Promise<() => Promise<void>>;

  /** Sends content that the capabilities declare. Throws ChannelError and nothing else. */
  send(to: Recipient, content: OutboundContent, context: SendContext): Promise<Receipt>;

  /**
   * Iff `capabilities.findsSent`. Looks for an earlier attempt of the send with this key: its receipt, or null where it certainly did not get
   * through. Throws ChannelError where the platform cannot tell (yet); it is then asked again later.
   */
  findSent?(to: Recipient, key: string): Promise<Receipt | null>;

  /**
   * Iff `capabilities.replyWindowMs`. What asks the customer, after the window, to write or to tap its button, so that a kept reply can be sent;
   * null where no such template is configured.
   * @param language ISO 639-1; a template in another language is better than none
   */
  waitingTemplate?(language: string): MessageTemplate | null;

  /** Iff `capabilities.edits`. */
  edit?(to: Recipient, platformMessageId: string, content: OutboundContent): Promise<void>;
  /** Iff `capabilities.typing`. */
  showTyping?(to: Recipient, progress: Progress): Promise<void>;
  /** Iff `capabilities.readReceipts`. */
  markRead?(to: Recipient, platformMessageId: string): Promise<void>;
  /** Iff `capabilities.reactions`. */
  react?(to: Recipient, platformMessageId: string, emoji: string): Promise<void>;
  /** Iff `capabilities.maxDownloadBytes`. Throws ChannelError `payload-refused` over the limit. */
  fetchMedia?(file: MediaRef): Promise<FetchedMedia>;

  /** For channels whose account is a phone that a person links by a code. */
  readonly link?: AccountLink;

  /**
   * For platforms that take one client at a time: false while another instance has the line. That one works on the conversations then; nobody else
   * could send. Absent: every instance can.
   */
  servedHere?(): boolean;

  /**
   * The thread is one person's own and takes messages that nobody asked for, at any time. Absent: nobody may be written to first. It is asked where
   * a reply cannot go out on the channel on which it was asked for.
   */
  mayWriteFirst?(threadKey: string): boolean;

  /** Asks the platform whether the credentials work; for readiness and the doctor. Throws ChannelError. */
  checkHealth(): Promise<void>;

  /**
   * What the operator can be told about the set-up, for `npm run doctor`: token, webhook, permissions. Never throws for what the platform says.
   * `publicUrl` is where the platform reaches us, without a path; null where it is not known.
   */
  diagnose(publicUrl: string | null): Promise<readonly Finding[]>;
}

/** One thing that was checked. */
export interface Finding {
  /** What: `token`, `webhook`, `permissions`. */
  readonly check: string;
  readonly state: 'ok' | 'wrong' | 'unknown';
  /** What was found, without secrets. */
  readonly detail: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
}

export interface FetchedMedia {
  readonly bytes: Buffer;
  readonly contentType: string | null;
}

/** One function for each content kind: domain to wire. */
export type EncoderTable<Kinds extends ContentKind, Wire> = { readonly [Kind in Kinds]: (content: OutboundContentByKind[Kind]) => Wire };
