/** Gives each request an id and each response its time; counts them, and logs the slow ones by route: a URL can hold a session id. */
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../telemetry/logger.js';
import type { Metrics } from '../../telemetry/metrics.js';

const SANE_ID = /^[A-Za-z0-9._:-]{1,64}$/;
const SLOW_SECONDS = 1;

export function requestContext(services: { logger: Logger; metrics: Metrics }): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const began = performance.now();
    const given = request.get('x-request-id');
    const requestId = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
    response.locals['requestId'] = requestId;
    response.setHeader('X-Request-ID', requestId);
    const seconds = () => (performance.now() - began) / 1000;
    beforeHeaders(response, () => response.setHeader('X-Process-Time', seconds().toFixed(4)));
    response.once('close', () => {
      if (response.locals['staysOpen'] === true) return;
      const labels = { method: request.method, route: routeOf(request), status: String(response.statusCode) };
      services.metrics.httpSeconds.observe(labels, seconds());
      if (seconds() > SLOW_SECONDS) services.logger.warn({ requestId, ...labels, seconds: Number(seconds().toFixed(3)) }, 'slow request');
    });
    next();
  };
}

/** For answers that last until the caller goes: their time tells nothing. */
export const markStayingOpen = (response: Response): void => void (response.locals['staysOpen'] = true);

/** The id of the request that this is the response to. */
export const requestIdOf = (response: Response): string => String(response.locals['requestId']);

/** The route's pattern, never the path that was asked for. */
function routeOf(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null && 'path' in route ? String(route.path) : null;
  return path === null ? 'unmatched' : `${request.baseUrl}${path}`;
}

/** Node has no event for "the headers are about to go out"; every way of answering goes through writeHead. */
function beforeHeaders(response: Response, act: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => Response;
  response.writeHead = (...args: unknown[]) => {
    if (!response.headersSent) act();
    return writeHead(...args);
  };
}
