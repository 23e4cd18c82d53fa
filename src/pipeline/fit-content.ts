/**
 * Fits content to what a channel declares: pure, a function of content and capabilities. What a channel cannot show becomes text, and text
 * that is too long becomes several messages; an adapter is only ever handed what it declared. Nothing is lost on the way.
 */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { Choice, OutboundContent, OutboundContentByKind } from '../domain/content.js';
import type { Source } from '../domain/knowledge.js';
import { splitText } from './split-text.js';

/** Captions are shorter than texts: Telegram and WhatsApp take 1024 characters, no channel takes fewer. */
const MAX_CAPTION_CHARS = 1000;

type Texted = OutboundContentByKind['text'] | OutboundContentByKind['choices'];

/**
 * The same content in kinds, counts and lengths that the capabilities allow, in the same order. Text is measured as markdown, in UTF-16 code
 * units: a channel's rendering is never longer than its markdown (its tests prove it). Blank texts are left out.
 */
export function fitContent(content: readonly OutboundContent[], capabilities: ChannelCapabilities): OutboundContent[] {
  const degraded: OutboundContent[] = [];
  for (const part of content) append(degraded, degrade(part, capabilities));
  return degraded.flatMap((part) => fitLength(part, capabilities));
}

/** Text as markdown that shows it literally, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>~|&]/g, '\\$&')
    .replace(/^(\d{0,9})([#+=.)-])/, '$1\\$2');
}

/** A degraded part, and whether it continues the text before it. */
interface Degraded {
  readonly content: OutboundContent;
  readonly continues: boolean;
}

function degrade(part: OutboundContent, capabilities: ChannelCapabilities): Degraded {
  const declared = capabilities.content.includes(part.kind);
  switch (part.kind) {
    case 'text':
      return { content: part, continues: false };
    case 'choices':
      return { content: fitChoices(part, declared ? capabilities.choices : null), continues: true };
    case 'sources':
      return declared ? { content: part, continues: false } : { content: { kind: 'text', markdown: sourceList(part) }, continues: true };
    case 'image':
    case 'file':
      return { content: fitFile(part, capabilities), continues: false };
  }
}

/** Adds a part; one that continues a text joins the last text, behind which only sources may stand. */
function append(fitted: OutboundContent[], { content, continues }: Degraded): void {
  const index = fitted.findLastIndex((earlier) => earlier.kind !== 'sources');
  const before = fitted[index];
  if (!continues || before === undefined || !isText(before) || !isText(content) || (hasButtons(before) && hasButtons(content))) {
    fitted.push(content);
    return;
  }
  const markdown = joined(before.markdown, content.markdown);
  const withButtons = [before, content].find(hasButtons);
  fitted[index] = withButtons === undefined ? { kind: 'text', markdown } : { ...withButtons, markdown };
}

const isText = (content: OutboundContent): content is Texted => content.kind === 'text' || content.kind === 'choices';
const hasButtons = (content: OutboundContent): content is OutboundContentByKind['choices'] => content.kind === 'choices';
const joined = (...paragraphs: readonly string[]) => paragraphs.filter((paragraph) => paragraph.trim() !== '').join('\n\n');

function fitChoices({ markdown, choices }: OutboundContentByKind['choices'], buttons: ChannelCapabilities['choices']): Texted {
  if (choices.length === 0) return { kind: 'text', markdown };
  if (buttons === null || choices.length > buttons.max) return { kind: 'text', markdown: joined(markdown, numbered(choices)) };
  const tooLong = choices.some((choice) => choice.label.length > buttons.maxLabelChars);
  return {
    kind: 'choices',
    markdown: tooLong ? joined(markdown, numbered(choices)) : markdown,
    choices: choices.map((choice) => ({ id: choice.id, label: shortened(choice.label, buttons.maxLabelChars) })),
  };
}

/** The number is what the customer answers with; see matchChoice. */
const numbered = (choices: readonly Choice[]) => choices.map((choice, index) => `${index + 1}. ${escapeMarkdown(choice.label)}`).join('\n');

function shortened(label: string, maxChars: number): string {
  if (label.length <= maxChars) return label;
  let short = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(label)) {
    if (short.length + segment.length > maxChars - 1) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}

/** "Fuentes:" and a numbered line for each passage; the numbers are the ranks that an answer may refer to. */
function sourceList({ sources, language }: OutboundContentByKind['sources']): string {
  if (sources.length === 0) return '';
  const lines = sources.map((source) => `${source.rank}. ${sourceTitle(source)}`);
  return [language.toLowerCase().startsWith('es') ? 'Fuentes:' : 'Sources:', ...lines].join('\n');
}

function sourceTitle({ metadata }: Source): string {
  const title = escapeMarkdown(metadata.title);
  const linked = metadata.url !== undefined && /^https?:\/\/[^\s()<>]+$/.test(metadata.url) ? `[${title}](${metadata.url})` : title;
  return metadata.page === undefined ? linked : `${linked}, p. ${metadata.page}`;
}

function fitFile(part: OutboundContentByKind['image' | 'file'], capabilities: ChannelCapabilities): OutboundContent {
  const { file, caption } = part;
  const kind = capabilities.content.includes(part.kind) ? part.kind : 'file';
  const sendable = capabilities.maxUploadBytes !== null && (file.sizeBytes ?? 0) <= capabilities.maxUploadBytes;
  if (sendable && capabilities.content.includes(kind)) return { kind, file, caption };
  const name = file.filename === null ? '' : `📎 ${escapeMarkdown(file.filename)}`;
  return { kind: 'text', markdown: joined(caption, name) };
}

function fitLength(part: OutboundContent, { maxTextChars }: ChannelCapabilities): OutboundContent[] {
  switch (part.kind) {
    case 'text':
      return splitText(part.markdown, maxTextChars).map(asText);
    case 'choices': {
      const parts = splitText(part.markdown.trim() === '' ? numbered(part.choices) : part.markdown, maxTextChars);
      return parts.map((markdown, index) => (index === parts.length - 1 ? { ...part, markdown } : asText(markdown)));
    }
    case 'sources':
      return part.sources.length === 0 ? [] : [part];
    case 'image':
    case 'file':
      if (part.caption.length <= MAX_CAPTION_CHARS) return [part];
      return [{ ...part, caption: '' }, ...splitText(part.caption, maxTextChars).map(asText)];
  }
}

const asText = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
