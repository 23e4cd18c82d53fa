/**
 * `npm run bench:retrieval`: the knowledge search's ranking on public sets, with and without misspelt words, beside a plain BM25 in the same run.
 * `--calibrate` fits the confidence of src/knowledge/fusion.ts again instead.
 */
import { performance } from 'node:perf_hooks';
import { createLocalEmbeddings } from '../../src/knowledge/embeddings.js';
import { fuse } from '../../src/knowledge/fusion.js';
import { createLexicalIndex, type LexicalEntry } from '../../src/knowledge/lexical-index.js';
import { createLocalVectorIndex } from '../../src/knowledge/local-vector-index.js';
import { stem, words } from '../../src/text/words.js';
import { findData, readSet, type RetrievalSet, SETS } from './retrieval-sets.js';

/** Places in the corpus, best first. */
type Rank = (query: string) => Promise<readonly number[]> | readonly number[];

const CANDIDATES = 40;
const embeddings = createLocalEmbeddings();

const entriesOf = (set: RetrievalSet): LexicalEntry[] =>
  set.corpus.map(({ title, text }) => ({ heading: title, text, language: set.language }));

/** The parts of src/knowledge/search.ts that rank, without its threshold. */
async function openSearch(entries: readonly LexicalEntry[]) {
  const lexical = createLexicalIndex(entries);
  const vectors = await embeddings.embed(entries.map(({ heading, text }) => `${heading}\n${text}`));
  const vectorIndex = createLocalVectorIndex(new Map(vectors.map((vector, place) => [String(place), vector])));
  return async (query: string) => {
    const [vector = new Float32Array(embeddings.dimensions)] = await embeddings.embed([query]);
    const near = await vectorIndex.search(vector, CANDIDATES);
    const similarities = new Map(near.map((hit) => [Number(hit.chunkId), hit.similarity]));
    const hits = lexical.search(query, CANDIDATES);
    return { hits, similarities, fused: fuse(hits, similarities) };
  };
}

/** The plain baseline: one field, stems, k1 1.2, b 0.75, every word counts. */
function plainBm25(set: RetrievalSet): Rank {
  const documents = set.corpus.map(({ title, text }) => words(`${title} ${text}`).map((word) => stem(word, set.language)));
  const meanLength = documents.reduce((sum, document) => sum + document.length, 0) / documents.length;
  const postings = new Map<string, Map<number, number>>();
  documents.forEach((document, place) => {
    for (const term of document) {
      const posting = postings.get(term) ?? new Map<number, number>();
      postings.set(term, posting.set(place, (posting.get(place) ?? 0) + 1));
    }
  });
  return (query) => {
    const scores = new Map<number, number>();
    for (const word of words(query)) {
      const posting = postings.get(stem(word, set.language)) ?? new Map<number, number>();
      const rarity = Math.log(1 + (documents.length - posting.size + 0.5) / (posting.size + 0.5));
      for (const [place, count] of posting) {
        const length = (documents[place]?.length ?? 0) / meanLength;
        scores.set(place, (scores.get(place) ?? 0) + (rarity * count * 2.2) / (count + 1.2 * (0.25 + 0.75 * length)));
      }
    }
    return [...scores].sort((a, b) => b[1] - a[1]).map(([place]) => place);
  };
}

async function measure(set: RetrievalSet, rank: Rank, which: 'text' | 'misspelt') {
  let gain = 0;
  let first = 0;
  const began = performance.now();
  for (const query of set.queries) {
    const relevant = set.relevant.get(query.id) ?? new Map<string, number>();
    const grades = (await rank(query[which])).slice(0, 10).map((place) => relevant.get(set.corpus[place]?.id ?? '') ?? 0);
    const ideal = [...relevant.values()].sort((a, b) => b - a).slice(0, 10);
    gain += discounted(grades) / discounted(ideal);
    first += (grades[0] ?? 0) > 0 ? 1 : 0;
  }
  const count = set.queries.length;
  const percent = (value: number) => ((100 * value) / count).toFixed(1).padStart(5);
  return { cell: `${percent(gain)} ${percent(first)}`, msPerQuery: (performance.now() - began) / count };
}

const discounted = (grades: readonly number[]): number =>
  grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);

async function compare(data: string): Promise<void> {
  console.log('nDCG@10 and Hit@1, in %                 as written                misspelt');
  console.log('set                  queries    plain BM25       Parley    plain BM25       Parley   ms/query');
  for (const source of SETS) {
    const set = readSet(data, source);
    const search = await openSearch(entriesOf(set));
    const ours: Rank = async (query) => (await search(query)).fused.map((hit) => hit.entry);
    const plain = plainBm25(set);
    const cells = [];
    for (const which of ['text', 'misspelt'] as const) {
      for (const rank of [plain, ours]) cells.push(await measure(set, rank, which));
    }
    const speed = (cells[1]?.msPerQuery ?? 0).toFixed(2).padStart(8);
    console.log(`${set.name.padEnd(20)} ${String(set.queries.length).padStart(7)}   ${cells.map((one) => one.cell).join('   ')} ${speed}`);
  }
}

/** Logistic regression of "the first hit is right" on its coverage and cosine; half of the corpus is taken out, so that about half has no answer. */
async function calibrate(data: string): Promise<void> {
  const samples: { coverage: number; similarity: number; right: number }[] = [];
  for (const source of SETS.filter(({ name }) => name !== 'scifact')) {
    const whole = readSet(data, { ...source, corpus: ['corpus.jsonl'], judgements: 'qrels.tsv' });
    for (const half of [0, 1]) {
      const corpus = whole.corpus.filter((_, place) => place % 2 === half);
      const search = await openSearch(entriesOf({ ...whole, corpus }));
      for (const query of whole.queries) {
        const { hits, similarities, fused } = await search(query.text);
        const best = fused[0]?.entry ?? -1;
        const coverage = hits.find((hit) => hit.entry === best)?.coverage ?? 0;
        const right = whole.relevant.get(query.id)?.has(corpus[best]?.id ?? '') === true ? 1 : 0;
        samples.push({ coverage, similarity: similarities.get(best) ?? 0, right });
      }
    }
  }
  const weights = [0, 0, 0] as [number, number, number];
  for (let step = 0; step < 4000; step += 1) {
    const gradient = [0, 0, 0] as [number, number, number];
    for (const { coverage, similarity, right } of samples) {
      const error = right - 1 / (1 + Math.exp(-weights[0] - weights[1] * coverage - weights[2] * similarity));
      gradient[0] += error;
      gradient[1] += error * coverage;
      gradient[2] += error * similarity;
    }
    for (const index of [0, 1, 2] as const) weights[index] += (2 * gradient[index]) / samples.length;
  }
  const [constant, coverage, similarity] = weights.map((weight) => weight.toFixed(2));
  console.log(`${samples.length} samples: confidence = 1 / (1 + exp(-(${constant} + ${coverage} coverage + ${similarity} cosine)))`);
}

const data = findData();
if (data !== null) await (process.argv.includes('--calibrate') ? calibrate(data) : compare(data));
