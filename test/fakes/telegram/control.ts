/** What a test and the emulator say to each other. */

export interface RecordedCall {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly files: readonly { readonly field: string; readonly name: string; readonly sizeBytes: number }[];
}

/** For the next call of a method: an answer of Telegram's, or the line cut after the request was read. */
export type ScriptedFailure =
  | { readonly method: string; readonly kind: 'cut' }
  | {
      readonly method: string;
      readonly kind: 'answer';
      readonly status: number;
      readonly description: string;
      readonly parameters?: { readonly retry_after?: number };
    };

export interface StoredFile {
  readonly bytes: Buffer;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A message of the bot's as the person sees it, edits included. */
export interface ShownMessage {
  readonly chatId: number;
  readonly messageId: number;
  readonly text: string;
  readonly buttons: readonly string[];
  /** Name or id of the file in it. */
  readonly file: string | null;
}
