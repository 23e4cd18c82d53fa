/** The parts of the ranking: BM25 with its fields and fall-back for misspelt words, embeddings, exact vector search, fusion. */
import { describe, expect, it } from '@jest/globals';
import { createLocalEmbeddings, embedText } from '../../../src/knowledge/embeddings.js';
import { confidence, fuse } from '../../../src/knowledge/fusion.js';
import { createFuzzyVocabulary } from '../../../src/knowledge/fuzzy-vocabulary.js';
import { createLexicalIndex } from '../../../src/knowledge/lexical-index.js';
import { createLocalVectorIndex } from '../../../src/knowledge/local-vector-index.js';

const entries = [
  { heading: 'Entrega en la península', text: 'El primer palé cuesta 39 € en Madrid.', language: 'es' },
  { heading: 'Entrega en las islas', text: 'El envío a Mallorca cuesta 89 € por palé.', language: 'es' },
  { heading: 'Warranty on panels', text: 'PIR panels have a warranty of ten years.', language: 'en' },
  { heading: 'Fixings', text: 'Screws are sold by the box. The warranty of a screw is two years.', language: 'en' },
];
const index = createLexicalIndex(entries);
const first = (query: string) => index.search(query, 10)[0]?.entry;

describe('lexical index', () => {
  it('finds words in other forms, without accents and misspelt', () => {
    expect(first('paneles')).toBe(2);
    expect(first('screw')).toBe(3);
    expect(first('entregas a la PENINSULA')).toBe(0);
    expect(first('envios a malllorca')).toBe(1);
  });

  it('finds words of the same meaning, in the other language too', () => {
    expect(first('garantía')).toBe(2);
    expect(first('delivery Mallorca')).toBe(1);
  });

  it('puts what is about a thing before what mentions it', () => {
    expect(first('warranty')).toBe(2);
  });

  it('tells how much of a question is covered', () => {
    const [whole] = index.search('warranty panels', 1);
    expect(whole?.coverage).toBeCloseTo(1, 5);
    const [part] = index.search('warranty of submarines', 1);
    expect(part?.coverage).toBeLessThan(0.5);
  });

  it('finds nothing for nothing', () => {
    expect(index.search('', 10)).toEqual([]);
    expect(index.search('¿?', 10)).toEqual([]);
    expect(index.search('zzzzzz qqqqqq', 10)).toEqual([]);
    expect(createLexicalIndex([]).search('warranty', 10)).toEqual([]);
  });

  it('rates unknown words highest', () => {
    expect(index.rarity('submarine')).toBeGreaterThan(index.rarity('mallorca'));
    expect(index.rarity('mallorca')).toBeGreaterThan(index.rarity('warranty'));
  });

  it('searches the same again after another search', () => {
    const before = index.search('palé a Madrid', 10);
    index.search('warranty of panels', 10);
    expect(index.search('palé a Madrid', 10)).toEqual(before);
  });
});

describe('fuzzy vocabulary', () => {
  it('gives known words near a misspelt one, nearest first', () => {
    const vocabulary = createFuzzyVocabulary();
    for (const word of ['treatment', 'treat', 'panel', 'warranty']) vocabulary.add(word);
    expect(vocabulary.nearest('treament')[0]?.word).toBe('treatment');
    expect(vocabulary.nearest('waranty')[0]?.word).toBe('warranty');
    expect(vocabulary.nearest('xylophone')).toEqual([]);
  });
});

describe('local embeddings', () => {
  const cosine = (a: string, b: string) => {
    const [one, other] = [embedText(a), embedText(b)];
    return one.reduce((sum, value, place) => sum + value * (other[place] ?? 0), 0);
  };

  it('are deterministic, of one length and normalised', async () => {
    const model = createLocalEmbeddings();
    const [a, b, empty] = await model.embed(['panel aislante', 'panel aislante', '']);
    expect(a).toEqual(b);
    expect(a).toHaveLength(model.dimensions);
    expect(Math.hypot(...(a ?? []))).toBeCloseTo(1, 5);
    expect(Math.hypot(...(empty ?? []))).toBe(0);
  });

  it('are near for other spellings and far for other things', () => {
    expect(cosine('garantía de los paneles', 'garantia del panel')).toBeGreaterThan(0.6);
    expect(cosine('garantía de los paneles', 'horario de apertura')).toBeLessThan(0.2);
  });
});

describe('local vector index', () => {
  it('gives the nearest first', async () => {
    const vectors = createLocalVectorIndex(new Map(entries.map(({ text }, place) => [`c${place}`, embedText(text)])));
    const hits = await vectors.search(embedText('warranty of PIR panels'), 2);
    expect(hits).toHaveLength(2);
    expect(hits[0]?.chunkId).toBe('c2');
    expect(await createLocalVectorIndex(new Map()).search(embedText('x'), 5)).toEqual([]);
  });
});

describe('fusion', () => {
  it('orders by words first and settles ties by vectors', () => {
    const lexical = [
      { entry: 0, score: 5, coverage: 0.8 },
      { entry: 1, score: 5, coverage: 0.8 },
      { entry: 2, score: 1, coverage: 0.1 },
    ];
    const fused = fuse(
      lexical,
      new Map([
        [1, 0.6],
        [2, 0.5],
        [3, 0.1],
      ]),
    );
    expect(fused.map((hit) => hit.entry)).toEqual([1, 0, 2, 3]);
    for (const { relevance } of fused) expect(relevance).toBeGreaterThanOrEqual(0);
    expect(fused[0]?.relevance).toBeLessThanOrEqual(1);
  });

  it('trusts what covers the question', () => {
    expect(confidence(1, 0.6)).toBeGreaterThan(0.9);
    expect(confidence(0.2, 0.1)).toBeLessThan(0.2);
    expect(fuse([], new Map())).toEqual([]);
  });
});
