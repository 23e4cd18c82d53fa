/** Domain content to Bot API calls: pure. Text goes out in HTML parse mode, which has three characters to escape where MarkdownV2 has eighteen. */
import { cardMarkdown } from '../../src/domain/card-text.js';
import type { EncoderTable } from '../../src/domain/channel.js';
import type { Card, Choice, MediaRef, OutboundContent } from '../../src/domain/content.js';
import { encodeWith } from '../shared/encode-with.js';
import { plainText, renderMarkdown, type Dialect } from '../shared/markdown.js';
import { capabilities, MAX_PHOTO_BYTES } from './capabilities.js';

/** The same text twice: as markup, and as plain text in case Telegram refuses the markup. */
export interface RenderedText {
  readonly html: string;
  readonly plain: string;
}

export type InlineButton = { readonly text: string } & ({ readonly callback_data: string } | { readonly url: string });

/** One call, without the chat it goes to. */
export type TelegramCall =
  | { readonly method: 'sendMessage'; readonly text: RenderedText; readonly keyboard: InlineButton[][] }
  | {
      readonly method: 'sendPhoto' | 'sendDocument';
      readonly file: MediaRef;
      readonly caption: RenderedText;
      readonly keyboard: InlineButton[][];
    };

type TelegramKind = (typeof capabilities.content)[number];

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const escapeAttribute = (text: string) => escapeHtml(text).replaceAll('"', '&quot;');

/** https://core.telegram.org/bots/api#html-style */
export const telegramHtml: Dialect = {
  text: escapeHtml,
  strong: (inner) => `<b>${inner}</b>`,
  emphasis: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (literal) => `<code>${escapeHtml(literal)}</code>`,
  codeBlock: (literal, language) =>
    language === null ? `<pre>${escapeHtml(literal)}</pre>` : `<pre><code class="language-${language}">${escapeHtml(literal)}</code></pre>`,
  // Telegram drops links of other schemes, address and all.
  link: (inner, address) =>
    /^(https?|tg):\/\//i.test(address) ? `<a href="${escapeAttribute(address)}">${inner}</a>` : `${inner} (${escapeHtml(address)})`,
  quote: (inner) => `<blockquote>${inner}</blockquote>`,
};

/**
 * Markdown of at most `maxTextChars` never becomes a longer message: where rendering lengthens it (a list renumbered from "1." on every line)
 * or leaves nothing to see, it goes out as it was written.
 */
export function renderText(markdown: string): RenderedText {
  const html = renderMarkdown(markdown, telegramHtml);
  const plain = renderMarkdown(markdown, plainText);
  if (plain.trim() !== '' && plain.length <= Math.max(markdown.length, capabilities.maxTextChars)) return { html, plain };
  return { html: escapeHtml(markdown), plain: markdown };
}

export const encoders: EncoderTable<TelegramKind, TelegramCall> = {
  text: ({ markdown }) => ({ method: 'sendMessage', text: renderText(markdown), keyboard: [] }),
  choices: ({ markdown, choices }) => ({ method: 'sendMessage', text: renderText(markdown), keyboard: keyboardOf(choices) }),
  image: ({ file, caption }) => ({
    method: (file.sizeBytes ?? 0) > MAX_PHOTO_BYTES ? 'sendDocument' : 'sendPhoto',
    file,
    caption: renderCaption(caption),
    keyboard: [],
  }),
  file: ({ file, caption }) => ({ method: 'sendDocument', file, caption: renderCaption(caption), keyboard: [] }),
  card: (card) => {
    const text = renderText(cardMarkdown(card, { link: false }));
    const keyboard = [...keyboardOf(card.choices), ...(card.link === null ? [] : [[linkButton(card.link)]])];
    return card.image === null
      ? { method: 'sendMessage', text, keyboard }
      : { method: 'sendPhoto', file: card.image, caption: text, keyboard };
  },
};

const linkButton = ({ label, url }: NonNullable<Card['link']>): InlineButton => ({ text: label, url });

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): TelegramCall | null => encodeWith<TelegramCall>(encoders, content);

const renderCaption = (caption: string): RenderedText => (caption.trim() === '' ? { html: '', plain: '' } : renderText(caption));

/** Two short buttons side by side, longer ones in a row of their own. The choice's id (at most 60 bytes) is the callback data (64). */
const SHORT_LABEL_CHARS = 16;

function keyboardOf(choices: readonly Choice[]): InlineButton[][] {
  const perRow = choices.every((choice) => choice.label.length <= SHORT_LABEL_CHARS) ? 2 : 1;
  const buttons = choices.map(({ id, label }) => ({ text: label, callback_data: id }));
  return Array.from({ length: Math.ceil(buttons.length / perRow) }, (_, row) => buttons.slice(row * perRow, (row + 1) * perRow));
}
