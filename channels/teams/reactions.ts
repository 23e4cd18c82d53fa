/** Teams names reactions by words, and the newer ones by the emoji's code point: `1f44f_clapping`. */

const NAMED: Readonly<Record<string, string>> = {
  like: '👍',
  heart: '❤️',
  laugh: '😆',
  surprised: '😮',
  sad: '😢',
  angry: '😡',
};

/** Null for a reaction that has no emoji of its own, as those that a company makes. */
export function emojiOf(type: string): string | null {
  if (Object.hasOwn(NAMED, type)) return NAMED[type] ?? null;
  const points = /^((?:[0-9a-f]{4,6}-?){1,8})_/i.exec(type)?.[1]?.split('-').filter(Boolean);
  const codes = (points ?? []).map((point) => Number.parseInt(point, 16));
  return codes.length > 0 && codes.every((code) => code <= 0x10ffff) ? String.fromCodePoint(...codes) : null;
}
