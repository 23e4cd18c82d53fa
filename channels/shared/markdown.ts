/**
 * Markdown (the domain's one dialect) to what a platform shows: `marked` parses, this file lays blocks out as lines, and a channel's Dialect says
 * how bold, links and the rest are written. A platform without markup of its own shows `plainText`.
 */
import { LRUCache } from 'lru-cache';
import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';

/** How one platform writes what stands between its lines. `literal` is text as it should appear; `inner` has been rendered already. */
export interface Dialect {
  readonly text: (literal: string) => string;
  readonly strong: (inner: string) => string;
  readonly emphasis: (inner: string) => string;
  readonly strike: (inner: string) => string;
  readonly code: (literal: string) => string;
  readonly codeBlock: (literal: string, language: string | null) => string;
  readonly link: (inner: string, address: string) => string;
  /** Not called for a quote within a quote: most platforms know one level. */
  readonly quote: (inner: string) => string;
}

export const plainText: Dialect = {
  text: (literal) => literal,
  strong: (inner) => inner,
  emphasis: (inner) => inner,
  strike: (inner) => inner,
  code: (literal) => literal,
  codeBlock: (literal) => literal,
  link: (inner, address) => (inner === address ? inner : `${inner} (${address})`),
  quote: (inner) => inner,
};

/** A line that opens more quotes and lists than anyone means: the parser recurses into each of them, and some thousands exhaust the stack. */
const HOSTILE_NESTING = /^[ \t]*(?:(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])[ \t]*){50}/m;

/** Texts whose parse is kept: each is rendered in two dialects at least (markup and plain), and fixed replies and quotes are sent again and again. */
const PARSES_KEPT = 500;
const parses = new LRUCache<string, readonly Token[]>({ max: PARSES_KEPT });

function parse(markdown: string): readonly Token[] {
  const tokens = parses.get(markdown) ?? Lexer.lex(markdown, { gfm: true });
  parses.set(markdown, tokens);
  return tokens;
}

/** Nothing is lost: HTML, comments and what is no markdown appear literally. White space at both ends is dropped. */
export function renderMarkdown(markdown: string, dialect: Dialect): string {
  if (HOSTILE_NESTING.test(markdown)) return dialect.text(markdown.trim());
  return renderBlocks(parse(markdown), { dialect, quoted: false, depth: 0 }).trim();
}

interface Context {
  readonly dialect: Dialect;
  readonly quoted: boolean;
  /** Of lists within lists. */
  readonly depth: number;
}

/** Blocks keep the distance that they have in the source: the next line, or one empty line between them. */
function renderBlocks(tokens: readonly Token[], context: Context): string {
  let rendered = '';
  let newlines = 0;
  for (const token of tokens as readonly MarkedToken[]) {
    const block = token.type === 'space' || token.type === 'def' ? '' : renderBlock(token, context);
    if (block !== '') {
      if (rendered !== '') rendered += '\n'.repeat(Math.min(newlines, 2));
      rendered += block;
      newlines = token.type === 'checkbox' ? 0 : 1;
      newlines = Math.max(newlines, trailingNewlines(token.raw));
    } else newlines += trailingNewlines(token.raw);
  }
  return rendered;
}

const trailingNewlines = (raw: string) => raw.length - raw.replace(/\n+$/, '').length;

function renderBlock(token: MarkedToken, context: Context): string {
  const { dialect } = context;
  switch (token.type) {
    case 'heading':
      return dialect.strong(renderInline(token.tokens, dialect));
    case 'paragraph':
      return renderInline(token.tokens, dialect);
    case 'code':
      return dialect.codeBlock(token.text, token.lang?.match(/^[\w+#.-]+/)?.[0] ?? null);
    case 'blockquote': {
      const inner = renderBlocks(token.tokens, { ...context, quoted: true }).trim();
      return context.quoted ? inner : dialect.quote(inner);
    }
    case 'list':
      return renderList(token, context);
    case 'table':
      return [dialect.strong(renderRow(token.header, dialect)), ...token.rows.map((row) => renderRow(row, dialect))].join('\n');
    case 'hr':
      return dialect.text('———');
    default:
      return renderInline([token], dialect);
  }
}

function renderList(list: Tokens.List, context: Context): string {
  const indent = '  '.repeat(context.depth);
  const items = list.items.map((item, index) => {
    const marker = list.ordered ? `${Number(list.start) + index}. ` : item.task ? '' : '• ';
    return `${indent}${context.dialect.text(marker)}${renderBlocks(item.tokens, { ...context, depth: context.depth + 1 }).trim()}`;
  });
  return items.join('\n');
}

const renderRow = (cells: readonly Tokens.TableCell[], dialect: Dialect) =>
  cells.map((cell) => renderInline(cell.tokens, dialect)).join(dialect.text(' | '));

function renderInline(tokens: readonly Token[], dialect: Dialect): string {
  return (tokens as readonly MarkedToken[]).map((token) => renderSpan(token, dialect)).join('');
}

function renderSpan(token: MarkedToken, dialect: Dialect): string {
  switch (token.type) {
    case 'strong':
      return dialect.strong(renderInline(token.tokens, dialect));
    case 'em':
      return dialect.emphasis(renderInline(token.tokens, dialect));
    case 'del':
      return dialect.strike(renderInline(token.tokens, dialect));
    case 'codespan':
      return dialect.code(token.text);
    case 'br':
      return '\n';
    case 'link':
      // An address that stands for itself (`https://…`, `<me@example.com>`) is shown as it was written.
      return token.raw.startsWith('[')
        ? dialect.link(renderInline(token.tokens, dialect), withoutReferences(token.href))
        : dialect.text(token.text);
    case 'image':
      return dialect.link(dialect.text(token.text === '' ? token.href : token.text), withoutReferences(token.href));
    case 'checkbox':
      return dialect.text(token.checked ? '☑ ' : '☐ ');
    case 'escape':
      return dialect.text(token.text);
    case 'text':
      return token.tokens === undefined ? dialect.text(withoutReferences(token.text)) : renderInline(token.tokens, dialect);
    default:
      return dialect.text(token.raw);
  }
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&nbsp;': '\u00a0',
};

/** `&lt;` and the like as the characters they stand for; numeric references have been resolved by the parser. */
const withoutReferences = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|apos|nbsp);/g, (reference) => REFERENCES[reference] ?? reference);
