/**
 * What this channel needs of whatsapp-web.js: its Client and Message as far as they are used, and what browser.ts adds to them. A fake has the same.
 * Times are Unix times in seconds, ids those of WhatsApp (`34600111222@c.us`, `false_34600111222@c.us_3EB0C7`).
 */

export interface LibraryMedia {
  readonly mimetype: string;
  /** base64 */
  readonly data: string;
  readonly filename?: string | null | undefined;
}

export interface LibraryMessage {
  readonly id: { readonly _serialized: string };
  /** MessageAck; -1: WhatsApp shows it as not sent. */
  readonly ack?: number | undefined;
  /** Undefined where WhatsApp does not have the file any more. */
  downloadMedia(): Promise<LibraryMedia | undefined>;
  /** Null where it cannot be changed (any more). */
  edit(text: string, options?: { readonly linkPreview?: boolean }): Promise<LibraryMessage | null>;
}

export interface SendOptions {
  readonly linkPreview: boolean;
  /** Resolve once WhatsApp's server has it, not when it is queued. */
  readonly waitUntilMsgSent: boolean;
  readonly parseVCards: boolean;
  readonly quotedMessageId?: string;
  readonly caption?: string;
  readonly sendMediaAsDocument?: boolean;
}

export interface LibraryClient {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Starts the browser; resolves when the page is there and shows a code or is linked. Rejects with an Error or a string. */
  initialize(): Promise<void>;
  /** Ends the browser. */
  destroy(): Promise<void>;
  logout(): Promise<void>;
  /** WAState; `CONNECTED` where it can send. */
  getState(): Promise<string | null>;
  requestPairingCode(phoneNumber: string): Promise<string>;
  /** Undefined where there is no such chat. */
  sendMessage(chatId: string, text: string, options: SendOptions): Promise<LibraryMessage | undefined>;
  getMessageById(messageId: string): Promise<LibraryMessage | null>;
  sendReaction(messageId: string, emoji: string): Promise<void>;
  /** Marks the whole chat as read. */
  sendSeen(chatId: string): Promise<boolean>;

  // From here on: browser.ts.
  sendFile(chatId: string, file: LibraryMedia, options: SendOptions): Promise<LibraryMessage | undefined>;
  setTyping(chatId: string, typing: boolean): Promise<void>;
  /** Both ids of the linked account. */
  ownIds(): Promise<string[]>;
  /** The messages since then in each chat that has any, ours too; those of one chat oldest first. */
  messagesSince(seconds: number): Promise<unknown[][]>;
  /** Of all processes of the browser together; null where it cannot be told. */
  memoryBytes(): Promise<number | null>;
  /** Keeps the profile as it is now. */
  saveProfile(): Promise<void>;
  /** Ends the browser at once, without a word to it. */
  kill(): void;
}

/** Emitted by browser.ts where the library would have thrown to nobody: the browser is of no use any more. */
export const BROKEN = 'broken';
