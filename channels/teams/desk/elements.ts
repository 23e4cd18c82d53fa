/** What the desk's messages are made of: lines of text, pieces of Adaptive Cards, buttons. What people wrote is in them as text, never as markup. */
import { cardActivity, cardText, escapeHtml, textActivity, type CardElement, type OutboundActivity } from '../encode.js';

/**
 * Text for an Adaptive Card that shows it as it is: without markdown of its own, without `{{DATE(…)}}`, which a card would fill in, and without mentions. The
 * characters of the latter two are kept apart by one that is not seen.
 */
export const literal = (text: string): string =>
  cardText
    .text(text)
    .replace(/{(?={)/g, '{\u200b')
    .replace(/<(?=\/?at\b)/gi, '<\u200b')
    .replace(/\n+/g, '\n\n');

/** With `cut` behind it where it was longer. */
export function shortened(text: string, maxChars: number, cut = '…'): string {
  const characters = Array.from(text);
  return characters.length <= maxChars ? text : `${characters.slice(0, maxChars).join('')}${cut}`;
}

/** A moment in the time zone of whoever looks: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features#datetime-example */
export function momentOf(date: Date): string {
  const iso = `${date.toISOString().slice(0, 19)}Z`;
  return `{{DATE(${iso},SHORT)}} {{TIME(${iso})}}`;
}

/** @param text markdown of cards: what people wrote goes through `literal` */
export const block = (text: string, style: CardElement = {}): CardElement => ({ type: 'TextBlock', text, wrap: true, ...style });
export const small = (text: string): CardElement => block(text, { isSubtle: true, size: 'Small', spacing: 'Small' });

export const factsOf = (rows: readonly (readonly [string, string])[]): CardElement => ({
  type: 'FactSet',
  facts: rows.map(([title, value]) => ({ title, value })),
});

/** What a press sends back, beside what was filled in. */
export interface PressData {
  /** Names the command: `claim`, `undo:7`. */
  readonly parleyDesk: string;
  readonly ticket: string;
}

/** Of `Action.Execute`: the person alone is shown what came of it, in the reply to the press. */
export const pressButton = (data: PressData, title: string, style: CardElement = {}): CardElement => ({
  type: 'Action.Execute',
  id: data.parleyDesk,
  title,
  verb: 'parleyDesk',
  data,
  ...style,
});

/** Opens within the card. */
export const formButton = (
  data: PressData,
  title: string,
  form: { readonly inputs: readonly CardElement[]; readonly submit: string },
): CardElement => ({
  type: 'Action.ShowCard',
  id: `open-${data.parleyDesk}`,
  title,
  card: { type: 'AdaptiveCard', body: form.inputs, actions: [pressButton(data, form.submit, { style: 'positive' })] },
});

export const linkButton = (url: string, title: string): CardElement => ({ type: 'Action.OpenUrl', title, url, mode: 'secondary' });

/** @param more properties of the card itself */
export const cardOf = (body: readonly CardElement[], actions: readonly CardElement[] = [], more: CardElement = {}): OutboundActivity =>
  cardActivity(body, actions, more);

/** A line in a thread. */
export const said = (text: string): OutboundActivity => html(linesOf(text));

/** Somebody's own words below a line. */
export const quoting = (title: string, text: string): OutboundActivity =>
  html(text.trim() === '' ? linesOf(title) : `${linesOf(title)}<blockquote>${linesOf(text)}</blockquote>`);

/** What staff wrote, in markdown, below a line. */
export const written = (title: string, markdown: string): OutboundActivity =>
  html(markdown.trim() === '' ? linesOf(title) : `${linesOf(title)}<br/>${textActivity(markdown).text ?? ''}`);

const html = (text: string): OutboundActivity => ({ type: 'message', textFormat: 'xml', text });
const linesOf = (text: string) => escapeHtml(text).replaceAll('\n', '<br/>');
