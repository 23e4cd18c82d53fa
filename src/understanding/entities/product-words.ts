/**
 * The words of a catalogue: finds the one that a written word means, through plurals, accents, gender and misspelling. Misspelt words are looked up by
 * shared letter pairs and judged by edit distance, on a spelling that writes alike what Spanish speakers hear alike (b and v, ll and y, z and s).
 */
import { stem } from '../../text/words.js';

export interface ProductWords {
  add(form: string): number;
  /** The ids of the words that `form` is or may be, with how alike they are (1 is the same), at most three. */
  resolve(form: string): readonly { readonly id: number; readonly similarity: number }[];
  /** Only what is the same but for plural, gender or accents. */
  resolveExactly(form: string): number | null;
  readonly size: number;
}

interface KnownWord {
  readonly id: number;
  readonly sound: string;
  /** How many different letter pairs it has. */
  readonly pairs: number;
}

/** A model number: letters and figures. */
interface Code {
  readonly form: string;
  readonly id: number;
}

const CACHE_LIMIT = 5000;
/** Shorter words differ by a letter too easily: `taco` is no misspelt `saco`. */
const LEAST_FUZZY_LENGTH = 5;
/** Model numbers are not misspelt but cut short or written with a suffix for colour or country. */
const CODE_PREFIX = 4;
const CODE_SIMILARITY = 0.8;

export function createProductWords(): ProductWords {
  const ids = new Map<string, number>();
  const known: KnownWord[] = [];
  const byPair = new Map<string, number[]>();
  const codes = new Map<string, Code[]>();
  const cache = new Map<string, readonly { readonly id: number; readonly similarity: number }[]>();
  let size = 0;

  const resolveExactly = (form: string): number | null =>
    ids.get(form) ?? ids.get(stem(form, 'es')) ?? ids.get(`en:${stem(form, 'en')}`) ?? null;

  return {
    get size() {
      return size;
    },
    add(form) {
      const existing = resolveExactly(form);
      const id = existing ?? size;
      if (existing === null) size += 1;
      if (!ids.has(form)) {
        const sound = soundOf(form);
        const pairs = pairsOf(sound);
        for (const pair of pairs) append(byPair, pair, known.length);
        known.push({ id, sound, pairs: pairs.size });
      }
      if (/\d/.test(form) && form.length >= LEAST_FUZZY_LENGTH) append(codes, form.slice(0, CODE_PREFIX), { form, id });
      for (const key of [form, stem(form, 'es'), `en:${stem(form, 'en')}`]) if (!ids.has(key)) ids.set(key, id);
      cache.clear();
      return id;
    },
    resolveExactly,
    resolve(form) {
      const exact = resolveExactly(form);
      if (exact !== null) return [{ id: exact, similarity: 1 }];
      if (form.length < LEAST_FUZZY_LENGTH || form.length > 30) return [];
      if (/\d/.test(form)) return nearestCodes(form, codes);
      const cached = cache.get(form);
      if (cached !== undefined) return cached;
      if (cache.size >= CACHE_LIMIT) cache.clear();
      const found = nearest(soundOf(form), known, byPair);
      cache.set(form, found);
      return found;
    },
  };
}

function nearestCodes(form: string, codes: ReadonlyMap<string, readonly Code[]>) {
  const near = (codes.get(form.slice(0, CODE_PREFIX)) ?? []).filter((code) => code.form.startsWith(form) || form.startsWith(code.form));
  return near.slice(0, 3).map(({ id }) => ({ id, similarity: CODE_SIMILARITY }));
}

function nearest(sound: string, known: readonly KnownWord[], byPair: ReadonlyMap<string, readonly number[]>) {
  const shared = new Map<number, number>();
  const pairs = pairsOf(sound);
  for (const pair of pairs) for (const index of byPair.get(pair) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
  const best = new Map<number, number>();
  for (const [index, count] of shared) {
    const word = known[index];
    if (word === undefined) continue;
    const length = Math.max(word.sound.length, sound.length);
    const allowed = allowedEdits(Math.min(word.sound.length, sound.length));
    // An edit spoils at most three pairs (a transposition), so fewer shared ones cannot be within reach.
    if (Math.abs(word.sound.length - sound.length) > allowed || count < Math.max(pairs.size, word.pairs) - 3 * allowed) continue;
    const edits = editDistance(sound, word.sound, allowed);
    if (edits > allowed) continue;
    const similarity = 1 - (edits + 0.5) / (length + 1);
    best.set(word.id, Math.max(best.get(word.id) ?? 0, similarity));
  }
  return [...best]
    .map(([id, similarity]) => ({ id, similarity }))
    .sort((a, b) => b.similarity - a.similarity || a.id - b.id)
    .slice(0, 3);
}

const allowedEdits = (length: number): number => (length < 3 ? 0 : length < 8 ? 1 : 2);

/** Adds to the list under a key. */
export function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** What is heard alike is written alike; works on folded words. */
function soundOf(form: string): string {
  return form
    .replace(/h/g, '')
    .replace(/v/g, 'b')
    .replace(/ll/g, 'y')
    .replace(/z|c(?=[ei])/g, 's')
    .replace(/qu(?=[ei])|q|k/g, 'c')
    .replace(/(.)\1/g, '$1');
}

function pairsOf(sound: string): Set<string> {
  const padded = `^${sound}$`;
  const pairs = new Set<string>();
  for (let at = 0; at + 2 <= padded.length; at += 1) pairs.add(padded.slice(at, at + 2));
  return pairs;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment); `most` + 1 once it is known to be more. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? most + 1;
}
