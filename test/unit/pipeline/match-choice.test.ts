import { describe, expect, it } from '@jest/globals';
import type { Choice } from '../../../src/domain/content.js';
import { asksForBot, matchChoice, saysYes } from '../../../src/pipeline/match-choice.js';

const offered: readonly Choice[] = [
  { id: 'prices', label: 'Precios' },
  { id: 'delivery', label: 'Envíos' },
  { id: 'person', label: 'Hablar con una persona' },
];

describe('matchChoice', () => {
  it.each([
    ['2', 'delivery'],
    [' 2. ', 'delivery'],
    ['2️⃣', 'delivery'],
    ['la 2', 'delivery'],
    ['La opción 2', 'delivery'],
    ['número 3', 'person'],
    ['la segunda', 'delivery'],
    ['el primero', 'prices'],
    ['the second one', 'delivery'],
    ['option 3', 'person'],
    ['envios', 'delivery'],
    ['¡ENVÍOS!', 'delivery'],
    ['hablar con una PERSONA', 'person'],
    ['person', 'person'],
  ])('%j names %s', (text, id) => {
    expect(matchChoice(text, offered)?.id).toBe(id);
  });

  it.each(['', '   ', '0', '4', '2 paneles', 'no', 'la', 'cuánto cuesta', '👍'])('%j names none', (text) => {
    expect(matchChoice(text, offered)).toBeNull();
  });

  it('lets a label win over a number', () => {
    const quantities = ['5', '2', '1'].map((label) => ({ id: `q${label}`, label }));
    expect(matchChoice('2', quantities)?.id).toBe('q2');
    expect(matchChoice('3', quantities)?.id).toBe('q1');
  });

  it('names nothing where nothing was offered', () => {
    expect(matchChoice('1', [])).toBeNull();
  });
});

describe('saying yes to an offer', () => {
  const person = [{ id: 'person', label: 'Hablar con una persona' }];
  const asked = 'No lo sé. ¿Puedes preguntarlo con otras palabras, o te paso con una persona?';

  it.each(['sí', 'Si, por favor', '¡Claro que sí!', 'yes please', 'Sure'])('%j accepts', (text) => {
    expect(saysYes(text, asked, person)).toBe(true);
  });

  it.each(['ok', 'vale', 'no', 'sí, pero ¿cuánto cuesta?', 'si compro 20, ¿hay descuento?', ''])('%j does not', (text) => {
    expect(saysYes(text, asked, person)).toBe(false);
  });

  it('needs one offer that was put as a question', () => {
    expect(saysYes('sí', 'Esto dice el catálogo.', person)).toBe(false);
    expect(saysYes('sí', asked, [])).toBe(false);
    expect(saysYes('sí', asked, [...person, { id: 'prices', label: 'Precios' }])).toBe(false);
  });
});

describe('asking for the assistant back', () => {
  it.each(['vuelve el bot', 'Volver al asistente', 'quiero seguir con el bot', 'hablar con el asistente, por favor', 'back to the bot'])(
    '%j does',
    (text) => {
      expect(asksForBot(text)).toBe(true);
    },
  );

  it.each(['no quiero hablar con el bot', 'el bot no me ayuda', 'hablar con una persona', 'volver mañana', 'vale', ''])(
    '%j does not',
    (text) => {
      expect(asksForBot(text)).toBe(false);
    },
  );
});
