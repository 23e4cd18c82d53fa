/** The HTTP server: which middleware guards which routes, and how it starts and stops. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { ConfigurationError } from '../domain/errors.js';
import { createAuth } from './middleware/auth.js';
import { errorHandler, notFound } from './middleware/errors.js';
import { rateLimiter } from './middleware/rate-limit.js';
import { requestContext } from './middleware/request-context.js';
import { crossOrigin, securityHeaders } from './middleware/security.js';
import { analyticsRoutes } from './routes/analytics.js';
import { attachmentRoutes } from './routes/attachments.js';
import { chatRoutes } from './routes/chat.js';
import { docsRoutes } from './routes/docs.js';
import { healthRoutes } from './routes/health.js';
import { keyRoutes } from './routes/keys.js';
import { pageRoutes } from './routes/page.js';
import { processRoutes } from './routes/process.js';
import { sessionRoutes } from './routes/sessions.js';
import { webhookRoutes } from './routes/webhooks.js';
import { whatsappWebPage, whatsappWebRoutes } from './routes/whatsapp-web.js';
import type { HttpConfig, HttpServices } from './services.js';
import { createWebSocketServer } from './websocket.js';

export interface HttpServer {
  /** Throws ConfigurationError where the port is taken or may not be used. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no more requests, lets those under way finish for `CLOSE_MS`, then cuts them. */
  close(): Promise<void>;
}

const CLOSE_MS = 5000;

export function createHttpServer(config: HttpConfig, services: HttpServices): HttpServer {
  const server = createServer(createApp(config, services));
  const sockets = createWebSocketServer(config, services);
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head));

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (failure: NodeJS.ErrnoException) => reject(startError(failure, config)));
        server.listen(config.port, config.host, () => {
          const { port } = server.address() as AddressInfo;
          const host = config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host;
          resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port });
        });
      }),
    async close() {
      sockets.close();
      for (const { close } of services.extensions ?? []) close?.();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

function createApp(config: HttpConfig, services: HttpServices): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.set('query parser', 'simple');
  // Answers carry a conversation; hashing each for a 304 is no gain.
  app.set('etag', false);
  const auth = createAuth(services.apiKeys);
  const limit = rateLimiter(services.rates, 'default', config.rateLimits.default);
  const processLimit = rateLimiter(services.rates, 'process', config.rateLimits.process);

  app.use(requestContext(services));
  // Where Teams is usually told to post.
  app.post('/api/messages', (request, _response, next) => {
    request.url = '/webhooks/teams';
    next();
  });
  app.use('/webhooks', webhookRoutes(services));
  app.use(securityHeaders(config.allowedOrigins));
  app.use(healthRoutes(services, config));
  app.use(['/api', '/chat'], crossOrigin(config.allowedOrigins));
  app.use('/chat', processRoutes(services, config, auth, { process: processLimit, others: limit }));
  app.use(pageRoutes(config));
  const extensions = services.extensions ?? [];
  for (const { path, scope, router, perMinute } of extensions.filter((extension) => extension.perMinute !== undefined)) {
    app.use(path, rateLimiter(services.rates, path, perMinute ?? 0), auth.require(scope), router);
  }
  app.use(limit);
  app.use('/api/sessions', sessionRoutes(services, config, auth));
  app.use('/api/chat', chatRoutes(services, config));
  app.use('/api/attachments', attachmentRoutes(services, config, auth));
  app.use('/api/keys', keyRoutes(services, auth));
  app.use('/analytics', analyticsRoutes(services, auth));
  app.use('/api/whatsapp-web', whatsappWebRoutes(services.channels, auth));
  app.use('/whatsapp-web', whatsappWebPage());
  for (const { path, scope, router } of extensions.filter((extension) => extension.perMinute === undefined)) {
    app.use(path, auth.require(scope), router);
  }
  app.use('/docs', docsRoutes(config));
  app.use(notFound);
  app.use(errorHandler(services.logger));
  return app;
}

function startError(failure: NodeJS.ErrnoException, { host, port }: HttpConfig): Error {
  if (failure.code === 'EADDRINUSE')
    return new ConfigurationError(`Port ${port} is in use: stop the other program or set PORT.`, { cause: failure });
  if (failure.code === 'EACCES')
    return new ConfigurationError(`Port ${port} may not be used: set PORT to one above 1023.`, { cause: failure });
  if (failure.code === 'EADDRNOTAVAIL' || failure.code === 'ENOTFOUND') {
    return new ConfigurationError(`The address ${host} is not one of this machine's: set HOST.`, { cause: failure });
  }
  return failure;
}
