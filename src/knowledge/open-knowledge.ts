/** Knowledge as a running service: the sample loaded where there is nothing else, the indexes read, files made readable. */
import type { ExtractText } from '../domain/attachment.js';
import type { KnowledgeStore } from '../domain/knowledge-store.js';
import type { Logger } from '../telemetry/logger.js';
import { createLocalEmbeddings } from './embeddings.js';
import { createSourceLoader, type LoadSource } from './load-source.js';
import { createTextExtractor } from './loaders/extract-text.js';
import { loadSampleKnowledge } from './sample.js';
import { createKnowledgeSearch, type KnowledgeService } from './search.js';
import { openVectorIndex } from './open-vector-index.js';

export interface OpenKnowledge {
  readonly knowledge: KnowledgeService;
  /** Loads files while the service runs; see `createSourceLoader`. */
  readonly newLoader: () => Promise<LoadSource>;
  readonly extractText: ExtractText;
  stop(): Promise<void>;
}

export async function openKnowledge(options: {
  readonly store: KnowledgeStore;
  readonly chunks: Parameters<typeof openVectorIndex>[0]['collection'];
  /** Holds `knowledge/` and `catalogue.csv`; loaded into an empty store. */
  readonly sampleFolder: string;
  readonly onLoading: (done: number, total: number) => void;
  readonly logger: Logger;
}): Promise<OpenKnowledge> {
  const { store, logger } = options;
  const embeddings = createLocalEmbeddings();
  const extractor = createTextExtractor();
  const { extractText } = extractor;
  await loadSampleKnowledge({ store, embeddings, extractText, folder: options.sampleFolder, onProgress: options.onLoading });
  const vectors = { collection: options.chunks, dimensions: embeddings.dimensions, embeddings: () => store.embeddings(), logger };
  const knowledge = await createKnowledgeSearch({ store, embeddings, openVectors: () => openVectorIndex(vectors), logger });
  return {
    knowledge,
    newLoader: () => createSourceLoader({ store, embeddings, extractText }),
    extractText,
    async stop() {
      knowledge.stop();
      await extractor.close();
    },
  };
}
