/** The answerer: quotes what answers, refuses what is not covered, asks back where cases differ, reckons with the catalogue. */
import { describe, expect, it } from '@jest/globals';
import { createExtractiveAnswerer } from '../../../src/assistant/extractive-answerer.js';
import { piecesOf } from '../../../src/assistant/passages.js';
import type { CatalogueProduct, Source } from '../../../src/domain/knowledge.js';
import { type Entities, type Language, NO_ENTITIES } from '../../../src/domain/understanding.js';

const sourceOf = (title: string, content: string, relevance = 0.8): Source => ({
  content,
  metadata: { source: `${title}.md`, title, document_id: `doc_${title}`, chunk_id: `chunk_${title}` },
  relevance_score: relevance,
  rank: 1,
});

const panel: CatalogueProduct = {
  sku: 'PIR-50',
  nameEs: 'Panel PIR 50 mm',
  nameEn: 'PIR board 50 mm',
  family: 'pir',
  thicknessMm: 50,
  widthMm: 1200,
  lengthMm: 2500,
  colourEs: null,
  colourEn: null,
  unit: 'placa',
  priceEur: 35.55,
  stock: 164,
  synonyms: [],
};
const thick: CatalogueProduct = {
  ...panel,
  sku: 'PIR-80',
  nameEs: 'Panel PIR 80 mm',
  nameEn: 'PIR board 80 mm',
  thicknessMm: 80,
  priceEur: 50.4,
  stock: 0,
};

const answer = createExtractiveAnswerer({ catalogue: () => [panel, thick], rarity: () => 3 });
const ask = (text: string, sources: readonly Source[], language: Language = 'en', entities: Partial<Entities> = {}) =>
  answer({ text, language, sources, understanding: { entities: { ...NO_ENTITIES, ...entities } } });

const delivery = sourceOf(
  'Delivery',
  '## Delivery › Prices\n\nPrices are without VAT.\n\n| Zone | Province | Price | Time |\n|---|---|---|---|\n| A | Madrid, Toledo | €39 | 24-48 h |\n| B | Valencia, Sevilla | €49 | 48-72 h |\n\nDelivery on Saturdays costs €45.',
);

describe('quoting', () => {
  it('quotes the sentence that answers, word for word, with its source', () => {
    const reply = ask('How much is delivery on Saturdays?', [delivery]);
    expect(reply.outcome).toBe('answered');
    expect(reply.markdown).toContain('> Delivery on Saturdays costs €45. [1]');
    expect(reply.sources).toEqual([delivery]);
    expect(reply.confidence).toBeGreaterThan(0.6);
  });

  it('quotes the row of a table with its header, and not its neighbours', () => {
    const { markdown } = ask('What does delivery to Madrid cost?', [delivery]);
    expect(markdown).toContain('Zone: A · Province: Madrid, Toledo · Price: €39 · Time: 24-48 h');
    expect(markdown).not.toContain('Valencia');
  });

  it('says when the passage is in the other language', () => {
    const reply = ask('garantía de la delivery on Saturdays', [delivery], 'es');
    expect(reply.markdown).toContain('Lo tengo solo en inglés:');
    expect(ask('How much is delivery on Saturdays?', [delivery]).markdown).not.toContain('only have this');
  });

  it('numbers what it cites by its place in the answer', () => {
    const other = sourceOf('Saturday service', '## Saturday service\n\nDelivery on Saturdays costs €45 in zone A only.', 0.75);
    const reply = ask('How much is delivery on Saturdays in Madrid zone?', [{ ...delivery, rank: 4 }, other]);
    expect(reply.sources.map((source) => source.rank)).toEqual(reply.sources.map((_, index) => index + 1));
  });
});

describe('honesty', () => {
  it.each([
    ['no sources', 'How much is delivery?', []],
    ['a source about something else', 'Do you sell photovoltaic inverters with batteries?', [delivery]],
    ['a name that the source does not have', 'What does delivery to Reykjavik cost?', [sourceOf('Delivery', delivery.content, 0.3)]],
  ])('does not know with %s', (_name, text, sources) => {
    const reply = ask(text, sources);
    expect(reply.outcome).toBe('unknown');
    expect(reply.sources).toEqual([]);
    expect(reply.choices).toEqual([{ id: 'talk-to-person', label: 'Talk to a person' }]);
    expect(reply.confidence).toBeLessThan(0.52);
  });

  it('survives any text', () => {
    for (const text of ['', '   ', '¿?', '50', 'a'.repeat(4000), '$where: 1', '\u202eright', '🙂🙂']) {
      expect(ask(text, [delivery]).confidence).toBeLessThanOrEqual(1);
    }
  });
});

describe('asking back', () => {
  const boards = sourceOf('Warranty on boards', '## Warranty on boards\n\nThe warranty of boards is 10 years.');
  const sealants = sourceOf('Warranty on sealants', '## Warranty on sealants\n\nThe warranty of sealants is 12 months.');

  it('shows the cases and asks which is meant', () => {
    const reply = ask('How long is the warranty?', [boards, sealants]);
    expect(reply.outcome).toBe('asked');
    expect(reply.markdown).toMatch(/10 years\. \[1\][\s\S]*12 months\. \[2\]/);
    expect(reply.choices.map((choice) => choice.label)).toEqual(['Warranty on boards', 'Warranty on sealants']);
  });

  it('does not ask when the question says which', () => {
    expect(ask('How long is the warranty of sealants?', [sealants, boards])).toMatchObject({
      outcome: 'answered',
      sources: [{ metadata: { title: 'Warranty on sealants' } }],
    });
  });

  it('does not ask when the documents agree', () => {
    const same = sourceOf('Warranty on sheets', '## Warranty on sheets\n\nThe warranty of sheets is 10 years.');
    expect(ask('How long is the warranty?', [boards, same]).outcome).toBe('answered');
  });
});

describe('catalogue', () => {
  const named = (product: CatalogueProduct, text = 'Panel PIR') => ({
    sku: product.sku,
    name: product.nameEs,
    score: 1,
    text,
    start: 10,
    end: 19,
  });
  const quantity = (value: number) => ({ value, noun: 'placas', text: `${value} placas`, start: 0, end: 4 });

  it('gives price and stock', () => {
    const reply = ask('precio del Panel PIR', [], 'es', { products: [named(panel)] });
    expect(reply.markdown).toContain('**Panel PIR 50 mm**: 35,55 € por placa, 164 placas en stock [1]');
    expect(reply.sources[0]?.metadata.source).toBe('catalogue');
    expect(reply.outcome).toBe('answered');
  });

  it('gives them where the product is named between words of courtesy', () => {
    const reply = ask('perfecto, gracias, ¿y el Panel PIR?', [], 'es', { products: [named(panel)] });
    expect(reply.markdown).toContain('35,55 €');
  });

  it('reckons with a quantity, and says when there are fewer', () => {
    const { markdown } = ask('precio de 200 placas de Panel PIR', [], 'es', { products: [named(panel)], quantities: [quantity(200)] });
    expect(markdown).toContain('200 × 35,55 € = **7.110,00 €**');
    expect(markdown).toContain('Ahora mismo hay 164 placas');
  });

  it('reckons whole boards for an area', () => {
    const area = {
      dimension: 'area',
      value: 20,
      unit: 'm2',
      normalisedValue: 20,
      normalisedUnit: 'm2',
      role: null,
      text: '20 m2',
      start: 0,
      end: 5,
    } as const;
    const { markdown } = ask('price of 20 m2 of Panel PIR', [], 'en', { products: [named(panel)], measures: [area] });
    expect(markdown).toContain('20 m² is 7 boards.');
    expect(markdown).toContain('7 × €35.55 = **€248.85**');
  });

  it('says what is out of stock', () => {
    expect(ask('is Panel PIR available', [], 'en', { products: [named(thick)] }).markdown).toContain('out of stock at the moment');
  });

  it('asks which of several that fit equally well', () => {
    const reply = ask('precio del Panel PIR', [], 'es', { products: [named(panel), named(thick)] });
    expect(reply.outcome).toBe('asked');
    expect(reply.choices.map((choice) => choice.label)).toEqual(['Panel PIR 50 mm', 'Panel PIR 80 mm']);
  });

  it('leaves questions about a service to the documents', () => {
    const cutting = sourceOf('Servicio de corte', '## Servicio de corte\n\nCortar un panel PIR cuesta 3,50 €.');
    const reply = ask('¿cuánto cuesta cortar un Panel PIR?', [cutting], 'es', { products: [named(panel)] });
    expect(reply.markdown).toContain('Cortar un panel PIR cuesta 3,50 €.');
  });
});

describe('pieces', () => {
  it('are sentences, whole items and rows, each with what it stands under', () => {
    const pieces = piecesOf(
      'Guide',
      '## Guide › Tools\n\nFirst. Second.\n\nYou need:\n\n- A saw. Sharp.\n- Gloves\n\n| Tool | Use |\n|---|---|\n| Saw | boards |\n\nCode: A1; price: 5\nCode: B2; price: 6',
    );
    expect(pieces.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'sentence: First.',
      'sentence: Second.',
      'sentence: You need:',
      'item: A saw. Sharp.',
      'item: Gloves',
      'row: Tool: Saw · Use: boards',
      'row: Code: A1; price: 5',
      'row: Code: B2; price: 6',
    ]);
    expect(pieces[3]?.context).toBe('Guide\nGuide › Tools\nYou need:');
  });
});
