/**
 * Cuts a document into passages: one heading's text stays together up to about 900 characters, longer text is cut between sentences with one sentence
 * of overlap, a table that is cut keeps its header, and each passage knows its headings and page.
 */
import { derivedId } from '../domain/ids.js';
import type { Chunk } from '../domain/knowledge.js';
import { sentencesOf } from '../text/sentences.js';
import { languageOfText } from '../text/words.js';
import type { Page } from './loaders/loaded-file.js';

const MAX_CHARS = 900;
/** A longer last sentence is not repeated at the start of the next piece. */
const MAX_OVERLAP_CHARS = 200;
/** A longer line is text, whatever it begins with. */
const MAX_HEADING_CHARS = 300;
const TITLE = new RegExp(`^# +(.{1,${MAX_HEADING_CHARS}})$`, 'm');
/** A table with a longer header, or with a row that is too long by itself, is cut like text. */
const MAX_TABLE_HEADER_CHARS = 400;
/** About 180 pages: what is indexed for one conversation must stay a matter of milliseconds. */
const MAX_ATTACHMENT_CHUNKS = 600;
/** Pieces of a sentence that is too long by itself, cut between words where there are any. */
const TOO_LONG = new RegExp(`[\\s\\S]{1,${MAX_CHARS}}(?=\\s|$)|[\\s\\S]{1,${MAX_CHARS}}`, 'g');

export interface ChunkableDocument {
  /** The chunks' `documentId`. */
  readonly id: string;
  /** Changes with the content, so that new chunks never take the ids of old ones. */
  readonly revision: string;
  readonly source: string;
  /** Where no heading of the text gives one. */
  readonly fallbackTitle: string;
  readonly url: string | null;
  readonly pages: readonly Page[];
}

export interface ChunkedDocument {
  readonly title: string;
  readonly language: string;
  readonly chunks: readonly Chunk[];
}

interface Passage {
  readonly text: string;
  readonly headings: readonly string[];
  readonly page: number | null;
}

type Block =
  { readonly kind: 'heading'; readonly level: number; readonly text: string } | { readonly kind: 'text' | 'table'; readonly text: string };

export function chunkDocument(document: ChunkableDocument): ChunkedDocument {
  const passages = passagesOf(document.pages);
  const title = titleOf(document.pages) ?? document.fallbackTitle;
  const language = languageOfText(document.pages.map((page) => page.text).join('\n'));
  const { id, revision, source, url } = document;
  const chunks = passages.map((passage, position): Chunk => ({
    id: derivedId('chunk', id, revision, position),
    documentId: id,
    position,
    source,
    title,
    url,
    language,
    ...passage,
  }));
  return { title, language, chunks };
}

/** The passages of a customer's file: its first 600. */
export function chunkAttachment(file: { id: string; filename: string; pages: readonly Page[] }): readonly Chunk[] {
  const document = { id: file.id, revision: '', source: file.filename, fallbackTitle: file.filename, url: null, pages: file.pages };
  return chunkDocument(document).chunks.slice(0, MAX_ATTACHMENT_CHUNKS);
}

function titleOf(pages: readonly Page[]): string | null {
  for (const { text } of pages) {
    const heading = TITLE.exec(text)?.[1];
    if (heading !== undefined) return plain(heading);
  }
  return null;
}

function passagesOf(pages: readonly Page[]): Passage[] {
  const passages: Passage[] = [];
  const headings: string[] = [];
  for (const { page, text } of pages) {
    let pending: Block[] = [];
    const flush = () => {
      for (const piece of pack(pending)) passages.push({ text: piece, headings: headings.filter(Boolean), page });
      pending = [];
    };
    for (const block of blocksOf(text)) {
      if (block.kind === 'heading') {
        flush();
        headings.length = Math.min(headings.length, block.level - 1);
        while (headings.length < block.level - 1) headings.push('');
        headings.push(block.text);
      } else {
        pending.push(block);
      }
    }
    flush();
  }
  return passages;
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  const flush = () => {
    const body = lines.join('\n').trim();
    if (body !== '') blocks.push({ kind: body.startsWith('|') ? 'table' : 'text', text: body });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const heading = line.length > MAX_HEADING_CHARS ? null : /^(#{1,6}) +(.+?)(?: +#+)?\s*$/.exec(line);
    if (heading !== null) {
      flush();
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: plain(heading[2] ?? '') });
    } else {
      const inTable = lines[0]?.startsWith('|') === true;
      if (line.trim() === '' || (lines.length > 0 && inTable !== line.startsWith('|'))) flush();
      lines.push(line);
    }
  }
  flush();
  return blocks;
}

/** Fills passages with whole blocks; a block that is too long by itself is cut. */
function pack(blocks: readonly Block[]): string[] {
  const pieces: string[] = [];
  let current = '';
  for (const block of blocks) {
    const parts = block.text.length <= MAX_CHARS ? [block.text] : block.kind === 'table' ? cutTable(block.text) : cutText(block.text);
    for (const part of parts) {
      if (current !== '' && current.length + part.length + 2 > MAX_CHARS) {
        pieces.push(current);
        current = '';
      }
      current = current === '' ? part : `${current}\n\n${part}`;
    }
  }
  if (current !== '') pieces.push(current);
  return pieces;
}

function cutTable(table: string): string[] {
  const [header = '', rule = '', ...rows] = table.split('\n');
  if (header.length + rule.length > MAX_TABLE_HEADER_CHARS || rows.some((row) => row.length > MAX_CHARS)) return cutText(table);
  const pieces: string[] = [];
  let current = '';
  for (const row of rows) {
    if (current !== '' && header.length + rule.length + current.length + row.length > MAX_CHARS) {
      pieces.push(`${header}\n${rule}${current}`);
      current = '';
    }
    current += `\n${row}`;
  }
  return [...pieces, `${header}\n${rule}${current}`];
}

/** By lines where the text has them (rows, lists), else by sentences, each piece beginning with the last sentence of the one before. */
function cutText(text: string): string[] {
  const lines = text.split('\n');
  if (lines.length > 1 && lines.every((line) => line.length <= MAX_CHARS)) return gather(lines, '\n', 0);
  return gather(
    sentencesOf(text).flatMap((sentence) => sentence.match(TOO_LONG) ?? []),
    ' ',
    MAX_OVERLAP_CHARS,
  );
}

function gather(units: readonly string[], separator: string, overlapChars: number): string[] {
  const pieces: string[] = [];
  let current: string[] = [];
  let length = 0;
  for (const unit of units) {
    if (current.length > 0 && length + separator.length + unit.length > MAX_CHARS) {
      pieces.push(current.join(separator));
      const last = current.at(-1) ?? '';
      current = last.length <= overlapChars && last.length + separator.length + unit.length <= MAX_CHARS ? [last] : [];
      length = current.join('').length;
    }
    current.push(unit);
    length += (current.length > 1 ? separator.length : 0) + unit.length;
  }
  if (current.length > 0) pieces.push(current.join(separator));
  return pieces;
}

/** A heading without its markdown. */
const plain = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]/g, '')
    .trim();
