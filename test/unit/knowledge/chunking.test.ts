/** Chunking: nothing is lost, nothing is too long, headings, pages and table headers stay with what is under them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkAttachment, chunkDocument } from '../../../src/knowledge/chunking.js';

const MAX_CHARS = 900;
const chunk = (text: string, page: number | null = null) =>
  chunkDocument({ id: 'doc_1', revision: 'r', source: 'a.md', fallbackTitle: 'a', url: null, pages: [{ page, text }] });

describe('chunking', () => {
  it('keeps the text under each heading together, with all headings above it', () => {
    const { title, language, chunks } = chunk(
      '# Delivery\n\nWe deliver to the islands.\n\n## Prices\n\n€39 a pallet.\n\n### Islands\n\n€89.\n\n## Times\n\nTwo days.',
    );
    expect({ title, language }).toEqual({ title: 'Delivery', language: 'en' });
    expect(chunks.map(({ headings, text }) => [headings.join(' > '), text])).toEqual([
      ['Delivery', 'We deliver to the islands.'],
      ['Delivery > Prices', '€39 a pallet.'],
      ['Delivery > Prices > Islands', '€89.'],
      ['Delivery > Times', 'Two days.'],
    ]);
    expect(chunks.map((one) => one.position)).toEqual([0, 1, 2, 3]);
  });

  it('gives a table that is cut its header again', () => {
    const rows = Array.from({ length: 60 }, (_, row) => `| Product number ${row} | ${row},50 € |`);
    const { chunks } = chunk(`# Prices\n\n| Product | Price |\n| --- | --- |\n${rows.join('\n')}`);
    expect(chunks.length).toBeGreaterThan(1);
    for (const { text } of chunks) expect(text).toMatch(/^\| Product \| Price \|\n\| --- \| --- \|\n\| Product number/);
    expect(chunks.flatMap(({ text }) => text.match(/number \d+/g))).toHaveLength(60);
  });

  it('begins the next piece of a long paragraph with the last sentence of the one before', () => {
    const sentences = Array.from({ length: 40 }, (_, number) => `This is sentence ${number} of a long paragraph.`);
    const { chunks } = chunk(sentences.join(' '));
    expect(chunks.length).toBeGreaterThan(1);
    for (const [index, one] of chunks.slice(1).entries()) {
      const first = /^This is sentence \d+ of a long paragraph\./.exec(one.text)?.[0] ?? 'none';
      expect(chunks[index]?.text.endsWith(first)).toBe(true);
    }
  });

  it('keeps page numbers', () => {
    const pages = [
      { page: 1, text: '# Manual\n\nFirst.' },
      { page: 2, text: 'Second.' },
    ];
    const { chunks } = chunkDocument({ id: 'd', revision: '', source: 'm.pdf', fallbackTitle: 'm', url: null, pages });
    expect(chunks.map((one) => [one.page, one.headings, one.text])).toEqual([
      [1, ['Manual'], 'First.'],
      [2, ['Manual'], 'Second.'],
    ]);
  });

  it('takes the file name where no heading gives a title', () => {
    expect(chunkAttachment({ id: 'att_1', filename: 'notes.txt', pages: [{ page: null, text: 'Hello.' }] })[0]).toMatchObject({
      documentId: 'att_1',
      source: 'notes.txt',
      title: 'notes.txt',
    });
  });

  it('gives other content other ids, and the same content the same', () => {
    const ids = (revision: string) =>
      chunkDocument({
        id: 'd',
        revision,
        source: 's',
        fallbackTitle: 't',
        url: null,
        pages: [{ page: null, text: 'One.\n\n# Two\n\nThree.' }],
      }).chunks.map((one) => one.id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('b').some((id) => ids('a').includes(id))).toBe(false);
  });

  it('loses no word and makes no piece too long, whatever the text', () => {
    const line = fc.oneof(
      fc.lorem({ maxCount: 12 }),
      fc.lorem({ maxCount: 200 }),
      fc.constant('x'.repeat(2500)),
      fc.lorem({ maxCount: 3 }).map((words) => `## ${words}`),
      fc.lorem({ maxCount: 6 }).map((words) => `| ${words} | 5 |`),
      fc.constant(''),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const text = lines.join('\n');
        const { chunks } = chunk(text);
        const kept = chunks.map((one) => [...one.headings, one.text].join(' ')).join(' ');
        for (const word of lines
          .filter((one) => !one.startsWith('#'))
          .join(' ')
          .match(/[a-wyz]+/g) ?? [])
          expect(kept).toContain(word);
        // A header is repeated on top of what fits.
        for (const one of chunks) expect(one.text.length).toBeLessThanOrEqual(one.text.startsWith('|') ? 2 * MAX_CHARS : MAX_CHARS);
      }),
      { numRuns: 60 },
    );
  });
});
