// One representative for all texts that a collation calls equal, made character by character. Each step is asked of the collation itself before it is
// taken, so that what its strength and its locale tell apart stays apart.

type Order = (a: string, b: string) => number;

/** Letters that have no decomposition and yet equal other letters, at some strength. */
const EXPANSIONS: Readonly<Record<string, string>> = {
  ...{ æ: 'ae', œ: 'oe', ß: 'ss', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ł: 'l', ŋ: 'n', ŧ: 't', ƀ: 'b', ɓ: 'b', ƌ: 'd', ƒ: 'f', ɠ: 'g' },
  ...{
    ƙ: 'k',
    ƚ: 'l',
    ƞ: 'n',
    ƥ: 'p',
    ƫ: 't',
    ƭ: 't',
    ƴ: 'y',
    ƶ: 'z',
    ȥ: 'z',
    ǥ: 'g',
    ɵ: 'o',
    ɨ: 'i',
    ʉ: 'u',
    ɇ: 'e',
    ɉ: 'j',
    ɍ: 'r',
    ɏ: 'y',
  },
  ...{
    ȼ: 'c',
    ⱥ: 'a',
    ⱦ: 't',
    ꜳ: 'aa',
    ꜵ: 'ao',
    ꜷ: 'au',
    ꜹ: 'av',
    ꜽ: 'ay',
    ꝏ: 'oo',
    ꝡ: 'vy',
    ȸ: 'db',
    ȹ: 'qp',
    ĸ: 'k',
    ɫ: 'l',
    ɱ: 'm',
    ɐ: 'a',
  },
};

const ASCII = [...'abcdefghijklmnopqrstuvwxyz0123456789 !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'];

/** Catalan's `l·l`: the two characters are one letter. */
const MIDDLE_DOT = /l\u00b7/giu;

/** The fold of a collation; texts are equal by `order` exactly when their folds are the same. */
export function textFold(order: Order): (text: string) => string {
  const known = new Map<string, string>();
  const folded = (character: string): string => {
    let result = known.get(character);
    if (result === undefined) known.set(character, (result = foldCharacter(character, order)));
    return result;
  };
  return (text) => {
    let result = '';
    for (const character of text.normalize('NFC').replace(MIDDLE_DOT, 'ŀ')) result += folded(character);
    return result;
  };
}

function foldCharacter(character: string, order: Order): string {
  if (order(`a${character}b`, 'ab') === 0) return ''; // it does not count
  const ascii = character < '\x80' ? undefined : ASCII.find((other) => order(character, other) === 0);
  if (ascii !== undefined) return ascii;
  const parts = character.normalize('NFKD');
  if (parts !== character) {
    const result = [...parts].map((part) => foldCharacter(part, order)).join('');
    if (order(character, result) === 0) return result; // not so where a locale has a letter of its own
  }
  const candidates = [character.toUpperCase().toLowerCase(), character.toLowerCase()];
  const own = candidates.find((other) => order(character, other) === 0) ?? character;
  const longer = EXPANSIONS[own];
  if (longer !== undefined && order(own, longer) === 0) return longer;
  const hiragana = own.replace(/[\u30a1-\u30f6]/u, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
  const larger = hiragana.replace(/[ぁぃぅぇぉゃゅょゎ]/u, (kana) => String.fromCharCode(kana.charCodeAt(0) + 1)).replace('っ', 'つ');
  return [larger, hiragana].find((other) => order(own, other) === 0) ?? own;
}
