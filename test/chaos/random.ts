/** Chance that is the same again with the same seed. Each purpose draws from a stream of its own, so that none depends on how others are timed. */

/** Uniform in [0, 1). */
export type Random = () => number;

/** Mulberry32 over a seed and a name: small, and good enough to choose moments and questions. */
export function randomOf(seed: number, name: string): Random {
  let state = seed | 0;
  for (const character of name) state = (Math.imul(state, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const drawn = items.map((item) => ({ item, at: random() }));
  return drawn.sort((one, other) => one.at - other.at).map(({ item }) => item);
}
