/** Catalogue attributes named in a message: colours and product families, as the catalogue spells them, in singular, plural and either gender. */
import type { CatalogueProduct } from '../../domain/knowledge.js';
import type { AttributeEntity } from '../../domain/understanding.js';
import { fold, stem, words } from '../../text/words.js';
import type { Claims, Token } from '../tokens.js';

export interface AttributeIndex {
  find(text: string, tokens: readonly Token[], claims: Claims): AttributeEntity[];
}

interface Entry {
  readonly attribute: string;
  readonly value: string;
  /** One pair a word, see `keysOf`. */
  readonly keys: readonly (readonly [string, string])[];
}

/** Customers mix the languages, and the catalogue has names in both: a word matches by its stem in either. */
const keysOf = (form: string): readonly [string, string] => [`es ${stem(form, 'es')}`, `en ${stem(form, 'en')}`];

export function createAttributeIndex(catalogue: readonly CatalogueProduct[]): AttributeIndex {
  const byFirst = new Map<string, Entry[]>();
  const seen = new Set<string>();
  const add = (attribute: string, name: string, value: string): void => {
    const keys = words(name).map(keysOf);
    const id = `${attribute} ${keys.join(' ')}`;
    if (seen.has(id)) return;
    seen.add(id);
    for (const key of new Set(keys[0]))
      byFirst.set(
        key,
        [...(byFirst.get(key) ?? []), { attribute, value, keys }].sort((a, b) => b.keys.length - a.keys.length),
      );
  };
  for (const { colourEs, colourEn, family } of catalogue) {
    for (const colour of [colourEs, colourEn]) {
      if (colour === null) continue;
      add('colour', colour, fold(colour));
      const [head] = words(colour);
      if (head !== undefined) add('colour', head, head);
    }
    add('family', family.replaceAll('-', ' '), family);
  }
  return {
    find(text, tokens, claims) {
      const found: AttributeEntity[] = [];
      const said = tokens.map((token) => keysOf(token.form));
      tokens.forEach((token, index) => {
        const entry = said[index]
          ?.flatMap((key) => byFirst.get(key) ?? [])
          .find(({ keys }) => keys.every((wanted, offset) => same(wanted, said[index + offset])));
        const last = tokens[index + (entry?.keys.length ?? 1) - 1];
        if (entry === undefined || last === undefined || !claims.isFree(token.start, last.end)) return;
        claims.claim(token.start, last.end);
        found.push({
          text: text.slice(token.start, last.end),
          start: token.start,
          end: last.end,
          attribute: entry.attribute,
          value: entry.value,
        });
      });
      return found;
    },
  };
}

const same = (wanted: readonly [string, string], said: readonly [string, string] | undefined): boolean =>
  wanted[0] === said?.[0] || wanted[1] === said?.[1];
