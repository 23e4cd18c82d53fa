/** Serves the chat page, by itself and for frames of other sites' pages: HTML and CSS as they were written, scripts as they were compiled. */
import compression from 'compression';
import express, { Router, type NextFunction, type Response } from 'express';
import { framePolicy } from '../middleware/security.js';
import type { HttpConfig } from '../services.js';

/** Files may be kept by browsers but are asked for again each time: an update of the service must not meet an old script. */
const STATIC = { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false } as const;
const PAGE_FILE = /\.(html|css|svg|png|ico|webmanifest|js)$/;

export function pageRoutes({ pageFolders, allowedOrigins }: HttpConfig): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache');
    next();
  });
  router.use(['/embed', '/widget.js', '/widget-demo'], compression());
  router.get('/', compression(), (_request, response, next) => send(response, next, pageFolders.files, 'index.html'));
  router.get('/embed', framePolicy(allowedOrigins), (_request, response, next) => send(response, next, pageFolders.files, 'index.html'));
  router.get('/widget.js', (_request, response, next) => {
    // It runs on any page, and says there where the page's origin is not allowed; the chat itself comes to allowed ones only.
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    send(response, next, pageFolders.scripts, 'widget/widget.js');
  });
  router.get('/inbox', compression(), (_request, response, next) => send(response, next, pageFolders.files, 'inbox/index.html'));
  router.get('/widget-demo', (_request, response, next) => send(response, next, pageFolders.files, 'widget/demo.html'));
  router.use('/chat', (request, _response, next) => next(PAGE_FILE.test(request.path) ? undefined : 'router'));
  router.use('/chat', compression());
  router.use('/chat', express.static(pageFolders.scripts, STATIC));
  router.use('/chat', express.static(pageFolders.files, STATIC));
  return router;
}

function send(response: Response, next: NextFunction, root: string, file: string): void {
  response.sendFile(file, { root, cacheControl: false }, (failure?: Error) => {
    if (failure !== undefined) next(isMissing(failure) ? undefined : failure);
  });
}

const isMissing = (failure: Error & { code?: unknown }): boolean => failure.code === 'ENOENT';
