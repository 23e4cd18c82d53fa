/**
 * Errors, split by who can mend them: the caller (RequestError), the platform (ChannelError), the operator (ConfigurationError).
 * Anything else that is thrown is a defect of ours. Messages name the thing and the remedy, never secrets or customer text.
 */

/** Names that go out in `{error}`; clients branch on them. */
export type RequestErrorName =
  | 'ValidationError'
  | 'AuthenticationError'
  | 'PermissionError'
  | 'NotFoundError'
  | 'SessionEndedError'
  | 'ConflictError'
  | 'PayloadTooLargeError'
  | 'UnsupportedMediaTypeError'
  | 'RateLimitError'
  | 'ServiceUnavailableError'
  | 'InternalError';

const STATUS: Record<RequestErrorName, number> = {
  ValidationError: 400,
  AuthenticationError: 401,
  PermissionError: 403,
  NotFoundError: 404,
  SessionEndedError: 400,
  ConflictError: 409,
  PayloadTooLargeError: 413,
  UnsupportedMediaTypeError: 415,
  RateLimitError: 429,
  ServiceUnavailableError: 503,
  InternalError: 500,
};

/** The caller asked for something that cannot be done; the message tells them what to change. */
export class RequestError extends Error {
  override readonly name: RequestErrorName;
  /** HTTP status, 4xx or 5xx. */
  readonly status: number;
  /** What went wrong field by field, safe to show to the caller. */
  readonly details: unknown;
  /** Seconds to wait before trying again, for RateLimitError and ServiceUnavailableError. */
  readonly retryAfterSeconds: number | undefined;

  constructor(name: RequestErrorName, message: string, options: { details?: unknown; cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = name;
    this.status = STATUS[name];
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export type ChannelErrorKind =
  | 'rate-limited'
  | 'window-closed'
  | 'recipient-unreachable'
  | 'credentials-rejected'
  | 'payload-refused'
  /** The platform failed and says that it did nothing (5xx before acceptance, connection refused). */
  | 'unavailable'
  /** The call was made and its result is not known (cut or timed out after the request was written). */
  | 'unknown';

/** A platform refused or failed a call. `retry` is the one decision the caller has to make. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  readonly kind: ChannelErrorKind;
  /** `never`, or the least wait in ms that the platform asked for (0: as the retry policy says). */
  readonly retry: 'never' | { afterMs: number };

  constructor(kind: ChannelErrorKind, message: string, options: { retry?: 'never' | { afterMs: number }; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    const transient = kind === 'rate-limited' || kind === 'unavailable' || kind === 'unknown';
    this.retry = options.retry ?? (transient ? { afterMs: 0 } : 'never');
  }
}

/** The service cannot run as configured. Printed as one sentence, exit code 1, no stack. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The thrown thing as an Error, for logging and wrapping. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
