/**
 * The whole way from a question to an answer on the sample knowledge: does search find the right document, does the answer hold the right fact, is it
 * said honestly when nothing covers the question. The figures are printed; they are floors, not goals.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createExtractiveAnswerer } from '../../../src/assistant/extractive-answerer.js';
import { LANGUAGES } from '../../../src/domain/understanding.js';
import { openKnowledge, type OpenKnowledge } from '../../../src/knowledge/open-knowledge.js';
import { ROOT_FOLDER } from '../../../src/root-folder.js';
import { createKnowledgeStore } from '../../../src/storage/knowledge-store.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createUnderstanding, loadIntentExamples } from '../../../src/understanding/index.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

const sampleFolder = join(ROOT_FOLDER, 'sample');

const questionSchema = z.object({
  id: z.string(),
  language: z.enum(LANGUAGES),
  question: z.string(),
  document: z.string().optional(),
  also: z.array(z.string()).default([]),
  answer: z.string().optional(),
  unanswerable: z.literal(true).optional(),
});
const questionsSchema = z.object({ questions: z.array(questionSchema).min(120) });

let database: TestDatabase;
let opened: OpenKnowledge;
let loadedInMs: number;

beforeAll(async () => {
  database = await startTestDatabase();
  const began = performance.now();
  opened = await openKnowledge({
    store: createKnowledgeStore(database.models),
    chunks: database.db.collection(database.models.chunks.collection.name),
    sampleFolder,
    onLoading: () => undefined,
    logger: createLogger({ level: 'silent' }),
  });
  loadedInMs = performance.now() - began;
}, 120_000);

afterAll(async () => {
  await opened.stop();
  await database.close();
});

/** As a reader would compare: case, white space and emphasis do not matter. */
const plain = (text: string): string => text.toLowerCase().replace(/[\s*\u00a0]+/g, '');
const percent = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

describe('the sample knowledge', () => {
  it('is loaded whole', () => {
    const { chunks, products, vectorSearch } = opened.knowledge.describe();
    expect(chunks).toBeGreaterThan(300);
    expect(products).toBeGreaterThanOrEqual(300);
    expect(vectorSearch).toBe(database.engine === 'embedded' ? 'server' : 'memory');
    console.log(
      `sample loaded in ${(loadedInMs / 1000).toFixed(1)} s: ${chunks} passages, ${products} products, vector search: ${vectorSearch}`,
    );
  });

  it('answers its questions', async () => {
    const { questions } = questionsSchema.parse(parse(await readFile(join(sampleFolder, 'questions.yaml'), 'utf8')));
    const { knowledge } = opened;
    const examples = await loadIntentExamples(join(sampleFolder, 'intents'));
    const understanding = createUnderstanding({ catalogue: knowledge.catalogue(), examples });
    const answer = createExtractiveAnswerer({ catalogue: knowledge.catalogue, rarity: knowledge.rarity });
    const counts = { answerable: 0, found: 0, answered: 0, unanswerable: 0, refused: 0 };
    const searchMs: number[] = [];
    for (const { language, question, document, also, answer: expected } of questions) {
      const began = performance.now();
      const sources = await knowledge.search({ query: question, limit: 5, language });
      searchMs.push(performance.now() - began);
      const reply = answer({ text: question, language, understanding: understanding.understand(question, language), sources });
      if (document === undefined) {
        counts.unanswerable += 1;
        if (reply.outcome === 'unknown') counts.refused += 1;
        continue;
      }
      counts.answerable += 1;
      const right = [document, ...also];
      if (sources.slice(0, 3).some((source) => right.includes(source.metadata.source))) counts.found += 1;
      if (plain(reply.markdown).includes(plain(expected ?? ''))) counts.answered += 1;
    }
    const found = percent(counts.found, counts.answerable);
    const answered = percent(counts.answered, counts.answerable);
    const refused = percent(counts.refused, counts.unanswerable);
    searchMs.sort((a, b) => a - b);
    const median = searchMs[Math.floor(searchMs.length / 2)] ?? 0;
    console.log(
      `${questions.length} questions: right document in the top 3 ${found} %, right fact in the answer ${answered} %, ` +
        `${counts.unanswerable} without an answer refused ${refused} %; search ${median.toFixed(1)} ms (median)`,
    );
    expect(found).toBeGreaterThanOrEqual(90);
    expect(answered).toBeGreaterThanOrEqual(75);
    expect(refused).toBeGreaterThanOrEqual(85);
  }, 60_000);

  it('is not loaded a second time, and not beside a company’s own knowledge', async () => {
    const store = createKnowledgeStore(database.models);
    const version = await store.version();
    const again = await openKnowledge({
      store,
      chunks: database.db.collection(database.models.chunks.collection.name),
      sampleFolder,
      onLoading: () => undefined,
      logger: createLogger({ level: 'silent' }),
    });
    await again.stop();
    expect(await store.version()).toBe(version);
  });
});
