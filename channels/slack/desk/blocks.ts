/**
 * The blocks that the desk's messages are made of. What customers wrote goes into rich text, whose parts Slack takes literally: no mention, link or
 * mark can be made with it. What agents wrote is markdown and becomes mrkdwn.
 */
import type { types } from '@slack/bolt';
import { renderMarkdown, plainText } from '../../shared/markdown.js';
import { MAX_LABEL_CHARS } from '../capabilities.js';
import type { Block } from '../encode.js';
import { escapeText, renderMrkdwn, sectionTexts } from '../mrkdwn.js';
import { ACTION_PREFIX } from './config.js';

export type Piece = types.RichTextElement;

/** One message of the desk. `text` is what notifications show. */
export interface Post {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Of one text in one message; a message of 50 blocks must not be too long as a whole. */
const MAX_LITERAL_CHARS = 9000;
const MAX_SMALL_CHARS = 500;
const MAX_NAME_CHARS = 100;
/** The value of a button. */
export const MAX_VALUE_CHARS = 2000;

const DATE_FORMAT = '{date_short_pretty} {time}';

/** Half a pair of surrogates cannot be sent. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** `more` is what stands for the rest. */
export const shortened = (text: string, maxChars: number, more = '…'): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars - more.length).trimEnd()}${more}`;

export const literal = (text: string): Piece => ({ type: 'text', text: wellFormed(text) });
export const bold = (text: string): Piece => ({ type: 'text', text: wellFormed(text), style: { bold: true } });
export const dateOf = (at: Date): Piece => ({
  type: 'date',
  timestamp: Math.floor(at.getTime() / 1000),
  format: DATE_FORMAT,
  fallback: at.toISOString(),
});
export const linkTo = (url: string, text: string): Piece => ({ type: 'link', url, text });
export const mentionOf = (userId: string): Piece => ({ type: 'user', user_id: userId });

export const line = (...pieces: readonly Piece[]): types.RichTextSection => ({ type: 'rich_text_section', elements: [...pieces] });
const quote = (text: string): types.RichTextQuote => ({ type: 'rich_text_quote', elements: [literal(text)] });
export const rich = (...elements: readonly types.RichTextBlockElement[]): Block => ({ type: 'rich_text', elements: [...elements] });

/** Somebody's own words, as they are; nothing where there are none. */
export const quoted = (text: string, more: string): readonly types.RichTextQuote[] =>
  text.trim() === '' ? [] : [quote(shortened(text, MAX_LITERAL_CHARS, more))];

/** Markdown of agents and of the assistant. */
export const sections = (markdown: string, maxChars = MAX_LITERAL_CHARS): Block[] =>
  sectionTexts(renderMrkdwn(shortened(markdown, maxChars))).map((text) => ({
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
  }));

/** Beside what was said: a state, the name of a file. */
export const small = (text: string): Block => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: escapeText(shortened(text, MAX_SMALL_CHARS)), verbatim: true }],
});

/** A customer's, as they have named themselves. */
export const nameOfCustomer = (name: string | null, unnamed: string): string => shortened(name?.trim() ?? '', MAX_NAME_CHARS) || unnamed;

export const deskButton = (command: string, value: string, label: string, style?: 'primary' | 'danger'): types.Button => ({
  type: 'button',
  action_id: `${ACTION_PREFIX}${command}`,
  text: { type: 'plain_text', text: shortened(label, MAX_LABEL_CHARS), emoji: true },
  value,
  ...(style === undefined ? {} : { style }),
});

export const actions = (buttons: readonly types.Button[]): readonly Block[] =>
  buttons.length === 0 ? [] : [{ type: 'actions', elements: [...buttons] }];

/** For notifications: what was said, without marks and mentions. */
export const notificationOf = (markdown: string): string => escapeText(shortened(renderMarkdown(markdown, plainText), 300));
export const notificationOfWords = (text: string): string => escapeText(shortened(text, 300));
