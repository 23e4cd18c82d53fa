/** Markdown to WhatsApp's own marks, the same in its app, on its Cloud API and on WhatsApp Web. */
import { plainText, renderMarkdown, type Dialect } from './markdown.js';

/** A mark takes effect around words on one line only. */
const onEachLine = (mark: string) => (inner: string) =>
  inner
    .split('\n')
    .map((line) => {
      const words = line.trim();
      return words === '' || isMarked(words, mark) ? line : line.replace(words, () => `${mark}${words}${mark}`);
    })
    .join('\n');

const isMarked = (words: string, mark: string) => words.length > 2 && words.startsWith(mark) && words.endsWith(mark);

/** https://faq.whatsapp.com/539178204879377: how to format messages. There is no way to escape a mark, and links show their address. */
const whatsappMarkup: Dialect = {
  ...plainText,
  strong: onEachLine('*'),
  emphasis: onEachLine('_'),
  strike: onEachLine('~'),
  code: (literal) => `\`${literal}\``,
  codeBlock: (literal) => `\`\`\`${literal}\`\`\``,
  quote: (inner) => inner.replace(/^/gm, '> '),
};

/** Marks count towards the limit: where they, or a list renumbered, lengthen a text beyond it, it goes out without them or as it was written. */
export function renderText(markdown: string, maxChars: number): string {
  for (const dialect of [whatsappMarkup, plainText]) {
    const rendered = renderMarkdown(markdown, dialect);
    if (rendered.trim() !== '' && rendered.length <= maxChars) return rendered;
  }
  return markdown;
}
