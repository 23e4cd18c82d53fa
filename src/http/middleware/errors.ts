/** Every error becomes `{error, message, request_id, details}`. What is our own fault is logged with its stack and told without it. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { MulterError } from 'multer';
import { asError, RequestError } from '../../domain/errors.js';
import type { Logger } from '../../telemetry/logger.js';
import { requestIdOf } from './request-context.js';

export const notFound: RequestHandler = (request) => {
  throw new RequestError('NotFoundError', `There is no ${request.method} at this address. See /docs.`);
};

export function errorHandler(logger: Logger): ErrorRequestHandler {
  // express tells an error handler by its four parameters.
  return (thrown: unknown, _request, response, _next) => {
    const error = toRequestError(thrown);
    const requestId = requestIdOf(response);
    if (error.status >= 500) {
      const { name, message, stack } = asError(error.cause ?? error);
      logger.error({ requestId, status: error.status, error: name, reason: message, stack }, 'request failed');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    if (error.name === 'AuthenticationError') response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(error.status).json({
      error: error.name,
      message: error.message,
      request_id: requestId,
      details: error.details ?? null,
    });
  };
}

/** The error as the caller is told it. */
function toRequestError(thrown: unknown): RequestError {
  if (thrown instanceof RequestError) return thrown;
  if (thrown instanceof MulterError) return fromMulter(thrown);
  const error = asError(thrown);
  if (isDatabaseAway(error)) {
    const message = 'The database cannot be reached. Please try again in a moment.';
    return new RequestError('ServiceUnavailableError', message, { cause: error, retryAfterSeconds: 5 });
  }
  return (
    fromParser(error) ??
    new RequestError('InternalError', 'Something went wrong on our side. Please report it with the request id.', { cause: error })
  );
}

/** Told by name: the driver's own classes are storage's business. */
const isDatabaseAway = (error: Error): boolean =>
  /^(Mongo(Network|ServerSelection|NotConnected|Topology|PoolClosed|PoolCleared|ClientClosed)|MongooseServerSelection)/.test(error.name);

function fromMulter(error: MulterError): RequestError {
  switch (error.code) {
    case 'LIMIT_FILE_SIZE':
      return new RequestError('PayloadTooLargeError', 'The file is larger than what is accepted.', { cause: error });
    case 'LIMIT_FIELD_VALUE':
      return new RequestError('PayloadTooLargeError', `The field ${error.field ?? ''} is too long.`, { cause: error });
    case 'LIMIT_FILE_COUNT':
      return new RequestError('ValidationError', 'There are too many files: 5 at most.', { cause: error });
    case 'LIMIT_UNEXPECTED_FILE':
      return new RequestError('ValidationError', 'A file came in a field that takes none, or there are more files than are taken.', {
        details: [{ field: error.field ?? null, message: 'not expected' }],
        cause: error,
      });
    default:
      return new RequestError('ValidationError', `The form cannot be read: ${error.message}.`, { cause: error });
  }
}

/** Errors of express, its body parsers and the multipart parser carry a status of 4xx, or are known by their message. */
function fromParser(error: Error & { status?: unknown; type?: unknown }): RequestError | null {
  if (error.type === 'entity.too.large') return new RequestError('PayloadTooLargeError', 'The body is too large.', { cause: error });
  if (error.type === 'entity.parse.failed') return new RequestError('ValidationError', 'The body is not valid JSON.', { cause: error });
  if (error.status === 415)
    return new RequestError('UnsupportedMediaTypeError', 'The encoding of the body is not supported: send UTF-8.', { cause: error });
  if (error.status === 413) return new RequestError('PayloadTooLargeError', 'The request is too large.', { cause: error });
  if (typeof error.status === 'number' && error.status >= 400 && error.status < 500) {
    return new RequestError('ValidationError', 'The request cannot be read.', { cause: error });
  }
  const badForm =
    /^(Multipart: Boundary not found|Unexpected end of form|Malformed (part header|content type|urlencoded form)|Unsupported content type)/;
  if (badForm.test(error.message))
    return new RequestError('ValidationError', 'The form cannot be read: it is cut off or malformed.', { cause: error });
  return null;
}
