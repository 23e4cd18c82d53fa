import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CATALOGUE, entitiesOf } from './catalogue.js';

const skus = (text: string, language: 'es' | 'en' = 'es') => entitiesOf(text, language).products.map((product) => product.sku);

describe('products', () => {
  it.each<[string, 'es' | 'en', string[]]>([
    ['¿Cuánto cuesta el panel PIR de 50 mm?', 'es', ['PIR-50']],
    ['paneles pir aluminio 5cm', 'es', ['PIR-50']],
    ['poliisocianurato de 80', 'es', ['PIR-80']],
    ['20 panles sandwitch de cubierta de 6 cm en blanco', 'es', ['SAN-60-BLA']],
    ['panel sándwich cubierta rojo teja 40', 'es', ['SAN-40-ROJ']],
    ['lana de roca de 60 y panel PIR de 80mm', 'es', ['LR-60', 'PIR-80']],
    ['60 mm rock wool please', 'en', ['LR-60']],
    ['PIR boards 4 inches thick', 'en', ['PIR-100']],
    ['tornillos para chapa 5,5 x 38', 'es', ['TOR-38']],
    ['tornillo autotaladrente de 5.5x50', 'es', ['TOR-50']],
    ['poli carbonato celular', 'es', ['PCC-10']],
    ['silicona negra', 'es', ['SIL-NG']],
    ['black sealant', 'en', ['SIL-NG']],
    ['espuma de poliuretno', 'es', ['ESP-PI']],
    ['¿hay stock de PIR-80?', 'es', ['PIR-80']],
  ])('finds what "%s" names', (text, language, expected) => {
    expect(skus(text, language)).toEqual(expected);
  });

  it('gives every variant that fits equally well where the size is not said', () => {
    const found = entitiesOf('silicona para la ventana').products;
    expect(found.map((product) => product.sku)).toEqual(['SIL-NG', 'SIL-BL']);
    expect(new Set(found.map((product) => product.start)).size).toBe(1);
  });

  it.each([
    'quiero hablar con una persona',
    'gris',
    'un panel',
    'el papel de la factura',
    'hola, ¿qué tal?',
    'where is my order',
    'mañana paso por la tienda',
  ])('finds no product in "%s"', (text) => {
    expect(skus(text)).toEqual([]);
  });

  it('tells where the product stands, as written', () => {
    const text = 'Hola, precio de la LANA DE ROCA, gracias';
    const [product] = entitiesOf(text).products;
    expect(product).toMatchObject({ text: 'LANA DE ROCA', start: text.indexOf('LANA') });
    expect(text.slice(product?.start, product?.end)).toBe('LANA DE ROCA');
  });

  it('finds a product whose longest word has one random typo', () => {
    const names = [
      'poliisocianurato',
      'policarbonato celular',
      'tornillo autotaladrante',
      'silicona neutra',
      'espuma poliuretano',
    ] as const;
    const edits = fc.constantFrom<'drop' | 'double' | 'swap' | 'replace'>('drop', 'double', 'swap', 'replace');
    fc.assert(
      fc.property(fc.constantFrom(...names), edits, fc.nat(), fc.constantFrom('a', 'e', 's', 'n', 'x'), (name, edit, at, letter) => {
        const typo = name
          .split(' ')
          .map((word, index, all) =>
            word.length === Math.max(...all.map((other) => other.length)) &&
            index === all.findIndex((other) => other.length === word.length)
              ? misspell(word, edit, at, letter)
              : word,
          )
          .join(' ');
        const expected = skus(name);
        expect(expected.length).toBeGreaterThan(0);
        expect(skus(`precio de ${typo} por favor`)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('costs well under a millisecond with a thousand products', () => {
    expect(CATALOGUE.length).toBeGreaterThan(10);
    const started = process.cpuUsage();
    for (let run = 0; run < 500; run += 1) skus('necesito 20 panles sandwitch de cuvierta de 4 cm en blanco y tornilos autotaladrantes');
    const { user } = process.cpuUsage(started);
    expect(user / 1000 / 500).toBeLessThan(2);
  });
});

function misspell(word: string, edit: 'drop' | 'double' | 'swap' | 'replace', at: number, letter: string): string {
  const index = 1 + (at % (word.length - 2));
  const [before, here, after] = [word.slice(0, index), word.charAt(index), word.slice(index + 1)];
  if (edit === 'drop') return before + after;
  if (edit === 'double') return before + here + here + after;
  if (edit === 'replace') return before + letter + after;
  return before + after.charAt(0) + here + after.slice(1);
}
