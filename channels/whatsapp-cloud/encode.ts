/** Domain content to messages of the Cloud API: pure. Files are named, not yet stored with Meta; index.ts puts their ids in. */
import { cardMarkdown } from '../../src/domain/card-text.js';
import type { EncoderTable } from '../../src/domain/channel.js';
import type { Card, Choice, ListItem, MediaRef, OutboundContent } from '../../src/domain/content.js';
import { encodeWith } from '../shared/encode-with.js';
import { renderText } from '../shared/whatsapp-markup.js';
import { capabilities, MAX_BUTTON_CHARS } from './capabilities.js';

export type Action =
  | { readonly buttons: readonly { readonly type: 'reply'; readonly reply: { readonly id: string; readonly title: string } }[] }
  | { readonly button: string; readonly sections: readonly { readonly rows: readonly object[] }[] }
  | { readonly name: 'cta_url'; readonly parameters: { readonly display_text: string; readonly url: string } };

export interface Interactive {
  readonly type: 'button' | 'list' | 'cta_url';
  readonly body: { readonly text: string };
  readonly action: Action;
}

/** One message, without the customer it goes to. */
export type WhatsAppMessage =
  | { readonly type: 'text'; readonly text: { readonly body: string; readonly preview_url: boolean } }
  | { readonly type: 'interactive'; readonly interactive: Interactive; readonly header: MediaRef | null }
  | { readonly type: 'media'; readonly file: MediaRef; readonly isImage: boolean; readonly caption: string }
  | { readonly type: 'template'; readonly template: object };

type WhatsAppKind = (typeof capabilities.content)[number];

export const encoders: EncoderTable<WhatsAppKind, WhatsAppMessage> = {
  text: ({ markdown }) => textMessage(renderText(markdown, capabilities.maxTextChars)),
  choices: ({ markdown, choices }) =>
    interactive('button', renderText(markdown, capabilities.choices.maxTextChars), { buttons: buttonsOf(choices) }),
  list: ({ markdown, openLabel, items }) =>
    interactive('list', renderText(markdown, capabilities.list.maxTextChars), {
      button: cut(openLabel, MAX_BUTTON_CHARS),
      sections: [{ rows: rowsOf(items) }],
    }),
  card: encodeCard,
  image: ({ file, caption }) => ({ type: 'media', file, isImage: true, caption: captionOf(caption) }),
  file: ({ file, caption }) => ({ type: 'media', file, isImage: false, caption: captionOf(caption) }),
  template: ({ name, language, parameters }) => ({
    type: 'template',
    template: {
      name,
      language: { policy: 'deterministic', code: language },
      ...(parameters.length === 0 ? {} : { components: [{ type: 'body', parameters: parameters.map(templateParameter) }] }),
    },
  }),
};

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): WhatsAppMessage | null => encodeWith<WhatsAppMessage>(encoders, content);

const isWebAddress = (url: string) => /^https?:\/\/\S+$/.test(url);

/** Web addresses are shown with a picture of the page that the first of them leads to. */
const textMessage = (body: string): WhatsAppMessage => ({ type: 'text', text: { body, preview_url: /\bhttps?:\/\/\S/.test(body) } });

const interactive = (type: Interactive['type'], text: string, action: Action, header: MediaRef | null = null): WhatsAppMessage => ({
  type: 'interactive',
  interactive: { type, body: { text }, action },
  header,
});

/** WhatsApp has reply buttons or one button with a link under a message, not both: with choices the link stands in the text. */
function encodeCard(card: Card): WhatsAppMessage {
  const { image, link, choices } = card;
  const text = (withLink: boolean) => renderText(cardMarkdown(card, { link: withLink }), capabilities.card.maxTextChars);
  if (choices.length > 0) return interactive('button', text(true), { buttons: buttonsOf(choices) }, image);
  if (link !== null && isWebAddress(link.url)) {
    const fits = link.label.trim() !== '' && link.label.length <= MAX_BUTTON_CHARS;
    const parameters = { display_text: fits ? link.label : cut(link.label, MAX_BUTTON_CHARS) || '→', url: link.url };
    return interactive('cta_url', text(!fits), { name: 'cta_url', parameters }, image);
  }
  return image === null ? textMessage(text(true)) : { type: 'media', file: image, isImage: true, caption: text(true) };
}

const buttonsOf = (choices: readonly Choice[]) => {
  const titles = titlesOf(choices, capabilities.choices.maxLabelChars);
  return choices.map(({ id }, index) => ({ type: 'reply' as const, reply: { id, title: titles[index] ?? id } }));
};

const rowsOf = (items: readonly ListItem[]) => {
  const titles = titlesOf(items, capabilities.list.maxLabelChars);
  return items.map(({ id, description }, index) => ({
    id,
    title: titles[index] ?? id,
    ...(description === null || description.trim() === '' ? {} : { description }),
  }));
};

/** Titles must differ (ActionObject); labels that were cut to the same ones are numbered, as they are in the text above them. */
function titlesOf(choices: readonly Choice[], maxChars: number): string[] {
  const labels = choices.map(({ label }) => label.trim());
  if (new Set(labels).size === labels.length) return labels;
  return labels.map((label, index) => cut(`${index + 1}. ${label}`, maxChars));
}

/** Never between the halves of a surrogate pair. */
const cut = (text: string, maxChars: number) =>
  text
    .trim()
    .slice(0, maxChars)
    .replace(/[\uD800-\uDBFF]$/, '');

const captionOf = (caption: string) => (caption.trim() === '' ? '' : renderText(caption, capabilities.maxCaptionChars));

/** A parameter may hold no line breaks, tabs or runs of spaces (error 132018). */
const templateParameter = (parameter: string) => ({ type: 'text', text: parameter.replace(/\s+/g, ' ').trim() });
