import { describe, expect, it } from '@jest/globals';
import type { Entities, Language } from '../../../src/domain/understanding.js';
import { entitiesOf } from './catalogue.js';

describe('quantities', () => {
  it.each<[string, Language, unknown[][]]>([
    ['quiero 20 paneles', 'es', [[20, 'paneles']]],
    ['veinte placas de pir', 'es', [[20, 'placas']]],
    ['treinta y cinco cajas', 'es', [[35, 'cajas']]],
    ['una docena de tornillos', 'es', [[12, 'tornillos']]],
    ['3x tornillos', 'es', [[3, 'tornillos']]],
    ['un palet de lana', 'es', [[1, 'palet']]],
    ['twenty-one boxes of screws', 'en', [[21, 'boxes']]],
    ['2 mil unidades', 'es', [[2000, 'unidades']]],
    ['ponme 15', 'es', [[15, null]]],
    ['50 m2 de panel', 'es', []],
    ['tengo una duda', 'es', []],
    ['a las 5', 'es', []],
    ['un 10 %', 'es', []],
    ['llega en 24 horas', 'es', []],
    ['60x60', 'es', []],
  ])('reads %s', (text, language, expected) => {
    expect(entitiesOf(text, language).quantities.map(({ value, noun }) => [value, noun])).toEqual(expected);
  });
});

describe('money', () => {
  it.each<[string, Language, unknown[][]]>([
    ['unos 20 €', 'es', [[20, 'EUR', '20 €']]],
    ['1.250,50€', 'es', [[1250.5, 'EUR', '1.250,50€']]],
    ['about €1,250.50', 'en', [[1250.5, 'EUR', '€1,250.50']]],
    ['2 mil euros', 'es', [[2000, 'EUR', '2 mil euros']]],
    ['$ 3 millones', 'es', [[3e6, 'USD', '$ 3 millones']]],
    ['300 pesos mexicanos', 'es', [[300, 'MXN', '300 pesos mexicanos']]],
    ['50 céntimos', 'es', [[0.5, 'EUR', '50 céntimos']]],
  ])('reads %s', (text, language, expected) => {
    expect(entitiesOf(text, language).money.map(({ amount, currency, text: written }) => [amount, currency, written])).toEqual(expected);
  });
});

describe('dates', () => {
  it.each<[string, Language, string[]]>([
    ['el 12/03/2027', 'es', ['2027-03-12']],
    ['2026-12-01', 'en', ['2026-12-01']],
    ['25/12', 'es', ['2026-12-25']],
    ['el 12 de marzo', 'es', ['2027-03-12']],
    ['el 3 de octubre de 2025', 'es', ['2025-10-03']],
    ['March 12th, 2027', 'en', ['2027-03-12']],
    ['12 December', 'en', ['2026-12-12']],
    ['¿llega hoy o mañana?', 'es', ['2026-11-21', '2026-11-22']],
    ['pasado mañana', 'es', ['2026-11-23']],
    ['the day after tomorrow', 'en', ['2026-11-23']],
    ['ayer', 'es', ['2026-11-20']],
    ['el lunes', 'es', ['2026-11-23']],
    ['el próximo sábado', 'es', ['2026-11-28']],
    ['last Friday', 'en', ['2026-11-20']],
    ['en tres días', 'es', ['2026-11-24']],
    ['hace 2 semanas', 'es', ['2026-11-07']],
    ['a month ago', 'en', ['2026-10-21']],
    ['next week', 'en', ['2026-11-23']],
    ['por la mañana', 'es', []],
    ['el 31/02/2026', 'es', []],
    ['1/2 in', 'en', []],
  ])('reads %s', (text, language, expected) => {
    expect(entitiesOf(text, language).dates.map((date) => date.date)).toEqual(expected);
  });
});

describe('references', () => {
  it.each<[string, unknown[][]]>([
    ['mi correo es Ana.Perez+obra@Example.com', [['email', 'ana.perez+obra@example.com']]],
    ['llámame al +34 612 345 678', [['phone', '+34612345678']]],
    ['mi teléfono es 612 34 56 78', [['phone', '612345678']]],
    ['my phone is (555) 010-0199', [['phone', '5550100199']]],
    ['00 34 91 123 45 67', [['phone', '+34911234567']]],
    ['pedido SN-2026-004512', [['order', 'SN-2026-004512']]],
    ['¿Dónde está el pedido nº 45123?', [['order', '45123']]],
    ['my order number is A-99812', [['order', 'A-99812']]],
    ['la factura F26-031245', [['invoice', 'F26-031245']]],
    ['F26-031245', [['invoice', 'F26-031245']]],
    ['caso t-4k7m9q2x', [['ticket', 'T-4K7M9Q2X']]],
    ['#4512', [['order', '4512']]],
    ['un pedido de 100 paneles', []],
    ['espesores 40 60 80 100 120', []],
    ['PIR-80', []],
  ])('reads %s', (text, expected) => {
    expect(entitiesOf(text).references.map(({ kind, value }) => [kind, value])).toEqual(expected);
  });

  it('leaves web addresses alone', () => {
    expect(entitiesOf('mira https://example.com/p/12345678901?x=50mm')).toMatchObject({ references: [], measures: [], quantities: [] });
  });
});

describe('attributes', () => {
  it.each<[string, string[][]]>([
    ['en rojo teja', [['colour', 'rojo teja']]],
    ['¿lo hay blanca?', [['colour', 'blanco']]],
    ['do you have it in black?', [['colour', 'black']]],
    ['busco selladores', [['family', 'selladores']]],
  ])('reads %s', (text, expected) => {
    expect(entitiesOf(text).attributes.map(({ attribute, value }) => [attribute, value])).toEqual(expected);
  });
});

it('reads no span twice', () => {
  const texts = [
    'quiero 20 paneles PIR de 50 mm a 18,90 € para el lunes, pedido SN-2026-004512, tel. 612 345 678',
    '3 cajas de tornillos 5,5 x 38, 2x3 m de chapa y 300 ml de silicona negra antes del 12/03/2027',
    '2 mil euros, 2 pulgadas, 2 cajas, 2 días',
  ];
  for (const text of texts) {
    const { products, quantities, ...others }: Entities = entitiesOf(text);
    // Variants of one product share its span; a counted noun may be part of a product's name (`20 paneles PIR`), the number may not.
    const named = products.filter((product, index) => products.findIndex((other) => other.start === product.start) === index);
    const counted = quantities.map((quantity) => ({
      ...quantity,
      text: quantity.text.split(' ')[0] ?? '',
      end: quantity.start + quantity.text.indexOf(' '),
    }));
    const spans = [...Object.values(others).flat(), ...named, ...counted];
    expect(spans.length).toBeGreaterThan(2);
    for (const span of spans) expect(span.text).toBe(text.slice(span.start, span.end));
    const sorted = [...spans].sort((a, b) => a.start - b.start);
    sorted.slice(1).forEach((span, index) => expect(span.start).toBeGreaterThanOrEqual(sorted[index]?.end ?? 0));
  }
});
