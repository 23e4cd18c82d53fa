/**
 * What the widget on a shop's page and the chat in its frame say to each other. One `Hello` opens the talk, sent to the exact origin of the chat;
 * everything else goes through the port that comes with it, which no other page can reach.
 */
import type { Language } from './i18n.js';
import type { PageMetadata } from './page-metadata.js';

export type GivenText = 'name' | 'assistant' | 'greeting' | 'greetingText' | 'placeholder';

/** What the shop's page may change of the chat. Null or absent: as the chat has it. */
export interface EmbedSettings {
  readonly language: Language | null;
  /** `#rrggbb`. */
  readonly colour: string | null;
  /** Light whatever the visitor prefers, for shops that are. */
  readonly alwaysLight: boolean;
  readonly texts: Readonly<Partial<Record<GivenText, string>>>;
  /** Questions that a new visitor is offered. */
  readonly examples: readonly string[] | null;
}

export interface Hello {
  readonly parley: 'hello';
  readonly settings: EmbedSettings;
  /** What the chat asked to keep on earlier visits, where its own storage is blocked. */
  readonly kept: Readonly<Record<string, string>>;
  readonly metadata: PageMetadata;
  readonly open: boolean;
}

export type FromHost =
  | { readonly type: 'shown'; readonly open: boolean; readonly focus: boolean }
  | { readonly type: 'metadata'; readonly metadata: PageMetadata };

export type FromChat =
  /** It is drawn and may be seen. */
  | { readonly type: 'ready' }
  /** There is a conversation: on the next page its answers are waited for. */
  | { readonly type: 'used' }
  | { readonly type: 'unread'; readonly count: number }
  | { readonly type: 'close' }
  /** To be kept for the chat, whose own storage is blocked. Null: no longer. */
  | { readonly type: 'keep'; readonly key: string; readonly value: string | null };
