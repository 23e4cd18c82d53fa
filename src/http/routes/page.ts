/** Serves the chat page: HTML and CSS as they were written, scripts as they were compiled. */
import compression from 'compression';
import express, { Router } from 'express';
import type { HttpConfig } from '../services.js';

/** Files may be kept by browsers but are asked for again each time: an update of the service must not meet an old script. */
const STATIC = { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false } as const;
const PAGE_FILE = /\.(html|css|svg|png|ico|webmanifest|js)$/;

export function pageRoutes({ pageFolders }: HttpConfig): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache');
    next();
  });
  router.get('/', compression(), (_request, response, next) => {
    response.sendFile('index.html', { root: pageFolders.files, cacheControl: false }, (failure?: Error) => {
      if (failure !== undefined) next(isMissing(failure) ? undefined : failure);
    });
  });
  router.use('/chat', (request, _response, next) => next(PAGE_FILE.test(request.path) ? undefined : 'router'));
  router.use('/chat', compression());
  router.use('/chat', express.static(pageFolders.scripts, STATIC));
  router.use('/chat', express.static(pageFolders.files, STATIC));
  return router;
}

const isMissing = (failure: Error & { code?: unknown }): boolean => failure.code === 'ENOENT';
