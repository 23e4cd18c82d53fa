/** Text as Slack's mrkdwn: https://docs.slack.dev/messaging/formatting-message-text. It has three characters to escape and none to say `*` as it is. */
import { plainText, renderMarkdown, type Dialect } from '../shared/markdown.js';
import { MAX_SECTION_CHARS } from './capabilities.js';

/** Half a pair of surrogates cannot be sent. */
export const escapeText = (text: string) =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Marks hold on one line only, and do not work twice on the same text. */
const marked = (mark: string) => (inner: string) =>
  inner
    .split('\n')
    .map((line) => (line.trim() === '' || line.includes(mark) ? line : `${mark}${line}${mark}`))
    .join('\n');

const slackMrkdwn: Dialect = {
  text: escapeText,
  strong: marked('*'),
  emphasis: marked('_'),
  strike: marked('~'),
  code: (literal) => `\`${escapeText(literal)}\``,
  codeBlock: (literal) => `\`\`\`\n${escapeText(literal)}\n\`\`\``,
  link: (inner, address) => (isLinkable(address) ? linkOf(inner, address) : `${inner} (${escapeText(address)})`),
  quote: (inner) =>
    inner
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n'),
};

const isLinkable = (address: string) => /^(https?:\/\/|mailto:)[^\s]+$/i.test(address);

/** `label` has been escaped already. A bar would end the address, a line break the link. */
export const linkOf = (label: string, address: string): string =>
  `<${escapeText(address).replaceAll('|', '%7C')}|${label.replaceAll('|', '¦').replace(/\s+/g, ' ')}>`;

/** Markdown as mrkdwn; where nothing would be seen of it, as it was written. */
export function renderMrkdwn(markdown: string): string {
  const rendered = renderMarkdown(markdown, slackMrkdwn);
  return rendered.trim() === '' ? escapeText(markdown) : rendered;
}

/** For notifications and screen readers, which show no blocks. */
export const fallbackText = (markdown: string): string => escapeText(renderMarkdown(markdown, plainText));

/** What must not be cut: entities with their `&…;` or `<…>`, and pairs of surrogates (by the flag). */
const PIECE = /<[^<>\n]{1,2000}>|&(?:amp|lt|gt);|[^]/gu;

/** Rendered text in parts that a section takes each; escaping may have made it longer than its markdown was. Cut at line ends where there are. */
export function sectionTexts(rendered: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const [piece] of rendered.matchAll(PIECE)) {
    if (part.length + piece.length > MAX_SECTION_CHARS) {
      const lineEnd = part.lastIndexOf('\n');
      const cut = lineEnd > MAX_SECTION_CHARS / 2 ? lineEnd : part.length;
      parts.push(part.slice(0, cut));
      part = part.slice(cut).replace(/^\n/, '');
    }
    part += piece;
  }
  return [...parts, part].filter((text) => text.trim() !== '');
}
