// Vector search of the embedded engine: time, recall, and what other clients notice. A real MongoDB without its search process has no $vectorSearch, so the
// judge is a plain loop over all vectors.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Binary, type Collection, type Document, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../embedded-mongodb/index.js';
import { median } from './report.js';

const DIMENSIONS = 384;
const QUERIES = 50;
const LIMIT = 10;
const CANDIDATES = 200;
const CLUSTERS = 200;
const SELECTIVE = 100; // one document in so many passes the filter
const TARGET_MS = 10;
const TARGET_RECALL = 0.98;

const SIZES: readonly number[] = [650, 10_000, 100_000];
type Kind = 'clustered' | 'unclustered';

interface Passage {
  readonly _id: number;
  readonly part: number;
  readonly v: Binary;
}

/** The same vectors at each run: a small generator of its own (mulberry32) under Box and Muller's formula. */
function gaussians(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function vectorsOf(kind: Kind, count: number): Float32Array[] {
  const next = gaussians(count);
  const random = (): Float32Array => Float32Array.from({ length: DIMENSIONS }, next);
  if (kind === 'unclustered') return Array.from({ length: count }, random);
  const centres = Array.from({ length: CLUSTERS }, random);
  return Array.from({ length: count }, (_, index) =>
    random().map((value, at) => value * 0.4 + ((centres[index % CLUSTERS] ?? [])[at] ?? 0)),
  );
}

function nearest(vectors: readonly Float32Array[], query: Float32Array): number[] {
  const cosines = vectors.map((vector) => {
    let product = 0;
    let squared = 0;
    for (let at = 0; at < DIMENSIONS; at += 1) {
      const value = vector[at] ?? 0;
      product += value * (query[at] ?? 0);
      squared += value * value;
    }
    return product / Math.sqrt(squared);
  });
  const order = Uint32Array.from(cosines.keys()).sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0));
  return [...order.subarray(0, LIMIT)];
}

async function fill(passages: Collection<Passage>, vectors: readonly Float32Array[]): Promise<void> {
  for (let start = 0; start < vectors.length; start += 1000) {
    const batch = vectors.slice(start, start + 1000);
    await passages.insertMany(
      batch.map((vector, offset) => ({ _id: start + offset, part: (start + offset) % SELECTIVE, v: Binary.fromFloat32Array(vector) })),
      { ordered: false },
    );
  }
  const fields = [
    { type: 'vector', path: 'v', numDimensions: DIMENSIONS, similarity: 'cosine' },
    { type: 'filter', path: 'part' },
  ];
  await passages.createSearchIndex({ name: 'near', type: 'vectorSearch', definition: { fields } });
}

function search(passages: Collection<Passage>, query: Float32Array, options: Document): Promise<{ _id: number }[]> {
  const stage = { index: 'near', path: 'v', queryVector: Array.from(query), limit: LIMIT, ...options };
  return passages.aggregate<{ _id: number }>([{ $vectorSearch: stage }, { $project: { score: { $meta: 'vectorSearchScore' } } }]).toArray();
}

interface Measured {
  readonly times: readonly number[];
  readonly found: readonly (readonly number[])[];
}

async function run(passages: Collection<Passage>, queries: readonly Float32Array[], options: Document): Promise<Measured> {
  const times: number[] = [];
  const found: number[][] = [];
  for (const query of queries) {
    const began = performance.now();
    const hits = await search(passages, query, options);
    times.push(performance.now() - began);
    found.push(hits.map(({ _id }) => _id));
  }
  return { times, found };
}

function recall({ found }: Measured, truth: readonly (readonly number[])[]): number {
  const hits = found.map((ids, index) => (truth[index] ?? []).filter((id) => ids.includes(id)).length);
  return hits.reduce((sum, count) => sum + count, 0) / (truth.length * LIMIT);
}

/** The longest that a `findOne` of another client takes while `work` goes on, in ms. */
async function longestWait(other: Collection<Passage>, work: () => Promise<unknown>): Promise<number> {
  let working = true;
  let longest = 0;
  const probing = (async () => {
    while (working) {
      const began = performance.now();
      await other.findOne({ _id: 1 }, { projection: { part: 1 } });
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  await work();
  working = false;
  await probing;
  return longest;
}

const shown = (ms: number): string => ms.toFixed(ms < 10 ? 2 : 1);

function line(name: string, { times }: Measured, rest: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const late = sorted[Math.floor(sorted.length * 0.95)] ?? NaN;
  console.log(`${name.padEnd(44)}${shown(median(times)).padStart(8)}${shown(late).padStart(9)}   ${rest}`);
}

async function measureSearches(passages: Collection<Passage>, kind: Kind, vectors: readonly Float32Array[]): Promise<void> {
  const next = gaussians(7);
  const queries = Array.from({ length: QUERIES }, (_, index) => {
    const near = vectors[(index * 7919) % vectors.length] ?? new Float32Array(DIMENSIONS);
    return kind === 'unclustered' ? Float32Array.from({ length: DIMENSIONS }, next) : near.map((value) => value + next() * 0.4);
  });
  const truth = queries.map((query) => nearest(vectors, query));
  const name = `${vectors.length.toLocaleString('en')} x ${DIMENSIONS} ${kind}`;
  await run(passages, queries.slice(0, 20), { numCandidates: CANDIDATES }); // warms up: loading, and the compiler
  const approximate = await run(passages, queries, { numCandidates: CANDIDATES });
  const found = recall(approximate, truth);
  const met = median(approximate.times) < TARGET_MS && found >= TARGET_RECALL;
  line(`${name}, ${CANDIDATES} candidates`, approximate, `recall@${LIMIT} ${found.toFixed(3)}   ${met ? 'met' : 'MISSED'}`);
  const few = await run(passages, queries, { numCandidates: LIMIT });
  line(`${name}, ${LIMIT} candidates`, few, `recall@${LIMIT} ${recall(few, truth).toFixed(3)}`);
  const exact = await run(passages, queries, { exact: true });
  line(`${name}, exact`, exact, `recall@${LIMIT} ${recall(exact, truth).toFixed(3)}`);
  line(`${name}, 1 in ${SELECTIVE} by filter`, await run(passages, queries, { numCandidates: CANDIDATES, filter: { part: 3 } }), '');
}

async function measureOthers(passages: Collection<Passage>, other: Collection<Passage>): Promise<void> {
  const query = Float32Array.from({ length: DIMENSIONS }, gaussians(9));
  const during = async (options: Document): Promise<number> =>
    longestWait(other, async () => {
      for (let count = 0; count < QUERIES; count += 1) await search(passages, query, options);
    });
  console.log(`longest findOne of another client beside approximate searches: ${shown(await during({ numCandidates: CANDIDATES }))} ms`);
  console.log(`longest findOne of another client beside exact searches: ${shown(await during({ exact: true }))} ms`);
}

async function untilReady(passages: Collection<Passage>): Promise<void> {
  for (;;) {
    const [index] = (await passages.listSearchIndexes('near').toArray()) as { status?: string }[];
    if (index?.status === 'READY') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function withEngine(path: string, work: (passages: Collection<Passage>, other: Collection<Passage>) => Promise<void>): Promise<void> {
  const server = await startEmbeddedMongo({ path });
  const clients = [await MongoClient.connect(server.uri), await MongoClient.connect(server.uri)];
  const [passages, other] = clients.map((client) => client.db('bench').collection<Passage>('passages'));
  if (passages && other) await work(passages, other);
  for (const client of clients) await client.close();
  await server.stop();
}

async function measure(kind: Kind, size: number): Promise<void> {
  const vectors = vectorsOf(kind, size);
  const path = await mkdtemp(join(tmpdir(), 'parley-bench-vector-'));
  const largest = size === Math.max(...SIZES);
  try {
    await withEngine(path, async (passages, other) => {
      await fill(passages, vectors);
      await measureSearches(passages, kind, vectors);
      if (largest && kind === 'unclustered') await measureOthers(passages, other);
    });
    if (!largest || kind !== 'unclustered') return;
    await withEngine(path, async (passages, other) => {
      const began = performance.now();
      const longest = await longestWait(other, () => untilReady(passages));
      console.log(
        `after a start: loaded in ${shown(performance.now() - began)} ms, longest findOne of another client ${shown(longest)} ms`,
      );
    });
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Prints the section of the bench; `prefix` chooses by the beginning of `<size> <kind>`. */
export async function measureVectors(prefix: string): Promise<void> {
  console.log(
    `\n${'vector search, ms; limit 10'.padEnd(44)}${'median'.padStart(8)}${'95 %'.padStart(9)}   target: median < ${TARGET_MS} ms, recall@${LIMIT} >= ${TARGET_RECALL}`,
  );
  for (const size of SIZES) {
    for (const kind of ['clustered', 'unclustered'] as const) {
      if (`${size} ${kind}`.startsWith(prefix)) await measure(kind, size);
    }
  }
}
