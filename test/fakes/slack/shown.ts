/** A message as the customer has it in front of them: Block Kit and mrkdwn without their markup. */
import type { Shown } from '../../contract/channel-suite.js';
import { blocksOf, type WireBlock } from './limits.js';

export interface StoredMessage {
  readonly ts: string;
  readonly user: string;
  readonly text?: string;
  readonly blocks?: unknown;
  readonly files?: readonly { readonly name: string }[];
  readonly reactions?: readonly { readonly name?: string; readonly count: number }[];
}

export function shownOf({ text = '', blocks, files = [] }: StoredMessage): Shown {
  const shown = blocksOf(blocks);
  const sources = shown.flatMap((block) => (block.type === 'context' ? block.elements.flatMap((element) => sourceIn(element.text)) : []));
  return {
    text: shown.length === 0 && files.length === 0 ? plain(text) : shown.map(textOf).filter(Boolean).join('\n'),
    buttons: shown.flatMap(labelsOf),
    files: files.map((file) => file.name),
    sources,
  };
}

/** `1. title` or `1. <address|title>`, with its page behind it. */
const sourceIn = (line: string) => /^\d+\. (.*?)(?:, p\. \d+)?$/.exec(plain(line))?.slice(1) ?? [];

export function textOf(block: WireBlock): string {
  if (block.type === 'header') return block.text.text;
  if (block.type === 'section')
    return [block.text, ...(block.fields ?? [])]
      .map((text) => plain(text?.text ?? ''))
      .join('\n')
      .trim();
  if (block.type === 'rich_text') return block.elements.map(({ elements }) => elements.map(pieceOf).join('')).join('\n');
  return '';
}

type Piece = Extract<WireBlock, { type: 'rich_text' }>['elements'][number]['elements'][number];

function pieceOf(piece: Piece): string {
  switch (piece.type) {
    case 'text':
      return piece.text;
    case 'link':
      return piece.text ?? piece.url;
    case 'user':
      return `@${piece.user_id}`;
    case 'date':
      return piece.fallback;
  }
}

function labelsOf(block: WireBlock): string[] {
  if (block.type !== 'actions') return [];
  return block.elements.flatMap((element) =>
    element.type === 'button' ? [element.text.text] : element.options.map((option) => option.text.text),
  );
}

export function plain(mrkdwn: string): string {
  return mrkdwn
    .replace(/<([^|<>]+)\|([^<>]*)>/g, '$2')
    .replace(/(^|[\s(])([*_~])(?=\S)([^\n]+?)\2(?=\W|$)/g, '$1$3')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
