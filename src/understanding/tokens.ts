/** Words with their places: what entity extraction works on, since every entity must say where in the message it stands. */

/** A folded word; `start` and `end` are UTF-16 offsets into the text it came from. */
export interface Token {
  /** Lower case, without accents. */
  readonly form: string;
  readonly start: number;
  readonly end: number;
}

const foldedUnits = new Map<string, string>();

/** One UTF-16 unit without its accent, in lower case; left as it is where that would change the length. */
function foldUnit(unit: string): string {
  const known = foldedUnits.get(unit);
  if (known !== undefined) return known;
  const base = unit
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const folded = base.length === 1 ? base : unit;
  if (foldedUnits.size < 5000) foldedUnits.set(unit, folded);
  return folded;
}

/** Lower case without accents and of the same length, so that an offset into the folded text is one into the text. Expects NFC. */
export const foldInPlace = (text: string): string => text.replace(/[^\n-@[-`{-~ ]/g, foldUnit);

const TOKEN = /\p{L}[\p{L}\p{N}]*|\p{N}+(?:[.,]\p{N}+)*/gu;

/** The words and numbers of a folded text in order; a unit written to its number is a word of its own (`50mm`: `50`, `mm`). */
export function tokenize(folded: string): Token[] {
  const tokens: Token[] = [];
  for (const match of folded.matchAll(TOKEN)) tokens.push({ form: match[0], start: match.index, end: match.index + match[0].length });
  return tokens;
}

/** Remembers which parts of a message are read already, so that nothing is read twice. */
export interface Claims {
  isFree(start: number, end: number): boolean;
  claim(start: number, end: number): void;
}

export function createClaims(length: number): Claims {
  const taken = new Uint8Array(length);
  return {
    isFree: (start, end) => !taken.subarray(start, end).includes(1),
    claim: (start, end) => void taken.fill(1, start, end),
  };
}
