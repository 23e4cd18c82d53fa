/** `/docs`: Swagger UI over the OpenAPI document, from files of our own under the same content security policy as everything else. */
import express, { Router } from 'express';
import absolutePath from 'swagger-ui-dist/absolute-path.js';
import type { HttpConfig } from '../services.js';
import { openApiDocument } from '../openapi.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const START = "SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n";
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];

export function docsRoutes(config: HttpConfig): Router {
  const router = Router();
  const document = JSON.stringify(openApiDocument(config.version));
  router.get('/', (_request, response) => void response.type('html').send(PAGE));
  router.get('/openapi.json', (_request, response) => void response.type('json').send(document));
  router.get('/start.js', (_request, response) => void response.type('js').send(START));
  router.use((request, _response, next) => next(FILES.includes(request.path.slice(1)) ? undefined : 'router'));
  router.use(express.static(absolutePath(), { index: false, maxAge: '1h' }));
  return router;
}
