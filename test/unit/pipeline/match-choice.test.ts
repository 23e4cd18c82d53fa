import { describe, expect, it } from '@jest/globals';
import type { Choice } from '../../../src/domain/content.js';
import { matchChoice } from '../../../src/pipeline/match-choice.js';

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
