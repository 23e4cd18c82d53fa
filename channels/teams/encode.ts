/**
 * Domain content to activities: pure. Text goes out as the subset of HTML that Teams shows (`textFormat: xml`): three characters to escape, where its
 * markdown differs from client to client. Choices, lists and cards are Adaptive Cards; all of such a message is in its card, because Teams shows text
 * beside a card as a message of its own.
 */
import type { EncoderTable } from '../../src/domain/channel.js';
import type { Card, Choice, MediaRef, OutboundContent, OutboundContentByKind } from '../../src/domain/content.js';
import { encodeWith } from '../shared/encode-with.js';
import { plainText, renderMarkdown, type Dialect } from '../shared/markdown.js';
import type { capabilities } from './capabilities.js';

export interface OutboundAttachment {
  readonly contentType: string;
  readonly contentUrl?: string;
  readonly content?: unknown;
  readonly name?: string;
}

/** An activity without the conversation it goes to. */
export interface OutboundActivity {
  readonly type: 'message';
  readonly text?: string;
  readonly textFormat?: 'xml';
  readonly attachments?: readonly OutboundAttachment[];
}

/** What is to be sent; a file's bytes are loaded before, where they are needed. */
export type TeamsMessage =
  | { readonly kind: 'activity'; readonly activity: OutboundActivity }
  | { readonly kind: 'image' | 'file'; readonly file: MediaRef; readonly caption: string }
  | { readonly kind: 'card'; readonly image: MediaRef | null; readonly activityWith: (imageUrl: string | null) => OutboundActivity };

type TeamsKind = (typeof capabilities.content)[number];

export const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const escapeAttribute = (text: string) => escapeHtml(text).replaceAll('"', '&quot;');
const isWebAddress = (address: string) => /^https?:\/\//i.test(address);

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const teamsHtml: Dialect = {
  text: escapeHtml,
  strong: (inner) => `<b>${inner}</b>`,
  emphasis: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (literal) => `<code>${escapeHtml(literal)}</code>`,
  codeBlock: (literal) => `<pre>${escapeHtml(literal)}</pre>`,
  link: (inner, address) =>
    isWebAddress(address) ? `<a href="${escapeAttribute(address)}">${inner}</a>` : `${inner} (${escapeHtml(address)})`,
  quote: (inner) => `<blockquote>${inner}</blockquote>`,
};

/** The markdown of an Adaptive Card's text knows bold, italics, lists and links: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features */
export const cardText: Dialect = {
  text: (literal) => literal.replace(/[\\*_[\]]/g, '\\$&'),
  strong: (inner) => `**${inner}**`,
  emphasis: (inner) => `_${inner}_`,
  strike: (inner) => inner,
  code: (literal) => cardText.text(literal),
  codeBlock: (literal) => cardText.text(literal),
  link: (inner, address) => (/^https?:\/\/[^\s()]+$/i.test(address) ? `[${inner}](${address})` : `${inner} (${cardText.text(address)})`),
  quote: (inner) => inner,
};

/** Text as a message; as it was written where rendering leaves nothing to see or makes it much longer. */
export function textActivity(markdown: string): OutboundActivity {
  const shown = renderMarkdown(markdown, plainText);
  const html =
    shown.trim() === '' || shown.length > Math.max(markdown.length, 4000) ? escapeHtml(markdown) : renderMarkdown(markdown, teamsHtml);
  return { type: 'message', textFormat: 'xml', text: withLineBreaks(html) };
}

/** Lines end in `<br/>`, but within preformatted text as they are. */
const withLineBreaks = (html: string): string =>
  html
    .split(/(<pre>[^]*?<\/pre>)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('\n', '<br/>')))
    .join('');

const activityOf = (activity: OutboundActivity): TeamsMessage => ({ kind: 'activity', activity });

export const encoders: EncoderTable<TeamsKind, TeamsMessage> = {
  text: ({ markdown }) => activityOf(textActivity(markdown)),
  choices: ({ markdown, choices }) => activityOf(cardActivity([textBlock(markdown)], choices.map(submitAction))),
  list: (list) => activityOf(cardActivity(listBody(list), [pickAction(list)])),
  image: ({ file, caption }) => ({ kind: 'image', file, caption }),
  file: ({ file, caption }) => ({ kind: 'file', file, caption }),
  card: (card) => ({
    kind: 'card',
    image: card.image,
    activityWith: (imageUrl) => cardActivity(cardBody(card, imageUrl), cardActions(card)),
  }),
};

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): TeamsMessage | null => encodeWith<TeamsMessage>(encoders, content);

/** A picture in the message, from the web or as a `data:` address. */
export const imageActivity = (image: { url: string; contentType: string; name: string | null; caption: string }): OutboundActivity => ({
  ...(image.caption.trim() === '' ? { type: 'message' } : textActivity(image.caption)),
  attachments: [{ contentType: image.contentType, contentUrl: image.url, ...(image.name === null ? {} : { name: image.name }) }],
});

export type CardElement = Readonly<Record<string, unknown>>;

/** Version 1.5 is what Teams shows on every client. */
export function cardActivity(body: readonly CardElement[], actions: readonly CardElement[], more: CardElement = {}): OutboundActivity {
  const content = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    body,
    actions,
    ...more,
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

/** A card's text breaks its lines at empty lines only. */
export function textBlock(markdown: string, style: CardElement = {}): CardElement {
  return { type: 'TextBlock', text: renderMarkdown(markdown, cardText).replace(/\n+/g, '\n\n'), wrap: true, ...style };
}

/** What the person chose comes back as the `value` of a message. */
const submitAction = ({ id, label }: Choice): CardElement => ({
  type: 'Action.Submit',
  title: label,
  data: { parleyChoice: id, parleyLabel: label },
});

function listBody({ markdown, openLabel, items }: OutboundContentByKind['list']): CardElement[] {
  const facts = items.flatMap(({ label, description }) => (description === null ? [] : [{ title: label, value: description }]));
  return [
    textBlock(markdown),
    ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts }]),
    {
      type: 'Input.ChoiceSet',
      id: 'parleyPick',
      style: 'compact',
      placeholder: openLabel,
      isRequired: true,
      errorMessage: openLabel,
      choices: items.map(({ id, label }) => ({ title: label, value: id })),
    },
  ];
}

const pickAction = ({ items }: OutboundContentByKind['list']): CardElement => ({
  type: 'Action.Submit',
  title: 'OK',
  data: { parleyLabels: Object.fromEntries(items.map(({ id, label }) => [id, label])) },
});

function cardBody(card: Card, imageUrl: string | null): CardElement[] {
  return [
    { type: 'TextBlock', text: cardText.text(card.title), wrap: true, weight: 'Bolder', size: 'Medium' },
    ...(imageUrl === null ? [] : [{ type: 'Image', url: imageUrl, size: 'Stretch', altText: card.title }]),
    ...(card.markdown.trim() === '' ? [] : [textBlock(card.markdown)]),
    ...(card.facts.length === 0 ? [] : [{ type: 'FactSet', facts: card.facts.map(({ label, value }) => ({ title: label, value })) }]),
  ];
}

const cardActions = ({ link, choices }: Card): CardElement[] => [
  ...(link === null ? [] : [{ type: 'Action.OpenUrl', title: link.label, url: link.url }]),
  ...choices.map(submitAction),
];
