/** Security headers, and the origins of other sites' pages that may use the chat. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export function securityHeaders(allowedOrigins: readonly string[]): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'", ...allowedOrigins],
      },
    },
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
