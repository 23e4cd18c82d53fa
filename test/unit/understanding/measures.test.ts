import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Language } from '../../../src/domain/understanding.js';
import { entitiesOf } from './catalogue.js';

const read = (text: string, language: Language = 'es') =>
  entitiesOf(text, language).measures.map(({ text: written, normalisedValue, normalisedUnit, role }) => [
    written,
    normalisedValue,
    normalisedUnit,
    role,
  ]);

describe('measures', () => {
  it.each<[string, Language, unknown[][]]>([
    ['lo quiero de 55mm', 'es', [['55mm', 55, 'mm', null]]],
    ['unos 5,5 cm', 'es', [['5,5 cm', 55, 'mm', null]]],
    ['de 11 milímetros', 'es', [['11 milímetros', 11, 'mm', null]]],
    ['espesor de 110', 'es', [['110', 110, 'mm', 'thickness']]],
    ['110 de grosor', 'es', [['110', 110, 'mm', 'thickness']]],
    ['2 pulgadas', 'es', [['2 pulgadas', 50.8, 'mm', null]]],
    ['a 1/2 in board', 'en', [['1/2 in', 12.7, 'mm', null]]],
    ['1 1/2 inches thick', 'en', [['1 1/2 inches', 38.1, 'mm', 'thickness']]],
    ['half an inch', 'en', [['half an inch', 12.7, 'mm', null]]],
    ['3″ pipe', 'en', [['3″', 76.2, 'mm', null]]],
    ['1,5 m de largo', 'es', [['1,5 m', 1500, 'mm', 'length']]],
    ['ancho de 1.200 mm', 'es', [['1.200 mm', 1200, 'mm', 'width']]],
    ['1,200 mm wide', 'en', [['1,200 mm', 1200, 'mm', 'width']]],
    ['dos metros y medio', 'es', [['dos metros y medio', 2500, 'mm', null]]],
    ['una superficie de 35 m²', 'es', [['35 m²', 35, 'm2', null]]],
    ['35 metros cuadrados', 'es', [['35 metros cuadrados', 35, 'm2', null]]],
    ['300 ml', 'es', [['300 ml', 0.3, 'l', null]]],
    ['2 m3 of sand', 'en', [['2 m3', 2000, 'l', null]]],
    ['25 kilos', 'es', [['25 kilos', 25, 'kg', null]]],
  ])('reads %s', (text, language, expected) => {
    expect(read(text, language)).toEqual(expected);
  });

  it.each<[string, Language, unknown[]]>([
    ['2x3 m', 'es', [2000, 3000]],
    ['1,20 x 2,50 m', 'es', [1200, 2500]],
    ['25-110 mm', 'es', [25, 110]],
    ['entre 2 y 3 metros', 'es', [2000, 3000]],
    ['de 2 a 3 metros', 'es', [2000, 3000]],
    ['55, 65 y 85 mm', 'es', [55, 65, 85]],
    ['from 2 to 3 ft', 'en', [609.6, 914.4]],
  ])('shares the unit in %s', (text, language, expected) => {
    expect(entitiesOf(text, language).measures.map((measure) => measure.normalisedValue)).toEqual(expected);
  });

  it.each<[string, Language]>([
    ['I need 50 in stock', 'en'],
    ['70 kg/m³ de densidad', 'es'],
    ['a 120 km/h', 'es'],
    ['modelo 3310m45', 'es'],
    ['la chapa T30', 'es'],
    ['200 ºC', 'es'],
  ])('takes nothing in "%s" for a measure', (text, language) => {
    expect(entitiesOf(text, language).measures).toEqual([]);
  });

  it('takes the thickness of a named product from a bare figure, and the role of a size from the catalogue', () => {
    expect(read('panel PIR de 50')).toEqual([['50', 50, 'mm', 'thickness']]);
    expect(read('panel PIR 8 cm')).toEqual([['8 cm', 80, 'mm', 'thickness']]);
    expect(read('paneles de 100mm')).toEqual([['100mm', 100, 'mm', 'thickness']]);
  });

  it('reads back whatever is written in a usual form', () => {
    const unit = fc.constantFrom<readonly [string, number]>(
      ['mm', 1],
      ['cm', 10],
      ['m', 1000],
      ['milímetros', 1],
      ['centímetros', 10],
      ['metros', 1000],
    );
    const wrapped = fc.constantFrom<readonly [string, string]>(['', ''], ['quiero algo de ', ' por favor'], ['(', ')'], ['¿tenéis ', '?']);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 0, max: 2 }),
        unit,
        fc.constantFrom('', ' '),
        wrapped,
        (figures, decimals, [name, factor], space, [before, after]) => {
          const value = figures / 10 ** decimals;
          const written = `${value.toFixed(decimals).replace('.', ',')}${space}${name}`;
          const [measure, ...more] = entitiesOf(`${before}${written}${after}`).measures;
          expect(more).toEqual([]);
          expect(measure?.text).toBe(written);
          expect(measure?.start).toBe(before.length);
          expect(measure?.normalisedValue).toBeCloseTo(value * factor, 6);
        },
      ),
    );
  });
});
