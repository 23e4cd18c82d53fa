/**
 * Shows the markdown of answers and passages as DOM nodes: paragraphs, headings, lists, quotes, code, tables, emphasis and links. Only http, https and
 * mailto become links; everything else, HTML included, stays the text it is.
 */
import { element, type Child } from './dom.js';

const SAFE_PROTOCOLS = ['http:', 'https:', 'mailto:'];

export function renderMarkdown(text: string): HTMLElement[] {
  return blocksOf(text.replace(/\r\n?/g, '\n').split('\n'));
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6} +(.*?)(?: +#+)? *$/;
const RULE = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)(?:[-*+]|(\d{1,9})[.)]) +(?=\S)/;
const TABLE_RULE = /^ *\|?(?: *:?-+:? *\|)+ *(?::?-+:? *)?$/;

function blocksOf(lines: readonly string[]): HTMLElement[] {
  const blocks: HTMLElement[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.trim() === '') at += 1;
    else {
      const [block, end] = blockAt(lines, at, line);
      blocks.push(block);
      at = end;
    }
  }
  return blocks;
}

type Block = readonly [block: HTMLElement, end: number];

function blockAt(lines: readonly string[], at: number, line: string): Block {
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return codeAt(lines, at, fence);
  const heading = HEADING.exec(line)?.[1];
  // Not h1 to h6: a message is no place in the outline of the page.
  if (heading !== undefined) return [element('p', { class: 'heading' }, ...inline(heading)), at + 1];
  if (RULE.test(line)) return [element('hr'), at + 1];
  if (QUOTE.test(line)) {
    const end = endOf(lines, at, (next) => QUOTE.test(next));
    return [element('blockquote', {}, ...blocksOf(lines.slice(at, end).map((quoted) => quoted.replace(QUOTE, '')))), end];
  }
  if (ITEM.test(line)) return listAt(lines, at);
  if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '')) return tableAt(lines, at);
  const end = endOf(lines, at, (next) => next.trim() !== '' && !startsBlock(next));
  return [element('p', {}, ...withBreaks(lines.slice(at, end))), end];
}

const startsBlock = (line: string) => [FENCE, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(line));

/** The first line after `at` that does not go on. */
function endOf(lines: readonly string[], at: number, goesOn: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index > at && !goesOn(line));
  return end === -1 ? lines.length : end;
}

function codeAt(lines: readonly string[], at: number, fence: string): Block {
  const end = endOf(lines, at, (line) => !line.trimStart().startsWith(fence));
  return [element('pre', {}, element('code', {}, lines.slice(at + 1, end).join('\n'))), end + 1];
}

function listAt(lines: readonly string[], start: number): Block {
  const first = ITEM.exec(lines[start] ?? '');
  const indent = first?.[1]?.length ?? 0;
  const number = first?.[2];
  const belongs = (line: string) => {
    const item = ITEM.exec(line);
    return item !== null && (item[1]?.length ?? 0) <= indent + 1 && (item[2] === undefined) === (number === undefined);
  };
  // An item goes on over indented lines, and over blank ones that an indented line or another item follows.
  const goesOn = (index: number) => {
    const line = lines[index] ?? '';
    const next = line.trim() === '' ? (lines[index + 1] ?? '') : line;
    return belongs(next) || /^ {2,}\S/.test(next) || (line.trim() !== '' && !startsBlock(line) && (lines[index - 1] ?? '').trim() !== '');
  };
  const items: string[][] = [];
  let at = start;
  for (; at < lines.length && (at === start || goesOn(at)); at += 1) {
    const line = lines[at] ?? '';
    if (belongs(line)) items.push([line.replace(ITEM, '')]);
    else items.at(-1)?.push(line.replace(/^ {1,4}/, ''));
  }
  const list = number === undefined ? element('ul') : element('ol', { start: number });
  list.append(...items.map((item) => element('li', {}, ...itemContent(item))));
  return [list, at];
}

/** A single paragraph stands in its item by itself. */
function itemContent(lines: readonly string[]): Child[] {
  const [first, ...rest] = blocksOf(lines);
  return first?.tagName === 'P' ? [...first.childNodes, ...rest] : [...(first === undefined ? [] : [first]), ...rest];
}

function tableAt(lines: readonly string[], at: number): Block {
  const end = endOf(lines, at, (line) => line.includes('|') && line.trim() !== '');
  const rows = lines.slice(at, end).filter((_, index) => index !== 1);
  const [head = [], ...body] = rows.map(cellsOf);
  const row = (tag: 'th' | 'td', cells: readonly string[]) => element('tr', {}, ...cells.map((cell) => element(tag, {}, ...inline(cell))));
  const table = element('table', {}, element('thead', {}, row('th', head)), element('tbody', {}, ...body.map((cells) => row('td', cells))));
  return [element('div', { class: 'table', tabindex: '0' }, table), end];
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

function withBreaks(lines: readonly string[]): Child[] {
  return lines.flatMap((line, index) => [...(index === 0 ? [] : [element('br')]), ...inline(line.trim().replace(/\\$/, ''))]);
}

/** What may begin inside a line. The order decides: what is escaped or code is nothing else. */
const INLINE = new RegExp(
  [
    /\\(?<escaped>[!-/:-@[-`{-~])/,
    /(?<ticks>`+)(?!`)(?<code>.+?)(?<!`)\k<ticks>(?!`)/,
    /!?\[(?<label>(?:\\.|[^[\]\\]){1,500})\]\(<?(?<target>(?:\\.|[^\s()<>\\]|\([^\s()<>]*\)){0,2000})>?(?: +"[^"]*")?\)/,
    /<(?<angled>(?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/,
    /(?<url>https?:\/\/[^\s<>]{0,1999}[^\s<>.,;:!?)'"\]*_~])/,
    /(?<mail>(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-zA-Z]{2,24})/,
    /\*\*(?=\S)(?<strong>.{0,2000}?\S)\*\*(?!\*)/,
    /(?<!\w)__(?=\S)(?<strong2>.{0,2000}?\S)__(?!\w)/,
    /~~(?=\S)(?<strike>.{0,2000}?\S)~~/,
    /\*(?=[^\s*])(?<em>.{0,2000}?[^\s*])\*(?!\*)/,
    /(?<!\w)_(?=[^\s_])(?<em2>.{0,2000}?[^\s_])_(?!\w)/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'u',
);

function inline(text: string): Child[] {
  const children: Child[] = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found !== null; found = INLINE.exec(rest)) {
    if (found.index > 0) children.push(rest.slice(0, found.index));
    children.push(...spanOf(found.groups ?? {}, found[0]));
    rest = rest.slice(found.index + found[0].length);
  }
  return rest === '' ? children : [...children, rest];
}

function spanOf(groups: Partial<Record<string, string>>, whole: string): Child[] {
  const { escaped, code, label, target, angled, url, mail, strong, strong2, strike, em, em2 } = groups;
  if (escaped !== undefined) return [escaped];
  if (code !== undefined) return [element('code', {}, code.replace(/^ (.+) $/, '$1'))];
  if (label !== undefined) return link((target ?? '').replace(/\\(.)/g, '$1'), inline(label));
  const address = angled ?? url;
  if (address !== undefined) return link(address, [address.replace(/^mailto:/, '')]);
  if (mail !== undefined) return link(`mailto:${mail}`, [mail]);
  const bold = strong ?? strong2;
  if (bold !== undefined) return [element('strong', {}, ...inline(bold))];
  if (strike !== undefined) return [element('s', {}, ...inline(strike))];
  const slanted = em ?? em2;
  return slanted === undefined ? [whole] : [element('em', {}, ...inline(slanted))];
}

/** A link where the address is one that may be followed, else what it says. */
export function link(address: string, children: readonly Child[]): Child[] {
  if (!URL.canParse(address) || !SAFE_PROTOCOLS.includes(new URL(address).protocol)) return [...children];
  return [element('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, ...children)];
}
