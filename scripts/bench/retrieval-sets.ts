/** Public retrieval sets in BEIR layout (corpus, queries, relevance judgements), read from the folder of development data. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RetrievalSet {
  readonly name: string;
  readonly language: 'es' | 'en';
  readonly corpus: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly queries: readonly { readonly id: string; readonly text: string; readonly misspelt: string }[];
  /** Grades by query and document; what is not listed is not relevant. */
  readonly relevant: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

interface Source {
  readonly name: string;
  readonly folder: string;
  readonly language: 'es' | 'en';
  readonly corpus: readonly string[];
  readonly judgements: string;
}

const plain = { corpus: ['corpus.jsonl'], judgements: 'qrels.tsv' };
const sentences = { corpus: ['corpus.sentences.jsonl'], judgements: 'qrels.sentences.tsv' };

export const SETS: readonly Source[] = [
  { name: 'scifact', folder: 'scifact', language: 'en', corpus: ['corpus.part1.jsonl', 'corpus.part2.jsonl'], judgements: 'qrels.tsv' },
  { name: 'stackfaq', folder: 'stackfaq', language: 'en', ...plain },
  { name: 'covidfaq', folder: 'covidfaq', language: 'en', ...plain },
  { name: 'xquad-es sentences', folder: 'xquad_es', language: 'es', ...sentences },
  { name: 'xquad-en sentences', folder: 'xquad_en', language: 'en', ...sentences },
];

/** Null, with a word on standard output, where the data is not there. */
export function findData(): string | null {
  const folder = join(process.env['BENCH_DATA'] ?? '../shared/data', 'retrieval');
  if (existsSync(folder)) return folder;
  console.log(`No data at ${folder}: set BENCH_DATA to the folder that holds retrieval/. Nothing is measured.`);
  return null;
}

export function readSet(data: string, source: Source): RetrievalSet {
  const folder = join(data, source.folder);
  const relevant = new Map<string, Map<string, number>>();
  for (const line of readFileSync(join(folder, source.judgements), 'utf8').trim().split('\n').slice(1)) {
    const [query = '', document = '', grade = '0'] = line.split('\t');
    relevant.set(query, (relevant.get(query) ?? new Map<string, number>()).set(document, Number(grade)));
  }
  const misspelt = new Map(readLines(join(folder, 'queries.typo.jsonl')).map(({ _id, text }) => [_id, text]));
  const queries = readLines(join(folder, 'queries.jsonl'))
    .filter(({ _id }) => relevant.has(_id))
    .map(({ _id, text }) => ({ id: _id, text, misspelt: misspelt.get(_id) ?? text }));
  const corpus = source.corpus.flatMap((file) => readLines(join(folder, file)));
  return {
    name: source.name,
    language: source.language,
    corpus: corpus.map(({ _id, title = '', text }) => ({ id: _id, title, text })),
    queries,
    relevant,
  };
}

interface Line {
  readonly _id: string;
  readonly title?: string;
  readonly text: string;
}

const readLines = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
