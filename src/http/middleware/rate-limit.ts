/** Limits of requests for each address, with `RateLimit-*` headers. The counting is the store's, over all instances. */
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import type { RequestHandler } from 'express';
import { RequestError } from '../../domain/errors.js';
import type { RateCounter } from '../../domain/rate-limit.js';

export const RATE_WINDOW_MS = 60_000;

/** @param name keeps the counts of several limiters apart */
export function rateLimiter(rates: RateCounter, name: string, perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: RATE_WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? 'unknown'),
    store: storeOf(rates, name),
    handler: (_request, response, next) => {
      const retryAfterSeconds = Number(response.getHeader('Retry-After')) || 60;
      next(new RequestError('RateLimitError', `Too many requests: ${perMinute} a minute are accepted.`, { retryAfterSeconds }));
    },
  });
}

/** One household's IPv6 network counts as one address. */
export const addressKey = (address: string | undefined): string => ipKeyGenerator(address ?? 'unknown');

function storeOf(rates: RateCounter, name: string): Store {
  return {
    increment: async (key) => {
      const { hits, resetsAt } = await rates.hit(`${name}:${key}`, RATE_WINDOW_MS);
      return { totalHits: hits, resetTime: resetsAt };
    },
    // Nothing of ours takes a hit back: every request counts, whatever became of it.
    decrement: () => undefined,
    resetKey: () => undefined,
    prefix: name,
  };
}
