/** Telegram's HTML parse mode, as strict as the Bot API is: what it shows, or why it refuses. */

const TAGS = new Set(['b', 'strong', 'i', 'em', 'u', 'ins', 's', 'strike', 'del', 'a', 'code', 'pre', 'blockquote', 'span', 'tg-spoiler']);
const REFERENCES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

export type ParsedHtml = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly description: string };

export function parseTelegramHtml(html: string): ParsedHtml {
  const open: string[] = [];
  let text = '';
  let rest = html;
  const refuse = (why: string): ParsedHtml => ({
    ok: false,
    description: `Bad Request: can't parse entities: ${why} at byte offset ${Buffer.byteLength(html.slice(0, html.length - rest.length))}`,
  });
  while (rest !== '') {
    const literal = /^[^<&]+/.exec(rest)?.[0];
    const tag = /^<(\/?)([a-z-]+)(\s[^<>]*)?>/i.exec(rest);
    const reference = /^&(?:#(\d+)|(\w+));/.exec(rest);
    if (literal !== undefined) text += literal;
    else if (tag !== null) {
      const name = (tag[2] ?? '').toLowerCase();
      if (!TAGS.has(name)) return refuse(`Unsupported start tag "${name}"`);
      if (tag[1] === '') {
        if (name === 'blockquote' && open.includes(name)) return refuse('Nested blockquote');
        open.push(name);
      } else if (open.pop() !== name) return refuse(`Unmatched end tag, found "</${name}>"`);
    } else if (reference !== null)
      text += reference[1] === undefined ? (REFERENCES[reference[2] ?? ''] ?? reference[0]) : String.fromCodePoint(Number(reference[1]));
    else if (rest.startsWith('<')) return refuse('Unclosed start tag');
    else text += '&';
    rest = rest.slice((literal ?? tag?.[0] ?? reference?.[0] ?? '&').length);
  }
  return open.length === 0 ? { ok: true, text } : refuse(`Can't find end tag corresponding to start tag "${open.at(-1)}"`);
}
