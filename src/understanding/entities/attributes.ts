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
  readonly stems: readonly string[];
}

/** Stems in both languages: the catalogue has names in both, and customers mix them. */
const stemsOf = (form: string): string => `${stem(form, 'es')}|${stem(form, 'en')}`;

export function createAttributeIndex(catalogue: readonly CatalogueProduct[]): AttributeIndex {
  const byFirstStem = new Map<string, Entry[]>();
  const seen = new Set<string>();
  const add = (attribute: string, name: string, value: string): void => {
    const stems = words(name).map(stemsOf);
    const [first] = stems;
    const key = `${attribute} ${stems.join(' ')}`;
    if (first === undefined || seen.has(key)) return;
    seen.add(key);
    byFirstStem.set(
      first,
      [...(byFirstStem.get(first) ?? []), { attribute, value, stems }].sort((a, b) => b.stems.length - a.stems.length),
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
      const stems = tokens.map((token) => stemsOf(token.form));
      tokens.forEach((token, index) => {
        const entry = byFirstStem
          .get(stems[index] ?? '')
          ?.find(({ stems: wanted }) => wanted.every((wantedStem, offset) => stems[index + offset] === wantedStem));
        const last = tokens[index + (entry?.stems.length ?? 1) - 1];
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
