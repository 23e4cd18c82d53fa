/**
 * What a message consists of, in both directions. Plain data: it is stored in MongoDB and crosses processes as it is.
 * Text that goes out is markdown in one dialect (CommonMark: bold, italic, strike, code, links, lists, quotes); each channel renders it.
 */
import type { Source } from './knowledge.js';

/** A file on a platform or in our store; bytes are fetched only when needed. */
export interface MediaRef {
  /** The platform's file id, or our own attachment id (`att_…`) for the web channel. */
  readonly id: string;
  readonly filename: string | null;
  /** As claimed by the sender; the real type is told from the content. */
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
}

export type MediaKind = 'image' | 'file' | 'voice' | 'audio' | 'video' | 'sticker';

/** What a customer sent. */
export type InboundContent =
  | { readonly kind: 'text'; readonly text: string }
  /** A button or list entry was chosen. `id` is the choice's id as we sent it. */
  | { readonly kind: 'choice'; readonly id: string; readonly label: string }
  /** `/start promo` is name `start`, args `promo`. */
  | { readonly kind: 'command'; readonly name: string; readonly args: string }
  | { readonly kind: 'media'; readonly media: MediaKind; readonly file: MediaRef; readonly caption: string }
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number; readonly label: string | null }
  | { readonly kind: 'contact'; readonly displayName: string; readonly phone: string | null }
  /** A kind this version does not know: kept and answered politely, never dropped. */
  | { readonly kind: 'unsupported'; readonly platformKind: string };

/** A quick reply: shown as a button where the channel has them, as a numbered line elsewhere. */
export interface Choice {
  /** At most 60 bytes (Telegram's callback_data limit is 64). */
  readonly id: string;
  /** At most 75 characters (Slack's limit); channels with less shorten it. */
  readonly label: string;
}

/** What we send. The keys are the content kinds that a channel declares in its capabilities. */
export interface OutboundContentByKind {
  text: { readonly kind: 'text'; readonly markdown: string };
  /** Text with buttons under it; `markdown` is never empty once fitted. */
  choices: { readonly kind: 'choices'; readonly markdown: string; readonly choices: readonly Choice[] };
  /** The passages an answer rests on, for channels that can show them apart; elsewhere they become a short list in the text. */
  sources: { readonly kind: 'sources'; readonly sources: readonly Source[]; readonly language: string };
  image: { readonly kind: 'image'; readonly file: MediaRef; readonly caption: string };
  file: { readonly kind: 'file'; readonly file: MediaRef; readonly caption: string };
  /** Entries to choose one from, each with a line of explanation: a menu that opens, or numbered lines. `markdown` is never empty once fitted. */
  list: { readonly kind: 'list'; readonly markdown: string; readonly openLabel: string; readonly items: readonly ListItem[] };
  /** One thing shown at a glance: title, text, facts in rows, a link, buttons. Elsewhere the same as text, and the image by itself. */
  card: Card;
  /**
   * A message that the platform approved beforehand, the only kind that some take outside their reply window. `markdown` is what it says, for
   * the log and for channels that know no templates.
   */
  template: MessageTemplate;
}

export interface ListItem extends Choice {
  readonly description: string | null;
}

export interface Card {
  readonly kind: 'card';
  /** Plain text. */
  readonly title: string;
  readonly markdown: string;
  /** A web address (`id` starts with `https://`) or a file of ours. */
  readonly image: MediaRef | null;
  /** Plain text: `Precio`, `12,50 €/m²`. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly link: { readonly label: string; readonly url: string } | null;
  readonly choices: readonly Choice[];
}

export interface MessageTemplate {
  readonly kind: 'template';
  /** As approved by the platform. */
  readonly name: string;
  /** BCP 47, as approved: `es`, `en_US` on WhatsApp. */
  readonly language: string;
  /** Plain text for the placeholders of its body, in order. */
  readonly parameters: readonly string[];
  readonly markdown: string;
}
export type ContentKind = keyof OutboundContentByKind;
export type OutboundContent = OutboundContentByKind[ContentKind];
