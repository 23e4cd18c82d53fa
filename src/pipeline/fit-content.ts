/**
 * Fits content to what a channel declares: pure, a function of content and capabilities. What a channel cannot show becomes text, and text
 * that is too long becomes several messages; an adapter is only ever handed what it declared. Nothing is lost on the way.
 */
import type { ChannelCapabilities } from '../domain/channel.js';
import type { MediaRef, OutboundContent, OutboundContentByKind } from '../domain/content.js';
import type { Source } from '../domain/knowledge.js';
import { escapeMarkdown, joinParagraphs, markdownLink } from '../domain/markdown.js';
import { fitCard } from './fit-card.js';
import { fitChoices, fitList, numbered } from './fit-choices.js';
import { splitText } from './split-text.js';

type Texted = OutboundContentByKind['text' | 'choices' | 'list'];

/**
 * The same content in kinds, counts and lengths that the capabilities allow, in the same order. Text is measured as markdown, in UTF-16 code
 * units: a channel's rendering is never longer than its markdown (its tests prove it). Blank texts are left out.
 * @param language of the few words that fitting adds; Spanish (`es…`) or English
 */
export function fitContent(content: readonly OutboundContent[], capabilities: ChannelCapabilities, language = 'es'): OutboundContent[] {
  const degraded: OutboundContent[] = [];
  for (const part of content) for (const fitting of degrade(part, capabilities, language)) append(degraded, fitting);
  return degraded.flatMap((part) => fitLength(part, capabilities));
}

/** A degraded part, and whether it continues the text before it. */
interface Degraded {
  readonly content: OutboundContent;
  readonly continues: boolean;
}

function degrade(part: OutboundContent, capabilities: ChannelCapabilities, language: string): Degraded[] {
  const declared = capabilities.content.includes(part.kind);
  switch (part.kind) {
    case 'text':
      return [{ content: part, continues: false }];
    case 'choices':
      return [{ content: fitChoices(part, capabilities, language), continues: true }];
    case 'list':
      return [{ content: fitList(part, capabilities), continues: true }];
    case 'sources':
      return [declared ? { content: part, continues: false } : { content: { kind: 'text', markdown: sourceList(part) }, continues: true }];
    case 'image':
    case 'file':
      return [{ content: fitFile(part, capabilities), continues: false }];
    case 'template':
      return [{ content: declared ? part : { kind: 'text', markdown: part.markdown }, continues: false }];
    case 'card': {
      const fitted = fitCard(part, capabilities);
      if (fitted.length === 1 && fitted[0]?.kind === 'card') return [{ content: fitted[0], continues: false }];
      return fitted.flatMap((content) => degrade(content, capabilities, language));
    }
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
  const markdown = joinParagraphs(before.markdown, content.markdown);
  const withButtons = [before, content].find(hasButtons);
  fitted[index] = withButtons === undefined ? { kind: 'text', markdown } : { ...withButtons, markdown };
}

const isText = (content: OutboundContent): content is Texted =>
  content.kind === 'text' || content.kind === 'choices' || content.kind === 'list';
const hasButtons = (content: OutboundContent): content is OutboundContentByKind['choices' | 'list'] =>
  content.kind === 'choices' || content.kind === 'list';
/** "Fuentes:" and a numbered line for each passage; the numbers are the ranks that an answer may refer to. */
function sourceList({ sources, language }: OutboundContentByKind['sources']): string {
  if (sources.length === 0) return '';
  const lines = sources.map((source) => `${source.rank}. ${sourceTitle(source)}`);
  return [language.toLowerCase().startsWith('es') ? 'Fuentes:' : 'Sources:', ...lines].join('\n');
}

function sourceTitle({ metadata }: Source): string {
  const linked = markdownLink(metadata.title, metadata.url ?? '');
  return metadata.page === undefined ? linked : `${linked}, p. ${metadata.page}`;
}

function fitFile(part: OutboundContentByKind['image' | 'file'], capabilities: ChannelCapabilities): OutboundContent {
  const { file, caption } = part;
  const kind = capabilities.content.includes(part.kind) ? part.kind : 'file';
  const sendable = capabilities.maxUploadBytes !== null && (file.sizeBytes ?? 0) <= capabilities.maxUploadBytes;
  if (sendable && capabilities.content.includes(kind)) return { kind, file, caption };
  return { kind: 'text', markdown: joinParagraphs(caption, nameOf(file)) };
}

/** A file that cannot be sent is named; one on the web is linked. */
function nameOf({ id, filename }: MediaRef): string {
  if (id.startsWith('https://')) return `📎 ${markdownLink(filename ?? id, id)}`;
  return filename === null ? '' : `📎 ${escapeMarkdown(filename)}`;
}

function fitLength(part: OutboundContent, capabilities: ChannelCapabilities): OutboundContent[] {
  const { maxTextChars, maxCaptionChars } = capabilities;
  switch (part.kind) {
    case 'text':
      return splitText(part.markdown, maxTextChars).map(asText);
    case 'choices': {
      const markdown = part.markdown.trim() === '' ? numbered(part.choices) : part.markdown;
      return underLast(part, markdown, maxTextChars, capabilities.choices?.maxTextChars ?? maxTextChars);
    }
    case 'list': {
      const markdown = part.markdown.trim() === '' ? numbered(part.items) : part.markdown;
      return underLast(part, markdown, maxTextChars, capabilities.list?.maxTextChars ?? maxTextChars);
    }
    case 'sources':
      return part.sources.length === 0 ? [] : [part];
    case 'card':
    case 'template':
      return [part];
    case 'image':
    case 'file':
      if (part.caption.length <= maxCaptionChars) return [part];
      return [{ ...part, caption: '' }, ...splitText(part.caption, maxTextChars).map(asText)];
  }
}

/** Long text in parts, with what is to be chosen from under the last one, which may have to be shorter than the others. */
function underLast(
  part: OutboundContentByKind['choices' | 'list'],
  markdown: string,
  maxTextChars: number,
  maxLastChars: number,
): OutboundContent[] {
  const parts = splitText(markdown, maxTextChars);
  const last = splitText(parts.pop() ?? '', Math.min(maxLastChars, maxTextChars));
  const texts = [...parts, ...last];
  return texts.map((text, index) => (index === texts.length - 1 ? { ...part, markdown: text } : asText(text)));
}

const asText = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
