/** A shop's own page, on an origin of its own and under a strict content security policy, with the chat's widget on it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ShopPage {
  readonly origin: string;
  /** Where the service is; known once it runs, which needs to know our origin first. */
  useService(url: string): void;
  /** The page's address with these `data-…` attributes on the widget's script. */
  address(attributes?: Readonly<Record<string, string>>, path?: string): string;
  close(): Promise<void>;
}

/** Rules that would ruin a widget they reached. */
const STYLES = `
* { margin: 7px !important; font: 18px/2 serif !important; color: fuchsia !important }
button, iframe, dialog, svg { display: none !important; opacity: 0 !important; width: 1px !important }
body > * { position: static !important; display: block !important; padding: 20px !important; max-width: 100% }
input { width: 90% }
parley-chat { all: unset; display: block !important; position: relative !important; height: 400px !important; width: 100% !important }
`;

/** On 127.0.0.1, while the service calls itself localhost: another site, not just another port. */
export async function startShopPage(): Promise<ShopPage> {
  let service = '';
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop');
    if (url.pathname === '/shop.css') return void response.writeHead(200, { 'Content-Type': 'text/css' }).end(STYLES);
    if (url.pathname === '/favicon.ico') return void response.writeHead(204).end();
    const policy = `default-src 'none'; script-src ${service}; frame-src ${service}; style-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy });
    const attributes = [...url.searchParams].filter(([name]) => name.startsWith('data-')).map(([name, value]) => `${name}="${value}"`);
    response.end(`<!doctype html><html lang="${url.searchParams.get('lang') ?? 'es'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Panel PIR de 50 mm</title><link rel="stylesheet" href="/shop.css">
<script src="${service}/widget.js" async ${attributes.join(' ')}></script></head>
<body><h1>Panel PIR</h1><p><input id="search" aria-label="Buscar"></p>${'<p>Un párrafo de la tienda.</p>'.repeat(40)}</body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    useService: (url) => void (service = url),
    address: (attributes = {}, path = '/producto') =>
      `${origin}${path}?${new URLSearchParams({ token: 'secreto', ...attributes }).toString()}#parte`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
