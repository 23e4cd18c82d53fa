/** What follow-up questions ask, with the real understanding on a small catalogue. */
import { describe, expect, it } from '@jest/globals';
import type { CatalogueProduct } from '../../../src/domain/knowledge.js';
import type { Message } from '../../../src/domain/message.js';
import { questionOf } from '../../../src/pipeline/question.js';
import { createUnderstanding } from '../../../src/understanding/index.js';
import { turn } from '../../fixtures/turns.js';

const product = (sku: string, nameEs: string, nameEn: string, thicknessMm: number): CatalogueProduct => ({
  ...{ sku, nameEs, nameEn, family: 'panel', thicknessMm, widthMm: 1200, lengthMm: 2500, colourEs: null, colourEn: null },
  ...{ unit: 'placa', priceEur: 30, stock: 5, synonyms: [] },
});
const sheet = (sku: string, colourEs: string, colourEn: string): CatalogueProduct => ({
  ...product(sku, `Chapa lacada ${colourEs}`, `Painted sheet ${colourEn}`, 0.6),
  ...{ family: 'chapa', colourEs, colourEn },
});
const catalogue = [
  sheet('CHA-RJ', 'rojo', 'red'),
  sheet('CHA-NG', 'negro', 'black'),
  product('PIR-050', 'Panel PIR aluminio 50 mm', 'PIR panel aluminium 50 mm', 50),
  product('EPS-050', 'Panel EPS grafito 50 mm', 'EPS panel graphite 50 mm', 50),
];
const greeting = { replies: [], buttons: [] };
const understanding = createUnderstanding({
  catalogue,
  examples: [
    { ...greeting, name: 'greeting', language: 'es', examples: ['hola', 'buenos días'] },
    { ...greeting, name: 'price_query', language: 'es', examples: ['cuánto cuesta', 'qué precio tiene'] },
    { ...greeting, name: 'greeting', language: 'en', examples: ['hello', 'good morning'] },
    { ...greeting, name: 'price_query', language: 'en', examples: ['how much is it', 'what does it cost'] },
  ],
});
const said = (text: string) => ({ role: 'user', text, deletedAt: null }) as Message;
const ask = (text: string, ...before: string[]) =>
  questionOf(turn({ turn: { text, recollection: { window: before.map(said), facts: [], summary: null } } }), understanding);

describe('questionOf', () => {
  it.each([
    ['¿y el de 80?', ['¿Cuánto cuesta el panel PIR de 50 mm?'], '¿Cuánto cuesta el panel PIR de 80 mm?'],
    ['¿y de 10 cm?', ['¿Cuánto cuesta el panel PIR de 50 mm?'], '¿Cuánto cuesta el panel PIR de 10 cm?'],
    ['y el de 100', ['¿Cuánto cuesta el panel PIR de 50 mm?', '¿y el de 80?'], '¿Cuánto cuesta el panel PIR de 100 mm?'],
    ['and 80?', ['How much is the PIR panel 50 mm?'], 'How much is the PIR panel 80 mm?'],
  ])('puts another size into the question before: %s', (text, before, expected) => {
    expect(ask(text, ...before)).toBe(expected);
  });

  it('puts another product into it', () => {
    expect(ask('¿y el panel EPS?', '¿Cuánto cuesta el panel PIR?')).toBe('¿Cuánto cuesta el panel EPS?');
  });

  it('puts everything into it that is another', () => {
    expect(ask('¿y el panel EPS de 80?', '¿Cuánto cuesta el panel PIR de 50 mm?')).toBe('¿Cuánto cuesta el panel EPS de 80 mm?');
  });

  it('puts another colour into it', () => {
    expect(ask('¿y en negro?', '¿Cuánto vale una chapa en rojo?')).toBe('¿Cuánto vale una chapa en negro?');
  });

  it.each([
    ['¿y a Sevilla?', '¿Hacéis envíos a Mallorca y cuánto tarda?', '¿Hacéis envíos a Sevilla y cuánto tarda?'],
    ['and to Las Palmas?', 'Do you deliver to Ibiza?', 'Do you deliver to Las Palmas?'],
  ])('puts another place into it: %s', (text, before, expected) => {
    expect(ask(text, before)).toBe(expected);
  });

  it('takes a question about stock that names no product for one about the product before', () => {
    const before = '¿Cuánto cuesta el panel PIR de 50 mm?';
    expect(ask('cuantos teneis en stock?', before)).toBe(`${before}\ncuantos teneis en stock?`);
    expect(ask('cuantos teneis en stock?', '¿Hacéis envíos?')).toBe('cuantos teneis en stock?');
    expect(ask('¿Hay stock del panel EPS?', before)).toBe('¿Hay stock del panel EPS?');
  });

  it('asks both where nothing matches up', () => {
    expect(ask('¿y en Canarias?', '¿Hacéis envíos a Mallorca?')).toBe('¿Hacéis envíos a Mallorca?\n¿y en Canarias?');
  });

  it.each([
    ['¿Cuánto cuesta el panel de 80?', ['¿Hacéis envíos?']],
    ['Y otra cosa que quería saber es cuánto tarda el envío a Cádiz', ['¿Cuánto cuesta el panel PIR?']],
    ['¿y el de 80?', []],
  ])('leaves alone what stands by itself: %s', (text, before) => {
    expect(ask(text, ...before)).toBe(text);
  });
});
