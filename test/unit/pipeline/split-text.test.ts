import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitText } from '../../../src/pipeline/split-text.js';

/** What must survive: every character but white space and the fence lines, which are written again at the cuts. */
const substance = (text: string) => text.replace(/^ {0,3}(`{3,9}|~{3,9})[^\n]*$/gm, '').replace(/\s+/g, '');

const words = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '👨‍👩‍👧‍👦',
    '🇪🇸',
    '`código con espacios`',
    '**negrita de varias palabras**',
    '[un enlace](https://example.com/una/pagina)',
    'á́́',
    '\u202eمرحبا',
  ),
);
const line = fc
  .tuple(fc.constantFrom('', '- ', '  - ', '1. ', '> ', '# '), fc.array(words, { maxLength: 30 }))
  .map(([mark, parts]) => mark + parts.join(' '));
const markdown = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: line },
      fc.constant(''),
      fc.array(line, { maxLength: 8 }).map((lines) => ['```ts', ...lines.map((code) => code.replace(/^\s*[`~]+/, '')), '```'].join('\n')),
    ),
    { maxLength: 30 },
  )
  .map((lines) => lines.join('\n'));

describe('splitText', () => {
  it('keeps everything, in order, within the limit, whatever the text', () => {
    fc.assert(
      fc.property(markdown, fc.integer({ min: 100, max: 600 }), (text, maxChars) => {
        const parts = splitText(text, maxChars);
        expect(parts.every((part) => part.length <= maxChars && part.trim() !== '')).toBe(true);
        expect(substance(parts.join('\n'))).toBe(substance(text));
      }),
      { numRuns: 400 },
    );
  });

  it('never leaves half a character: no lone surrogates, no cut grapheme clusters', () => {
    const clusters = fc.array(fc.constantFrom('👨‍👩‍👧‍👦', '🇪🇸', '👍🏽', 'e\u0301', '𝕏'), { minLength: 60, maxLength: 200 });
    const segmenter = new Intl.Segmenter('es', { granularity: 'grapheme' });
    const clustersOf = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);
    fc.assert(
      fc.property(clusters, fc.integer({ min: 100, max: 160 }), (written, maxChars) => {
        const parts = splitText(written.join(''), maxChars);
        expect(parts.flatMap(clustersOf)).toEqual(clustersOf(written.join('')));
      }),
    );
  });

  it('gives back what fits as it is', () => {
    expect(splitText('  short \n', 100)).toEqual(['  short \n']);
    expect(splitText(' \n', 100)).toEqual([]);
  });

  it('prefers the border of a paragraph, then a line, then a sentence, then a word', () => {
    const filler = 'x'.repeat(60);
    expect(splitText(`${filler} a. b\nc\n\n${'y'.repeat(60)}`, 100)[0]).toBe(`${filler} a. b\nc`);
    expect(splitText(`${filler} a. b\nc ${'y'.repeat(60)}`, 100)[0]).toBe(`${filler} a. b`);
    expect(splitText(`${filler} a. b ${'y'.repeat(60)}`, 100)[0]).toBe(`${filler} a.`);
    expect(splitText(`${filler} a b ${'y'.repeat(60)}`, 100)[0]).toBe(`${filler} a b`);
  });

  it('closes a code fence at the cut and opens it again with its language', () => {
    const code = Array.from({ length: 20 }, (_, index) => `  const value${index} = ${index};`);
    const parts = splitText(['Intro:', '```ts', ...code, '```', 'Outro.'].join('\n'), 200);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect((part.match(/^```/gm) ?? []).length % 2).toBe(0);
    expect(parts[1]).toMatch(/^```ts\n {2}const value/);
  });

  it('keeps links, inline code and emphasis whole', () => {
    const parts = splitText(`${'x'.repeat(70)} [una etiqueta larga](https://example.com/a/b/c) y **palabras en negrita** aquí`, 100);
    expect(parts[0]).toBe('x'.repeat(70));
    expect(parts[1]).toBe('[una etiqueta larga](https://example.com/a/b/c) y **palabras en negrita** aquí');
  });

  it('gets through one grapheme that is longer than a message', () => {
    const tower = `e${'\u0301'.repeat(1000)}`;
    const parts = splitText(tower, 100);
    expect(parts.join('')).toBe(tower);
    expect(parts.every((part) => part.length <= 100)).toBe(true);
  });

  it.each(['[', '`', '*', '**a', '_a ', 'https://', '![a]('])('takes linear time for repeated %j', (piece) => {
    const started = performance.now();
    splitText(piece.repeat(20_000), 4096);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('refuses a limit with no room to keep anything together', () => {
    expect(() => splitText('x', 99)).toThrow(RangeError);
  });
});
