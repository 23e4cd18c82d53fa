/**
 * What staff typed in a thread, with its formatting. Teams sends the plain text, and where something in it is formatted a copy as HTML beside it: bold, links, lists
 * and the like are taken from there as markdown, the one dialect in which text goes on to customers and other desks.
 */
import { HTMLElement, NodeType, parse, type Node } from 'node-html-parser';
import { isHostile, mentionsOfBot, textOf, tidy } from '../content.js';
import type { Activity } from '../wire.js';

const FORMATTED = /<(?:b|strong|i|em|s|strike|del|code|pre|a|ul|ol|blockquote)\b/i;

export function typedText(activity: Activity): string {
  const html = activity.attachments?.find(({ contentType }) => contentType === 'text/html')?.content;
  if (typeof html !== 'string' || !FORMATTED.test(html) || isHostile(html)) return textOf(activity);
  const bot = mentionsOfBot(activity).map((mention) => parse(mention).text);
  const { childNodes } = parse(html, { blockTextElements: {} });
  return tidy(childNodes.map((node) => markdownOf(node, bot)).join('')).replace(/\n{3,}/g, '\n\n');
}

const MARKS: Readonly<Record<string, string>> = { b: '**', strong: '**', i: '_', em: '_', s: '~~', strike: '~~', del: '~~', code: '`' };

function markdownOf(node: Node, bot: readonly string[]): string {
  if (node.nodeType === NodeType.TEXT_NODE) return node.text;
  if (!(node instanceof HTMLElement)) return '';
  const inner = () => node.childNodes.map((child) => markdownOf(child, bot)).join('');
  const tag = node.rawTagName.toLowerCase();
  switch (tag) {
    case 'br':
      return '\n';
    case 'p':
    case 'div':
      return `${inner()}\n`;
    case 'a':
      return linkOf(inner(), node.getAttribute('href') ?? '');
    case 'pre':
      return `\n\`\`\`\n${node.text.trim()}\n\`\`\`\n`;
    case 'ul':
    case 'ol':
      return `\n${itemsOf(node, bot, tag === 'ol')}\n`;
    case 'blockquote':
      // What is quoted of the thread stands there.
      return node.getAttribute('itemtype') === 'http://schema.skype.com/Reply' ? '' : `\n${prefixed(inner().trim(), '> ')}\n`;
    case 'at':
    case 'span': {
      const isMention = tag === 'at' || node.getAttribute('itemtype') === 'http://schema.skype.com/Mention';
      return isMention && bot.includes(node.text) ? ' ' : inner();
    }
    default:
      return marked(inner(), Object.hasOwn(MARKS, tag) ? (MARKS[tag] ?? '') : '');
  }
}

const itemsOf = (list: HTMLElement, bot: readonly string[], ordered: boolean): string =>
  list.childNodes
    .filter((child): child is HTMLElement => child instanceof HTMLElement)
    .map((item, index) => {
      const text = markdownOf(item, bot).trim().replace(/\n+/g, '\n');
      return `${ordered ? `${index + 1}.` : '-'} ${text.replaceAll('\n', '\n  ')}`;
    })
    .join('\n');

const prefixed = (text: string, prefix: string) =>
  text
    .split('\n')
    .map((line) => `${prefix}${line}`)
    .join('\n');

/** Markdown wants its marks right at the words. */
function marked(text: string, mark: string): string {
  const [, before = '', words = '', after = ''] = /^(\s*)([^]*?)(\s*)$/.exec(text) ?? [];
  return words === '' || mark === '' ? text : `${before}${mark}${words}${mark}${after}`;
}

const linkOf = (label: string, address: string): string =>
  /^https?:\/\/[^\s()<>]+$/i.test(address) && label !== address ? `[${label.replace(/[[\]]/g, '')}](${address})` : label;
