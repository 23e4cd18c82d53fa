import { describe, expect, it } from '@jest/globals';
import type { Language } from '../../../src/domain/understanding.js';
import { createUnderstanding } from '../../../src/understanding/index.js';
import { trainIntents } from '../../../src/understanding/intents.js';
import { createLanguageDetector } from '../../../src/understanding/language.js';
import { readSentiment } from '../../../src/understanding/sentiment.js';
import { CATALOGUE, EXAMPLES, NOW } from './catalogue.js';

const understanding = createUnderstanding({ catalogue: CATALOGUE, examples: EXAMPLES, now: () => NOW });

describe('language', () => {
  const detector = createLanguageDetector([]);
  it.each<[string, Language | null, Language]>([
    ['hola', null, 'es'],
    ['hello', null, 'en'],
    ['¿precio?', 'en', 'es'],
    ['gracias', 'en', 'es'],
    ['thanks', 'es', 'en'],
    ['cuanto cuesta el panel', 'en', 'es'],
    ['how much is the sandwich panel', 'es', 'en'],
    ['quiero un panel sandwich', null, 'es'],
    ["I can't find it", 'es', 'en'],
    ['cuándo llega', 'en', 'es'],
    ['12345', 'en', 'en'],
    ['PIR 50', 'en', 'en'],
    ['PIR 50', 'es', 'es'],
    ['ok', 'en', 'en'],
    ['no', 'en', 'en'],
    ['😀', null, 'es'],
    ['', 'en', 'en'],
  ])('%j after %s is %s', (text, previous, expected) => {
    expect(detector.detect(text, previous)).toBe(expected);
  });

  it('learns from samples what no list of words has', () => {
    const trained = createLanguageDetector(EXAMPLES.flatMap(({ language, examples }) => examples.map((text) => ({ text, language }))));
    expect(trained.detect('shipping', null)).toBe('en');
    expect(trained.detect('enviáis', null)).toBe('es');
  });
});

describe('intents', () => {
  it.each<[string, string | null]>([
    ['hola, buenos días', 'greeting'],
    ['cuanto cuesta la caja de tornillos', 'price'],
    ['quánto cuesta el panle', 'price'],
    ['what is the price of the panel', 'price'],
    ['¿hacéis envios a las islas?', 'delivery'],
    ['how long does the delivery take', 'delivery'],
    ['cuéntame un chiste', null],
    ['zxcvb qwerty', null],
    ['', null],
    ['😀', null],
  ])('%j is %s', (text, expected) => {
    expect(understanding.understand(text, null).intent?.name ?? null).toBe(expected);
  });

  it('gives a confidence between 0 and 1 that the same examples always give', () => {
    const again = createUnderstanding({ catalogue: [], examples: EXAMPLES, now: () => NOW });
    for (const text of ['hola', 'precio', 'delivery time please']) {
      const intent = understanding.understand(text, null).intent;
      expect(intent?.confidence).toBeGreaterThan(0);
      expect(intent?.confidence).toBeLessThanOrEqual(1);
      expect(again.understand(text, null).intent).toEqual(intent);
    }
  });

  it('is less sure of what it has not seen', () => {
    const classifier = trainIntents(EXAMPLES);
    const sure = classifier.rank('cuánto cuesta el panel', 'es')?.confidence ?? 0;
    expect(classifier.rank('necesito un fontanero mañana', 'es')?.confidence ?? 0).toBeLessThan(sure);
  });

  it('asks for at least two intents', () => {
    expect(() => trainIntents(EXAMPLES.slice(0, 1))).toThrow('at least two intents');
  });

  it('answers small talk with a fixed reply in the language of the message', () => {
    const reply = understanding.understand('hello', 'es').cannedReply;
    expect(['Hello!', 'Hi!']).toContain(reply?.text);
    expect(reply?.buttons).toEqual(['See products']);
    expect(understanding.understand('hola', null).cannedReply?.text).toMatch(/^¡/);
    expect(understanding.understand('cuánto cuesta el panel', null).cannedReply).toBeNull();
    expect(understanding.understand('hola, 50 mm', null)).toMatchObject({ intent: { name: 'greeting' }, cannedReply: null });
  });
});

describe('sentiment', () => {
  it.each<[string, { frustrated: boolean; urgent: boolean }]>([
    ['esto es una vergüenza', { frustrated: true, urgent: false }],
    ['ESTO NO FUNCIONA!!!', { frustrated: true, urgent: false }],
    ['llevo 3 semanas esperando el pedido', { frustrated: true, urgent: false }],
    ['this is unacceptable, still waiting', { frustrated: true, urgent: false }],
    ['nobody answers me', { frustrated: true, urgent: false }],
    ['lo necesito urgente', { frustrated: false, urgent: true }],
    ['I need it ASAP', { frustrated: false, urgent: true }],
    ['no es urgente', { frustrated: false, urgent: false }],
    ['no rush, whenever you can', { frustrated: false, urgent: false }],
    ['no hay problema', { frustrated: false, urgent: false }],
    ['no estoy enfadado', { frustrated: false, urgent: false }],
    ['tengo un problema con el pedido', { frustrated: false, urgent: false }],
    ['good morning, what is the price', { frustrated: false, urgent: false }],
    ['¿cuánto cuesta el panel?', { frustrated: false, urgent: false }],
  ])('%s', (text, expected) => {
    expect(readSentiment(text)).toMatchObject(expected);
  });

  it('tells good from bad and bad from worse', () => {
    const polarity = (text: string) => readSentiment(text).polarity;
    expect(polarity('excelente servicio, muchas gracias')).toBeGreaterThan(0.5);
    expect(polarity('¿cuánto cuesta?')).toBe(0);
    expect(polarity('no estoy contento')).toBeLessThan(0);
    expect(polarity('ESTO ES UNA VERGÜENZA, NADIE RESPONDE!!!')).toBe(-1);
    expect(polarity('es un poco lento')).toBeGreaterThan(polarity('es muy lento'));
  });
});

describe('a whole message', () => {
  it('is read in one go', () => {
    const { language, intent, entities } = understanding.understand('¿Cuánto cuestan 20 paneles PIR de 5 cm?', null);
    expect(language).toBe('es');
    expect(intent?.name).toBe('price');
    expect(entities).toMatchObject({
      products: [{ sku: 'PIR-50' }],
      measures: [{ normalisedValue: 50, role: 'thickness' }],
      quantities: [{ value: 20 }],
    });
  });

  it('takes a changed catalogue into use', () => {
    const changing = createUnderstanding({ catalogue: [], examples: EXAMPLES });
    expect(changing.understand('lana de roca', null).entities.products).toEqual([]);
    changing.setCatalogue(CATALOGUE);
    expect(changing.understand('lana de roca de 60', null).entities.products).toMatchObject([{ sku: 'LR-60' }]);
  });

  const fill = (piece: string): string => piece.repeat(Math.ceil(4000 / piece.length)).slice(0, 4000);
  it.each(
    [
      'a',
      '1',
      ' ',
      '12 ',
      '+1((',
      '1x1x',
      '1.1.',
      'el proximo ',
      'no muy ',
      'a@a.',
      '%',
      'pedido n numero es ',
      'a-',
      '5, 6 y ',
      '😀',
      'treinta y ',
      '"\'',
      'policarbonatto ',
      '(a+)+$',
      '\0',
      'constructor __proto__ ',
    ].map((piece) => [piece, fill(piece)] as const),
  )('reads 4,000 characters of %j without losing itself', (_piece, text) => {
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now();
      understanding.understand(text, null);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(500); // a pattern that backtracks takes many seconds; the benchmark tells the milliseconds
  });
});
