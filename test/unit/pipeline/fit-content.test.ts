import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChannelCapabilities } from '../../../src/domain/channel.js';
import type { ContentKind, OutboundContent } from '../../../src/domain/content.js';
import type { Source } from '../../../src/domain/knowledge.js';
import { escapeMarkdown, fitContent } from '../../../src/pipeline/fit-content.js';

const KINDS: readonly ContentKind[] = ['text', 'choices', 'sources', 'image', 'file'];

const capabilities = (given: Partial<ChannelCapabilities> = {}): ChannelCapabilities => ({
  content: KINDS,
  maxTextChars: 200,
  choices: { max: 3, maxLabelChars: 20 },
  maxUploadBytes: 1000,
  maxDownloadBytes: null,
  edits: false,
  typing: null,
  readReceipts: false,
  reactions: false,
  threads: false,
  replyWindowMs: null,
  rate: { perSecond: 1, perConversationPerSecond: 1, conversationBurst: 1, perGroupPerMinute: null },
  redelivers: true,
  findsSent: false,
  ...given,
});
const plainText = capabilities({ content: ['text'], choices: null, maxUploadBytes: null });

const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const choices = (markdown: string, ...labels: string[]): OutboundContent => ({
  kind: 'choices',
  markdown,
  choices: labels.map((label, index) => ({ id: `c${index}`, label })),
});
const source = (rank: number, title: string, more: { page?: number; url?: string } = {}): Source => ({
  content: 'passage',
  metadata: { source: 'guide.md', title, document_id: 'doc_1', chunk_id: `chunk_${rank}`, ...more },
  relevance_score: 0.8,
  rank,
});
const sources = (language: string, ...list: Source[]): OutboundContent => ({ kind: 'sources', sources: list, language });
const image = (sizeBytes: number | null, caption: string): OutboundContent => ({
  kind: 'image',
  file: { id: 'f1', filename: 'plano_1.png', contentType: 'image/png', sizeBytes },
  caption,
});

describe('fitContent', () => {
  it('passes on what the channel declares', () => {
    const content = [text('Hola'), sources('es', source(1, 'Guía')), image(10, 'Plano')];
    expect(fitContent(content, capabilities())).toEqual(content);
  });

  it('leaves out blank texts and empty source lists', () => {
    expect(fitContent([text(' \n'), sources('es'), choices('')], capabilities())).toEqual([]);
  });

  it('puts buttons under the text before them, over sources in between', () => {
    const list = sources('es', source(1, 'Guía'));
    expect(fitContent([text('Hola'), list, choices('', 'Sí', 'No')], capabilities())).toEqual([choices('Hola', 'Sí', 'No'), list]);
  });

  it('gives buttons without any text their labels as the text', () => {
    expect(fitContent([choices('', 'Sí', 'No')], capabilities())).toEqual([choices('1. Sí\n2. No', 'Sí', 'No')]);
  });

  it('numbers the choices where there are no buttons', () => {
    expect(fitContent([text('¿Cuál?'), choices('', 'Panel 50 mm', 'A * B')], plainText)).toEqual([
      text('¿Cuál?\n\n1. Panel 50 mm\n2. A \\* B'),
    ]);
  });

  it('numbers the choices where there are more than buttons', () => {
    expect(fitContent([choices('¿Cuál?', 'a', 'b', 'c', 'd')], capabilities())).toEqual([text('¿Cuál?\n\n1. a\n2. b\n3. c\n4. d')]);
  });

  it('shortens long labels and says them in full in the text', () => {
    const long = 'Panel aislante de lana de roca 👨‍👩‍👧‍👦';
    expect(fitContent([choices('¿Cuál?', long, 'Otro')], capabilities())).toEqual([
      choices(`¿Cuál?\n\n1. ${long}\n2. Otro`, 'Panel aislante de l…', 'Otro'),
    ]);
  });

  it('lists sources in the text, in the language of the answer', () => {
    const list = [source(1, 'Guía [2024]', { page: 3 }), source(2, 'Garantía', { url: 'https://example.com/g' })];
    expect(fitContent([text('Son dos años.'), sources('es', ...list)], plainText)).toEqual([
      text('Son dos años.\n\nFuentes:\n1. Guía \\[2024\\], p. 3\n2. [Garantía](https://example.com/g)'),
    ]);
    expect(fitContent([sources('en', source(1, 'Guide'))], plainText)).toEqual([text('Sources:\n1. Guide')]);
  });

  it('keeps an address that is no web address out of a link', () => {
    expect(fitContent([sources('en', source(1, 'Guide', { url: 'javascript:alert(1)' }))], plainText)).toEqual([
      text('Sources:\n1. Guide'),
    ]);
  });

  it('splits a long text and puts the buttons under its last part', () => {
    const fitted = fitContent([text('palabra '.repeat(60)), choices('', 'Sí')], capabilities());
    expect(fitted.map((part) => part.kind)).toEqual(['text', 'text', 'choices']);
  });

  it('sends an image as a file, or names it, where it cannot be shown', () => {
    const asFile = fitContent([image(10, 'Plano')], capabilities({ content: ['text', 'file'] }));
    expect(asFile).toEqual([{ ...image(10, 'Plano'), kind: 'file' }]);
    expect(fitContent([image(10, 'Plano')], plainText)).toEqual([text('Plano\n\n📎 plano\\_1.png')]);
    expect(fitContent([image(1001, 'Plano')], capabilities())).toEqual([text('Plano\n\n📎 plano\\_1.png')]);
  });

  it('sends a caption that is too long as text after the file', () => {
    const fitted = fitContent([image(10, 'pie '.repeat(300))], capabilities({ maxTextChars: 4096 }));
    expect(fitted).toEqual([image(10, ''), text('pie '.repeat(300))]);
  });

  it('loses no word, keeps the order and fits, whatever the content and the channel', () => {
    const word = fc.stringMatching(/^[a-záéñ]{1,12}$/);
    const phrase = fc.array(word, { minLength: 1, maxLength: 60 }).map((list) => list.join(' '));
    const choiceList = fc.array(fc.record({ id: word, label: phrase }), { maxLength: 6 });
    const content: fc.Arbitrary<OutboundContent> = fc.oneof(
      phrase.map(text),
      fc.tuple(phrase, choiceList).map(([markdown, list]): OutboundContent => ({ kind: 'choices', markdown, choices: list })),
      fc
        .tuple(fc.constantFrom('es', 'en'), fc.array(phrase, { maxLength: 4 }))
        .map(([language, titles]) => sources(language, ...titles.map((title, index) => source(index + 1, title)))),
      fc.tuple(fc.integer({ min: 0, max: 2000 }), phrase).map(([size, caption]) => image(size, caption)),
    );
    const channel = fc.record({
      content: fc.subarray(['choices', 'sources', 'image', 'file'] as ContentKind[]).map((kinds) => ['text' as const, ...kinds]),
      maxTextChars: fc.integer({ min: 100, max: 500 }),
      choices: fc.option(fc.record({ max: fc.integer({ min: 1, max: 5 }), maxLabelChars: fc.integer({ min: 5, max: 40 }) })),
      maxUploadBytes: fc.option(fc.integer({ min: 0, max: 1500 })),
    });
    fc.assert(
      fc.property(fc.array(content, { maxLength: 6 }), channel, (given, limits) => {
        const declared = capabilities(limits);
        const fitted = fitContent(given, declared);
        for (const part of fitted) expectFits(part, declared);
        expect(isSubsequence(given.flatMap(textWords), fitted.flatMap(textWords))).toBe(true);
        const shown = new Set(fitted.flatMap((part) => [...textWords(part), ...labelWords(part)]));
        for (const word of given.flatMap(labelWords)) expect(shown).toContain(word);
      }),
      { numRuns: 300 },
    );
  });
});

describe('escapeMarkdown', () => {
  it.each([
    ['a *b* _c_ [d](e)', 'a \\*b\\* \\_c\\_ \\[d\\](e)'],
    ['# title', '\\# title'],
    ['1. first', '1\\. first'],
    ['- item\nnext', '\\- item next'],
    ['<b> & `c`', '\\<b\\> \\& \\`c\\`'],
  ])('%j becomes %j', (given, escaped) => {
    expect(escapeMarkdown(given)).toBe(escaped);
  });
});

function expectFits(part: OutboundContent, declared: ChannelCapabilities): void {
  expect(declared.content).toContain(part.kind);
  if (part.kind === 'text' || part.kind === 'choices') {
    expect(part.markdown.trim()).not.toBe('');
    expect(part.markdown.length).toBeLessThanOrEqual(declared.maxTextChars);
  }
  if (part.kind === 'choices') {
    expect(part.choices.length).toBeLessThanOrEqual(declared.choices?.max ?? 0);
    for (const choice of part.choices) expect(choice.label.length).toBeLessThanOrEqual(declared.choices?.maxLabelChars ?? 0);
  }
  if (part.kind === 'image' || part.kind === 'file') expect(part.file.sizeBytes).toBeLessThanOrEqual(declared.maxUploadBytes ?? -1);
}

/** The words of the running text, without the numbers that lists are given. */
function textWords(part: OutboundContent): string[] {
  switch (part.kind) {
    case 'text':
    case 'choices':
      return part.markdown.split(/\s+/).filter((word) => /^[a-záéñ]+$/.test(word));
    case 'image':
    case 'file':
      return part.caption.split(/\s+/).filter(Boolean);
    case 'sources':
      return [];
  }
}

/** The words of buttons and source titles. */
function labelWords(part: OutboundContent): string[] {
  if (part.kind === 'choices') return part.choices.flatMap((choice) => choice.label.split(' '));
  return part.kind === 'sources' ? part.sources.flatMap((listed) => listed.metadata.title.split(' ')) : [];
}

function isSubsequence(words: readonly string[], of: readonly string[]): boolean {
  let found = 0;
  for (const word of of) if (word === words[found]) found += 1;
  return found === words.length;
}
