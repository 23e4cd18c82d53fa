/** Pieces that the route groups build their part of the OpenAPI document from. */
import { z } from 'zod';
import type { ZodOpenApiRequestBodyObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { errorSchema } from './schemas.js';

type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 503;

const ERRORS: Record<ErrorStatus, string> = {
  400: 'The request is wrong; the message says what to change',
  401: 'No API key, or a wrong one',
  403: 'The API key lacks the scope',
  404: 'Unknown',
  409: 'In conflict with what is there',
  413: 'Too large',
  415: 'The type of the body is not accepted',
  503: 'Cannot be done at the moment; try again',
};

/** The answer of the good case and those of the errors; a 429 is possible everywhere. */
export function jsonAnswer(status: 200 | 201, schema: z.ZodType, ...errors: readonly ErrorStatus[]): ZodOpenApiResponsesObject {
  const done = { description: status === 201 ? 'Created' : 'OK', content: { 'application/json': { schema } } };
  return { [`${status}`]: done, ...failures(errors) };
}

export const emptyAnswer = (...errors: readonly ErrorStatus[]): ZodOpenApiResponsesObject => ({
  '204': { description: 'Taken; there is no body' },
  ...failures(errors),
});

function failures(errors: readonly ErrorStatus[]): ZodOpenApiResponsesObject {
  const failure = (description: string) => ({ description, content: { 'application/json': { schema: errorSchema } } });
  return {
    ...Object.fromEntries(errors.map((error) => [`${error}`, failure(ERRORS[error])])),
    '429': failure('Too many requests; see Retry-After'),
  };
}

export function jsonRequest(schema: z.ZodType, { required = true } = {}): { requestBody: ZodOpenApiRequestBodyObject } {
  return { requestBody: { required, content: { 'application/json': { schema } } } };
}

export const sessionPath = z.object({
  id: z.string().meta({ description: 'Session id: `sess_` and 32 hex digits', examples: [`sess_${'0'.repeat(32)}`] }),
});

/** The operation needs an API key. */
export const keyOnly = { security: [{ apiKey: [] }, { bearer: [] }] };
/** A file of a form. */
export const binary = z.unknown().meta({ override: { type: 'string', format: 'binary' } });
