/** Words, stems and sentences: what search and answers compare must not depend on accents, number or case. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { relatedStems } from '../../../src/text/glossary.js';
import { sentencesOf } from '../../../src/text/sentences.js';
import { fold, languageOfText, stem, words } from '../../../src/text/words.js';

describe('words', () => {
  it.each([
    ['Panel PIR de 50mm', ['panel', 'pir', 'de', '50', 'mm']],
    ['18,90 €/m2 a las 7:30', ['18,90', 'm2', 'a', 'las', '7:30']],
    ['T30, C4 y ¿qué más?', ['t30', 'c4', 'y', 'que', 'mas']],
    ['', []],
  ])('cuts %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('folds case and accents away', () => {
    expect(fold('INSTALACIÓN Ñandú')).toBe('instalacion nandu');
  });

  it.each([
    ['es', 'devolución', 'devoluciones'],
    ['es', 'isla', 'islas'],
    ['es', 'panel', 'paneles'],
    ['es', 'garantía', 'garantias'],
    ['es', 'mandar', 'mandáis'],
    ['es', 'responder', 'respondéis'],
    ['en', 'delivery', 'deliveries'],
    ['en', 'return', 'returned'],
  ])('in %s stems %s and %s alike', (language, one, other) => {
    expect(stem(fold(one), language)).toBe(stem(fold(other), language));
  });

  it('leaves numbers and very short words as they are', () => {
    expect(stem('50', 'es')).toBe('50');
    expect(stem('m2', 'en')).toBe('m2');
  });

  it('knows words of service that mean the same in either language', () => {
    expect(relatedStems('envio')).toContain(stem('delivery', 'en'));
    expect(relatedStems('warranty')).toContain(stem('garantia', 'es'));
    expect(relatedStems('poliestireno')).toEqual([]);
  });

  it('tells Spanish from English texts', () => {
    expect(languageOfText('Los paneles se entregan en el plazo de dos días.')).toBe('es');
    expect(languageOfText('The boards are delivered within two days.')).toBe('en');
  });
});

describe('sentences', () => {
  it.each([
    ['Cuesta 6,90 €. Es gratis a partir de 120 €.', ['Cuesta 6,90 €.', 'Es gratis a partir de 120 €.']],
    ['Materiales Sierra Norte, S.L. Tel. 555. Abrimos a las 7.', ['Materiales Sierra Norte, S.L. Tel. 555.', 'Abrimos a las 7.']],
    ['¿Hay stock? ¡Sí! Claro.', ['¿Hay stock?', '¡Sí!', 'Claro.']],
    ['One line\nthat goes on. Two.', ['One line that goes on.', 'Two.']],
    ['- first\n- second', ['- first', '- second']],
  ])('cuts %j', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });

  it('loses nothing but white space', () => {
    const bare = (text: string) => text.replace(/\s+/g, '');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'B', ' ', '.', '!', '\n', '-', '1', '¿', 'é'), maxLength: 80 }), (text) => {
        expect(bare(sentencesOf(text).join(''))).toBe(bare(text));
      }),
    );
  });
});
