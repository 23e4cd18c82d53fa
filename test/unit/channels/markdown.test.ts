import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText, renderMarkdown } from '../../../channels/shared/markdown.js';
import { telegramHtml } from '../../../channels/telegram/encode.js';

const CASES: readonly (readonly [markdown: string, html: string, plain: string])[] = [
  ['**a** *b* _c_ ~~d~~ `e<f`', '<b>a</b> <i>b</i> <i>c</i> <s>d</s> <code>e&lt;f</code>', 'a b c d e<f'],
  ['# Envío\nTexto', '<b>Envío</b>\nTexto', 'Envío\nTexto'],
  ['uno\ndos\n\ntres', 'uno\ndos\n\ntres', 'uno\ndos\n\ntres'],
  ['- a\n- **b**\n  - c\n- d', '• a\n• <b>b</b>\n  • c\n• d', '• a\n• b\n  • c\n• d'],
  ['3. a\n4. b', '3. a\n4. b', '3. a\n4. b'],
  ['Pasos:\n1. a\n2. b', 'Pasos:\n1. a\n2. b', 'Pasos:\n1. a\n2. b'],
  ['- [x] hecho\n- [ ] falta', '☑ hecho\n☐ falta', '☑ hecho\n☐ falta'],
  ['> cita\n> > dentro', '<blockquote>cita\ndentro</blockquote>', 'cita\ndentro'],
  ['```ts\nif (a < b) {}\n```', '<pre><code class="language-ts">if (a &lt; b) {}</code></pre>', 'if (a < b) {}'],
  ['```\nx\n```', '<pre>x</pre>', 'x'],
  ['[guía](https://e.com/?a=1&b="2")', '<a href="https://e.com/?a=1&amp;b=&quot;2&quot;">guía</a>', 'guía (https://e.com/?a=1&b="2")'],
  ['[x](javascript:alert(1))', 'x (javascript:alert(1))', 'x (javascript:alert(1))'],
  ['https://e.com/a_b_c', 'https://e.com/a_b_c', 'https://e.com/a_b_c'],
  ['![plano](https://e.com/p.png)', '<a href="https://e.com/p.png">plano</a>', 'plano (https://e.com/p.png)'],
  ['<b>no</b> & <script>', '&lt;b&gt;no&lt;/b&gt; &amp; &lt;script&gt;', '<b>no</b> & <script>'],
  ['&lt; &amp; &#233; &nada;', '&lt; &amp; é &amp;nada;', '< & é &nada;'],
  ['a \\* b \\_ c', 'a * b _ c', 'a * b _ c'],
  ['| a | b |\n|---|---|\n| 1 | 2 |', '<b>a | b</b>\n1 | 2', 'a | b\n1 | 2'],
  ['arriba\n\n---\n\nabajo', 'arriba\n\n———\n\nabajo', 'arriba\n\n———\n\nabajo'],
];

describe('renderMarkdown', () => {
  it.each(CASES)('renders %j', (markdown, html, plain) => {
    expect(renderMarkdown(markdown, telegramHtml)).toBe(html);
    expect(renderMarkdown(markdown, plainText)).toBe(plain);
  });

  it('writes HTML whose tags are balanced and whose text is escaped, whatever the markdown', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('**', '_', '`', '```\n', '> ', '\n- ', '\n1. ', '[a](', ')', '<b>', '</i>', '&amp;', '\n\n', '|', '~~'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expectWellFormed(renderMarkdown(pieces.join(''), telegramHtml));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['>', '- ', '[', '*', '> - ', '<'])('gets through %j repeated', (piece) => {
    const started = performance.now();
    expect(typeof renderMarkdown(piece.repeat(Math.floor(4096 / piece.length)), plainText)).toBe('string');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

/** Telegram's rule: every tag closed in order, and no other `<`, `>` or `&` than of tags and references. */
function expectWellFormed(html: string): void {
  const open: string[] = [];
  const rest = html.replace(
    /<(\/?)(b|i|s|code|pre|a|blockquote)(?: (?:class|href)="[^"<>]*")?>/g,
    (_tag, closing: string, name: string) => {
      if (closing === '') open.push(name);
      else expect(open.pop()).toBe(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
}
