/** Where a connection comes from, for the WebSocket: its address behind proxies, and the page that opened it. express does both for HTTP itself. */
import type { IncomingMessage } from 'node:http';

/** @param trustedProxies reverse proxies in front of us whose X-Forwarded-For is believed, counted from our side */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = request.headersDistinct['x-forwarded-for']?.join(',').split(',') ?? [];
  const hops = [
    request.socket.remoteAddress ?? 'unknown',
    ...forwarded
      .map((hop) => hop.trim())
      .filter(Boolean)
      .reverse(),
  ];
  return hops[Math.min(trustedProxies, hops.length - 1)] ?? 'unknown';
}

/**
 * Access is by session id; this keeps foreign pages from making their visitors' browsers open conversations here. Clients that are no browsers
 * send no Origin and are let in.
 */
export function isAllowedOrigin(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
