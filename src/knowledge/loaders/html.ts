/** HTML to markdown: the main content with its headings, lists and tables, without navigation, footer, scripts and forms. */
import type { HTMLElement, Node } from 'node-html-parser';

const BOILERPLATE =
  'script, style, noscript, template, iframe, svg, nav, footer, aside, form, button, [role=navigation], [role=contentinfo], [role=banner], [hidden], [aria-hidden=true]';
const BLOCKS = /^(p|div|section|article|main|header|figure|figcaption|blockquote|dl|dt|dd|address|details|summary|pre|body|html)$/;

export async function htmlToMarkdown(html: string): Promise<string> {
  const { NodeType, parse } = await import('node-html-parser');
  const root = parse(html, { comment: false, blockTextElements: { script: false, style: false, noscript: false, pre: true } });
  const title = root.querySelector('title')?.text.trim() ?? '';
  for (const element of root.querySelectorAll(BOILERPLATE)) element.remove();
  const content = root.querySelector('main, [role=main]') ?? root.querySelector('article') ?? root.querySelector('body') ?? root;
  for (const header of content.querySelectorAll('header')) if (header.querySelector('h1, h2') === null) header.remove();
  content.querySelector('head')?.remove();
  const markdown = tidy(render(content));
  return title !== '' && !/^# /m.test(markdown) ? `# ${title}\n\n${markdown}` : markdown;

  function render(node: Node): string {
    if (node.nodeType === NodeType.TEXT_NODE) return node.text.replace(/\s+/g, ' ');
    if (node.nodeType !== NodeType.ELEMENT_NODE) return '';
    return renderElement(node as HTMLElement);
  }

  function renderElement(element: HTMLElement): string {
    const tag = (element.rawTagName ?? '').toLowerCase();
    if (tag === 'table') return `\n\n${renderTable(element)}\n\n`;
    if (tag === 'br') return '\n';
    if (tag === 'hr') return '\n\n';
    const inner = element.childNodes.map(render).join('');
    const heading = /^h([1-6])$/.exec(tag);
    if (heading !== null) return `\n\n${'#'.repeat(Number(heading[1]))} ${oneLine(inner)}\n\n`;
    if (tag === 'li') return `\n- ${inner.trim().replace(/\s*\n\s*/g, '\n  ')}`;
    if (tag === 'ul' || tag === 'ol') return `\n${inner}\n\n`;
    return BLOCKS.test(tag) ? `\n\n${inner}\n\n` : inner;
  }

  function renderTable(table: HTMLElement): string {
    const caption = oneLine(table.querySelector('caption')?.text ?? '');
    const rows = table
      .querySelectorAll('tr')
      .map((row) => row.querySelectorAll('th, td').map((cell) => oneLine(cell.childNodes.map(render).join(''))));
    return `${caption === '' ? '' : `${caption}\n\n`}${markdownTable(rows)}`;
  }
}

/** A markdown table whose first row is the header; empty rows are left out. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const filled = rows.filter((row) => row.some((cell) => cell !== ''));
  const width = Math.max(0, ...filled.map((row) => row.length));
  const lines = filled.map(
    (row) => `| ${Array.from({ length: width }, (_, column) => (row[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`,
  );
  if (lines.length > 0) lines.splice(1, 0, `|${' --- |'.repeat(width)}`);
  return lines.join('\n');
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const tidy = (markdown: string): string =>
  markdown
    .split('\n')
    .map((line) => line.replace(/[ \t]+$/, '').replace(/^ (?=\S)/, ''))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
