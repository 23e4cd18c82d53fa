/** Cuts a source into the smallest pieces that can be quoted by themselves: a sentence, an item of a list, a row of a table or a line of a list of data. */
import type { Source } from '../domain/knowledge.js';
import { sentencesOf } from '../text/sentences.js';
import { languageOfText } from '../text/words.js';

export interface Piece {
  /** Word for word from the source; a table row as `header: cell` pairs. */
  readonly text: string;
  /** What the piece stands under: headings of the source, and the sentence before a list or table. */
  readonly context: string;
  readonly kind: 'sentence' | 'item' | 'row';
  /** ISO 639-1, told from the source. */
  readonly language: 'es' | 'en';
  /** Place within the source. */
  readonly position: number;
}

/** A piece as part of what was found for one question. */
export interface Passage extends Piece {
  readonly source: Source;
}

/** A shorter item is quoted whole: its first sentence is often only its name. */
const MAX_ITEM_CHARS = 300;

/** The pieces of a source of this title. */
export function piecesOf(title: string, content: string): Piece[] {
  const language = languageOfText(content);
  const headings: string[] = [title];
  const pieces: Piece[] = [];
  let lead = '';
  const add = (kind: Piece['kind'], text: string) => {
    const context = [...headings, kind === 'sentence' ? '' : lead].filter(Boolean).join('\n');
    pieces.push({ text, context, kind, language, position: pieces.length });
  };
  for (const block of content.split(/\n\s*\n/)) {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    const [first = ''] = lines;
    const heading = /^#{1,6} +(.+)$/.exec(first)?.[1];
    if (heading !== undefined) {
      headings.push(heading);
      lines.shift();
    }
    if (first.startsWith('|')) {
      for (const row of tableRows(lines)) add('row', row);
    } else if (lines.length > 1 && (lines.every(isDataLine) || isColumn(lines))) {
      for (const line of lines) add('row', line);
    } else {
      for (const piece of lines.join('\n').split(/\n(?=\s*(?:[-*•]|\d+[.)]) )/)) {
        const item = /^\s*(?:[-*•]|\d+[.)]) +([\s\S]+)$/.exec(piece)?.[1];
        if (item !== undefined && item.length <= MAX_ITEM_CHARS) add('item', item);
        else for (const sentence of sentencesOf(item ?? piece)) add('sentence', (lead = sentence));
      }
    }
  }
  return pieces;
}

/** `Name: value; name: value`, as spreadsheets and CSV files are read. */
const isDataLine = (line: string): boolean => /^[^;:]+: [^;]+(?:; [^;:]+: [^;]+)+$/.test(line);

/** The lines of a table without its rules, as PDFs give them: short, several, and few of them sentences. */
const isColumn = (lines: readonly string[]): boolean =>
  lines.length >= 3 &&
  lines.every((line) => line.length <= 100) &&
  lines.filter((line) => /[.:;,]$/.test(line) || /^[-*•]/.test(line)).length * 4 <= lines.length;

function tableRows(lines: readonly string[]): string[] {
  const [header = [], ...rows] = lines.filter((line) => !/^\|[\s|:-]+\|$/.test(line)).map(cellsOf);
  return rows.map((row) =>
    row
      .map((cell, column) => (cell === '' ? '' : (header[column] ?? '') === '' ? cell : `${header[column]}: ${cell}`))
      .filter(Boolean)
      .join(' · '),
  );
}

const cellsOf = (line: string): string[] =>
  line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
