/**
 * HTTP towards platforms that have no client library for it: a time limit, a size limit, a list of the origins that may be called, and failures as
 * ChannelErrors that say whether the platform may have acted. Messages name the call and never its address, which can hold a token.
 */
import { ChannelError } from '../../src/domain/errors.js';

export interface HttpClientOptions {
  /** As in `URL.origin`: what may go over https to a host must not go there in the clear. A call anywhere else is refused before it is made. */
  readonly allowedOrigins: readonly string[];
  /** For the whole exchange, body included. */
  readonly timeoutMs: number;
  /** Largest response body. */
  readonly maxBytes: number;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface HttpResponse {
  /** Any status, redirects included: they are not followed. */
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** `what` names the call in errors. Throws ChannelError; a status of any kind is a response, see `failureOfStatus`. */
export type HttpClient = (what: string, url: URL, request?: HttpRequest) => Promise<HttpResponse>;

export function createHttpClient({ allowedOrigins, timeoutMs, maxBytes }: HttpClientOptions): HttpClient {
  return async (what, url, request = {}) => {
    if (!allowedOrigins.includes(url.origin)) {
      throw new ChannelError(
        'payload-refused',
        `${what}: ${url.origin} is not among the addresses that may be called (${allowedOrigins.join(', ')}).`,
      );
    }
    try {
      const response = await fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      return { status: response.status, headers: response.headers, bytes: await readBody(what, response, maxBytes) };
    } catch (thrown) {
      throw thrown instanceof ChannelError ? thrown : failureOfConnection(what, thrown);
    }
  };
}

async function readBody(what: string, response: Response, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new ChannelError('payload-refused', `${what}: the response is larger than ${maxBytes} bytes.`);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(); // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** System and TLS errors that happen before the first byte of a request is written: the platform did nothing. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|CERT_.*|.*_CERT(IFICATE)?(_.*)?|UNABLE_TO_.*)$/;

/** A call that got no response: `unavailable` where it cannot have been received, else `unknown`. */
export function failureOfConnection(what: string, thrown: unknown): ChannelError {
  const code =
    textOf(thrown, 'code') ?? textOf((thrown as Error | undefined)?.cause, 'code') ?? textOf(thrown, 'name') ?? 'no reason given';
  return new ChannelError(NOT_SENT.test(code) ? 'unavailable' : 'unknown', `${what}: no response (${code}).`, { cause: thrown });
}

/** System errors carry a `code`, and fetch hides them one `cause` deep. */
function textOf(error: unknown, key: 'code' | 'name'): string | undefined {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/**
 * What a status that is no success means on most platforms; a channel decides first on what its own says more exactly.
 * A gateway's 502 or 504 leaves open whether the request got through.
 */
export function failureOfStatus(what: string, status: number, retryAfterMs?: number): ChannelError {
  const message = `${what}: the platform answered ${status}.`;
  if (status === 401) return new ChannelError('credentials-rejected', message);
  if (status === 429) return new ChannelError('rate-limited', message, { retry: { afterMs: retryAfterMs ?? 0 } });
  if (status === 408 || status === 502 || status === 504) return new ChannelError('unknown', message);
  if (status >= 500) return new ChannelError('unavailable', message);
  return new ChannelError('payload-refused', message);
}
