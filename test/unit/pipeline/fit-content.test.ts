import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChannelCapabilities } from '../../../src/domain/channel.js';
import type { Card, ContentKind, OutboundContent } from '../../../src/domain/content.js';
import type { Source } from '../../../src/domain/knowledge.js';
import { escapeMarkdown } from '../../../src/domain/markdown.js';
import { fitContent } from '../../../src/pipeline/fit-content.js';

const KINDS: readonly ContentKind[] = ['text', 'choices', 'sources', 'image', 'file', 'template'];

const capabilities = (given: Partial<ChannelCapabilities> = {}): ChannelCapabilities => ({
  content: KINDS,
  maxTextChars: 200,
  maxCaptionChars: 1000,
  choices: { max: 3, maxLabelChars: 20, maxTextChars: 200 },
  list: null,
  card: null,
  maxUploadBytes: 1000,
  maxDownloadBytes: null,
  edits: false,
  drafts: null,
  typing: null,
  readReceipts: false,
  reactions: false,
  threads: false,
  replyWindowMs: null,
  rate: { perSecond: 1, perConversationPerSecond: 1, conversationBurst: 1, perGroupPerMinute: null },
  redelivers: true,
  findsSent: false,
  tellsSent: false,
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

const list = (markdown: string, ...items: [label: string, description: string | null][]): OutboundContent => ({
  kind: 'list',
  markdown,
  openLabel: 'Ver',
  items: items.map(([label, description], index) => ({ id: `c${index}`, label, description })),
});
const withLists = {
  content: [...KINDS, 'list'],
  list: { max: 10, maxLabelChars: 20, maxDescriptionChars: 10, maxTextChars: 200 },
} satisfies Partial<ChannelCapabilities>;
const card = (change: Partial<Card> = {}): Card => ({
  kind: 'card',
  title: 'Panel _PIR_',
  markdown: 'Para cubiertas',
  image: { id: 'https://example.com/pir.png', filename: 'pir.png', contentType: 'image/png', sizeBytes: 10 },
  facts: [{ label: 'Precio', value: '12 €' }],
  link: { label: 'Ficha', url: 'https://example.com/pir' },
  choices: [{ id: 'c0', label: 'Pedir' }],
  ...change,
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

  it('puts a shorter text above buttons where the channel takes only that, the rest before it', () => {
    const short = capabilities({ choices: { max: 3, maxLabelChars: 20, maxTextChars: 100 } });
    const fitted = fitContent([choices('palabra '.repeat(22).trim(), 'Sí')], short);
    expect(fitted.map((part) => part.kind)).toEqual(['text', 'choices']);
    expect(fitted.map((part) => ('markdown' in part ? part.markdown : '')).join(' ')).toBe('palabra '.repeat(22).trim());
  });

  it('makes a list of more choices than there are buttons, where lists open', () => {
    const fitted = fitContent([choices('¿Cuál?', 'a', 'b', 'c', 'd')], capabilities(withLists), 'en-GB');
    const items = ['a', 'b', 'c', 'd'].map((label, index) => ({ id: `c${index}`, label, description: null }));
    expect(fitted).toEqual([{ kind: 'list', markdown: '¿Cuál?', openLabel: 'See options', items }]);
  });

  it('explains the entries of a list in the text where it becomes buttons or numbers', () => {
    const given = [text('Elija:'), list('', ['Panel 30', 'delgado'], ['Panel 50', null])];
    expect(fitContent(given, capabilities())).toEqual([choices('Elija:\n\n1. Panel 30: delgado\n2. Panel 50', 'Panel 30', 'Panel 50')]);
    expect(fitContent(given, plainText)).toEqual([text('Elija:\n\n1. Panel 30: delgado\n2. Panel 50')]);
  });

  it('cuts long entries of a list that opens and says them in full in the text', () => {
    const [fitted] = fitContent([list('Elija:', ['Panel', 'un panel muy largo de verdad'])], capabilities(withLists));
    expect(fitted).toMatchObject({
      markdown: 'Elija:\n\n1. Panel: un panel muy largo de verdad',
      items: [{ label: 'Panel', description: 'un panel…' }],
    });
  });

  it('shows a card as it is where it fits, and as image, text and buttons elsewhere', () => {
    const withCards = capabilities({ content: [...KINDS, 'card'], card: { maxFacts: 2, maxTextChars: 150 } });
    expect(fitContent([card()], withCards)).toEqual([card()]);
    const asText = '**Panel \\_PIR\\_**\n\nPara cubiertas\n\n- Precio: 12 €\n\n[Ficha](https://example.com/pir)';
    const apart = [{ kind: 'image', file: card().image, caption: '' }, choices(asText, 'Pedir')];
    expect(fitContent([card()], capabilities())).toEqual(apart);
    expect(fitContent([card({ facts: [card().facts, card().facts, card().facts].flat() })], withCards)).toHaveLength(2);
    expect(fitContent([card()], plainText)).toEqual([text(`📎 [pir.png](https://example.com/pir.png)\n\n${asText}\n\n1. Pedir`)]);
  });

  it('says what a template says where there are none', () => {
    const template: OutboundContent = { kind: 'template', name: 'hi', language: 'es', parameters: ['Ana'], markdown: 'Hola, Ana' };
    expect(fitContent([template], capabilities())).toEqual([template]);
    expect(fitContent([template], plainText)).toEqual([text('Hola, Ana')]);
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
      fc
        .tuple(phrase, fc.array(fc.tuple(phrase, fc.option(phrase)), { maxLength: 6 }))
        .map(([markdown, items]): OutboundContent => list(markdown, ...items)),
      fc
        .tuple(phrase, phrase, choiceList, fc.boolean())
        .map(([title, markdown, offered, pictured]) => card({ title, markdown, choices: offered, ...(pictured ? {} : { image: null }) })),
    );
    const channel = fc.record({
      content: fc
        .subarray(['choices', 'sources', 'image', 'file', 'template'] as ContentKind[])
        .map((kinds) => ['text' as const, ...kinds]),
      maxTextChars: fc.integer({ min: 100, max: 500 }),
      choices: fc.option(
        fc.record({
          max: fc.integer({ min: 1, max: 5 }),
          maxLabelChars: fc.integer({ min: 5, max: 40 }),
          maxTextChars: fc.integer({ min: 100, max: 300 }),
        }),
      ),
      list: fc.option(
        fc.record({
          max: fc.integer({ min: 1, max: 10 }),
          maxLabelChars: fc.integer({ min: 5, max: 40 }),
          maxDescriptionChars: fc.integer({ min: 5, max: 80 }),
          maxTextChars: fc.integer({ min: 100, max: 300 }),
        }),
      ),
      card: fc.option(fc.record({ maxFacts: fc.integer({ min: 0, max: 3 }), maxTextChars: fc.integer({ min: 100, max: 300 }) })),
      maxUploadBytes: fc.option(fc.integer({ min: 0, max: 1500 })),
    });
    fc.assert(
      fc.property(fc.array(content, { maxLength: 6 }), channel, (given, limits) => {
        const kinds: ContentKind[] = [
          ...limits.content,
          ...(limits.list === null ? [] : ['list' as const]),
          ...(limits.card === null ? [] : ['card' as const]),
        ];
        const declared = capabilities({ ...limits, content: kinds, choices: kinds.includes('choices') ? limits.choices : null });
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
  if (part.kind === 'choices') expect(part.markdown.length).toBeLessThanOrEqual(declared.choices?.maxTextChars ?? 0);
  if (part.kind === 'list') {
    expect(part.items.length).toBeLessThanOrEqual(declared.list?.max ?? 0);
    expect(part.markdown.length).toBeLessThanOrEqual(declared.list?.maxTextChars ?? 0);
    for (const item of part.items) expect(item.label.length).toBeLessThanOrEqual(declared.list?.maxLabelChars ?? 0);
    for (const item of part.items) expect(item.description?.length ?? 0).toBeLessThanOrEqual(declared.list?.maxDescriptionChars ?? 0);
  }
  if (part.kind === 'card') {
    expect(part.facts.length).toBeLessThanOrEqual(declared.card?.maxFacts ?? 0);
    expect(part.markdown.length).toBeLessThanOrEqual(declared.card?.maxTextChars ?? 0);
    expect(part.choices.length).toBeLessThanOrEqual(declared.choices?.max ?? 0);
  }
  if (part.kind === 'image' || part.kind === 'file') expect(part.file.sizeBytes).toBeLessThanOrEqual(declared.maxUploadBytes ?? -1);
}

/** The words of the running text, without the numbers that lists are given. */
function textWords(part: OutboundContent): string[] {
  switch (part.kind) {
    case 'text':
    case 'choices':
    case 'list':
    case 'template':
      return plainWords(part.markdown).filter((word) => /^[a-záéñ]+$/.test(word));
    case 'card':
      return plainWords(`${part.title} ${part.markdown}`);
    case 'image':
    case 'file':
      return part.caption.split(/\s+/).filter(Boolean);
    case 'sources':
      return [];
  }
}

const plainWords = (markdown: string): string[] => markdown.replaceAll(/[*_\\]|:(?=\s|$)/g, '').split(/\s+/);

/** The words of buttons and source titles. */
function labelWords(part: OutboundContent): string[] {
  if (part.kind === 'choices' || part.kind === 'card') return part.choices.flatMap((choice) => choice.label.split(' '));
  if (part.kind === 'list') return part.items.flatMap((item) => `${item.label} ${item.description ?? ''}`.trim().split(' '));
  return part.kind === 'sources' ? part.sources.flatMap((listed) => listed.metadata.title.split(' ')) : [];
}

function isSubsequence(words: readonly string[], of: readonly string[]): boolean {
  let found = 0;
  for (const word of of) if (word === words[found]) found += 1;
  return found === words.length;
}
