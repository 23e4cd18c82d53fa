/** Security headers, and what other sites' pages may do: those of the allowed origins may call the chat and hold it in a frame. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

const contentPolicy = (frameAncestors: readonly string[]) => ({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    frameSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors,
  },
});

/** In place of the usual policy: pages of these origins, and our own, may hold what is answered in a frame. */
export const framePolicy = (allowedOrigins: readonly string[]): RequestHandler =>
  helmet.contentSecurityPolicy(contentPolicy(["'self'", ...allowedOrigins]));

export function securityHeaders(allowedOrigins: readonly string[]): RequestHandler {
  return helmet({
    contentSecurityPolicy: contentPolicy(["'none'"]),
    // frame-ancestors says it, and knows more than one origin.
    xFrameOptions: false,
    crossOriginResourcePolicy: { policy: allowedOrigins.length > 0 ? 'cross-origin' : 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Plain HTTP on a developer's machine; with TLS a proxy in front sets its own.
    strictTransportSecurity: false,
  });
}

const EXPOSED = 'X-Request-ID, X-Process-Time, X-Total-Count, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After';

/** Cross-origin access for the listed origins, and for nobody else. */
export function crossOrigin(allowedOrigins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (allowedOrigins.length > 0) response.vary('Origin');
    const origin = request.get('origin');
    if (origin === undefined || !allowedOrigins.includes(origin)) {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE');
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-ID');
    response.setHeader('Access-Control-Max-Age', '600');
    response.status(204).end();
  };
}
