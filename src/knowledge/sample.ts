/** Loads the sample knowledge that comes with Parley into an empty database, so that the first start has something to answer from. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ingestSources, type IngestReport } from './ingest.js';
import { createSourceLoader, type LoadServices } from './load-source.js';

export interface LoadSampleOptions extends LoadServices {
  /** Holds `knowledge/` and `catalogue.csv`. */
  readonly folder: string;
  readonly onProgress?: (done: number, total: number, source: string) => void;
}

/**
 * Null when there is nothing to do: the sample was loaded before, or the company's own knowledge was. The catalogue comes last, so that a first start
 * that was cut short is completed by the next.
 */
export async function loadSampleKnowledge(options: LoadSampleOptions): Promise<IngestReport | null> {
  const { folder, store, onProgress } = options;
  const documents = join(folder, 'knowledge');
  if ((await store.products()).length > 0) return null;
  if ((await store.documents()).some(({ source }) => !existsSync(join(documents, source)))) return null;
  return ingestSources({
    locations: [documents, join(folder, 'catalogue.csv')],
    load: await createSourceLoader(options),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
