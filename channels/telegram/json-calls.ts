/**
 * Calls of the Bot API that carry no file, over undici: telegraf's own client takes three to five times the processor for one (docs/performance.md),
 * and every reply is one. Failures are telegraf's TelegramError; what has no response from Telegram is undici's own error.
 */
import { TelegramError } from 'telegraf';
import { Pool } from 'undici';

/**
 * `timeoutMs`: for the head of the response, and again for each part of its body. Resolves to Telegram's `result`, which nobody has checked.
 */
export type JsonCall = (
  method: string,
  payload: object,
  limits: { timeoutMs: number; signal?: AbortSignal | undefined },
) => Promise<unknown>;

interface BotApiReply {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

/** @param apiRoot ends in a slash */
export function createJsonCalls({ token, apiRoot }: { token: string; apiRoot: string }): JsonCall {
  const root = new URL(apiRoot);
  // Connections are kept for four seconds after a call, or as long as the server says.
  const connections = new Pool(root.origin);

  return async (method, payload, { timeoutMs, signal }) => {
    const { statusCode, body } = await connections.request({
      path: `${root.pathname}bot${token}/${method}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    if (statusCode >= 500) {
      await body.dump();
      throw new TelegramError({ error_code: statusCode, description: 'the server failed' });
    }
    const reply = (await body.json()) as BotApiReply;
    if (reply.ok) return reply.result;
    const { error_code: code = statusCode, description = '', parameters } = reply;
    throw new TelegramError({ error_code: code, description, ...(parameters === undefined ? {} : { parameters }) });
  };
}
