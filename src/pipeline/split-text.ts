/**
 * Cuts markdown that is too long for one message into parts at the best border: paragraph, line, sentence, word. Nothing but white space
 * at the cuts is dropped; links, inline code and emphasis stay whole, code fences are closed and opened again, graphemes are never cut.
 */

/** Shorter limits leave no room for what is kept together. Every channel takes far more. */
const LEAST_MAX_CHARS = 100;

/** Inline markdown and addresses that lose their meaning when cut. Repetitions are bounded so that hostile text costs linear time. */
const INLINE_SPAN =
  /`[^`\n]{1,300}`|!?\[[^\]\n]{0,300}\]\([^)\n]{0,500}\)|(\*\*|__|~~|[*_])(?=\S)[^\n]{1,300}?\1|https?:\/\/[^\s<>()]{1,2000}/g;

const FENCE_LINE = /^ {0,3}(`{3,9}|~{3,9})([^\n]*)$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Parts in order, each at most `maxChars` UTF-16 code units, none of them blank. Text that fits comes back as it is.
 * `maxChars` is at least 100.
 */
export function splitText(markdown: string, maxChars: number): string[] {
  if (maxChars < LEAST_MAX_CHARS) throw new RangeError(`maxChars is ${maxChars}; it must be at least ${LEAST_MAX_CHARS}.`);
  const parts: string[] = [];
  let rest = markdown;
  while (rest.length > maxChars) {
    const { head, tail } = cutOnce(rest, maxChars);
    parts.push(head);
    rest = tail;
  }
  parts.push(rest);
  return parts.filter((part) => part.trim() !== '');
}

function cutOnce(text: string, maxChars: number): { head: string; tail: string } {
  let cut = bestCut(text, maxChars);
  let fence = openFence(text.slice(0, cut));
  if (fence !== null) {
    cut = bestCut(text, maxChars - fence.marker.length - 1);
    fence = openFence(text.slice(0, cut));
  }
  const head = text.slice(0, cut).trimEnd();
  const tail = text.slice(cut);
  if (fence === null) return { head, tail: tail.trimStart() };
  return { head: `${head}\n${fence.marker}`, tail: `${fence.reopening}\n${tail.replace(/^\n/, '')}` };
}

/** Where to cut so that the head has at most `maxChars`: the best kind of border that lies in the second half of that room. */
function bestCut(text: string, maxChars: number): number {
  const room = text.slice(0, maxChars + 1);
  const least = Math.floor(maxChars / 2);
  const spans = [...text.slice(0, maxChars * 2).matchAll(INLINE_SPAN)]
    .map((match) => ({ start: match.index, end: match.index + match[0].length }))
    .filter((span) => span.start < maxChars && span.end - span.start < least);
  const spanAround = (position: number) => spans.find((span) => span.start < position && position < span.end);

  for (const border of [/\n[ \t]*\n/g, /\n/g, /(?<=[.!?…][)\]"'»”]?)\s/g, /\s/g]) {
    const cut = [...room.matchAll(border)]
      .map((match) => match.index)
      .findLast((position) => position >= least && position <= maxChars && spanAround(position) === undefined);
    if (cut !== undefined) return cut;
  }
  const cluster = graphemes.segment(text.slice(0, maxChars * 2)).containing(maxChars)?.index ?? maxChars;
  const cut = spanAround(cluster)?.start ?? cluster;
  return cut >= least ? cut : withoutHalfPair(text, maxChars);
}

/** One grapheme longer than half a message (a tower of combining marks): cut inside it, but not inside a surrogate pair. */
function withoutHalfPair(text: string, position: number): number {
  const code = text.charCodeAt(position);
  return code >= 0xdc00 && code <= 0xdfff ? position - 1 : position;
}

/** The code fence that is still open at the end of the text, and the line that opens it again. */
function openFence(text: string): { marker: string; reopening: string } | null {
  let open: { marker: string; reopening: string } | null = null;
  for (const line of text.split('\n')) {
    const [, marker, info = ''] = FENCE_LINE.exec(line) ?? [];
    if (marker === undefined) continue;
    if (open === null) {
      const language = /^\s*([\w+#.-]{1,20})\s*$/.exec(info)?.[1] ?? '';
      if (marker.startsWith('~') || !info.includes('`')) open = { marker, reopening: `${marker}${language}` };
    } else if (marker.startsWith(open.marker) && info.trim() === '') open = null;
  }
  return open;
}
