/**
 * Which pages may open a WebSocket. Access itself is by session id; this keeps foreign pages from making their visitors' browsers open
 * conversations here. Clients that are no browsers send no Origin and are let in.
 */

/** @param host the Host header the request came with, port included */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowedOrigins: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
