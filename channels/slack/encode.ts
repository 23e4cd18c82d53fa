/** Domain content to Block Kit: pure. What is only text goes out as text; everything else as blocks, with the text of notifications beside them. */
import type { types } from '@slack/bolt';
import { cardMarkdown } from '../../src/domain/card-text.js';
import type { EncoderTable } from '../../src/domain/channel.js';
import type { Card, Choice, ListItem, MediaRef, OutboundContent } from '../../src/domain/content.js';
import { encodeWith } from '../shared/encode-with.js';
import { type capabilities, MAX_CONTEXT_ELEMENTS, MAX_HEADER_CHARS, MAX_LABEL_CHARS } from './capabilities.js';
import { escapeText, fallbackText, linkOf, renderMrkdwn, sectionTexts } from './mrkdwn.js';

export type Block = types.KnownBlock;

/** One message, without the channel it goes to. */
export type SlackMessage =
  | {
      readonly kind: 'post';
      readonly text: string;
      readonly blocks: readonly Block[];
      /** A file of ours that is shown in the message, above its text; it is uploaded first. */
      readonly image: MediaRef | null;
    }
  /** A file, with blocks for what is said of it. */
  | { readonly kind: 'upload'; readonly file: MediaRef; readonly blocks: readonly Block[] };

type SlackKind = (typeof capabilities.content)[number];

export const encoders: EncoderTable<SlackKind, SlackMessage> = {
  text: ({ markdown }) => post(renderMrkdwn(markdown), []),
  choices: ({ markdown, choices }) => post(fallbackText(markdown), [...sections(markdown), actions(choices.map(choiceButton))]),
  list: ({ markdown, openLabel, items }) => post(fallbackText(markdown), [...sections(markdown), actions([menu(openLabel, items)])]),
  card: (card) => ({ ...post(fallbackText(cardMarkdown(card, { link: true })), cardBlocks(card)), image: uploadedImage(card.image) }),
  sources: ({ sources }) => {
    const lines = sources.map(({ rank, metadata }) => {
      const title = escapeText(metadata.title);
      const linked = /^https?:\/\/\S+$/.test(metadata.url ?? '') ? linkOf(title, metadata.url ?? '') : title;
      return `${rank}. ${linked}${metadata.page === undefined ? '' : `, p. ${metadata.page}`}`;
    });
    return post(sources.map(({ rank, metadata }) => `${rank}. ${escapeText(metadata.title)}`).join('\n'), contexts(lines));
  },
  image: ({ file, caption }) =>
    isOnWeb(file)
      ? post(fallbackText(caption) || nameOf(file), [...sections(caption), imageOf(file.id, file.filename ?? 'imagen')])
      : { kind: 'upload', file, blocks: captionBlocks(file, caption) },
  file: ({ file, caption }) =>
    isOnWeb(file)
      ? post([renderCaption(caption), `📎 ${linkOf(nameOf(file), file.id)}`].filter(Boolean).join('\n'), [])
      : { kind: 'upload', file, blocks: captionBlocks(file, caption) },
};

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): SlackMessage | null => encodeWith<SlackMessage>(encoders, content);

const post = (text: string, blocks: readonly Block[]) => ({ kind: 'post', text, blocks, image: null }) as const;
const isOnWeb = (file: MediaRef) => /^https:\/\//.test(file.id);
const uploadedImage = (image: MediaRef | null) => (image === null || isOnWeb(image) ? null : image);
const nameOf = (file: MediaRef) => escapeText(file.filename ?? (isOnWeb(file) ? file.id : 'archivo'));
const renderCaption = (caption: string) => (caption.trim() === '' ? '' : renderMrkdwn(caption));

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text }) as const;
const plain = (text: string) => ({ type: 'plain_text', text, emoji: true }) as const;

const sections = (markdown: string): Block[] =>
  sectionTexts(renderCaption(markdown)).map((text) => ({ type: 'section', text: mrkdwn(text) }));

/** A file's text; where there is none, its name, since the id of this block is how the message is found again. */
function captionBlocks(file: MediaRef, caption: string): Block[] {
  const blocks = sections(caption);
  return blocks.length > 0 ? blocks : contexts([nameOf(file)]);
}

function contexts(lines: readonly string[]): Block[] {
  const count = Math.ceil(lines.length / MAX_CONTEXT_ELEMENTS);
  return Array.from({ length: count }, (_, index) => ({
    type: 'context',
    elements: lines.slice(index * MAX_CONTEXT_ELEMENTS, (index + 1) * MAX_CONTEXT_ELEMENTS).map(mrkdwn),
  }));
}

const actions = (elements: (types.Button | types.StaticSelect)[]): Block => ({ type: 'actions', elements });

/** Ids are told apart within one message; what was chosen is in the value. */
const choiceButton = ({ id, label }: Choice, index: number): types.Button => ({
  type: 'button',
  action_id: `choice_${index}`,
  text: plain(label),
  value: id,
});

const menu = (openLabel: string, items: readonly ListItem[]): types.StaticSelect => ({
  type: 'static_select',
  action_id: 'list',
  placeholder: plain(shortened(openLabel)),
  options: items.map(({ id, label, description }) => ({
    text: plain(label),
    value: id,
    ...(description === null ? {} : { description: plain(description) }),
  })),
});

function cardBlocks({ title, markdown, image, facts, link, choices }: Card): Block[] {
  const buttons = [...choices.map(choiceButton), ...(link === null ? [] : [linkButton(link)])];
  return [
    title.length <= MAX_HEADER_CHARS ? { type: 'header', text: plain(title) } : { type: 'section', text: mrkdwn(`*${escapeText(title)}*`) },
    ...sections(markdown),
    ...(facts.length === 0 ? [] : [{ type: 'section' as const, fields: facts.map(factField) }]),
    ...(image !== null && isOnWeb(image) ? [imageOf(image.id, title)] : []),
    ...(buttons.length === 0 ? [] : [actions(buttons)]),
  ];
}

const factField = ({ label, value }: Card['facts'][number]) => mrkdwn(`*${escapeText(label)}*\n${escapeText(value)}`);

const linkButton = ({ label, url }: NonNullable<Card['link']>): types.Button => ({
  type: 'button',
  action_id: 'link',
  text: plain(shortened(label)),
  url,
});

const imageOf = (url: string, title: string): Block => ({ type: 'image', image_url: url, alt_text: title.slice(0, 2000) });

const shortened = (label: string) => (label.length <= MAX_LABEL_CHARS ? label : `${label.slice(0, MAX_LABEL_CHARS - 1).trimEnd()}…`);
