/** Cuts prose into sentences. Chunks overlap by whole ones and answers quote whole ones, so both must cut alike. */

/** After these a full stop does not end a sentence (folded to lower case, without the stop). */
const ABBREVIATIONS = new Set(
  'sr sra srta dr dra ud uds vd art pag pags p ej aprox max min tel telf num n no av avda c s l a u etc fig cap ref mr mrs ms st vs approx e.g i.e inc ltd'.split(
    ' ',
  ),
);

/** Sentences in order, trimmed; joined they are the text but for white space. Line breaks end sentences only where a blank line or an item follows. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  for (const block of text.split(/\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)]) )/)) {
    const flat = block.replace(/\s+/g, ' ').trim();
    let start = 0;
    for (const end of flat.matchAll(/(?<![.!?…])[.!?…]+["»”')\]]*\s+(?=[\p{Lu}\p{N}¿¡«"“'(*])/gu)) {
      if (end[0].startsWith('.') && endsInAbbreviation(flat.slice(start, end.index))) continue;
      sentences.push(flat.slice(start, end.index + end[0].length).trim());
      start = end.index + end[0].length;
    }
    if (start < flat.length) sentences.push(flat.slice(start));
  }
  return sentences;
}

function endsInAbbreviation(before: string): boolean {
  const last = /[\p{L}.]+$/u.exec(before)?.[0].toLowerCase().normalize('NFD').replace(/\p{M}/gu, '') ?? '';
  return ABBREVIATIONS.has(last) || /^(\p{L}\.)+\p{L}$/u.test(last);
}
