import { describe, expect, it } from '@jest/globals';
import type { Language } from '../../../src/domain/understanding.js';
import { findNumbers, parseFigures } from '../../../src/understanding/entities/numbers.js';
import { editDistance } from '../../../src/understanding/entities/product-words.js';

describe('figures', () => {
  it.each<[string, Language, number | null]>([
    ['1.500', 'es', 1500],
    ['1.500', 'en', 1.5],
    ['1,500', 'en', 1500],
    ['1,500', 'es', 1.5],
    ['1.250,50', 'es', 1250.5],
    ['1,250.50', 'en', 1250.5],
    ['1.250,50', 'en', 1250.5],
    ['1.000.000', 'es', 1e6],
    ['0.500', 'es', 0.5],
    ['2.5', 'es', 2.5],
    ['2,5', 'en', 2.5],
    ['1.2.3', 'es', null],
    ['12.34.567', 'es', null],
  ])('%s in %s is %s', (text, language, expected) => {
    expect(parseFigures(text, language)).toBe(expected);
  });
});

describe('numbers in words', () => {
  it.each<[string, number[]]>([
    ['treinta y cinco', [35]],
    ['dos y tres', [2, 3]],
    ['ciento veinte', [120]],
    ['dos mil quinientos', [2500]],
    ['three hundred and ten', [310]],
    ['twenty-one', [21]],
    ['two dozen', [24]],
    ['media docena', [6]],
    ['1,5 millones', [1.5e6]],
    ['½ y 2¾', [0.5, 2.75]],
    ['constructor toString', []],
  ])('%s', (text, expected) => {
    expect(findNumbers(text, 'es').map((number) => number.value)).toEqual(expected);
  });
});

describe('edit distance', () => {
  it.each([
    ['panel', 'panel', 0],
    ['panle', 'panel', 1],
    ['pannel', 'panel', 1],
    ['pane', 'panel', 1],
    ['policarbonto', 'policarbonato', 1],
    ['abc', 'xyz', 3],
    ['a', 'abcdef', 3],
  ])('%s to %s, at most 2: %i', (a, b, expected) => {
    expect(editDistance(a, b, 2)).toBe(expected);
  });
});
