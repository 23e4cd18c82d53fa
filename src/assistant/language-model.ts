/**
 * A language model behind an OpenAI-compatible endpoint: one call, `chat/completions` with `stream: true`, whose words are handed on as they come.
 * What it is asked and what it says is customers' text and never logged; errors name the endpoint's behaviour only.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';

export interface ModelSettings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Null: the endpoint asks for none. */
  readonly apiKey: string | null;
  readonly model: string;
}

export interface ModelPrompt {
  readonly system: string;
  readonly user: string;
  readonly maxTokens: number;
}

export interface LanguageModel {
  /** The answer, piece by piece. Throws ModelError where it does not come to its end; what came before is then not all. */
  write(prompt: ModelPrompt, signal: AbortSignal): AsyncIterable<string>;
}

/** `status`: HTTP status other than 200 · `garbage`: no stream of completions · `cut`: it ended before its end · `unreachable`: no connection, or too late. */
export type ModelFailure = 'status' | 'garbage' | 'cut' | 'unreachable';

/** The endpoint failed. The message holds nothing of what was said. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly failure: ModelFailure;
  /** HTTP status, where `failure` is `status`. */
  readonly status: number | null;

  constructor(failure: ModelFailure, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.status = options.status ?? null;
  }
}

/** The parts that are read of a `chat.completion.chunk`: https://platform.openai.com/docs/api-reference/chat/streaming. The last may have no choice. */
const chunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish(), finish_reason: z.string().nullish() })),
});

/** Of one event; far above any token. */
const MAX_EVENT_CHARS = 100_000;

export function createLanguageModel({ baseUrl, apiKey, model }: ModelSettings): LanguageModel {
  const headers = { 'content-type': 'application/json', ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }) };

  const open = async ({ system, user, maxTokens }: ModelPrompt, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ];
    const body = JSON.stringify({ model, messages, stream: true, temperature: 0, max_tokens: maxTokens });
    // A redirect would take the key along to wherever it points.
    const response = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body, signal, redirect: 'error' }).catch(
      (thrown: unknown) => {
        throw new ModelError('unreachable', 'The language model cannot be reached, or did not answer in time.', { cause: thrown });
      },
    );
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new ModelError('status', `The language model answers with HTTP status ${response.status}.`, { status: response.status });
    }
    if (response.body === null) throw new ModelError('garbage', 'The language model answers with nothing.');
    return response.body;
  };

  return {
    async *write(prompt, signal) {
      const events = (await open(prompt, signal))
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream({ maxBufferSize: MAX_EVENT_CHARS }));
      let finished: string | null = null;
      try {
        for await (const { data } of events) {
          if (data.trim() === '[DONE]') {
            finished ??= 'stop'; // some say no more than that
            break;
          }
          const [choice] = chunkOf(data).choices;
          if (choice?.delta?.content) yield choice.delta.content;
          finished = choice?.finish_reason ?? finished;
        }
      } catch (thrown) {
        if (thrown instanceof ModelError) throw thrown;
        throw new ModelError('cut', 'The line to the language model broke, or it took too long.', { cause: thrown });
      }
      if (finished === null) throw new ModelError('cut', 'The language model ended in the middle of its answer.');
      if (finished !== 'stop')
        throw new ModelError('cut', 'The language model was stopped before the end of its answer, by its limits or a filter.');
    },
  };
}

function chunkOf(data: string): z.infer<typeof chunkSchema> {
  const parsed = chunkSchema.safeParse(parseJson(data));
  if (parsed.success) return parsed.data;
  throw new ModelError('garbage', 'The language model sends something else than chunks of a completion: is LLM_BASE_URL right?');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    // Its message would quote what was said.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
