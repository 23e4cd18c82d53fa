/**
 * Loads files, folders and web pages into the knowledge: `npm run ingest -- <file|folder|url>…`. A running service that holds the data folder of the
 * embedded engine is asked to do it; otherwise the database is written directly, and running services see the change within seconds.
 */
import { statSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { type Config, loadEnvironment, parseConfig } from '../src/config.js';
import { asError, ConfigurationError } from '../src/domain/errors.js';
import type { DocumentView, LoadResultView } from '../src/http/routes/knowledge.js';
import { createLocalEmbeddings } from '../src/knowledge/embeddings.js';
import { ingestSources, type IngestReport } from '../src/knowledge/ingest.js';
import { createSourceLoader, type LoadResult, type LoadSource } from '../src/knowledge/load-source.js';
import { createTextExtractor } from '../src/knowledge/loaders/extract-text.js';
import { openStorage } from '../src/storage/index.js';
import { createLogger } from '../src/telemetry/logger.js';
import { findRunningService, type RunningService } from './running-service.js';

interface Options {
  readonly prune?: true;
  readonly allowPrivate?: true;
}

/** Where documents go: the database itself, or the service that has it open. */
interface Target {
  readonly load: LoadSource;
  documents(): Promise<readonly { readonly id: string; readonly source: string; readonly url: string | null }[]>;
  remove(id: string): Promise<unknown>;
  close(): Promise<void>;
}

const MAX_PAGE_BYTES = 20 * 1024 * 1024;
const PAGE_TIMEOUT_MS = 20_000;
/** Missing documents that are named. */
const MAX_NAMES = 8;

async function run(locations: readonly string[], options: Options): Promise<void> {
  const config = parseConfig(loadEnvironment());
  const target = await openTarget(config);
  const bar = new SingleBar({ format: '  {bar} {value}/{total} {source}', hideCursor: true, noTTYOutput: true, notTTYSchedule: 2000 });
  try {
    const report = await ingestSources({
      locations,
      load: target.load,
      fetchLimits: { maxBytes: MAX_PAGE_BYTES, timeoutMs: PAGE_TIMEOUT_MS, allowPrivate: options.allowPrivate ?? false },
      onProgress: (done, total, source) => {
        if (!bar.isActive) bar.start(total, done, { source });
        else bar.update(done, { source });
      },
    });
    bar.stop();
    print(report);
    if (locations.some(isFolder)) await reportMissing(report, target, options.prune ?? false);
    if (report.results.some((result) => result.outcome === 'failed')) process.exitCode = 1;
  } finally {
    bar.stop();
    await target.close();
  }
}

async function openTarget(config: Config): Promise<Target> {
  const service = await findRunningService(config);
  if (service !== null) return openService(service);
  const storage = await openStorage({ ...config.mongodb, dataDir: config.dataDir, logger: createLogger({ level: 'warn' }) });
  const extractor = createTextExtractor();
  const { knowledge: store } = storage;
  return {
    load: await createSourceLoader({ store, extractText: extractor.extractText, embeddings: createLocalEmbeddings() }),
    documents: () => store.documents(),
    remove: (id) => store.removeDocument(id),
    async close() {
      await extractor.close();
      await storage.close();
    },
  };
}

function openService(service: RunningService): Target {
  const call = (path: string, init?: RequestInit) => service.call(`/api/knowledge/documents${path}`, init);
  return {
    async load({ source, bytes }) {
      const form = new FormData();
      form.set('source', source);
      form.set('file', new Blob([new Uint8Array(bytes)]), source.split('/').at(-1) || 'page.html');
      return resultOf((await call('', { method: 'POST', body: form })) as LoadResultView);
    },
    async documents() {
      return ((await call('')) as DocumentView[]).map(({ document_id: id, source, url }) => ({ id, source, url }));
    },
    remove: (id) => call(`/${id}`, { method: 'DELETE' }),
    close: async () => undefined,
  };
}

function resultOf(view: LoadResultView): LoadResult {
  switch (view.outcome) {
    case 'loaded':
      return { outcome: 'loaded', source: view.source, documentId: view.document_id, chunkCount: view.chunk_count };
    case 'catalogue':
      return { outcome: 'catalogue', source: view.source, productCount: view.product_count };
    case 'unchanged':
    case 'failed':
      return view;
  }
}

function print({ results }: IngestReport): void {
  const loaded = results.filter((result) => result.outcome === 'loaded');
  const passages = loaded.reduce((sum, result) => sum + result.chunkCount, 0);
  const unchanged = results.filter((result) => result.outcome === 'unchanged').length;
  console.log(`${loaded.length} documents loaded (${passages} passages), ${unchanged} unchanged.`);
  for (const result of results) {
    if (result.outcome === 'catalogue') console.log(`${result.source}: ${result.productCount} products are the catalogue now.`);
    if (result.outcome === 'failed') console.error(`${result.source}: not loaded. ${result.reason}`);
  }
}

const isFolder = (location: string): boolean => statSync(location, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Documents that were loaded from files once and are not among those found now. Web pages are never counted as missing. */
async function reportMissing(report: IngestReport, target: Target, prune: boolean): Promise<void> {
  const found = new Set(report.sources);
  const missing = (await target.documents()).filter(({ source, url }) => url === null && !found.has(source));
  if (missing.length === 0) return;
  if (prune) for (const { id } of missing) await target.remove(id);
  const named = missing.slice(0, MAX_NAMES).map(({ source }) => source);
  const names = named.join(', ') + (missing.length > MAX_NAMES ? ` and ${missing.length - MAX_NAMES} more` : '');
  console.log(
    prune
      ? `${missing.length} documents that were not found any more are removed: ${names}`
      : `${missing.length} documents of earlier loads are not among these files: ${names}. They are kept; --prune removes them.`,
  );
}

await new Command('ingest')
  .description('Loads files, folders and web pages into the knowledge, and a catalogue (a CSV with its columns) into the products.')
  .argument('<locations...>', 'files, folders, http(s) addresses')
  .option('--prune', 'with a folder: remove documents of earlier loads that are not among its files')
  .option('--allow-private', 'fetch pages from private addresses too')
  .action(async (locations: string[], options: Options) => {
    try {
      await run(locations, options);
    } catch (thrown) {
      const error = asError(thrown);
      console.error(error instanceof ConfigurationError ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();
