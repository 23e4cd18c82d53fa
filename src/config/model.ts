/** The part of the configuration that switches a language model on: its variables, and what the service is told of them. */
import { z } from 'zod';
import { ConfigurationError } from '../domain/errors.js';

const text = z.string().trim().min(1);

export const modelVariables = {
  LLM_BASE_URL: z.url({ protocol: /^https?$/, error: 'must be an address, as https://api.openai.com/v1' }).optional(),
  LLM_API_KEY: text.optional(),
  LLM_MODEL: text.optional(),
};
type ModelEnvironment = z.infer<z.ZodObject<typeof modelVariables>>;

export interface ModelConfig {
  /** Of an OpenAI-compatible API, without a slash at its end. */
  readonly baseUrl: string;
  /** Null: the endpoint asks for none. */
  readonly apiKey: string | null;
  readonly model: string;
}

/** Null: answers are quoted. Throws ConfigurationError for half of its variables. */
export function modelConfig(env: ModelEnvironment): ModelConfig | null {
  const { LLM_BASE_URL: baseUrl, LLM_API_KEY: apiKey, LLM_MODEL: model } = env;
  if (baseUrl === undefined && apiKey === undefined && model === undefined) return null;
  const missing = [...(baseUrl === undefined ? ['LLM_BASE_URL'] : []), ...(model === undefined ? ['LLM_MODEL'] : [])];
  if (baseUrl === undefined || model === undefined)
    throw new ConfigurationError(
      `The language model is half configured: set ${missing.join(' and ')} too, or unset the others. See .env.example.`,
    );
  return { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey: apiKey ?? null, model };
}
