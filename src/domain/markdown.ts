/** Pieces of markdown, the one dialect in which text goes out. */

/** Text as markdown that shows it literally, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>~|&]/g, '\\$&')
    .replace(/^(\d{0,9})([#+=.)-])/, '$1\\$2');
}

/** One text of several paragraphs; blank ones are left out. */
export const joinParagraphs = (...paragraphs: readonly string[]): string =>
  paragraphs.filter((paragraph) => paragraph.trim() !== '').join('\n\n');

/** A link where the address is one of the web, else the label alone. */
export const markdownLink = (label: string, url: string): string =>
  /^https?:\/\/[^\s()<>]+$/.test(url) ? `[${escapeMarkdown(label)}](${url})` : escapeMarkdown(label);
