/** Understands a written answer to offered choices ("2", "la segunda", "Envíos") where the customer has no buttons or does not use them. */
import type { Choice } from '../domain/content.js';

const ORDINALS: readonly RegExp[] = [
  /^(primer[oa]?|first)$/,
  /^(segund[oa]|second)$/,
  /^(tercer[oa]?|third)$/,
  /^(cuart[oa]|fourth)$/,
  /^(quint[oa]|fifth)$/,
];

/** What people put before a number: "la 2", "opción 2", "number 2", "the second one". */
const LEAD_IN = /^(?:(?:la|el|the|opcion|numero|option|number|choice)\s+)+/;

/**
 * The choice that the text names by its label, its number from 1 or its ordinal; null when it names none. Case, accents and punctuation do
 * not matter. A label wins over a number, so that "2" means the choice called "2".
 */
export function matchChoice(text: string, offered: readonly Choice[]): Choice | null {
  const said = plainWords(text);
  if (said === '') return null;
  const named = offered.find((choice) => plainWords(choice.label) === said || choice.id === text.trim());
  if (named !== undefined) return named;
  const short = said.replace(LEAD_IN, '').replace(/ one$/, '');
  const byLabel = offered.find((choice) => plainWords(choice.label) === short);
  if (byLabel !== undefined) return byLabel;
  const index = /^\d{1,2}$/.test(short) ? Number(short) - 1 : ORDINALS.findIndex((ordinal) => ordinal.test(short));
  return offered[index] ?? null;
}

/** Lower case without accents (and without the marks of keycap digits), punctuation as single blanks. */
function plainWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
