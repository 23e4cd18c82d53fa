/** What the customer wants, in a sentence or two of their own words: the last thing they asked about, then the message that brought the case here. */
import type { Recollection } from '../domain/memory.js';
import { fold } from '../text/words.js';
import { personRequestIn } from './person-request.js';

const MAX_CHARS = 280;
const MAX_PART_CHARS = 160;
/** Shorter messages (`sí`, `gracias`, `hola`) say nothing about a case. */
const LEAST_CHARS = 12;

export function summariseCase(text: string, { window }: Pick<Recollection, 'window'>): string {
  const current = tidy(text);
  const earlier = window
    .filter((message) => message.role === 'user' && message.deletedAt === null)
    .map((message) => tidy(message.text))
    .filter((said) => said.length >= LEAST_CHARS && fold(said) !== fold(current) && personRequestIn(said) === 'none');
  const parts = [...earlier.slice(-1), current].filter((part) => part !== '').map((part) => shorten(part, MAX_PART_CHARS));
  return shorten(parts.join(' / '), MAX_CHARS);
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Cuts at a word's end. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${cut.slice(0, space > most / 2 ? space : cut.length).trimEnd()}…`;
}
