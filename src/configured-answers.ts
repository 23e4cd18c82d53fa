/** What answers questions: quotations from the knowledge and, where a language model is configured, its words for them. That is loaded only then. */
import { createExtractiveAnswerer } from './assistant/extractive-answerer.js';
import type { WordAnswer } from './assistant/wording.js';
import type { ModelConfig } from './config/model.js';
import type { KnowledgeService } from './knowledge/search.js';
import type { AnswerQuestion } from './pipeline/services.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';

export interface AnswerParts {
  readonly knowledge: Pick<KnowledgeService, 'catalogue' | 'rarity'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export async function configuredAnswers(
  model: ModelConfig | null,
  { knowledge: { catalogue, rarity }, ...watchers }: AnswerParts,
): Promise<{ readonly answer: AnswerQuestion; readonly word?: WordAnswer }> {
  const answer = createExtractiveAnswerer({ catalogue, rarity });
  return model === null ? { answer } : { answer, word: await wordingBy(model, watchers) };
}

async function wordingBy(settings: ModelConfig, { logger, metrics }: Omit<AnswerParts, 'knowledge'>): Promise<WordAnswer> {
  const { createLanguageModel } = await import('./assistant/language-model.js');
  const { createWording } = await import('./assistant/wording.js');
  return createWording({
    model: createLanguageModel(settings),
    onResult: (result) => {
      metrics.wordings.inc({ result });
      if (result !== 'worded') logger.info({ result }, 'the language model did not word an answer to its end; it was quoted');
    },
  });
}
