/** What `npm run doctor` says of the language model: asks it the way answers are asked for, with nothing of a customer's. */
import type { Finding } from '../domain/channel.js';
import { asError } from '../domain/errors.js';
import { type LanguageModel, ModelError } from './language-model.js';

const LIMIT_MS = 15_000;

export async function diagnoseModel(model: LanguageModel): Promise<Finding> {
  const began = performance.now();
  try {
    let said = '';
    for await (const piece of model.write(
      { system: 'Answer with one word.', user: 'Say: ready', maxTokens: 50 },
      AbortSignal.timeout(LIMIT_MS),
    ))
      said += piece;
    const detail = `answers in ${Math.round(performance.now() - began)} ms`;
    if (said.trim() !== '') return { check: 'answer', state: 'ok', detail, remedy: null };
    return { check: 'answer', state: 'wrong', detail: `${detail}, with nothing`, remedy: 'Choose another LLM_MODEL: one that chats.' };
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown;
    return { check: 'answer', state: 'wrong', detail: asError(thrown).message, remedy: remedyOf(thrown) };
  }
}

function remedyOf({ failure, status }: ModelError): string {
  if (status === 401 || status === 403) return 'Check LLM_API_KEY.';
  if (status === 404) return 'Check LLM_BASE_URL (it ends with the version, mostly /v1) and LLM_MODEL.';
  if (status === 429) return 'Look at the limits and the credit of the account.';
  if (failure === 'cut') return 'Try again; where it stays so, choose another LLM_MODEL.';
  return 'Check LLM_BASE_URL, and that the endpoint is up. Answers are quoted meanwhile.';
}
