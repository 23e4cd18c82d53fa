/** API keys on requests: `Authorization: Bearer …` or `X-API-Key` (CONTRACT, "Access"). */
import type { Request, RequestHandler, Response } from 'express';
import { hasScope, type ApiKey, type ApiKeyScope, type ApiKeyStore } from '../../domain/api-key.js';
import { RequestError } from '../../domain/errors.js';

export interface Auth {
  /** 401 without a valid key, 403 when it lacks the scope. */
  require(scope: ApiKeyScope): RequestHandler;
  /** Lets requests without a key through; a key that is given must be valid and have the scope. */
  optional(scope: ApiKeyScope): RequestHandler;
}

export function createAuth(apiKeys: ApiKeyStore): Auth {
  const check = (scope: ApiKeyScope, needed: boolean): RequestHandler => {
    return async (request, response, next) => {
      const secret = secretOf(request);
      if (secret === null && needed) {
        throw new RequestError(
          'AuthenticationError',
          'An API key is needed: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
        );
      }
      if (secret !== null) {
        const key = await apiKeys.verify(secret);
        if (key === null) throw new RequestError('AuthenticationError', 'The API key is not valid.');
        if (!hasScope(key, scope)) throw new RequestError('PermissionError', `The API key lacks the scope "${scope}".`);
        response.locals['apiKey'] = key;
      }
      next();
    };
  };
  return { require: (scope) => check(scope, true), optional: (scope) => check(scope, false) };
}

/** The key that the request proved itself with; null where it did not. */
export const apiKeyOf = (response: Response): ApiKey | null => (response.locals['apiKey'] as ApiKey | undefined) ?? null;

function secretOf(request: Request): string | null {
  const header = request.get('x-api-key');
  if (header !== undefined) return header.trim();
  const authorization = request.get('authorization');
  if (authorization === undefined) return null;
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}
